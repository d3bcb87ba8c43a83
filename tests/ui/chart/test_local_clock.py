from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ui.chart.local_clock import SECOND, LocalClock

ZONES = ["America/New_York", "Europe/Moscow", "Africa/Casablanca", "Australia/Lord_Howe", "UTC"]


@given(
    st.sampled_from(ZONES),
    st.lists(st.integers(-(10**9), 4 * 10**9), min_size=1, max_size=20),
)
def test_wall_clock_times_are_those_of_zoneinfo(zone, seconds):
    clock = LocalClock(zone)
    local = clock.local(np.array(seconds, np.int64) * SECOND)
    for second, found in zip(seconds, local.tolist(), strict=True):
        there = datetime.fromtimestamp(second, ZoneInfo(zone)).replace(tzinfo=UTC)
        assert found == round(there.timestamp()) * SECOND


@given(st.sampled_from(ZONES), st.integers(0, 2 * 10**9))
def test_a_wall_clock_time_leads_back_to_a_moment_that_shows_it(zone, second):
    clock = LocalClock(zone)
    local = clock.local(np.array([second], np.int64) * SECOND)
    assert clock.local(clock.utc(local)).tolist() == local.tolist()


def test_the_abbreviation_changes_with_summer_time():
    clock = LocalClock("America/New_York")
    winter = int(datetime(2017, 3, 12, 6, 59, tzinfo=UTC).timestamp()) * SECOND
    assert clock.abbreviation(winter) == "EST"
    assert clock.abbreviation(winter + 60 * SECOND) == "EDT"


@pytest.mark.parametrize("zone", ["Mars/Olympus", "", "../etc"])
def test_an_unknown_zone_is_utc_and_says_so(zone):
    assert LocalClock(zone).zone == "UTC"
