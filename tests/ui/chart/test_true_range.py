import numpy as np
import pytest

from ems.ticks import BAR_DTYPE
from ui.chart.bar_series import BarSeries
from ui.chart.true_range import atr_now


def series(*bars):
    made = np.zeros(len(bars), dtype=BAR_DTYPE)
    for row, (low, high, close) in enumerate(bars):
        made[row] = (row * 60 * 10**9, close, high, low, close, 1.0)
    return BarSeries(made, 60 * 10**9)


def test_a_gap_counts_and_the_bar_that_is_being_built_does_not():
    flat = [(99.0, 101.0, 100.0)] * 14
    gap = (109.0, 111.0, 110.0)  # from 100 to 111: eleven points
    assert atr_now(series(*flat, gap, (0.5, 999.0, 100.0))) == pytest.approx((13 * 2 + 11) / 14)


def test_too_few_bars_have_no_range():
    assert atr_now(series(*[(99.0, 101.0, 100.0)] * 15)) is None
