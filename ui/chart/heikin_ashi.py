"""Heikin-Ashi: candles of averaged prices, for any bars without a walk over all before them."""

from typing import Final

import numpy as np

from ui.chart.bar_series import BarSeries
from ui.chart.columns import Columns, Ints
from ui.chart.pyramid import Floats

_MEMORY: Final = 60
"""An open is half of what it was one bar ago: after so many bars a double holds no more of it."""
_WEIGHTS: Final = 0.5 ** np.arange(1, _MEMORY + 1)


def heikin_ashi(series: BarSeries, columns: Columns) -> Columns:
    """Return columns with averaged prices.

    A close is the mean of open, high, low and close of its bar, an open the mean of the averaged
    open and close of the bar before. A column of many bars has the open of its first, the close
    of its last, and its own high and low.
    """
    if len(columns.x) == 0:
        return columns
    open_ = averaged_opens(series, columns.start)
    close = _means(series, columns.stop - 1)
    high = np.maximum(columns.high, np.maximum(open_, close))
    low = np.minimum(columns.low, np.minimum(open_, close))
    return columns._replace(open=open_, high=high, low=low, close=close)


def averaged_opens(series: BarSeries, indices: Ints) -> Floats:
    """Return the averaged opens of bars.

    Parameters
    ----------
    indices : ndarray of int64, shape (n,)
        Of the bars, 0 for the oldest.
    """
    back = indices[:, None] - np.arange(1, _MEMORY + 1)
    means = _means(series, np.maximum(back, 0))
    first = (series.open[0] + series.close[0]) / 2  # the open of the first bar of all
    means = np.where(back >= 0, means, first)
    opens: Floats = means @ _WEIGHTS + first * _WEIGHTS[-1]
    return opens


def _means(series: BarSeries, indices: Ints) -> Floats:
    prices = (series.open, series.highs.values, series.lows.values, series.close)
    means: Floats = sum(column[indices] for column in prices) / 4  # type: ignore[assignment]
    return means
