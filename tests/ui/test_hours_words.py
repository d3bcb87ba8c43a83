"""What is said of a market's hours."""

import pytest

from tests.brokers.ib.test_hours import GLOBEX, REGULAR, WEEK, at, hours
from ui.hours_words import day_end_words, hours_words


@pytest.mark.parametrize(
    ("now", "words"),
    [
        ("23 03:00", "Market closed · opens 04:00 EST"),
        ("23 05:00", "Outside regular hours, which begin 09:30 EST"),
        ("23 12:00", ""),
        ("23 18:00", "Outside regular hours, which begin Tue 24 Nov 09:30 EST"),
        ("25 21:00", "Market closed · opens Fri 27 Nov 04:00 EST"),
        ("26 12:00", "Market closed, holiday · opens Fri 27 Nov 04:00 EST"),
        ("27 15:00", "Outside regular hours"),
        ("28 12:00", "Market closed"),
        ("30 12:00", ""),
    ],
)
def test_closed_or_outside_regular_hours(now: str, words: str) -> None:
    assert hours_words(hours(WEEK, REGULAR), at(now)) == words


def test_nothing_is_said_of_what_is_not_known() -> None:
    assert hours_words(None, 0) == day_end_words(None, 0) == ""


def test_the_end_of_an_order_for_the_day() -> None:
    shares, night = hours(WEEK, REGULAR), hours(GLOBEX, zone="America/Chicago")
    words = day_end_words(shares, at("23 18:00"))
    assert words == (
        "A day order made now ends Tue 24 Nov 16:00 EST; one that fills outside regular hours "
        "20:00 EST"
    )
    now = at("22 18:00", "America/Chicago")
    assert day_end_words(night, now) == "A day order made now ends Mon 23 Nov 16:00 CST"
    assert day_end_words(shares, at("30 12:00")) == ""
