"""Orders that wait for a price to touch them off: stops, trailing stops, limits if touched."""

import math
from collections.abc import Iterator
from decimal import Decimal
from operator import attrgetter
from typing import Final

from brokers.paper.order import PaperOrder
from brokers.paper.resting import RestingSide
from ems.market import Market
from ems.messages import Side
from ems.type_families import STOPS, TRAILING

_HUNDRED: Final = Decimal(100)


class WaitingOrders:
    """The orders of one market that nothing has touched off yet.

    A price that touches nothing off and moves no trailing stop costs two comparisons a side,
    however many wait. Buy stops are touched off at their price and above, sell stops at theirs and
    below; limits if touched the other way round.

    Parameters
    ----------
    market : Market
        Trailing stops move on its grid.
    """

    def __init__(self, market: Market) -> None:
        self._market = market
        trigger = attrgetter("price")
        # by where the price has to come from: up to an order that rests above, as a sell does
        self._above = RestingSide("sell", market.tick_size, trigger)
        self._below = RestingSide("buy", market.tick_size, trigger)
        self._trailing: dict[Side, _Trailing] = {
            "buy": _Trailing(-1, market),
            "sell": _Trailing(1, market),
        }

    @property
    def calm(self) -> tuple[float, float]:
        """The prices between which nothing is touched off and no trailing stop moves."""
        low = max(self._below.reach, -self._trailing["buy"].nearest)
        return low, min(-self._above.reach, self._trailing["sell"].nearest)

    def add(self, order: PaperOrder) -> None:
        """Let an order wait."""
        self._side_of(order).add(order)
        if order.type in TRAILING:
            self._trailing[order.action].add(order)

    def remove(self, order: PaperOrder) -> None:
        """Take an order out."""
        self._side_of(order).remove(order)
        if order.type in TRAILING:
            self._trailing[order.action].remove(order)

    def is_through(self, order: PaperOrder, price: float) -> bool:
        """Tell whether a price has reached the one that touches the order off."""
        exact = self._market.round_price(price)
        return exact >= order.price if _rises(order) else exact <= order.price

    def trail(self, action: Side, price: float) -> list[PaperOrder]:
        """Move the trailing stops of one side that a price drags along, and return them."""
        trailing = self._trailing[action]
        return list(self._moved(trailing, price)) if trailing.is_dragged_by(price) else []

    def touched(self, action: Side, price: float) -> Iterator[PaperOrder]:
        """Take out and yield each order of one side that the price touches off."""
        for side in (self._above, self._below):
            if not side.is_reached_by(price):
                continue
            exact = self._market.round_price(price)
            for order in side.reached(exact):
                if order.action == action:
                    self.remove(order)
                    yield order

    def _moved(self, trailing: "_Trailing", price: float) -> Iterator[PaperOrder]:
        side = self._above if trailing.sign < 0 else self._below
        for order, level in trailing.levels(price):
            side.remove(order)
            if order.limit_price is not None:  # it stays as far behind
                order.limit_price += level - order.price
            order.price = level
            side.add(order)
            yield order

    def _side_of(self, order: PaperOrder) -> RestingSide:
        return self._above if _rises(order) else self._below


class _Trailing:
    """The trailing stops of one side: ``sign`` 1 for sells, which follow the price upwards."""

    def __init__(self, sign: int, market: Market) -> None:
        self.sign = sign
        self._market = market
        self._best: dict[int, tuple[PaperOrder, float]] = {}
        self.nearest = math.inf
        """The price, sign applied, beyond which one of them moves."""

    def add(self, order: PaperOrder) -> None:
        """Follow the price from where the stop is now."""
        self._best[order.number] = (order, _best_price(order, self.sign))
        self._refresh()

    def remove(self, order: PaperOrder) -> None:
        del self._best[order.number]
        self._refresh()

    def is_dragged_by(self, price: float) -> bool:
        return self.nearest < self.sign * price < math.inf

    def levels(self, price: float) -> list[tuple[PaperOrder, Decimal]]:
        """Note a new best price; return the stops that move, and to where."""
        moves = []
        for number, (order, best) in self._best.items():
            if self.sign * price <= self.sign * best:
                continue
            self._best[number] = (order, price)
            level = self._market.round_price(_level(order, price, self.sign))
            if self.sign * (level - order.price) > 0:
                moves.append((order, level))
        self._refresh()
        return moves

    def _refresh(self) -> None:
        self.nearest = min((self.sign * best for _, best in self._best.values()), default=math.inf)


def _rises(order: PaperOrder) -> bool:
    """Tell whether the price has to rise to touch it off."""
    return (order.action == "buy") is (order.type in STOPS)


def _level(order: PaperOrder, best: float, sign: int) -> Decimal:
    """Where the stop belongs at this best price."""
    exact = Decimal(repr(best))
    trail = order.trail
    if trail is None:
        raise AssertionError(f"a trailing stop without its trail: {order}")
    distance = exact * trail.amount / _HUNDRED if trail.unit == "percent" else trail.amount
    return exact - sign * distance


def _best_price(order: PaperOrder, sign: int) -> float:
    """The best price that puts the stop where it is."""
    trail = order.trail
    if trail is None:
        raise AssertionError(f"a trailing stop without its trail: {order}")
    if trail.unit == "percent":
        return float(order.price / (1 - sign * trail.amount / _HUNDRED))
    return float(order.price + sign * trail.amount)
