"""Plays a tape: which ticks come next, and when, at any speed; knows no clock and no loop."""

import math
from typing import Final

import numpy as np

from brokers.replay.tape import Place, Tape, history
from ems.ticks import Tick, Trade

BATCH_TICKS: Final = 256
FOREVER_NS: Final = 2**63 - 1
_LONG_GAP_NS: Final = 10 * 60 * 1_000_000_000


class Player:
    """The place on a tape and the recording's clock, which runs ahead of it while it plays.

    The ticks come in the same order and number whatever the speed, the pauses and the batches.
    Where the recording has a gap of more than ten minutes (a closed session, a halt), or of more
    than a bar if that is longer, the clock jumps over it.
    """

    def __init__(self, tape: Tape, place: Place) -> None:
        self._tape = tape
        self._gap_ns = max(_LONG_GAP_NS, tape.period_ns)
        self._go_to(place)
        self._time_ns = self._time_before()
        self._clock_ns = self._time_ns

    @property
    def place(self) -> Place:
        """The tick that is played next."""
        return self._place

    @property
    def time_ns(self) -> int:
        """Time of the last tick played, UTC ns: the recording's time."""
        return self._time_ns

    @property
    def at_end(self) -> bool:
        """True once the last tick is played."""
        return self._place.page == self._tape.pages

    def advance(self, elapsed_ns: int, speed: float) -> None:
        """Move the clock by a piece of real time; ``take_due`` then returns what fell due."""
        if math.isinf(speed):
            self._clock_ns = FOREVER_NS
            return
        start_ns = self._time_ns if self._clock_ns == FOREVER_NS else self._clock_ns
        self._clock_ns = min(start_ns + round(elapsed_ns * speed), FOREVER_NS - 1)

    def take_due(self, limit: int = BATCH_TICKS) -> list[Tick]:
        """Return the next ticks that are due by the clock, empty if none is."""
        if self.at_end:
            return []
        next_ns = int(self._times[self._place.row])
        if next_ns - self._time_ns > self._gap_ns:
            self._clock_ns = max(self._clock_ns, next_ns)
        return self.take_until(self._clock_ns, limit)

    def take_until(self, time_ns: int, limit: int = BATCH_TICKS) -> list[Tick]:
        """Return the next ticks up to and including a time, ``limit`` at most."""
        batch: list[Tick] = []
        while len(batch) < limit and not self.at_end:
            first = self._place.row
            last = int(np.searchsorted(self._times, time_ns, side="right"))
            last = min(last, first + limit - len(batch))
            if last <= first:
                break
            batch += self._rows.ticks(first, last)
            self._go_to(Place(self._place.page, last))
        self._played(batch)
        return batch

    def take_step(self) -> list[Tick]:
        """Return the next ticks up to the first that changes the price, or up to the end."""
        batch: list[Tick] = []
        price = self._last_price()
        while not self.at_end:
            place = self._place
            [tick] = self._rows.ticks(place.row, place.row + 1)
            self._go_to(Place(place.page, place.row + 1))
            batch.append(tick)
            if self._changes(price, tick):
                break
        self._played(batch)
        return batch

    def forget_due(self) -> None:
        """Set the clock back to the last tick played: the rest is played later, not faster."""
        self._clock_ns = self._time_ns

    def _go_to(self, place: Place) -> None:
        """Move to a place; one behind the last tick of a page is the first of the next page."""
        if place.page != self._tape.pages:
            self._rows = self._tape.page(place.page)
            self._times = self._rows.time
            if place.row == len(self._times):
                self._go_to(Place(place.page + 1, 0))
                return
        self._place = place

    def _played(self, batch: list[Tick]) -> None:
        if batch:
            self._time_ns = batch[-1].time_ns
            self._clock_ns = max(self._clock_ns, self._time_ns)

    def _time_before(self) -> int:
        """Time of the tick before the place, or of the first one."""
        page, row = self._place
        if row or not page:
            return int(self._times[max(0, row - 1)])
        return int(self._tape.page(page - 1).time[-1])

    def _last_price(self) -> float | None:
        """The price that the chart shows now, None before the first one."""
        last = history(self._tape, self._place, self._tape.period_ns, None, 1)
        return float(last["close"][0]) if len(last) else None

    def _changes(self, price: float | None, tick: Tick) -> bool:
        if isinstance(tick, Trade):
            return tick.price != price
        return self._tape.chart_price == "bid" and not tick.crossed and tick.bid != price
