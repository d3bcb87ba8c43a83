"""What a bar holds, and bars that are put together: compared with plain loops."""

import math
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from ems.ticks import BAR_DTYPE, Quote, Trade, no_bars
from tests.ui.chart.recorded import market
from ui.chart import Chart
from ui.chart.bar_series import BarSeries
from ui.chart.joined_bars import joined_by_count, joined_by_time
from ui.chart.live_bars import LiveBars
from ui.chart.period import (
    HOUR,
    MINUTE,
    CalendarPeriod,
    FixedPeriod,
    TickPeriod,
    Unit,
    parse_period,
    period_of_ns,
)

SECOND = 10**9
ZONES = ("UTC", "America/New_York", "Europe/Berlin", "Asia/Kolkata", "Australia/Lord_Howe")
units = st.sampled_from(list(Unit))
zones = st.sampled_from(ZONES)
first_weekdays = st.sampled_from([0, 6])


def ns(moment: datetime) -> int:
    return int(moment.timestamp()) * SECOND


def first_day(day: date, unit: Unit, first_weekday: int) -> date:
    """The first day of the day, week or month, by the standard library alone."""
    if unit is Unit.DAY:
        return day
    if unit is Unit.MONTH:
        return day.replace(day=1)
    return day - timedelta(days=(day.weekday() - first_weekday) % 7)


def plain_start(time_ns: int, unit: Unit, zone: str, first_weekday: int) -> int:
    local = datetime.fromtimestamp(time_ns // SECOND, ZoneInfo(zone))
    day = first_day(local.date(), unit, first_weekday)
    return ns(datetime(day.year, day.month, day.day, tzinfo=ZoneInfo(zone)))


def random_bars(seed: int, count: int, most_apart_ns: int):
    dice = np.random.default_rng(seed)
    bars = np.empty(count, BAR_DTYPE)
    bars["time"] = 1_580_000_000 * SECOND + np.cumsum(dice.integers(0, most_apart_ns, count))
    for name in ("open", "close"):
        bars[name] = dice.integers(90, 110, count) / 4
    bars["high"] = np.maximum(bars["open"], bars["close"]) + dice.integers(0, 3, count)
    bars["low"] = np.minimum(bars["open"], bars["close"]) - dice.integers(0, 3, count)
    bars["volume"] = np.where(dice.random(count) < 0.2, np.nan, dice.integers(0, 50, count))
    return bars


def assert_same(found, expected):
    """As numpy's own, which takes no two NaNs of a structure for the same."""
    for name in BAR_DTYPE.names:
        np.testing.assert_array_equal(found[name], expected[name])


def plain_joined(groups):
    """Bars of groups of bars, in a plain loop."""
    joined = []
    for start, bars in groups:
        volumes = [float(bar["volume"]) for bar in bars if not math.isnan(bar["volume"])]
        joined.append(
            (
                start,
                bars[0]["open"],
                max(bar["high"] for bar in bars),
                min(bar["low"] for bar in bars),
                bars[-1]["close"],
                sum(volumes) if volumes else math.nan,
            )
        )
    return np.array(joined, BAR_DTYPE)


@given(units, zones, first_weekdays, st.integers(0, 10**6), st.integers(1, 300))
def test_calendar_bars_are_those_of_a_plain_loop(unit, zone, first_weekday, seed, count):
    bars = random_bars(seed, count, 3 * 24 * HOUR)
    groups: dict[int, list] = {}
    for bar in bars:
        start = plain_start(int(bar["time"]), unit, zone, first_weekday)
        groups.setdefault(start, []).append(bar)
    found = joined_by_time(bars, CalendarPeriod(unit, zone, first_weekday))
    assert_same(found, plain_joined(groups.items()))


@given(st.integers(0, 10**6), st.integers(1, 300), st.sampled_from([MINUTE, HOUR, 7 * SECOND]))
def test_bars_of_a_fixed_length_are_those_of_a_plain_loop(seed, count, length):
    bars = random_bars(seed, count, 2 * MINUTE)
    groups: dict[int, list] = {}
    for bar in bars:
        groups.setdefault(int(bar["time"]) // length * length, []).append(bar)
    found = joined_by_time(bars, FixedPeriod(length))
    assert_same(found, plain_joined(groups.items()))


@given(st.integers(0, 10**6), st.integers(0, 300), st.integers(1, 40), st.sampled_from([1, 2, 999]))
def test_bars_of_ticks_are_those_of_a_plain_loop(seed, count, ticks_a_bar, most_apart):
    ticks = random_bars(seed, count, most_apart)
    rest = list(ticks)[count % ticks_a_bar :]
    groups, before = [], -1
    for first in range(0, len(rest), ticks_a_bar):
        group = rest[first : first + ticks_a_bar]
        before = max(int(group[0]["time"]), before + 1)
        groups.append((before, group))
    found = joined_by_count(ticks, ticks_a_bar)
    expected = plain_joined(groups) if groups else no_bars()
    assert_same(found, expected)
    assert np.all(np.diff(found["time"]) > 0)


@given(units, zones, first_weekdays, st.integers(946_684_800, 1_893_456_000))
@example(Unit.DAY, "America/New_York", 0, ns(datetime(2024, 3, 10, 12, tzinfo=UTC)) // SECOND)
@example(Unit.DAY, "America/New_York", 0, ns(datetime(2024, 11, 3, 12, tzinfo=UTC)) // SECOND)
def test_a_moment_is_in_its_bar_and_the_next_bar_begins_where_it_ends(
    unit, zone, first_weekday, second
):
    period = CalendarPeriod(unit, zone, first_weekday)
    start = period.start_of(second * SECOND, 0)
    end = period.end_of(start)
    assert start <= second * SECOND < end
    assert start == plain_start(start, unit, zone, first_weekday)
    assert period.start_of(end, 0) == end
    assert period.start_of(end - 1, 0) == start


def test_a_day_of_new_york_has_23_or_25_hours_when_the_clock_changes():
    day = CalendarPeriod(Unit.DAY, "America/New_York")
    for moment, hours in ((datetime(2024, 3, 10, 12), 23), (datetime(2024, 11, 3, 12), 25)):
        start = day.start_of(ns(moment.replace(tzinfo=UTC)), 0)
        assert day.end_of(start) - start == hours * HOUR


@given(
    st.sampled_from([parse_period(text) for text in ("1s", "1m", "1d", "1w", "1M", "1t", "7t")]),
    st.lists(
        st.tuples(st.integers(0, 40 * 24 * HOUR), st.integers(1, 1000)), min_size=1, max_size=60
    ),
    st.lists(st.integers(1, 10), min_size=1),
)
def test_live_bars_are_the_bars_that_the_same_ticks_make_afterwards(period, steps, sizes):
    if isinstance(period, CalendarPeriod):
        period = period.in_zone("America/New_York", 6)
    time_ns, ticks = 1_600_000_000 * SECOND, []
    for step, price in steps:
        time_ns += step
        ticks.append(Trade(time_ns, price / 4, 1.0))
    series = BarSeries(no_bars(), period)
    live = LiveBars(series, "trade")
    rest, turn = ticks, 0
    while rest:
        count = sizes[turn % len(sizes)]
        live.add(rest[:count])
        rest, turn = rest[count:], turn + 1
    one_each = [(one.time_ns, one.price, one.price, one.price, one.price, 1.0) for one in ticks]
    units = np.array(one_each, BAR_DTYPE)
    if isinstance(period, TickPeriod):
        units = units[: len(units) // period.count * period.count]
        whole = joined_by_count(units, period.count)
        assert_same(series.bars()[: len(whole)], whole)
        assert len(series) - len(whole) == (len(ticks) % period.count > 0)
    else:
        assert_same(series.bars(), joined_by_time(units, period))
    assert series.faults.total == 0


def test_ticks_before_the_date_of_a_session_belong_to_its_bar():
    """A future's Monday begins on Sunday evening, and its bar is dated Monday."""
    zone = ZoneInfo("America/Chicago")
    friday, monday = (ns(datetime(2026, 11, day, tzinfo=zone)) for day in (20, 23))
    bars = np.array([(friday, 5, 6, 4, 5, 1), (monday, 5, 5, 5, 5, 1)], BAR_DTYPE)
    series = BarSeries(bars, CalendarPeriod(Unit.DAY, "America/Chicago"))
    sunday = ns(datetime(2026, 11, 22, 18, tzinfo=zone))
    LiveBars(series, "trade").add([Trade(sunday, 7.0, 2.0)])
    assert series.faults.total == 0
    assert len(series) == 2
    assert (series.bar(1).high, series.bar(1).close, series.bar(1).volume) == (7.0, 7.0, 3.0)


def test_a_day_that_begins_on_the_evening_before_has_the_date_of_its_day():
    """As the futures of Chicago: Monday from Sunday 17:00 on."""
    zone = ZoneInfo("America/Chicago")
    day = CalendarPeriod(Unit.DAY, "America/Chicago", 6, early_s=7 * 3600)
    week, month = (CalendarPeriod(unit, "America/Chicago", 6, 7 * 3600) for unit in list(Unit)[1:])
    monday = ns(datetime(2026, 11, 23, tzinfo=zone))
    for moment in (datetime(2026, 11, 22, 17), datetime(2026, 11, 23, 16, 59)):
        assert day.start_of(ns(moment.replace(tzinfo=zone)), 0) == monday
    assert day.end_of(monday) == ns(datetime(2026, 11, 23, 17, tzinfo=zone))
    friday_night = ns(datetime(2026, 11, 20, 16, tzinfo=zone))
    sunday_night = ns(datetime(2026, 11, 22, 17, tzinfo=zone))
    assert week.start_of(friday_night, 0) == ns(datetime(2026, 11, 15, tzinfo=zone))
    assert week.start_of(sunday_night, 0) == ns(datetime(2026, 11, 22, tzinfo=zone))
    assert month.start_of(ns(datetime(2026, 5, 31, 18, tzinfo=zone)), 0) == ns(
        datetime(2026, 6, 1, tzinfo=zone)
    )


def test_a_live_day_goes_over_into_the_next_in_the_evening():
    zone = ZoneInfo("America/Chicago")
    friday = ns(datetime(2026, 11, 20, tzinfo=zone))
    bars = np.array([(friday - 24 * HOUR, 5, 5, 5, 5, 1), (friday, 5, 6, 4, 5, 1)], BAR_DTYPE)
    period = CalendarPeriod(Unit.DAY, "America/Chicago", 6, early_s=7 * 3600)
    series = BarSeries(bars, period)
    live = LiveBars(series, "trade")
    before, after = (
        ns(datetime(2026, 11, 20, 16, tzinfo=zone)),
        ns(datetime(2026, 11, 22, 17, tzinfo=zone)),
    )
    live.add([Trade(before, 5.5, 1.0), Trade(after, 7.0, 1.0), Trade(after + 9 * HOUR, 8.0, 1.0)])
    assert series.bar(1).close == 5.5
    assert len(series) == 3
    assert series.bar(2).time_ns == ns(datetime(2026, 11, 23, tzinfo=zone))
    assert (series.bar(2).open, series.bar(2).close) == (7.0, 8.0)
    assert live.left(after + HOUR) == "23:00:00"
    assert series.faults.total == 0


def test_bars_of_bids_count_the_quotes_that_are_not_crossed():
    series = BarSeries(no_bars(), TickPeriod(2))
    live = LiveBars(series, "bid")
    live.add([Quote(at, 10.0 + at, 1.0 if at == 2 else 99.0) for at in range(5)])
    assert series.bars()["open"].tolist() == [10.0, 13.0]


def test_a_loaded_bar_of_ticks_is_whole_and_the_next_tick_begins_another():
    ticks = random_bars(1, 30, 999)
    series = BarSeries(joined_by_count(ticks, 10), TickPeriod(10))
    live = LiveBars(series, "trade")
    assert live.left(0) == "0 left"
    live.add([Trade(int(ticks["time"][-1]), 5.0, 1.0)])
    assert len(series) == 4
    assert live.left(0) == "9 left"


@pytest.mark.parametrize(
    ("text", "left"), [("1d", "13:00:00"), ("1w", "6d 13h"), ("1M", "26d 13h")]
)
def test_the_countdown_ends_with_the_calendar(text, left):
    """Saturday, 5 October 2024, 11:00 in New York, with weeks from Saturday on."""
    zone = ZoneInfo("America/New_York")
    now = ns(datetime(2024, 10, 5, 11, tzinfo=zone))
    period = parse_period(text).in_zone("America/New_York", 5)
    series = BarSeries(no_bars(), period)
    live = LiveBars(series, "trade")
    live.add([Trade(now, 5.0, 1.0)])
    assert live.left(now) == left


@given(st.integers(0, 10**6), st.floats(-3, 40))
def test_a_place_among_bars_of_ticks_is_a_moment_and_back(seed, x):
    ticks = random_bars(seed, 300, 10**9)
    series = BarSeries(joined_by_count(ticks, 10), TickPeriod(10))
    moment = series.time_of_x(x)
    assert series.x_of_time(moment) == pytest.approx(x, abs=0.51 if x > 28 else 0.02)


def test_the_chart_shows_months_and_ticks(qtbot):
    chart = Chart()
    qtbot.addWidget(chart)
    chart.resize(800, 400)
    chart.set_market(market(timezone="America/New_York"))
    for text in ("1M", "1W", "100t", "1t"):
        period = parse_period(text)
        bars = random_bars(3, 500, 30 * 24 * HOUR)
        made = (
            joined_by_count(bars, period.count)
            if isinstance(period, TickPeriod)
            else joined_by_time(bars, period)
        )
        chart.set_bars(made, period)
        assert chart.period.text == text
        assert not chart.grab().isNull()


def test_a_day_in_nanoseconds_means_one_of_the_calendar():
    assert period_of_ns(24 * HOUR) == CalendarPeriod(Unit.DAY)
    assert period_of_ns(7 * 24 * HOUR) == CalendarPeriod(Unit.WEEK)
    assert period_of_ns(90 * SECOND).text == "90s"
