"""The columns that bars are kept in, with room for older and for newer ones."""

from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt

from ems.ticks import Bars
from ui.chart.pyramid import FACTOR, Floats, Pyramid

_STEADY: Final = FACTOR**6
"""The room before the first bar changes by multiples of this, so that no block moves."""
_LEAST_BEFORE: Final = 2 * _STEADY
_LEAST_AFTER: Final = 4096
_SHARE: Final = 24
"""One part in so many is room: a million bars stay under 64 bytes each."""


class Part(NamedTuple):
    """Some bars: views of their columns."""

    time: npt.NDArray[np.int64]
    open: Floats
    high: Floats
    low: Floats
    close: Floats
    volume: Floats


def part_of(bars: Bars) -> Part:
    """Return bars column by column."""
    return Part(*(bars[name] for name in Part._fields))


class BarColumns:
    """Bars in an array for each of their fields, with pyramids of highs, lows and volumes.

    Parameters
    ----------
    count : int
        How many bars there will be; the room on both sides is for more than these.
    older : int
        There is room for so many older ones at least.
    place : int
        A place where the first bar was until now: no block of bars moves.
    """

    def __init__(self, count: int, older: int = 0, place: int = 0) -> None:
        before = _LEAST_BEFORE + place % _STEADY
        before += (count // _SHARE // _STEADY - -older // _STEADY) * _STEADY
        after = count + count // _SHARE + _LEAST_AFTER
        self.start: int = before
        self.stop: int = before
        """Where the first bar is, and where the next one will be."""
        self._time = np.empty(before + after, np.int64)
        self._open, self._close = np.empty(before + after), np.empty(before + after)
        none = np.empty(0)
        self.highs = Pyramid(none, np.maximum, before=before, after=after)
        self.lows = Pyramid(none, np.minimum, before=before, after=after)
        self.volumes = Pyramid(none, np.fmax, before=before, after=after)

    @property
    def room_after(self) -> int:
        """How many newer bars there is room for; older ones: `start`."""
        return len(self._time) - self.stop

    @property
    def time(self) -> npt.NDArray[np.int64]:
        """Starts of the bars, UTC ns."""
        return self._time[self.start : self.stop]

    @property
    def open(self) -> Floats:
        """Opening prices."""
        return self._open[self.start : self.stop]

    @property
    def close(self) -> Floats:
        """Closing prices."""
        return self._close[self.start : self.stop]

    @property
    def nbytes(self) -> int:
        """Memory of all columns with their room to grow, bytes."""
        columns = self._time.nbytes + self._open.nbytes + self._close.nbytes
        return columns + self.highs.nbytes + self.lows.nbytes + self.volumes.nbytes

    def part(self, start: int, stop: int) -> Part:
        """Return the bars at some places, between `start` and `stop`."""
        first, last = start - self.start, stop - self.start
        return Part(
            self._time[start:stop],
            self._open[start:stop],
            self.highs.values[first:last],
            self.lows.values[first:last],
            self._close[start:stop],
            self.volumes.values[first:last],
        )

    def append(
        self, time_ns: int, open_: float, high: float, low: float, close: float, volume: float
    ) -> None:
        """Add a newer bar; there must be room."""
        self._time[self.stop] = time_ns
        self._open[self.stop] = open_
        self._close[self.stop] = close
        self.highs.append(high)
        self.lows.append(low)
        self.volumes.append(volume)
        self.stop += 1

    def extend(self, part: Part) -> None:
        """Add newer bars; there must be room."""
        self._write(part, self.stop)
        self.stop += len(part.time)
        self.highs.extend(part.high)
        self.lows.extend(part.low)
        self.volumes.extend(part.volume)

    def prepend(self, part: Part) -> None:
        """Put older bars in front; there must be room."""
        self.start -= len(part.time)
        self._write(part, self.start)
        self.highs.prepend(part.high)
        self.lows.prepend(part.low)
        self.volumes.prepend(part.volume)

    def cut(self, stop: int) -> None:
        """Forget the bars from a place on, until others follow."""
        self.stop = stop
        for pyramid in (self.highs, self.lows, self.volumes):
            pyramid.cut(stop - self.start)

    def _write(self, part: Part, start: int) -> None:
        stop = start + len(part.time)
        self._time[start:stop] = part.time
        self._open[start:stop] = part.open
        self._close[start:stop] = part.close
