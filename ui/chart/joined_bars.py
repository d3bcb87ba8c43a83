"""Bars out of shorter ones: by the calendar, or so many ticks each."""

import numpy as np
import numpy.typing as npt

from ems.ticks import BAR_DTYPE, Bars, no_bars
from ui.chart.local_clock import Times
from ui.chart.period import CalendarPeriod, FixedPeriod


def joined_by_time(bars: Bars, period: CalendarPeriod | FixedPeriod) -> Bars:
    """Return the bars of a period that shorter ones make up.

    Parameters
    ----------
    bars : ndarray of BAR_DTYPE
        Ascending by time; equal times keep their order. Periods in which nothing happened are
        absent.
    """
    if len(bars) == 0:
        return no_bars()
    if isinstance(period, CalendarPeriod):
        starts = period.starts_of(bars["time"])
    else:
        starts = bars["time"] - bars["time"] % period.ns
    firsts = np.flatnonzero(np.diff(starts, prepend=starts[0] - 1))
    return _joined(bars, firsts, starts[firsts])


def joined_by_count(ticks: Bars, count: int) -> Bars:
    """Return bars of so many ticks each, the newest whole; what is left over is in front.

    Parameters
    ----------
    ticks : ndarray of BAR_DTYPE
        One a tick, in their order. A bar begins at its first tick, or a nanosecond after the bar
        before it where ticks have one time.
    """
    ticks = ticks[len(ticks) % count :]
    if len(ticks) == 0:
        return no_bars()
    firsts = np.arange(0, len(ticks), count)
    order = np.arange(len(firsts))
    times = np.maximum.accumulate(ticks["time"][firsts] - order) + order
    return _joined(ticks, firsts, times)


def _joined(bars: Bars, firsts: npt.NDArray[np.intp], times: Times) -> Bars:
    joined = np.empty(len(firsts), BAR_DTYPE)
    joined["time"] = times
    joined["open"] = bars["open"][firsts]
    joined["high"] = np.maximum.reduceat(bars["high"], firsts)
    joined["low"] = np.minimum.reduceat(bars["low"], firsts)
    joined["close"] = bars["close"][np.append(firsts[1:], len(bars)) - 1]
    known = ~np.isnan(bars["volume"])
    joined["volume"] = np.add.reduceat(np.where(known, bars["volume"], 0.0), firsts)
    joined["volume"][~np.logical_or.reduceat(known, firsts)] = np.nan
    return joined
