import pytest

from tests.ui.chart.recorded import MINUTE, bars_of, walk
from ui.chart.bar_series import Bar, BarSeries
from ui.chart.framing import Framing


def grown(framing: Framing, count: int) -> None:
    series = framing.series
    for _ in range(count):
        series.append(Bar(int(series.time[-1]) + MINUTE, 100.0, 100.0, 100.0, 100.0, 1.0))


@pytest.fixture
def framing() -> Framing:
    return Framing(BarSeries(walk(300), MINUTE), 0.01)


def test_at_the_right_edge_the_view_goes_along_with_new_bars(framing):
    start_x, stop_x = framing.newest(100.0)
    framing.view_moved(start_x, stop_x)
    grown(framing, 3)
    assert framing.followed(start_x, stop_x) == (start_x + 3, stop_x + 3)


def test_away_from_the_right_edge_it_stays(framing):
    framing.view_moved(50.0, 150.0)
    grown(framing, 3)
    assert framing.followed(50.0, 150.0) is None


def test_room_to_the_right_is_used_before_the_view_moves(framing):
    framing.view_moved(240.0, 340.0)
    grown(framing, 30)
    assert framing.followed(240.0, 340.0) is None
    grown(framing, 10)
    assert framing.followed(240.0, 340.0) is not None


def test_nothing_moves_while_held_and_the_view_catches_up_after(framing):
    start_x, stop_x = framing.newest(100.0)
    framing.view_moved(start_x, stop_x)
    framing.hold("key")
    framing.hold("drag")
    grown(framing, 5)
    assert framing.followed(start_x, stop_x) is None
    assert framing.price_range(start_x, stop_x) is None
    framing.release("key")
    assert framing.held
    framing.release("drag")
    assert framing.followed(start_x, stop_x) == (start_x + 5, stop_x + 5)
    assert framing.price_range(start_x, stop_x) is not None


def test_a_hold_is_released_by_its_reason_once(framing):
    framing.hold("key")
    framing.hold("key")
    framing.release("other")
    assert framing.held
    framing.release("key")
    assert not framing.held


def test_bars_and_near_order_lines_are_inside_the_price_range(framing):
    low, high = framing.series.low_high(100, 200)
    near, far = high + (high - low) * 0.5, high + (high - low) * 50
    framing.extra_prices = [near, far]
    bottom, top = framing.price_range(100.0, 200.0)
    assert bottom < low < near < top < far


def test_a_flat_market_still_has_a_height():
    framing = Framing(BarSeries(bars_of(*[(5.0, 5.0, 5.0, 5.0, 0.0)] * 9), MINUTE), 0.5)
    bottom, top = framing.price_range(0, 9)
    assert top - bottom >= 4.0
    assert bottom < 5.0 < top


def test_the_view_never_loses_the_bars(framing):
    for start_x, stop_x in ((-1e6, -1e6 + 50), (1e6, 1e6 + 50), (-1e7, 1e7), (10.0, 10.001)):
        start, stop = framing.allowed(start_x, stop_x)
        assert framing.series.low_high(start, stop) is not None
        assert 4.0 <= stop - start <= 480.0


def test_newest_ends_and_oldest_begins_with_the_bars(framing):
    start_x, stop_x = framing.newest(80.0)
    assert stop_x - start_x == 80.0
    assert start_x < 299 < stop_x
    start_x, stop_x = framing.oldest(80.0)
    assert start_x < 0 < stop_x
