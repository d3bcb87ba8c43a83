"""When orders of one market end by themselves."""

import math
from datetime import datetime, timedelta
from heapq import heappop, heappush
from zoneinfo import ZoneInfo

from brokers.paper.order import PaperOrder
from ems.messages import TimeInForce

_NS_IN_S = 1_000_000_000


class Expiries:
    """The orders that have an end, by market time; a tick before the next end costs nothing."""

    def __init__(self) -> None:
        self.next_ns: float = math.inf
        """The market's time at which the next one ends, UTC ns."""
        self._heap: list[tuple[int, int, PaperOrder]] = []

    def add(self, order: PaperOrder) -> None:
        """Mind the end of an order, if it has one."""
        if order.ends_ns is not None:
            heappush(self._heap, (order.ends_ns, order.number, order))
            self.next_ns = self._heap[0][0]

    def due(self, now_ns: int) -> list[PaperOrder]:
        """Take out and return the orders that have ended by now, and are open."""
        ended = []
        while self._heap and self._heap[0][0] <= now_ns:
            order = heappop(self._heap)[2]
            if order.status == "open":
                ended.append(order)
        self.next_ns = self._heap[0][0] if self._heap else math.inf
        return ended


def ends_ns(
    tif: TimeInForce, expires_ns: int | None, now_ns: int | None, timezone: str
) -> int | None:
    """Return when an order that arrives now ends; None = never, or the day is not known yet.

    A day order ends at the next midnight of the market's own timezone.

    Parameters
    ----------
    now_ns
        The market's time, UTC ns; None before its first tick.
    timezone
        IANA name.
    """
    if tif == "gtd":
        return expires_ns
    if tif != "day" or now_ns is None:
        return None
    here = datetime.fromtimestamp(now_ns / _NS_IN_S, ZoneInfo(timezone))
    midnight = datetime(here.year, here.month, here.day, tzinfo=here.tzinfo) + timedelta(days=1)
    return int(midnight.timestamp()) * _NS_IN_S
