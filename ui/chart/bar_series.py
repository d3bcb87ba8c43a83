"""The bars of a chart in growing columns, with pyramids of their highs, lows and volumes."""

from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt

from ems.ticks import BAR_DTYPE, Bars
from ui.chart.bar_columns import BarColumns, part_of
from ui.chart.bar_faults import BarFaults, sound_bars
from ui.chart.period import Period, TickPeriod, as_period
from ui.chart.pyramid import Floats
from ui.chart.roomier_columns import RoomierColumns, is_scarce


class Bar(NamedTuple):
    """One bar; ``time_ns`` is its start, UTC."""

    time_ns: int
    open: float
    high: float
    low: float
    close: float
    volume: float


class BarSeries:
    """Bars by index, from the oldest one to the live one.

    The **x** of a bar is its place on the chart: it is 0 for the first bar that was loaded at
    first, counts up to the newest and goes below 0 for older history that was put in front. So
    nothing on the chart moves when history is loaded. Bar ``x`` covers ``[x - 0.5, x + 0.5)``.

    Parameters
    ----------
    bars : ndarray of BAR_DTYPE
        Bad ones are mended or left out, and counted in ``faults``.
    period : Period or int
        What a bar holds; a number is its length in nanoseconds.

    Raises
    ------
    ValueError
        If the period is not positive.
    """

    def __init__(self, bars: Bars, period: Period | int) -> None:
        self.period: Final[Period] = as_period(period)
        self.faults = BarFaults()
        self.first_x = 0
        self.layout = 0
        """Counts up when a bar comes to be or a finished one changes; the last one may change."""
        self.reach = 0
        """Counts up when the last bar becomes higher or lower."""
        self.changes = 0
        """Counts up with every change."""
        self._has_volume = False
        self._asked_at = -1
        self._known: tuple[int, Bar] | None = None
        sound = sound_bars(bars, self.faults)
        columns = BarColumns(len(sound))
        columns.extend(part_of(sound))
        self._roomier: RoomierColumns | None = None
        self._keep_in(columns)
        self._is_even = not isinstance(self.period, TickPeriod)
        self.period_ns: Final = self._usual_ns()
        """How long a bar is or usually is, nanoseconds."""

    def __len__(self) -> int:
        return self._size

    @property
    def last_x(self) -> int:
        """The x of the newest bar; ``first_x - 1`` if there is none."""
        return self.first_x + self._size - 1

    @property
    def time(self) -> npt.NDArray[np.int64]:
        """Starts of the bars, UTC ns, shape ``(n,)``."""
        return self._time

    @property
    def open(self) -> Floats:
        """Opening prices, shape ``(n,)``."""
        return self._open

    @property
    def close(self) -> Floats:
        """Closing prices, shape ``(n,)``."""
        return self._close

    @property
    def has_volume(self) -> bool:
        """False if the source has no volume for any bar."""
        if not self._has_volume and self._size and self._asked_at != self.changes:
            self._asked_at = self.changes
            self._has_volume = not np.isnan(self.volumes.between(0, self._size))
        return self._has_volume

    @property
    def nbytes(self) -> int:
        """Memory of all columns with their room to grow, bytes."""
        return self._columns.nbytes

    def bar(self, x: int) -> Bar | None:
        """Return the bar at ``x``, None where there is none."""
        index = x - self.first_x
        if index == self._size - 1 >= 0:
            return self._newest()
        return self[index] if 0 <= index < self._size else None

    def _newest(self) -> Bar:
        """Return the last bar, which a tick has several ask for."""
        if self._known is None or self._known[0] != self.changes:
            self._known = (self.changes, self[self._size - 1])
        return self._known[1]

    def __getitem__(self, index: int) -> Bar:
        """Return a bar by its index, 0 for the oldest."""
        return Bar(
            self._time.item(index),
            self._open.item(index),
            self.highs.at(index),
            self.lows.at(index),
            self._close.item(index),
            self.volumes.at(index),
        )

    def low_high(self, start_x: float, stop_x: float) -> tuple[float, float] | None:
        """Return the lowest low and highest high of the bars that show in ``[start_x, stop_x]``.

        None if no bar does. The cost does not depend on the number of bars.
        """
        start = max(0, int(np.floor(start_x + 0.5)) - self.first_x)
        stop = min(self._size, int(np.ceil(stop_x + 0.5)) - self.first_x)
        if start >= stop:
            return None
        return self.lows.between(start, stop), self.highs.between(start, stop)

    def x_of_time(self, time_ns: int) -> float:
        """Return where a moment lies: inside the bar that it belongs to.

        The start of bar ``x`` is ``x - 0.5``, its end ``x + 0.5``. The time of a closed session
        has no width; before the first and after the last bar, time goes on in periods.
        """
        if self._size == 0:
            return 0.0
        index = int(np.searchsorted(self.time, time_ns, side="right")) - 1
        nearest = max(index, 0)
        part = (time_ns - int(self._time[nearest])) / self._length_ns(nearest)
        if 0 <= index < self._size - 1:
            part = min(part, 1.0)
        return self.first_x + nearest - 0.5 + part

    def time_of_x(self, x: float) -> int:
        """Return the moment at ``x``, UTC ns: the inverse of `x_of_time`; 0 without bars."""
        if self._size == 0:
            return 0
        place = x - self.first_x + 0.5
        index = min(max(int(np.floor(place)), 0), self._size - 1)
        return int(self._time[index]) + round((place - index) * self._length_ns(index))

    def _length_ns(self, index: int) -> int:
        """Return how long a bar is on the chart; bars of ticks go on until the next one."""
        if self._is_even or index >= self._size - 1:
            return self.period_ns
        return int(self._time[index + 1] - self._time[index])

    def _usual_ns(self) -> int:
        if self._is_even or self._size < 2:
            return self.period.usual_ns
        return max(int(np.median(np.diff(self._time))), 1)

    def append(self, bar: Bar) -> None:
        """Add a newer bar; it must be sound and later than the last."""
        if self._columns.room_after == 0:
            self._make_all_room(0)
        self._columns.append(*bar)
        self._keep_in(self._columns)
        self.layout += 1
        self.changes += 1

    def update_last(self, high: float, low: float, close: float, volume: float) -> None:
        """Widen the last bar to ``high``, ``low`` and its greater ``volume``, with a new close."""
        self.widen(self.last_x, high, low, volume)
        self._close[self._size - 1] = close

    def widen(self, x: int, high: float, low: float, volume: float) -> None:
        """Widen the bar at ``x``; a NaN volume leaves the volume as it is."""
        index = x - self.first_x
        if x != self.last_x:
            self.layout += 1
            if self._roomier is not None:
                self._roomier.changed(self._columns.start + index)
        self.changes += 1
        if high > self.highs.at(index) or low < self.lows.at(index):
            self.reach += 1
            self.highs.widen(index, high)
            self.lows.widen(index, low)
        if volume == volume:  # not NaN
            self.volumes.widen(index, volume)

    def prepend(self, bars: Bars) -> int:
        """Put older bars in front and return how many were taken; no x changes.

        The cost depends on these bars alone if there is room for them: see `make_room`.
        """
        before_ns = int(self._time[0]) if self._size else None
        older = sound_bars(bars, self.faults, before_ns=before_ns)
        if len(older) == 0:
            return 0
        if self._columns.start < len(older):
            self._make_all_room(len(older))
        self._columns.prepend(part_of(older))
        self._keep_in(self._columns)
        self.first_x -= len(older)
        self.layout += 1
        self.changes += 1
        return len(older)

    def bars(self, first: int = 0, stop: int | None = None) -> Bars:
        """Return a copy of the bars from an index on, all of them or up to another."""
        part = slice(first, self._size if stop is None else stop)
        bars = np.empty(len(self.time[part]), dtype=BAR_DTYPE)
        bars["time"], bars["open"], bars["close"] = (
            column[part] for column in (self.time, self.open, self.close)
        )
        bars["high"], bars["low"], bars["volume"] = (
            pyramid.values[part] for pyramid in (self.highs, self.lows, self.volumes)
        )
        return bars

    @property
    def room_is_scarce(self) -> bool:
        """True if a few thousand more bars, older or newer, would need a copy of all."""
        return is_scarce(self._columns)

    def make_room(self, bars: int) -> bool:
        """Copy some bars to where there is more room, if it is scarce; return whether it still is.

        Who calls this again and again, between frames, spares `prepend` and `append` a copy of
        all bars. Nothing that can be seen of the series changes.
        """
        if self._roomier is None:
            if not self.room_is_scarce:
                return False
            self._roomier = RoomierColumns(self._columns)
        if self._roomier.copy(bars):
            self._keep_in(self._roomier.columns)
            self._roomier = None
        return self._roomier is not None or self.room_is_scarce

    def _make_all_room(self, wanted: int) -> None:
        """Copy all bars to where there is room for so many older ones, and some newer."""
        roomier = self._roomier
        if roomier is None or roomier.room_before < wanted:
            roomier = RoomierColumns(self._columns, wanted)
        roomier.copy(self._size)
        self._keep_in(roomier.columns)
        self._roomier = None

    def _keep_in(self, columns: BarColumns) -> None:
        """Note where the bars are now, and how many."""
        self._columns = columns
        self._time, self._open, self._close = columns.time, columns.open, columns.close
        self.highs, self.lows, self.volumes = columns.highs, columns.lows, columns.volumes
        self._size = len(self._time)
