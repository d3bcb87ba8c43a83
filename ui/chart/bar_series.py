"""The bars of a chart in growing columns, with pyramids of their highs, lows and volumes."""

from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt

from ems.ticks import BAR_DTYPE, Bars
from ui.chart.bar_faults import BarFaults, sound_bars
from ui.chart.period import Period, TickPeriod, as_period
from ui.chart.pyramid import Floats, Pyramid

_GROWTH: Final = 8
"""A full column grows by an eighth: a million bars stay under 64 bytes each."""


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
        self._size = len(sound)
        self._time: npt.NDArray[np.int64] = sound["time"].copy()
        self._is_even = not isinstance(self.period, TickPeriod)
        self.period_ns: Final = self._usual_ns()
        """How long a bar is or usually is, nanoseconds."""
        self._open: Floats = sound["open"].copy()
        self._close: Floats = sound["close"].copy()
        self.highs = Pyramid(sound["high"], np.maximum)
        self.lows = Pyramid(sound["low"], np.minimum)
        self.volumes = Pyramid(sound["volume"], np.fmax)

    def __len__(self) -> int:
        return self._size

    @property
    def last_x(self) -> int:
        """The x of the newest bar; ``first_x - 1`` if there is none."""
        return self.first_x + self._size - 1

    @property
    def time(self) -> npt.NDArray[np.int64]:
        """Starts of the bars, UTC ns, shape ``(n,)``."""
        return self._time[: self._size]

    @property
    def open(self) -> Floats:
        """Opening prices, shape ``(n,)``."""
        return self._open[: self._size]

    @property
    def close(self) -> Floats:
        """Closing prices, shape ``(n,)``."""
        return self._close[: self._size]

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
        columns = self._time.nbytes + self._open.nbytes + self._close.nbytes
        return columns + self.highs.nbytes + self.lows.nbytes + self.volumes.nbytes

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
        if self._size == len(self._time):
            self._grow()
        self._time[self._size] = bar.time_ns
        self._open[self._size] = bar.open
        self._close[self._size] = bar.close
        self.highs.append(bar.high)
        self.lows.append(bar.low)
        self.volumes.append(bar.volume)
        self._size += 1
        self.layout += 1
        self.changes += 1

    def update_last(self, high: float, low: float, close: float, volume: float) -> None:
        """Widen the last bar to ``high``, ``low`` and its greater ``volume``, with a new close."""
        self.widen(self.last_x, high, low, volume)
        self._close[self._size - 1] = close

    def widen(self, x: int, high: float, low: float, volume: float) -> None:
        """Widen the bar at ``x``; a NaN volume leaves the volume as it is."""
        if x != self.last_x:
            self.layout += 1
        self.changes += 1
        index = x - self.first_x
        if high > self.highs.at(index) or low < self.lows.at(index):
            self.reach += 1
            self.highs.widen(index, high)
            self.lows.widen(index, low)
        if volume == volume:  # not NaN
            self.volumes.widen(index, volume)

    def prepend(self, bars: Bars) -> int:
        """Put older bars in front and return how many were taken; no x changes."""
        before_ns = int(self._time[0]) if self._size else None
        older = sound_bars(bars, self.faults, before_ns=before_ns)
        if len(older) == 0:
            return 0
        self._time = np.concatenate([older["time"], self.time])
        self._open = np.concatenate([older["open"], self.open])
        self._close = np.concatenate([older["close"], self.close])
        self.highs.prepend(older["high"])
        self.lows.prepend(older["low"])
        self.volumes.prepend(older["volume"])
        self.first_x -= len(older)
        self._size += len(older)
        self.layout += 1
        self.changes += 1
        return len(older)

    def bars(self, first: int = 0) -> Bars:
        """Return a copy of the bars from an index on."""
        bars = np.empty(self._size - first, dtype=BAR_DTYPE)
        bars["time"], bars["open"] = self.time[first:], self.open[first:]
        bars["close"] = self.close[first:]
        bars["high"], bars["low"] = self.highs.values[first:], self.lows.values[first:]
        bars["volume"] = self.volumes.values[first:]
        return bars

    def _grow(self) -> None:
        room = np.zeros(self._size // _GROWTH + 64)
        self._time = np.concatenate([self._time, room.astype(np.int64)])
        self._open = np.concatenate([self._open, room])
        self._close = np.concatenate([self._close, room])
