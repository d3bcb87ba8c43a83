import pytest

from tests.ui.chart.recorded import MINUTE, market, walk
from ui.chart.bar_series import BarSeries
from ui.chart.measure import Point, duration_text, measured

SECOND = 1_000_000_000


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (45, "45s"),
        (60, "1m"),
        (95, "1m 35s"),
        (3900, "1h 05m"),
        (187_200, "2d 4h"),
        (-120, "2m"),
    ],
)
def test_a_length_of_time_is_short_to_read(seconds, text):
    assert duration_text(seconds * SECOND) == text


def test_change_percent_bars_and_time_between_two_points():
    series = BarSeries(walk(100), MINUTE)
    rise = measured(Point(10, 200.0), Point(22, 203.0), series, market())
    assert rise == "+3.00 (+1.50%) · 12 bars · 12m"
    fall = measured(Point(22, 203.0), Point(21, 200.0), series, market())
    assert fall == "-3.00 (-1.48%) · -1 bar · 1m"


def test_the_time_of_a_gap_counts_and_its_bars_do_not():
    bars = walk(20)
    bars["time"][10:] += 60 * MINUTE
    text = measured(Point(8, 100.0), Point(12, 100.0), BarSeries(bars, MINUTE), market())
    assert text == "+0.00 (+0.00%) · 4 bars · 1h 04m"
