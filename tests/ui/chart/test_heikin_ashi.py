import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.ui.chart.recorded import MINUTE, walk
from ui.chart.bar_series import BarSeries
from ui.chart.columns import PixelMap, columns_in_view
from ui.chart.heikin_ashi import averaged_opens, heikin_ashi


def by_loop(bars):
    """Averaged (open, high, low, close) as the textbook has it, one bar after the other."""
    rows = []
    open_ = (bars["open"][0] + bars["close"][0]) / 2
    for bar in bars:
        close = (bar["open"] + bar["high"] + bar["low"] + bar["close"]) / 4
        high, low = max(bar["high"], open_, close), min(bar["low"], open_, close)
        rows.append((open_, high, low, close))
        open_ = (open_ + close) / 2
    return np.array(rows)


@given(st.integers(1, 300), st.integers(0, 1000))
def test_opens_are_those_of_the_walk_over_all_bars(count, seed):
    bars = walk(count, seed=seed)
    series = BarSeries(bars, MINUTE)
    np.testing.assert_allclose(averaged_opens(series, np.arange(count)), by_loop(bars)[:, 0])


def test_columns_have_the_averaged_prices():
    bars = walk(200)
    series = BarSeries(bars, MINUTE)
    pixels = PixelMap(10.0, -1000.0, -1.0, 500.0, 0, 900, 0, 500, 1.0)
    columns = heikin_ashi(series, columns_in_view(series, pixels))
    expected = by_loop(bars)[columns.start]
    assert columns.start[0] > 60
    for number, name in enumerate(("open", "high", "low", "close")):
        np.testing.assert_allclose(getattr(columns, name), expected[:, number])


def test_a_column_of_many_bars_goes_from_its_first_open_to_its_last_close():
    bars = walk(5000)
    series = BarSeries(bars, MINUTE)
    pixels = PixelMap(0.1, 0.0, -1.0, 500.0, 0, 500, 0, 500, 1.0)
    columns = heikin_ashi(series, columns_in_view(series, pixels))
    expected = by_loop(bars)
    assert columns.open == pytest.approx(expected[columns.start, 0])
    assert columns.close == pytest.approx(expected[columns.stop - 1, 3])
    assert (columns.high >= np.maximum(columns.open, columns.close)).all()
