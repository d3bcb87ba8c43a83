"""The hard limits: why an order, modify or trigger may not go out, each in one plain sentence."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Final, Protocol

import msgspec
from msgspec.structs import replace

from ems.daily_loss import DailyLoss
from ems.exposure import Exposure, closes_only
from ems.market import Market
from ems.messages import ZERO, BrokerdOrder, Order, Side
from ems.order_dialog import OrderDialog
from ems.positions import PositionBook
from ems.price_ages import PriceAges
from ems.price_collar import beyond_collar
from ems.refusal import Refusal
from ems.request_counts import RequestCounts
from ems.risk_limits import Limits, RiskLimits, Scopes


class Stop(Protocol):
    """What stops all new risk while it is on."""

    @property
    def on(self) -> bool:
        """True until it is released."""


_COLLARED: Final = ("limit", "market")
"""Other types lie beyond the market on purpose: they are checked when their price has come."""


class _Ask(msgspec.Struct, frozen=True, gc=False):
    """One request, as the limits see it."""

    order: Order
    """As it is to become."""
    market: Market
    limits: Limits
    left: Decimal
    """Units that it can still fill."""
    worst: Decimal
    """The position on its side, in units, with it and every other order of its side filled."""
    reduces: bool
    """Even then the position is only smaller."""
    only_closes: bool
    """By itself it only makes the position smaller."""
    dearest: Decimal
    """The highest price of the other orders of its side; zero if there are none."""
    scopes: Scopes
    """The limits on counts."""

    @property
    def side(self) -> Side:
        assert self.order.action != "alert"
        return self.order.action


class RiskChecks:
    """Compares requests with the limits.

    Parameters
    ----------
    limits
        Of each account and market.
    exposure, positions, prices, counts, losses, stop
        What the limits are about, as it is now.
    markets
        The markets that the EMS knows, by fqsn.
    """

    def __init__(
        self,
        limits: RiskLimits,
        exposure: Exposure,
        positions: PositionBook,
        prices: PriceAges,
        counts: RequestCounts,
        losses: DailyLoss,
        stop: Stop,
        markets: Mapping[str, Market],
    ) -> None:
        self._limits: Final = limits
        self._exposure = exposure
        self._positions = positions
        self._prices = prices
        self._counts = counts
        self._losses = losses
        self._stop = stop
        self._markets = markets

    # ---- the paths of an order

    def new(self, order: Order) -> Refusal | None:
        """Check a new order or dark order, and remember it if it passes."""
        if closes_only(order):
            return None
        ask = self._ask(order, None, ZERO)
        live = order.exec_mode == "live"
        refusal = (
            self._new_risk(ask)
            or self._order_size(ask)
            or self._position(ask)
            or self._working_orders(ask)
            or self._duplicate(ask)
            or (self._rate(ask) if live else None)
            or (self._collar_now(ask) if live else None)
        )
        if refusal is None and ask.limits.duplicate_s is not None:
            self._counts.placed(order)
        return refusal

    def withdrawn(self, oid: str) -> None:
        """Note that an order's owner cancels it."""
        self._counts.withdrawn(oid)

    def change(self, dialog: OrderDialog, order: Order) -> Refusal | None:
        """Check a modify. One that only makes the order smaller always passes."""
        now = dialog.order
        versions = [v for v in (now, dialog.change, dialog.kept) if v is not None]
        grows = order.size > min(v.size for v in versions)
        if closes_only(now) or (not grows and order.price == now.price):
            return None
        ask = self._ask(replace(now, price=order.price, size=order.size), dialog.oid, dialog.filled)
        dearer = order.size * order.price > now.size * now.price
        return (
            self._new_risk(ask)
            or (self._order_size(ask) if grows or dearer else None)
            or (self._position(ask) if grows or dearer else None)
            or (None if now.exec_mode == "dark" else self._rate(ask) or self._collar_now(ask))
        )

    def trigger(self, dialog: OrderDialog) -> Refusal | None:
        """Check a dark order at the moment its price is touched."""
        if closes_only(dialog.order):
            return None
        ask = self._ask(dialog.order, dialog.oid, dialog.filled)
        return (
            self._new_risk(ask)
            or self._order_size(ask)
            or self._position(ask)
            or self._rate(ask)
            or self._collar(ask)
        )

    def leaving(self, dialog: OrderDialog, request: BrokerdOrder) -> Refusal | None:
        """Check a modify that waited for the venue, at the moment it leaves."""
        now = dialog.order
        if closes_only(now) or (request.size <= now.size and request.price == now.price):
            return None
        ask = self._ask(
            replace(now, price=request.price, size=request.size), dialog.oid, dialog.filled
        )
        return self._new_risk(ask) or self._rate(ask) or self._collar_now(ask)

    # ---- the limits

    def _ask(self, order: Order, oid: str | None, filled: Decimal) -> _Ask:
        assert order.action != "alert"
        limits = self._limits.of_market(order.account, order.symbol)
        left = order.size - filled
        account, symbol, action = order.account, order.symbol, order.action
        low, high = self._positions.of(account, symbol).bounds
        held = -high if action == "buy" else low
        others, dearest = self._exposure.of_side(account, symbol, action, but=oid)
        asked = others + left
        return _Ask(
            order,
            self._markets[symbol],
            limits,
            left,
            asked - held,
            asked <= held,
            left <= held,
            dearest,
            self._limits.counts(account, symbol),
        )

    def _new_risk(self, ask: _Ask) -> Refusal | None:
        if ask.reduces:
            return None
        if self._stop.on:
            text = "The kill switch is on: only orders that reduce a position are taken."
            return Refusal(f"{text} Release it first.", "kill switch")
        order = ask.order
        for scope, limits in ask.scopes:
            if limits.daily_loss is None:
                continue
            lost = self._losses.shut(order.account, order.symbol, scope, limits.daily_loss)
            if lost is not None:
                return Refusal(
                    f"{_where(order, scope)} has lost {lost:,.2f} today and the limit is "
                    f"{limits.daily_loss:,f} (daily_loss): until tomorrow (UTC) only orders that "
                    "reduce a position are taken.",
                    "daily loss",
                )
        return None

    def _order_size(self, ask: _Ask) -> Refusal | None:
        order, limits, market = ask.order, ask.limits, ask.market
        if ask.only_closes:
            return None
        if limits.largest_order_units is not None and order.size > limits.largest_order_units:
            return Refusal(
                f"An order of {market.format_size(order.size)} is larger than "
                f"{limits.largest_order_units:,f} units, the limit of {order.account} in "
                f"{order.symbol} (largest_order_units).",
                "order units",
            )
        money = market.money(order.price, order.size)
        if order.action == "sell" and (quote := self._prices.quote(order.symbol)):
            money = max(money, market.money(Decimal(str(quote.bid)), order.size))
        if limits.largest_order_money is not None and money > limits.largest_order_money:
            return Refusal(
                f"An order worth {money:,.2f} {market.currency} is larger than "
                f"{limits.largest_order_money:,f}, the limit of {order.account} in "
                f"{order.symbol} (largest_order_money).",
                "order money",
            )
        return None

    def _position(self, ask: _Ask) -> Refusal | None:
        if ask.reduces:
            return None
        order, limits, market = ask.order, ask.limits, ask.market
        way = "long" if ask.side == "buy" else "short"
        most = limits.largest_position_units
        if most is not None and ask.worst > most:
            return Refusal(
                f"With all orders filled, {order.account} would be "
                f"{market.format_size(ask.worst)} {way} in {order.symbol}; the limit is "
                f"{most:,f} units (largest_position_units).",
                "position units",
            )
        money = market.money(max(order.price, ask.dearest, self._mark(order.symbol)), ask.worst)
        most = limits.largest_position_money
        if most is not None and money > most:
            return Refusal(
                f"With all orders filled, {order.account} would be {way} {money:,.2f} "
                f"{market.currency} in {order.symbol}; the limit is {most:,f} "
                "(largest_position_money).",
                "position money",
            )
        return None

    def _mark(self, symbol: str) -> Decimal:
        """What a unit of a position counts as; zero while nothing is known."""
        price = self._prices.last(symbol)
        return ZERO if price is None else price.ask

    def _working_orders(self, ask: _Ask) -> Refusal | None:
        if ask.reduces:
            return None
        order = ask.order
        for scope, limits in ask.scopes:
            most = limits.working_orders
            if most is not None and self._exposure.count(order.account, scope) >= most:
                return Refusal(
                    f"{_where(order, scope)} has {most} working and dark orders, which is the "
                    "limit (working_orders).",
                    "working orders",
                )
        return None

    def _duplicate(self, ask: _Ask) -> Refusal | None:
        within_s = ask.limits.duplicate_s
        if within_s is None or not self._counts.duplicates(ask.order, within_s):
            return None
        return Refusal(
            f"The same order, to {ask.side} {ask.market.format_size(ask.order.size)} at "
            f"{ask.market.format_price(ask.order.price)}, was placed less than {within_s:g} s ago "
            "(duplicate_s).",
            "duplicate",
        )

    def _rate(self, ask: _Ask) -> Refusal | None:
        order = ask.order
        for scope, limits in ask.scopes:
            most = limits.requests_per_second
            if most is not None and self._counts.are_sent(order.account, scope, most):
                return Refusal(
                    f"{_where(order, scope)} has sent {most} requests in the last second, which "
                    "is the limit (requests_per_second); cancels still pass.",
                    "rate",
                    waits=True,
                )
        return None

    def _collar_now(self, ask: _Ask) -> Refusal | None:
        """Check the price of an order that can trade at once; a stop waits for its price."""
        return self._collar(ask) if ask.order.type in _COLLARED else None

    def _collar(self, ask: _Ask) -> Refusal | None:
        return beyond_collar(ask.order, ask.market, ask.limits, self._prices)


def _where(order: Order, scope: str | None) -> str:
    return order.account if scope is None else f"{order.account} in {scope}"
