"""A request as the limits see it: what it is worth, and what the position could become with it."""

from collections.abc import Mapping
from decimal import Decimal
from typing import NamedTuple

from ems.exposure import Exposure
from ems.judged_price import judged_price
from ems.market import Market
from ems.messages import ZERO, Order, Side
from ems.positions import PositionBook
from ems.price_ages import PriceAges
from ems.risk_limits import Limits, RiskLimits


class Asked(NamedTuple):
    """One request."""

    order: Order
    """As it is to become."""
    market: Market
    limits: Limits
    price: Decimal
    """What it is judged by."""
    left: Decimal
    """Units that it can still fill."""
    worst: Decimal
    """The position on its side, in units, with it and every other order of its side filled."""
    reduces: bool
    """Even then the position is only smaller."""
    closes: bool
    """By itself it only makes the position smaller."""

    @property
    def side(self) -> Side:
        """Buy or sell: alerts never come here."""
        assert self.order.action != "alert"
        return self.order.action


class RiskFigures:
    """Works out what limits are compared with.

    Parameters
    ----------
    limits
        Of each account and market.
    exposure, positions, prices
        How things are now.
    markets
        The markets that the EMS knows, by fqsn.
    """

    def __init__(
        self,
        limits: RiskLimits,
        exposure: Exposure,
        positions: PositionBook,
        prices: PriceAges,
        markets: Mapping[str, Market],
    ) -> None:
        self._limits = limits
        self._exposure = exposure
        self._positions = positions
        self._prices = prices
        self._markets = markets

    def asked(self, order: Order, oid: str | None = None, filled: Decimal = ZERO) -> Asked:
        """Return a request in figures.

        Parameters
        ----------
        order
            As it is to become; no alert.
        oid, filled
            Of the order that is modified or triggered; it does not count twice.
        """
        assert order.action != "alert"
        left = order.size - filled
        low, high = self._positions.of(order.account, order.symbol).bounds
        held = -high if order.action == "buy" else low
        others = self._exposure.units(order.account, order.symbol, order.action, but=oid)
        total = others + left
        return Asked(
            order,
            self._markets[order.symbol],
            self._limits.of_market(order.account, order.symbol),
            judged_price(order),
            left,
            total - held,
            reduces=total <= held,
            closes=left <= held,
        )

    def order_money(self, ask: Asked) -> Decimal:
        """Return what the order is worth; a sell below the bid counts at the bid."""
        money = ask.market.money(ask.price, ask.order.size)
        if ask.side == "sell" and (quote := self._prices.quote(ask.order.symbol)):
            money = max(money, ask.market.money(Decimal(str(quote.bid)), ask.order.size))
        return money

    def position_money(self, ask: Asked) -> Decimal:
        """Return what the worst position is worth, at the dearest price that is in it."""
        order = ask.order
        dearest = self._exposure.dearest(order.account, order.symbol, ask.side)
        return ask.market.money(max(ask.price, dearest, self._mark(order.symbol)), ask.worst)

    def _mark(self, symbol: str) -> Decimal:
        """What a unit of a position counts as; zero while nothing is known."""
        price = self._prices.quote(symbol) or self._prices.trade(symbol)
        return ZERO if price is None else Decimal(str(price.ask))
