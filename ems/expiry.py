"""Ends orders whose time is over, where no venue does it."""

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime, time, timedelta
from heapq import heappop, heappush
from typing import Final
from zoneinfo import ZoneInfo

from ems.dialog_changes import Fact
from ems.lifecycle import Lifecycle
from ems.market import Market
from ems.messages import Order
from ems.trading_hours import TradingHours
from ems.transitions import HERE, E

LOOK_S: Final = 30.0
"""At least so often the clock is looked at: it may be set, and a laptop may have slept."""


ENDS_HERE: Final = frozenset({"day", "gtd"})
"""What the EMS can end by itself at a venue that does not."""


def ends_ns(
    order: Order, market: Market, since_ns: int, hours: TradingHours | None = None
) -> int | None:
    """Return when an order's time is over, UTC ns; None = never.

    Parameters
    ----------
    since_ns
        When it was made.
    hours
        When the market trades: a day order ends with the trading day, and if that is not known at
        the next midnight of the market's zone.
    """
    if order.tif == "gtd":
        return order.expires_ns
    if order.tif != "day":
        return None
    if hours is not None and (end := hours.day_ends_ns(since_ns)) is not None:
        return end
    zone = ZoneInfo(market.timezone)
    day = datetime.fromtimestamp(since_ns / 1e9, UTC).astimezone(zone).date()
    midnight = datetime.combine(day + timedelta(days=1), time(), zone)
    return int(midnight.timestamp()) * 1_000_000_000


class Expiry:
    """Ends each order when its time is over.

    Parameters
    ----------
    clock
        Now, UTC ns.
    """

    def __init__(self, clock: Callable[[], int], lifecycle: Lifecycle) -> None:
        self._clock = clock
        self._lifecycle = lifecycle
        self._loop = asyncio.get_running_loop()
        self._due: list[tuple[int, str]] = []
        self._timer: asyncio.TimerHandle | None = None

    def note(self, oid: str, when_ns: int) -> None:
        """End the order at this time."""
        heappush(self._due, (when_ns, oid))
        self._set()

    def end_now(self) -> None:
        """End every order whose time is over."""
        now = self._clock()
        over: list[str] = []
        while self._due and self._due[0][0] <= now:
            over.append(heappop(self._due)[1])
        for oid in over:
            self._end(oid)
        self._set()

    def stop(self) -> None:
        """End no more."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _end(self, oid: str) -> None:
        """End an order, unless its venue does it; one that is still there is tried again."""
        dialog = self._lifecycle.index.by_oid(oid)
        if dialog is None or dialog.over:
            return
        if dialog.state not in HERE and dialog.order.tif in ENDS_HERE:
            return  # it went out as what it is, and its venue knows the time
        if not (dialog.cancel_called or dialog.stale):
            why = "Its day was over." if dialog.order.tif == "day" else "Its time was over."
            self._lifecycle.apply(dialog, E.CANCEL, Fact(reason=why))
        if dialog.active:
            self.note(oid, self._clock() + int(LOOK_S * 1e9))

    def _set(self) -> None:
        self.stop()
        if self._due:
            wait_s = max(0.0, (self._due[0][0] - self._clock()) / 1e9)
            self._timer = self._loop.call_later(min(wait_s, LOOK_S), self._look)

    def _look(self) -> None:
        self._timer = None
        self.end_now()
