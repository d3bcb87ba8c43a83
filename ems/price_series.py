"""One price series, and the triggers that look at it: the nearest ones on top of two heaps."""

from heapq import heapify, heappop, heappush
from typing import Final

import msgspec

from ems.trails import Trails

_INF: Final = float("inf")


class Entry(msgspec.Struct, eq=False):
    """The place of a trigger in a heap; once it is dead it is swept up sooner or later."""

    oid: str
    series: "PriceSeries"
    side: "Side"
    live: bool = True

    def die(self) -> None:
        """Count no more."""
        self.live = False
        side = self.side
        side.count -= 1
        if side.heap[0][2] is self:
            self.series.refresh()


class Side:
    """The triggers that one series reaches from one side, nearest first."""

    __slots__ = ("count", "heap")

    def __init__(self) -> None:
        self.heap: list[tuple[float, int, Entry]] = []  # (level, as it is reached, number, ...)
        self.count = 0  # of those that live

    def add(self, key: float, number: int, entry: Entry) -> None:
        """Take a trigger in; of two with one key the lower number is nearer."""
        heap = self.heap
        heappush(heap, (key, number, entry))
        self.count += 1
        if len(heap) > 2 * self.count + 64:  # mostly dead entries: sweep
            self.heap = [one for one in heap if one[2].live]
            heapify(self.heap)

    def nearest(self) -> float:
        """The key of the nearest trigger; inf if there is none."""
        heap = self.heap
        while heap and not heap[0][2].live:
            heappop(heap)
        return heap[0][0] if heap else _INF

    def reached(self, key: float) -> str | None:
        """Return the nearest trigger if ``key`` has reached it."""
        return None if self.nearest() > key else self.heap[0][2].oid


class PriceSeries:
    """One price series, and the triggers that look at it.

    A price between `low` and `high` only has to be noted.

    Parameters
    ----------
    tick_size : float
        The levels of trailing stops are multiples of it.
    """

    __slots__ = ("above", "below", "high", "low", "price", "trails", "unarmed")

    def __init__(self, tick_size: float) -> None:
        self.price: float | None = None
        """The last one; None before the first."""
        self.low = -_INF
        """At this price or below it something fires, moves, or is armed."""
        self.high = _INF
        """At this price or above it something fires, moves, or is armed."""
        self.trails = Trails(tick_size)
        self.above = Side()  # keys are levels
        self.below = Side()  # keys are levels with the sign turned
        self.unarmed: dict[str, float] = {}
        """By oid, the levels of those that wait for the first price."""

    def refresh(self) -> None:
        """Work out `low` and `high` anew."""
        if self.unarmed:
            self.low, self.high = _INF, -_INF
        else:
            self.low = max(-self.below.nearest(), self.trails.falls)
            self.high = min(self.above.nearest(), self.trails.rises)
