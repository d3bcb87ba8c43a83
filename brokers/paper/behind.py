"""What lies behind the best price, where the feed shows its order book."""

from collections.abc import Callable
from decimal import Decimal

from ems.market import Market
from ems.messages import ZERO, Side
from ems.ticks import Depth


class Behind:
    """The levels of the order book that one side takes after the best one.

    What was taken of a level stays taken until its size changes or it goes.

    Parameters
    ----------
    market : Market
        Prices and sizes are read on its grid.
    action : Side
        Who takes: buys take asks, sells take bids.
    depth
        Returns the book as it is now; None = it is not known.
    """

    def __init__(self, market: Market, action: Side, depth: Callable[[], Depth | None]) -> None:
        self._market = market
        self._buys = action == "buy"
        self._depth = depth
        self._taken: dict[Decimal, tuple[Decimal, Decimal]] = {}
        """By price: the size that was displayed, and what was taken of it."""

    def left(self, beyond: Decimal) -> list[tuple[Decimal, Decimal]]:
        """Return price and size of each level that is worse than a price, the best first."""
        depth = self._depth()
        shown = [] if depth is None else self._shown(depth, beyond)
        known = self._taken
        self._taken = {
            price: known[price] for price, size in shown if known.get(price, (None,))[0] == size
        }
        return [
            (price, size - self._taken[price][1] if price in self._taken else size)
            for price, size in shown
        ]

    def took(self, price: Decimal, part: Decimal, left: Decimal) -> None:
        """Note that so much was taken of what was left at a price."""
        size, before = self._taken.get(price, (left, ZERO))
        self._taken[price] = size, before + part

    def _shown(self, depth: Depth, beyond: Decimal) -> list[tuple[Decimal, Decimal]]:
        levels = depth.asks if self._buys else depth.bids
        shown = []
        for level_price, level_size in levels:
            price = self._market.round_price(level_price)
            size = self._market.floor_size(level_size)
            if size and (price > beyond if self._buys else price < beyond):
                shown.append((price, size))
        return shown
