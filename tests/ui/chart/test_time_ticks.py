import re
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import numpy as np
import pytest

from tests.ui.chart.recorded import MINUTE, START, bars_of, recorded_bars, walk
from ui.chart.bar_series import BarSeries
from ui.chart.local_clock import DAY, SECOND, LocalClock
from ui.chart.period import TickPeriod
from ui.chart.time_rank import Rank
from ui.chart.time_ticks import TimeTicks


def ns(*when: int) -> int:
    return int(datetime(*when, tzinfo=UTC).timestamp()) * SECOND


def shown(series, zone, start_x, stop_x, width=1600):
    ticks = TimeTicks(series, LocalClock(zone))
    found = ticks.in_view(start_x, stop_x, width / (stop_x - start_x))
    return [tick for tick in found if start_x <= tick.x <= stop_x]


def test_labels_are_right_on_both_sides_of_a_change_to_summer_time(market_data):
    series = BarSeries(recorded_bars(market_data, "bars_1m_EURUSD_2017H1.parquet"), MINUTE)
    for opening in (ns(2017, 3, 5, 22, 0), ns(2017, 3, 12, 21, 0)):
        monday = int(np.searchsorted(series.time, opening + 7 * 60 * MINUTE))
        ticks = shown(series, "America/New_York", monday - 420, monday + 600)
        for tick in ticks:
            seconds = int(series.time[tick.x]) // SECOND
            there = datetime.fromtimestamp(seconds, ZoneInfo("America/New_York"))
            assert tick.text == f"{there:%H:%M}" or tick.rank > Rank.TIME
        assert {"18:00", "20:00"} <= {tick.text for tick in ticks}
        days = {tick.x: tick.text for tick in ticks if tick.rank > Rank.TIME}
        assert days[monday] in ("6 Mar", "13 Mar")
        assert int(series.time[monday]) == opening + 7 * 60 * MINUTE


def test_the_crosshair_says_which_time_it_is():
    bars = walk(3, start_ns=ns(2017, 3, 14, 14, 30))
    ticks = TimeTicks(BarSeries(bars, MINUTE), LocalClock("America/New_York"))
    assert ticks.moment(int(bars["time"][0])) == "Tue 14 Mar 2017  10:30 EDT"


@pytest.mark.parametrize(
    ("period_ns", "bars_in_view", "expected"),
    [
        (SECOND, 60, {"00:00:10", "00:00:15"}),
        (MINUTE, 60, {"00:05", "00:10"}),
        (MINUTE, 1440, {"02:00", "04:00"}),
        (60 * MINUTE, 24 * 20, {"7 Jan", "8 Jan"}),
        (DAY, 250, {"Feb", "Mar", "Jun"}),
        (DAY, 365 * 12, {"2001", "2005"}),
        (DAY, 365 * 80, {"2005", "2010"}),
    ],
)
def test_labels_make_sense_from_seconds_to_decades(period_ns, bars_in_view, expected):
    bars = bars_of(*[(1.0, 1.0, 1.0, 1.0, 1.0)] * bars_in_view)
    bars["time"] = ns(2000, 1, 1) + np.arange(bars_in_view) * period_ns
    ticks = shown(BarSeries(bars, period_ns), "UTC", 0, bars_in_view)
    assert expected <= {tick.text for tick in ticks}
    assert 4 <= len(ticks) <= 30
    places = np.array([tick.x for tick in ticks]) * 1600 / bars_in_view
    assert np.all(np.diff(places) >= 40)


def test_closed_sessions_take_no_room_and_days_are_marked():
    bars = walk(3 * 300)
    for day in range(3):
        opening = ns(2024, 5, 1 + day, 14, 0)
        bars["time"][day * 300 : day * 300 + 300] = opening + np.arange(300) * MINUTE
    ticks = shown(BarSeries(bars, MINUTE), "UTC", 0, 900)
    days = {tick.text: tick.x for tick in ticks if tick.rank > Rank.TIME}
    assert days["2 May"] == 300
    assert days["3 May"] == 600


def test_round_times_are_preferred_where_minutes_are_missing():
    dice = np.random.default_rng(3)
    bars = walk(600, start_ns=ns(2024, 5, 1, 8, 0))
    kept = dice.random(600) < 0.6
    kept[::30] = True
    series = BarSeries(bars[kept], MINUTE)
    ticks = shown(series, "UTC", 0, len(series), width=1400)
    minutes = [int(tick.text[3:]) for tick in ticks if tick.rank is Rank.TIME]
    assert minutes
    assert all(minute % 5 == 0 for minute in minutes)


def test_hours_that_begin_at_half_past_still_get_labels():
    bars = walk(7 * 5)
    bars["time"] = [
        ns(2024, 5, 6 + day, 13, 30) + hour * 60 * MINUTE for day in range(5) for hour in range(7)
    ]
    ticks = shown(BarSeries(bars, 60 * MINUTE), "America/New_York", 0, 35)
    times = [tick.text for tick in ticks if tick.rank is Rank.TIME]
    assert len(times) >= 10
    assert all(text.endswith(":30") for text in times)


def test_dates_are_the_same_in_every_zone():
    bars = bars_of(*[(1.0, 1.0, 1.0, 1.0, 1.0)] * 10)
    bars["time"] = ns(2024, 5, 6) + np.arange(10) * DAY
    series = BarSeries(bars, DAY)
    ticks = TimeTicks(series, LocalClock("America/New_York"))
    assert ticks.moment(int(series.time[0])) == "Mon 6 May 2024"


def test_a_pan_keeps_the_labels():
    series = BarSeries(walk(20_000), MINUTE)
    ticks = TimeTicks(series, LocalClock("UTC"))
    seen: dict[int, str] = {}
    for start_x in range(5_000, 8_000, 50):
        for tick in ticks.in_view(start_x, start_x + 1000, 1.6):
            if start_x <= tick.x <= start_x + 1000:
                assert seen.setdefault(tick.x, tick.text) == tick.text
    gaps = np.diff(sorted(seen))
    assert gaps.min() * 1.6 >= 40, "a label came up between two others during a pan"


def test_an_empty_series_has_no_labels():
    series = BarSeries(walk(0), MINUTE)
    assert TimeTicks(series, LocalClock("UTC")).in_view(0, 100, 10.0) == []


def test_bars_of_ticks_are_labelled_with_round_times_down_to_milliseconds():
    times = START + np.cumsum(np.random.default_rng(2).integers(1, 3_000_000_000, 4000))
    bars = walk(4000)
    bars["time"] = times
    series = BarSeries(bars, TickPeriod(100))
    ticks = TimeTicks(series, LocalClock("UTC"))
    wide = [tick.text for tick in ticks.in_view(1000.0, 2000.0, 1.0)]
    assert 4 <= len(wide) <= 14
    assert all(re.fullmatch(r"\d\d:\d\d", text) for text in wide)
    near = [tick.text for tick in ticks.in_view(1000.0, 1010.0, 100.0)]
    assert near
    assert all(re.fullmatch(r"\d\d:\d\d(:\d\d)?", text) for text in near)
    milliseconds = walk(50)
    milliseconds["time"] = START + np.arange(50) * 1_000_000
    fast = TimeTicks(BarSeries(milliseconds, 1_000_000), LocalClock("UTC"))
    texts = [tick.text for tick in fast.in_view(0.0, 50.0, 20.0)]
    assert any(text.endswith(".010") for text in texts)
