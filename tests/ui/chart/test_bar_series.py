import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ems.ticks import no_bars
from tests.ui.chart.recorded import MINUTE, START, walk
from ui.chart.bar_series import Bar, BarSeries


def gappy() -> BarSeries:
    """Ten bars, an hour closed, ten bars."""
    bars = walk(20)
    bars["time"][10:] += 60 * MINUTE
    return BarSeries(bars, MINUTE)


def test_older_bars_go_in_front_and_no_x_changes():
    bars = walk(500)
    series = BarSeries(bars[300:], MINUTE)
    before = series.bar(7)
    assert series.prepend(bars[:310]) == 300
    assert series.bar(7) == before
    assert (series.first_x, series.last_x) == (-300, 199)
    assert np.array_equal(series.bars(), bars)
    assert series.faults.duplicate == 10
    assert series.low_high(-300, 199) == (bars["low"].min(), bars["high"].max())


def test_appended_bars_are_like_loaded_ones():
    bars = walk(300)
    series = BarSeries(no_bars(), MINUTE)
    for row in bars:
        series.append(Bar(*row.tolist()))
    assert np.array_equal(series.bars(), bars)
    assert series.low_high(20, 250) == (bars["low"][20:251].min(), bars["high"][20:251].max())


def test_a_bar_covers_half_a_step_to_each_side_of_its_x():
    series = gappy()
    assert series.x_of_time(START) == -0.5
    assert series.x_of_time(START + MINUTE // 2) == 0.0
    assert series.x_of_time(START + 5 * MINUTE) == 4.5


def test_the_time_of_a_closed_session_has_no_width():
    series = gappy()
    close, reopen = START + 10 * MINUTE, START + 70 * MINUTE
    assert series.x_of_time(close) == series.x_of_time(close + 30 * MINUTE) == 9.5
    assert series.x_of_time(reopen) == 9.5
    assert series.x_of_time(reopen + MINUTE // 2) == 10.0


def test_time_goes_on_before_the_first_and_after_the_last_bar():
    series = gappy()
    assert series.x_of_time(START - 3 * MINUTE) == -3.5
    assert series.x_of_time(int(series.time[-1]) + 4 * MINUTE) == 22.5


@given(st.floats(-50, 80))
def test_time_of_x_is_the_inverse_of_x_of_time(x):
    series = gappy()
    assert series.x_of_time(series.time_of_x(x)) == pytest.approx(x, abs=1e-6)


def test_without_bars_nothing_is_in_view():
    series = BarSeries(no_bars(), MINUTE)
    assert (len(series), series.last_x, series.bar(0)) == (0, -1, None)
    assert series.low_high(-10, 10) is None
    assert not series.has_volume


def test_a_bar_needs_a_length():
    with pytest.raises(ValueError, match="must be positive"):
        BarSeries(no_bars(), 0)


def test_a_million_bars_need_at_most_64_bytes_each():
    series = BarSeries(walk(1_000_000), MINUTE)
    assert series.nbytes / len(series) <= 64


@given(
    st.integers(1, 3000),
    st.lists(
        st.tuples(
            st.sampled_from(["older", "room", "newer", "tick", "late"]), st.integers(1, 2000)
        ),
        max_size=12,
    ),
)
def test_room_is_made_while_bars_come_and_change(count, steps):
    history = walk(30_000)
    first = 25_000 - count
    series = BarSeries(history[first:25_000], MINUTE)
    first -= series.prepend(history[first - 2_500 : first])
    assert series.room_is_scarce, "or nothing is copied while the steps are done"
    expected = history[first:25_000].copy()
    for step, size in steps:
        if step == "older":
            older = history[max(first - size, 0) : first]
            first -= series.prepend(older)
            expected = np.concatenate([older, expected])
        elif step == "room":
            series.make_room(size)
        elif step == "newer":
            bar = series[len(series) - 1]._replace(time_ns=int(series.time[-1]) + MINUTE)
            series.append(bar)
            expected = np.concatenate([expected, np.array([tuple(bar)], expected.dtype)])
        elif step == "tick":
            series.update_last(1e6 + size, 1.0 / size, float(size), 1e9)
            amend(expected, -1, 1e6 + size, 1.0 / size, 1e9)
            expected["close"][-1] = size
        else:
            index = size % len(series)
            series.widen(series.first_x + index, 1e6 + size, 1.0 / size, 1e9)
            amend(expected, index, 1e6 + size, 1.0 / size, 1e9)
    while series.make_room(1_500):
        pass
    assert not series.room_is_scarce
    assert np.array_equal(series.bars(), expected)
    plain = BarSeries(expected, MINUTE)
    for start in range(0, len(expected), 997):
        for stop in (start + 1, start + 2500, len(expected)):
            inside = (start, min(stop, len(expected)))
            for one, other in (
                (series.highs, plain.highs),
                (series.lows, plain.lows),
                (series.volumes, plain.volumes),
            ):
                assert one.between(*inside) == other.between(*inside)


def amend(bars, index, high, low, volume):
    bars["high"][index] = max(bars["high"][index], high)
    bars["low"][index] = min(bars["low"][index], low)
    bars["volume"][index] = max(bars["volume"][index], volume)


def test_more_bars_than_the_new_room_holds_may_come_while_it_is_made():
    history = walk(60_000)
    series = BarSeries(history[20_000:20_100], MINUTE)
    series.prepend(history[17_000:20_000])
    assert series.make_room(10), "there are more to copy"
    for bar in history[20_100:26_000]:
        series.append(Bar(*bar.tolist()))
    series.prepend(history[12_000:17_000])
    while series.make_room(1_000):
        pass
    assert np.array_equal(series.bars(), history[12_000:26_000])


def test_with_room_older_bars_are_no_copy_of_all():
    history = walk(100_000)
    series = BarSeries(history[50_000:], MINUTE)
    pages = range(50_000, 0, -2_500)
    for stop in pages:
        while series.make_room(5_000):
            pass
        place = series.time.ctypes.data
        series.prepend(history[stop - 2_500 : stop])
        assert series.time.ctypes.data == place - 2_500 * 8, "the bars were copied"
    assert np.array_equal(series.bars(), history)


def test_the_newest_bar_is_as_of_now_after_every_kind_of_change():
    series = BarSeries(walk(3), MINUTE)
    assert series.bar(2) == series[2]
    series.update_last(999.0, 1.0, 5.0, 77.0)
    assert series.bar(2) == series[2]
    assert series.bar(2).close == 5.0
    series.widen(2, 1000.0, 0.5, 78.0)
    assert series.bar(2).high == 1000.0
    series.append(series[2]._replace(time_ns=int(series.time[-1]) + MINUTE, close=6.0))
    assert series.bar(3).close == 6.0
    assert series.bar(2) == series[2]
    older = walk(3, start_ns=int(series.time[0]) - 3 * MINUTE)
    series.prepend(older)
    assert series.bar(3) == series[len(series) - 1]
