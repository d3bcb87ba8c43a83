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
