"""A recording as one long row of ticks in pages: what the player plays and history reads."""

from functools import lru_cache
from typing import Final, Literal, NamedTuple, Protocol, TypeAlias

import numpy as np

from brokers.replay.aggregate import aggregate
from brokers.replay.bar_walk import BarWalk
from brokers.replay.rows import Quotes, TickRows, Trades
from ems.errors import BadHistory
from ems.ticks import BAR_DTYPE, Bars, no_bars

ChartPrice: TypeAlias = Literal["trade", "bid"]

_PAGE_ROWS: Final = 4096
_PAGES_KEPT: Final = 4
_FEWEST_UNITS_READ: Final = 16_384


class Place(NamedTuple):
    """Where a tape is: the tick to play next. Places compare in the order of play."""

    page: int
    row: int


class Tape(Protocol):
    """Ticks in pages, of which each has one tick at least, and the bars they add up to."""

    period_ns: int
    """Period of the recorded bars; 1 for a recording of ticks."""
    pages: int | None
    """None for a tape without an end."""
    chart_price: ChartPrice
    """What bars are made of: ``bid`` if the tape has quotes only."""
    fingerprint: str
    """Tells this tape from another one: a place is a place on one tape only."""

    def page(self, number: int) -> TickRows:
        """Return the ticks of a page, ``0 <= number < pages``."""

    def find(self, time_ns: int) -> Place:
        """Return the place of the first tick at or after a time."""

    def units_before(self, place: Place) -> int:
        """Return how many units (recorded ticks or bars) begin before a place."""

    def units(self, first: int, place: Place) -> Bars:
        """Return a bar for each unit from ``first`` on, as far as it plays before the place.

        A unit without a price for the chart, such as a crossed quote, has none.
        """


class TickTape:
    """A recording of trades or quotes; its units are the ticks."""

    period_ns = 1

    def __init__(self, rows: Trades | Quotes) -> None:
        self._rows = rows
        self._count = len(rows.time)
        self.pages: int | None = -(-self._count // _PAGE_ROWS)
        self.chart_price: ChartPrice = "bid" if isinstance(rows, Quotes) else "trade"
        self.fingerprint = f"{self._count} ticks, {rows.time[0]} to {rows.time[-1]}"

    def page(self, number: int) -> TickRows:
        """Return the ticks of a page."""
        return self._rows.part(number * _PAGE_ROWS, (number + 1) * _PAGE_ROWS)

    def find(self, time_ns: int) -> Place:
        """Return the place of the first tick at or after a time."""
        return self.place_of(int(np.searchsorted(self._rows.time, time_ns)))

    def place_of(self, row: int) -> Place:
        """Return the place of a row of the recording."""
        return Place(*divmod(row, _PAGE_ROWS)) if row < self._count else Place(self.pages or 0, 0)

    def units_before(self, place: Place) -> int:
        """Return how many ticks play before a place."""
        return min(place.page * _PAGE_ROWS + place.row, self._count)

    def units(self, first: int, place: Place) -> Bars:
        """Return a bar of one price for the ticks from ``first`` to the place."""
        return self._rows.as_bars(first, self.units_before(place))


class BarSource(Protocol):
    """Bars by number: those of a file, or a demo's that never end."""

    count: int | None
    """None if there is always one more."""
    period_ns: int
    fingerprint: str

    def bars(self, first: int, last: int) -> Bars:
        """Return the bars ``[first, last)`` that there are."""

    def find(self, time_ns: int) -> int:
        """Return the number of the first bar that starts at or after a time."""


class FileBars:
    """The bars of a recording as a `BarSource`."""

    def __init__(self, bars: Bars) -> None:
        self._bars = bars
        self.count: int | None = len(bars)
        self.period_ns = bar_period(bars)
        self.fingerprint = f"{len(bars)} bars, {bars['time'][0]} to {bars['time'][-1]}"

    def bars(self, first: int, last: int) -> Bars:
        """Return the bars ``[first, last)``."""
        return self._bars[first:last]

    def find(self, time_ns: int) -> int:
        """Return the number of the first bar that starts at or after a time."""
        return int(np.searchsorted(self._bars["time"], time_ns))


def bar_period(bars: Bars) -> int:
    """Return the most usual distance between bars in ns; a minute for a single bar."""
    if len(bars) < 2:
        return 60_000_000_000
    steps, counts = np.unique(np.diff(bars["time"]), return_counts=True)
    return int(steps[counts.argmax()])


class BarTape:
    """A recording of bars, walked tick by tick; a page is a bar, and so is a unit."""

    def __init__(self, source: BarSource, walk: BarWalk) -> None:
        self._source = source
        self._walk = walk
        self.period_ns = source.period_ns
        self.pages = source.count
        self.chart_price: ChartPrice = "trade"
        self.fingerprint = f"{source.fingerprint}, {walk.fingerprint}"
        self._page = lru_cache(_PAGES_KEPT)(self._walked)

    def page(self, number: int) -> TickRows:
        """Return the ticks of a bar."""
        return self._page(number)

    def _walked(self, number: int) -> TickRows:
        bars = self._source.bars(number, number + 2)
        start_ns = int(bars["time"][0])
        # Ticks stay in the period that the bar's own time falls in, so that bars made of them
        # are the recorded bars, even if those start off the hour, as daily ones often do.
        end_ns = (start_ns // self.period_ns + 1) * self.period_ns
        if len(bars) > 1:
            end_ns = min(end_ns, int(bars["time"][1]))
        return self._walk.walk(bars[0], number, end_ns)

    def find(self, time_ns: int) -> Place:
        """Return the place of the first tick at or after a time."""
        number = self._source.find(time_ns)
        if number == 0:
            return Place(0, 0)
        rows = self.page(number - 1).time
        row = int(np.searchsorted(rows, time_ns))
        return Place(number - 1, row) if row < len(rows) else Place(number, 0)

    def units_before(self, place: Place) -> int:
        """Return how many bars begin before a place."""
        return place.page + (place.row > 0)

    def units(self, first: int, place: Place) -> Bars:
        """Return the bars from ``first`` on; the last one holds what of it plays before."""
        whole = self._source.bars(first, place.page)
        if not place.row:
            return whole
        played = self.page(place.page).as_bars(0, place.row)
        return np.concatenate((whole, aggregate(played, self.period_ns)))


def history(tape: Tape, place: Place, period_ns: int, end_ns: int | None, count: int) -> Bars:
    """Return the last ``count`` bars of what plays before a place.

    Parameters
    ----------
    tape, place
        The recording, and how far it is played.
    period_ns : int
        A whole multiple of the tape's own period.
    end_ns : int or None
        Only bars that start before this time, UTC ns; None for all.

    Raises
    ------
    BadHistory
        If the tape's bars do not add up to bars of this period.
    """
    if period_ns <= 0 or period_ns % tape.period_ns:
        raise BadHistory(
            f"bars of {period_ns / 1e9:g} s cannot be made of recorded bars of "
            f"{tape.period_ns / 1e9:g} s; choose a multiple of these"
        )
    if end_ns is not None:
        place = min(place, tape.find(-(-end_ns // period_ns) * period_ns))
    stop = tape.units_before(place)
    if count <= 0 or not stop:
        return no_bars()
    reach = max(_FEWEST_UNITS_READ, count + 1)
    while True:
        first = max(0, stop - reach)
        bars = aggregate(tape.units(first, place), period_ns)
        whole = bars if first == 0 else bars[1:]  # the first one may lack its beginning
        if first == 0 or len(whole) >= count:
            return whole[-count:].astype(BAR_DTYPE, copy=True)
        reach *= 4


def last_ticks(tape: Tape, place: Place, end_ns: int | None, count: int) -> Bars:
    """Return the last ``count`` ticks of what plays before a place, each a bar of one price.

    Parameters
    ----------
    end_ns : int or None
        Only ticks before this time, UTC ns; None for all.
    """
    if end_ns is not None:
        place = min(place, tape.find(end_ns))
    stop = tape.units_before(place)
    if tape.period_ns != 1 or count <= 0:
        return no_bars()
    return tape.units(max(0, stop - count), place).astype(BAR_DTYPE, copy=True)
