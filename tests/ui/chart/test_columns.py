import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from tests.ui.chart.recorded import MINUTE, walk
from ui.chart.bar_series import BarSeries
from ui.chart.columns import ColumnsInView, PixelMap, columns_in_view

WIDTH = 300


def window(start_x: float, stop_x: float) -> PixelMap:
    scale = WIDTH / (stop_x - start_x)
    return PixelMap(scale, -start_x * scale, -1.0, 500.0, 0, WIDTH, 0, 400, 1.0)


def series_of(count: int, older: int) -> BarSeries:
    bars = walk(count + older)
    series = BarSeries(bars[older:], MINUTE)
    series.prepend(bars[:older])
    return series


@given(
    st.integers(1, 4000),
    st.integers(0, 500),
    st.floats(-0.5, 1.2),
    st.floats(2.0, 6000.0),
)
def test_columns_equal_a_plain_loop(count, older, where, span):
    series = series_of(count, older)
    start_x = series.first_x + where * len(series)
    pixels = window(start_x, start_x + span)
    columns = columns_in_view(series, pixels)
    bars = series.bars()
    for number in range(len(columns.x)):
        under = bars[columns.start[number] : columns.stop[number]]
        assert columns.open[number] == under["open"][0]
        assert columns.high[number] == max(under["high"])
        assert columns.low[number] == min(under["low"])
        assert columns.close[number] == under["close"][-1]
        assert columns.volume[number] == max(under["volume"])


@given(st.integers(1, 4000), st.integers(0, 500), st.floats(-0.5, 1.2), st.floats(2.0, 6000.0))
def test_every_bar_in_view_is_under_one_column_at_its_pixel(count, older, where, span):
    series = series_of(count, older)
    start_x = series.first_x + where * len(series)
    pixels = window(start_x, start_x + span)
    columns = columns_in_view(series, pixels)
    assert np.array_equal(columns.start[1:], columns.stop[:-1])
    assert len(np.unique(columns.x)) == len(columns.x)
    places = (np.arange(len(series)) + series.first_x) * pixels.x_scale + pixels.x_origin
    inside = np.flatnonzero((places >= 1) & (places < WIDTH - 1))
    if len(inside):
        assert columns.start[0] <= inside[0]
        assert inside[-1] < columns.stop[-1]
    for number in range(len(columns.x)):
        under = places[columns.start[number] : columns.stop[number]]
        assert np.all(np.abs(np.floor(under) - columns.x[number]) <= 1)


def test_there_is_at_most_one_column_a_pixel():
    series = series_of(200_000, 0)
    for span in (310, 5_000, 200_000):
        assert len(columns_in_view(series, window(0, span)).x) <= WIDTH + 2


@given(st.integers(1, 250))
def test_a_pan_moves_the_columns_and_changes_none(pixels_moved):
    series = series_of(100_000, 0)
    span = 20_000.0
    moved = 30_000 + pixels_moved * span / WIDTH
    before = columns_in_view(series, window(30_000, 30_000 + span))
    after = columns_in_view(series, window(moved, moved + span))
    shared = np.intersect1d(before.start, after.start)
    assert len(shared) >= len(before.start) - pixels_moved - 2
    first = before.x[np.searchsorted(before.start, shared)]
    second = after.x[np.searchsorted(after.start, shared)]
    assert set((first - second).tolist()) <= {pixels_moved - 1, pixels_moved, pixels_moved + 1}
    assert len(set((first - second).tolist())) == 1


@given(
    st.integers(1, 4000),
    st.integers(0, 500),
    st.floats(2.0, 6000.0),
    st.lists(st.floats(-0.5, 1.2), min_size=1, max_size=8),
)
def test_windows_one_after_another_have_the_columns_of_each_alone(count, older, span, places):
    series = series_of(count, older)
    columns = ColumnsInView()
    for where in places:
        start_x = series.first_x + where * len(series)
        pixels = window(start_x, start_x + span)
        found, alone = columns.of(series, pixels), columns_in_view(series, pixels)
        for one, other in zip(found, alone, strict=True):
            assert np.array_equal(one, other, equal_nan=True)


def test_columns_follow_a_series_that_grows():
    series, columns, pixels = series_of(3000, 0), ColumnsInView(), window(2000, 3100)
    before = columns.of(series, pixels)
    columns.of(series, pixels)
    series.append(series[0]._replace(time_ns=int(series.time[-1]) + MINUTE))
    after = columns.of(series, pixels)
    assert after.stop[-1] == before.stop[-1] + 1


@given(st.integers(1, 9000), st.floats(0.0, 1.0), st.floats(400.0, 40_000.0))
def test_older_bars_in_front_change_no_column(older, where, span):
    bars = walk(29_000)
    series = BarSeries(bars[9_000:], MINUTE)
    pixels = window(where * len(series), where * len(series) + span)
    before = columns_in_view(series, pixels)
    series.prepend(bars[9_000 - older : 9_000])
    while series.make_room(7_000):
        pass
    after = columns_in_view(series, pixels)
    columns = {
        x: values
        for x, *values in zip(after.x, after.open, after.high, after.low, after.close, strict=True)
    }
    for x, *values in zip(
        before.x, before.open, before.high, before.low, before.close, strict=True
    ):
        assert columns[x] == values
