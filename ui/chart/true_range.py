"""The average true range of the last bars: how far the price goes in one of them."""

from typing import Final

import numpy as np

from ui.chart.bar_series import BarSeries

_LENGTH: Final = 14


def atr_now(series: BarSeries, length: int = _LENGTH) -> float | None:
    """Return the mean true range of the last whole bars, points of price.

    The bar that is still being built is left out: at its start it would make the range look small.

    Parameters
    ----------
    series
        Of a chart.
    length : int
        How many bars.

    Returns
    -------
    float or None
        None with fewer bars than that.
    """
    if len(series) < length + 2:
        return None
    last = len(series) - 1
    bars = [series[index] for index in range(last - length, last)]
    closes = [series[index].close for index in range(last - length - 1, last - 1)]
    ranges = [
        max(bar.high, close) - min(bar.low, close) for bar, close in zip(bars, closes, strict=True)
    ]
    return float(np.mean(ranges))
