"""Bars of a longer period out of shorter ones."""

import numpy as np

from brokers.replay.rows import Floats, Ints
from ems.ticks import BAR_DTYPE, Bars, no_bars


def aggregate(bars: Bars, period_ns: int) -> Bars:
    """Return the bars of ``period_ns`` that these bars (or one-price bars of ticks) make up.

    Parameters
    ----------
    bars : ndarray of BAR_DTYPE, shape (n,)
        Ascending by time; equal times are allowed and keep their order.
    period_ns : int
        A bar starts where UTC time is a whole multiple of it.

    Returns
    -------
    ndarray of BAR_DTYPE
        Periods in which nothing happened are absent. The volume is the sum of the known ones,
        NaN if none is known.
    """
    if not len(bars):
        return no_bars()
    starts = bars["time"] // period_ns * period_ns
    first = np.concatenate(([0], np.flatnonzero(np.diff(starts)) + 1))
    last = np.concatenate((first[1:], [len(bars)])) - 1
    longer = np.empty(len(first), dtype=BAR_DTYPE)
    longer["time"] = starts[first]
    longer["open"] = bars["open"][first]
    longer["high"] = np.maximum.reduceat(bars["high"], first)
    longer["low"] = np.minimum.reduceat(bars["low"], first)
    longer["close"] = bars["close"][last]
    longer["volume"] = _sum_of_known(bars["volume"], first)
    return longer


def _sum_of_known(volume: Floats, first: Ints) -> Floats:
    known = ~np.isnan(volume)
    total: Floats = np.add.reduceat(np.where(known, volume, 0.0), first)
    total[~np.logical_or.reduceat(known, first)] = np.nan
    return total
