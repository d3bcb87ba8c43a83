"""One price series, and the triggers that look at it: the nearest ones on top of two heaps."""

from heapq import heapify, heappop, heappush
from typing import Final

from ems.order_dialog import Direction, Series

_INF: Final = float("inf")


class Trigger:
    """One trigger; its entries in the heaps die with it, and are swept up later."""

    __slots__ = ("directions", "live", "oid", "places", "waits_at")

    def __init__(self, oid: str) -> None:
        self.oid = oid
        self.live = True
        self.directions: dict[Series, Direction] = {}
        self.places: tuple[tuple[PriceSeries, Side], ...] = ()
        self.waits_at: tuple[PriceSeries, ...] = ()  # for its first price


class Side:
    """The triggers that one series reaches from one side, nearest first."""

    __slots__ = ("count", "heap")

    def __init__(self) -> None:
        self.heap: list[tuple[float, int, Trigger]] = []  # (level, as it is reached, number, ...)
        self.count = 0  # of those that live

    def add(self, key: float, number: int, trigger: Trigger) -> None:
        """Take a trigger in; of two with one key the lower number is nearer."""
        heap = self.heap
        heappush(heap, (key, number, trigger))
        self.count += 1
        if len(heap) > 2 * self.count + 64:  # mostly dead entries: sweep
            self.heap = [entry for entry in heap if entry[2].live]
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
    """

    __slots__ = ("above", "below", "high", "low", "price", "unarmed")

    def __init__(self) -> None:
        self.price: float | None = None
        """The last one; None before the first."""
        self.low = -_INF
        """At this price or below it something fires, or is armed."""
        self.high = _INF
        """At this price or above it something fires, or is armed."""
        self.above = Side()  # keys are levels
        self.below = Side()  # keys are levels with the sign turned
        self.unarmed: dict[Trigger, float] = {}
        """Levels of those that wait for the first price."""

    def refresh(self) -> None:
        """Work out `low` and `high` anew."""
        if self.unarmed:
            self.low, self.high = _INF, -_INF
        else:
            self.low, self.high = -self.below.nearest(), self.above.nearest()
