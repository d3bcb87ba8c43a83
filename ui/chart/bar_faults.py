"""What is wrong with bars that come in, mended where one can and counted always."""

from typing import Final

import numpy as np

from ems.ticks import Bars

_PRICES = ("open", "high", "low", "close")


_BLOCK: Final = 8192
"""So many bars are looked at together: what is worked out of them stays in the cache."""


class BarFaults:
    """How many bars or ticks could not be taken as they came."""

    def __init__(self) -> None:
        self.unreadable = 0
        """A price was NaN or infinite; left out."""
        self.duplicate = 0
        """The time was there already; the first one counts."""
        self.out_of_order = 0
        """The time was before that of the bar ahead of it; left out."""
        self.inconsistent = 0
        """Open or close outside low and high; the range is widened to hold them."""
        self.bad_volume = 0
        """A negative or infinite volume; taken as none."""
        self.late_ticks = 0
        """Ticks of a time before the last bar for which there is no bar; left out."""

    @property
    def total(self) -> int:
        """All of them."""
        return (
            self.unreadable
            + self.duplicate
            + self.out_of_order
            + self.inconsistent
            + self.bad_volume
            + self.late_ticks
        )


def sound_bars(bars: Bars, faults: BarFaults, *, before_ns: int | None = None) -> Bars:
    """Return the bars that can be drawn: finite, ascending, low <= open, close <= high.

    Parameters
    ----------
    bars : ndarray of BAR_DTYPE
        As they came; left as they are.
    faults : BarFaults
        Is added to.
    before_ns : int, optional
        Bars at or after this time are there already.
    """
    sound = all(_is_sound(bars[at : at + _BLOCK + 1]) for at in range(0, len(bars), _BLOCK))
    if not sound:
        bars = _in_order(_readable(bars, faults), faults)
    if before_ns is not None:
        new = int(np.searchsorted(bars["time"], before_ns))
        faults.duplicate += len(bars) - new
        bars = bars[:new]
    return bars if sound else _consistent(bars, faults)


def _is_sound(bars: Bars) -> bool:
    """Tell whether a few bars, as nearly all are, need no mending."""
    time, volume = bars["time"], bars["volume"]
    open_, high, low, close = (bars[name] for name in _PRICES)
    sound = (low > -np.inf) & (high < np.inf)
    for price in (open_, close):
        sound &= (low <= price) & (price <= high)
    sound[1:] &= time[1:] > time[:-1]
    return bool(np.all(sound & ~((volume < 0) | (volume == np.inf))))


def _readable(bars: Bars, faults: BarFaults) -> Bars:
    readable = np.isfinite(bars["open"])
    for name in _PRICES[1:]:
        readable &= np.isfinite(bars[name])
    if readable.all():
        return bars
    faults.unreadable += int(np.count_nonzero(~readable))
    kept: Bars = bars[readable]
    return kept


def _in_order(bars: Bars, faults: BarFaults) -> Bars:
    times = bars["time"]
    if len(times) < 2 or bool(np.all(times[1:] > times[:-1])):
        return bars
    latest = np.maximum.accumulate(times)[:-1]
    same = np.zeros(len(times), dtype=bool)
    same[1:] = times[1:] == latest
    behind = np.zeros(len(times), dtype=bool)
    behind[1:] = times[1:] < latest
    faults.duplicate += int(np.count_nonzero(same))
    faults.out_of_order += int(np.count_nonzero(behind))
    return bars[~(same | behind)]


def _consistent(bars: Bars, faults: BarFaults) -> Bars:
    high = np.maximum.reduce([bars[name] for name in _PRICES])
    low = np.minimum.reduce([bars[name] for name in _PRICES])
    volume = bars["volume"]
    narrow = (high > bars["high"]) | (low < bars["low"])
    bad_volume = (volume < 0) | np.isinf(volume)
    if not (narrow.any() or bad_volume.any()):
        return bars
    faults.inconsistent += int(np.count_nonzero(narrow))
    faults.bad_volume += int(np.count_nonzero(bad_volume))
    mended = bars.copy()
    mended["high"], mended["low"] = high, low
    mended["volume"][bad_volume] = np.nan
    return mended
