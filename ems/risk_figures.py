"""A request as the limits see it: what it is worth, and what the position could become with it."""

from collections.abc import Mapping, Sequence
from decimal import Decimal

import msgspec

from ems.exposure import Exposure
from ems.judged_order import judged_price, only_closes
from ems.market import Market
from ems.messages import ZERO, Order, Side
from ems.positions import PositionBook
from ems.price_ages import PriceAges
from ems.risk_limits import Limits, RiskLimits


class Asked(msgspec.Struct, frozen=True, gc=False):
    """One request."""

    order: Order
    """As it is to become."""
    market: Market
    limits: Limits
    price: Decimal
    """What it is judged by."""
    dearest: Decimal
    """The highest price of the other orders of its side; zero if there are none."""
    left: Decimal
    """Units that it can still fill."""
    worst: Decimal
    """The position on its side, in units, with it and every other order of its side filled."""
    reduces: bool
    """Even then the position is only smaller."""
    closes: bool
    """By itself it only makes the position smaller."""
    beside: int
    """How many orders of its account are sent with it."""

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

    def asked(
        self,
        order: Order,
        oid: str | None = None,
        filled: Decimal = ZERO,
        beside: Sequence[Order] = (),
    ) -> Asked:
        """Return a request in figures.

        Parameters
        ----------
        order
            As it is to become; no alert.
        oid, filled
            Of the order that is modified or triggered; it does not count twice.
        beside
            New orders that are sent with it.
        """
        assert order.action != "alert"
        left = order.size - filled
        low, high = self._positions.of(order.account, order.symbol).bounds
        held = -high if order.action == "buy" else low
        account, symbol = order.account, order.symbol
        others, dearest = self._exposure.of_side(account, symbol, order.action, but=oid)
        closes = only_closes(order)
        total = left + others + sum((o.size for o in beside if _adds_up(o, order)), ZERO)
        return Asked(
            order,
            self._markets[order.symbol],
            self._limits.of_market(order.account, order.symbol),
            judged_price(order),
            dearest,
            left,
            total - held,
            reduces=closes or total <= held,
            closes=closes or left <= held,
            beside=sum(o.account == order.account for o in beside),
        )

    def order_money(self, ask: Asked) -> Decimal:
        """Return what the order is worth.

        A sell below the bid counts at the bid, and a market order at the price that it meets.
        """
        price = ask.price
        if quote := self._prices.quote(ask.order.symbol):
            if ask.side == "sell":
                price = max(price, Decimal(str(quote.bid)))
            elif ask.order.type == "market":
                price = max(price, Decimal(str(quote.ask)))
        return ask.market.money(price, ask.order.size)

    def position_money(self, ask: Asked) -> Decimal:
        """Return what the worst position is worth, at the dearest price that is in it."""
        mark = self._mark(ask.order.symbol)
        return ask.market.money(max(ask.price, ask.dearest, mark), ask.worst)

    def _mark(self, symbol: str) -> Decimal:
        """What a unit of a position counts as; zero while nothing is known."""
        price = self._prices.last(symbol)
        return ZERO if price is None else price.ask


def _adds_up(other: Order, order: Order) -> bool:
    """Tell whether both may be filled, and then add up to one position."""
    same = (other.account, other.symbol, other.action)
    return same == (order.account, order.symbol, order.action) and not only_closes(other)
