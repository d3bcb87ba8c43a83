import pytest

from ui.chart.countdown import time_left

SECOND = 1_000_000_000
MINUTE, HOUR, DAY = 60 * SECOND, 3600 * SECOND, 86_400 * SECOND


@pytest.mark.parametrize(
    ("period", "passed", "text"),
    [
        (MINUTE, 0, "1:00"),
        (MINUTE, 18 * SECOND, "0:42"),
        (MINUTE, MINUTE - 1, "0:01"),
        (HOUR, SECOND, "59:59"),
        (4 * HOUR, HOUR, "3:00:00"),
        (7 * DAY, 3 * DAY + 20 * HOUR, "3d 04h"),
        (MINUTE, MINUTE, ""),
        (MINUTE, 5 * MINUTE, ""),
        (MINUTE, -SECOND, ""),
        (SECOND, 0, ""),
    ],
)
def test_the_time_left_of_a_bar(period, passed, text):
    assert time_left(1000, 1000 + period, 1000 + passed) == text
