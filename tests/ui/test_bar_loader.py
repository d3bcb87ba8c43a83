"""Bars that a feed does not have, put together of what it has."""

from datetime import date, datetime
from zoneinfo import ZoneInfo

import numpy as np
import pytest

from ems.errors import BadHistory
from ems.ticks import BAR_DTYPE
from ems.trading_hours import Span, TradingHours
from tests.ui.chart.recorded import MINUTE, market, walk
from ui.bar_loader import BarLoader
from ui.chart.joined_bars import joined_by_count, joined_by_time
from ui.chart.period import HOUR, CalendarPeriod, FixedPeriod, Unit, parse_period

DAY = 24 * HOUR
NEW_YORK = ZoneInfo("America/New_York")


class Recording:
    """A feed with bars of one length; longer ones begin at whole multiples in UTC, as a venue's."""

    def __init__(self, bars, finest_ns, ticks=None):
        self._bars, self._finest_ns, self._ticks = bars, finest_ns, ticks
        self.asked = []

    def period_ns(self, fqsn):
        return self._finest_ns

    async def bars(self, fqsn, period_ns, *, end_ns=None, count=1000):
        self.asked.append((period_ns, count))
        bars = self._bars
        if end_ns is not None:
            bars = bars[bars["time"] < end_ns]
        if period_ns != self._finest_ns:
            bars = joined_by_time(bars, FixedPeriod(period_ns))
        return bars[-count:]

    def knows_ticks(self, fqsn):
        return self._ticks is not None

    async def ticks(self, fqsn, *, end_ns=None, count=1000):
        ticks = self._ticks if end_ns is None else self._ticks[self._ticks["time"] < end_ns]
        return ticks[-count:]


def hours_of_2024(hour_apart=1):
    bars = walk(8784 // hour_apart)
    start = int(datetime(2024, 1, 1, tzinfo=ZoneInfo("UTC")).timestamp()) * 10**9
    bars["time"] = start + np.arange(len(bars)) * hour_apart * HOUR
    return bars


def local(time_ns, zone=NEW_YORK):
    return datetime.fromtimestamp(int(time_ns) // 10**9, zone)


@pytest.mark.parametrize("unit", list(Unit))
async def test_days_of_the_market_are_made_of_hours_where_the_feeds_days_are_those_of_utc(unit):
    hours = hours_of_2024()
    loader = BarLoader(Recording(hours, HOUR), market(timezone="America/New_York"))
    loaded = await loader.bars(CalendarPeriod(unit), 5)
    assert 4 <= len(loaded.bars) <= 6
    for start in loaded.bars["time"]:
        assert (local(start).hour, local(start).minute) == (0, 0)
    assert loaded.period.zone == "America/New_York"
    inside = hours[hours["time"] >= loaded.bars["time"][0]]
    assert np.array_equal(loaded.bars, joined_by_time(inside, loaded.period))


async def test_older_bars_join_without_a_gap_or_a_bar_twice():
    loader = BarLoader(Recording(hours_of_2024(), HOUR), market(timezone="America/New_York"))
    newest = await loader.bars(CalendarPeriod(Unit.WEEK), 5)
    older = await loader.bars(newest.period, 5, int(newest.bars["time"][0]))
    both = np.concatenate([older.bars, newest.bars])
    assert np.all(np.diff(both["time"]) > 0)
    inside = hours_of_2024()
    inside = inside[inside["time"] >= both["time"][0]]
    assert np.array_equal(both, joined_by_time(inside, newest.period))


async def test_a_bar_that_the_data_has_only_the_end_of_is_left_out():
    days = hours_of_2024(24)[20:]  # from Sunday, 21 January on
    loader = BarLoader(Recording(days, DAY), market())
    months = await loader.bars(CalendarPeriod(Unit.MONTH), 30)
    assert [local(one, ZoneInfo("UTC")).month for one in months.bars["time"]] == list(range(2, 13))
    short = BarLoader(Recording(days[:20], DAY), market())
    assert len((await short.bars(CalendarPeriod(Unit.MONTH), 30)).bars) == 2


async def test_mere_dates_are_taken_as_they_are():
    days = hours_of_2024(24)
    feed = Recording(days, DAY)
    loader = BarLoader(feed, market(timezone="America/New_York"))
    loaded = await loader.bars(CalendarPeriod(Unit.DAY), 50)
    assert np.array_equal(loaded.bars, days[-50:])
    assert loaded.period.zone == "UTC"
    months = await loader.bars(CalendarPeriod(Unit.MONTH), 30)
    assert [local(one, ZoneInfo("UTC")).day for one in months.bars["time"]] == [1] * 12
    assert {period_ns for period_ns, _ in feed.asked} == {DAY}


async def test_a_venue_that_has_days_of_the_market_is_asked_for_these():
    starts = [datetime(2024, month, 3, tzinfo=NEW_YORK) for month in range(1, 13)]
    days = walk(12)
    days["time"] = [int(one.timestamp()) * 10**9 for one in starts]
    feed = Recording(days, DAY)
    loaded = await BarLoader(feed, market(timezone="America/New_York")).bars(
        CalendarPeriod(Unit.MONTH), 20
    )
    assert len(loaded.bars) == 12
    assert feed.asked == [(DAY, 620)]


@pytest.mark.parametrize(("around_the_clock", "weekday"), [(True, 0), (False, 6)])
async def test_where_nobody_trades_on_saturday_a_week_begins_on_sunday(around_the_clock, weekday):
    hours = hours_of_2024()
    if not around_the_clock:
        weekdays = np.array([local(one, ZoneInfo("UTC")).weekday() for one in hours["time"]])
        hours = hours[weekdays != 5]
    loader = BarLoader(Recording(hours, HOUR), market())
    loaded = await loader.bars(CalendarPeriod(Unit.WEEK), 8)
    assert {local(one, ZoneInfo("UTC")).weekday() for one in loaded.bars["time"]} == {weekday}
    older = await loader.bars(CalendarPeriod(Unit.WEEK), 1, int(loaded.bars["time"][0]))
    assert older.period == loaded.period


async def test_a_day_begins_when_the_market_opens_on_the_evening_before():
    chicago = ZoneInfo("America/Chicago")

    def at(day, hour):
        return int(datetime(2024, 7, day, hour, tzinfo=chicago).timestamp()) * 10**9

    spans = tuple(Span(at(day - 1, 17), at(day, 16)) for day in range(8, 13))
    days = tuple(date(2024, 7, day) for day in range(7, 14))
    hours = TradingHours(timezone="America/Chicago", days=days, trading=spans, regular=spans)
    feed = Recording(hours_of_2024(), HOUR)
    loader = BarLoader(feed, market(timezone="America/Chicago"), lambda: hours)
    loaded = await loader.bars(CalendarPeriod(Unit.DAY), 5)
    assert loaded.period.early_s == 7 * 3600
    inside = hours_of_2024()
    start, stop = loaded.bars["time"][1] - 7 * HOUR, loaded.bars["time"][2] - 7 * HOUR
    day = inside[(inside["time"] >= start) & (inside["time"] < stop)]
    assert loaded.bars["open"][1] == day["open"][0]
    assert loaded.bars["close"][1] == day["close"][-1]


def ticks_of(count):
    ticks = np.empty(count, BAR_DTYPE)
    ticks["time"] = 10**18 + np.arange(count) // 3 * 1000
    for name in ("open", "high", "low", "close"):
        ticks[name] = 100 + np.sin(np.arange(count))
    ticks["volume"] = 1.0
    return ticks


async def test_bars_of_ticks_are_made_of_the_last_ticks():
    ticks = ticks_of(1005)
    loader = BarLoader(Recording(walk(3), 1, ticks), market())
    loaded = await loader.bars(parse_period("10t"), 20)
    assert np.array_equal(loaded.bars, joined_by_count(ticks[-200:], 10))
    older = await loader.bars(loaded.period, 5, int(loaded.bars["time"][0]))
    assert len(older.bars) == 5
    assert older.bars["time"][-1] < loaded.bars["time"][0]


async def test_bars_shorter_than_any_the_feed_has_are_made_of_its_ticks():
    ticks = ticks_of(1005)
    loader = BarLoader(Recording(walk(3), MINUTE, ticks), market())
    period = FixedPeriod(10_000)
    assert loader.can(period)
    loaded = await loader.bars(period, 5)
    assert np.array_equal(loaded.bars, joined_by_time(ticks, period)[1:])


async def test_a_feed_without_ticks_has_no_such_bars_and_offers_none():
    loader = BarLoader(Recording(walk(3), MINUTE), market())
    assert not loader.can(parse_period("10t"))
    with pytest.raises(BadHistory, match="has no single ticks, only bars"):
        await loader.bars(parse_period("10t"), 5)


@pytest.mark.parametrize(
    ("finest", "can", "cannot"),
    [
        (1, ["1s", "1m", "1d", "1w", "1M"], []),
        (MINUTE, ["1m", "1h", "1d", "1w", "1M"], ["1s", "30s", "1t"]),
        (DAY, ["1d", "1w", "1M"], ["1h"]),
        (7 * DAY, ["1w", "1M"], ["1d"]),
    ],
)
def test_it_offers_what_the_data_adds_up_to(finest, can, cannot):
    loader = BarLoader(Recording(walk(3), finest), market())
    assert all(loader.can(parse_period(text)) for text in can)
    assert not any(loader.can(parse_period(text)) for text in cannot)
