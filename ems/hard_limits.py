"""The hard limits: why a request may not go out, each in one plain sentence."""

from typing import Final, Protocol

from ems.daily_loss import DailyLoss
from ems.exposure import Exposure
from ems.messages import Order
from ems.price_ages import PriceAges
from ems.price_collar import beyond_collar
from ems.refusal import Refusal
from ems.request_counts import RequestCounts
from ems.risk_figures import Asked, RiskFigures
from ems.risk_limits import RiskLimits


class Stop(Protocol):
    """What stops all new risk while it is on."""

    @property
    def on(self) -> bool:
        """True until it is released."""


class HardLimits:
    """Compares a request with each limit; every method says why not, or None.

    Parameters
    ----------
    limits
        Of each account and market.
    figures, exposure, prices, counts, losses, stop
        What the limits are about, as it is now.
    """

    def __init__(
        self,
        limits: RiskLimits,
        figures: RiskFigures,
        exposure: Exposure,
        prices: PriceAges,
        counts: RequestCounts,
        losses: DailyLoss,
        stop: Stop,
    ) -> None:
        self._limits: Final = limits
        self._figures = figures
        self._exposure = exposure
        self._prices = prices
        self._counts = counts
        self._losses = losses
        self._stop = stop

    def new_risk(self, ask: Asked) -> Refusal | None:
        """The kill switch and the daily loss lock: they stop what adds risk."""
        if ask.reduces:
            return None
        if self._stop.on:
            text = "The kill switch is on: only orders that reduce a position are taken."
            return Refusal(f"{text} Release it first.", "kill switch")
        order = ask.order
        for scope, limits in self._limits.counts(order.account, order.symbol):
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

    def order_size(self, ask: Asked) -> Refusal | None:
        """The largest order, in units and in money."""
        order, limits, market = ask.order, ask.limits, ask.market
        if ask.closes:
            return None
        if limits.largest_order_units is not None and order.size > limits.largest_order_units:
            return Refusal(
                f"An order of {market.format_size(order.size)} is larger than "
                f"{limits.largest_order_units:,f} units, the limit of {order.account} in "
                f"{order.symbol} (largest_order_units).",
                "order units",
            )
        money = self._figures.order_money(ask)
        if limits.largest_order_money is not None and money > limits.largest_order_money:
            return Refusal(
                f"An order worth {money:,.2f} {market.currency} is larger than "
                f"{limits.largest_order_money:,f}, the limit of {order.account} in "
                f"{order.symbol} (largest_order_money).",
                "order money",
            )
        return None

    def position(self, ask: Asked) -> Refusal | None:
        """The largest position, with every working and dark order of its side filled."""
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
        money = self._figures.position_money(ask)
        most = limits.largest_position_money
        if most is not None and money > most:
            return Refusal(
                f"With all orders filled, {order.account} would be {way} {money:,.2f} "
                f"{market.currency} in {order.symbol}; the limit is {most:,f} "
                "(largest_position_money).",
                "position money",
            )
        return None

    def working_orders(self, ask: Asked) -> Refusal | None:
        """The number of working and dark orders."""
        if ask.reduces:
            return None
        order = ask.order
        for scope, limits in self._limits.counts(order.account, order.symbol):
            most = limits.working_orders
            if most is not None and self._exposure.count(order.account, scope) + ask.beside >= most:
                return Refusal(
                    f"{_where(order, scope)} has {most} working and dark orders, which is the "
                    "limit (working_orders).",
                    "working orders",
                )
        return None

    def duplicate(self, ask: Asked) -> Refusal | None:
        """The same order again, a moment later."""
        within_s = ask.limits.duplicate_s
        if within_s is None or not self._counts.duplicates(ask.order, within_s):
            return None
        return Refusal(
            f"The same order, to {ask.side} {ask.market.format_size(ask.order.size)} at "
            f"{ask.market.format_price(ask.order.price)}, was placed less than {within_s:g} s ago "
            "(duplicate_s).",
            "duplicate",
        )

    def rate(self, ask: Asked) -> Refusal | None:
        """Requests in the last second."""
        order = ask.order
        for scope, limits in self._limits.counts(order.account, order.symbol):
            most = limits.requests_per_second
            if most is not None and self._counts.are_sent(order.account, scope, most):
                return Refusal(
                    f"{_where(order, scope)} has sent {most} requests in the last second, which "
                    "is the limit (requests_per_second); cancels still pass.",
                    "rate",
                    waits=True,
                )
        return None

    def collar(self, ask: Asked) -> Refusal | None:
        """How far the price lies beyond the best one."""
        return beyond_collar(ask.order, ask.market, ask.limits, self._prices)


def _where(order: Order, scope: str | None) -> str:
    return order.account if scope is None else f"{order.account} in {scope}"
