"""IB's trading hours: read from every form it has, through holidays, nights and summer time."""

from datetime import date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from ib_async import ContractDetails

from brokers.ib.hours import trading_hours
from ems.ports import TellsHours
from ems.trading_hours import TradingHours
from tests.brokers.ib.session import FQSN, open_bench, until
from tests.sims.tws import Tws
from tests.sims.tws_layout import SimContract

NEW_YORK, CHICAGO = "America/New_York", "America/Chicago"
WEEK = (
    "20261123:0400-20261123:2000;20261124:0400-20261124:2000;20261125:0400-20261125:2000;"
    "20261126:CLOSED;20261127:0400-20261127:1700;20261128:CLOSED;20261129:CLOSED"
)
REGULAR = (
    "20261123:0930-20261123:1600;20261124:0930-20261124:1600;20261125:0930-20261125:1600;"
    "20261126:CLOSED;20261127:0930-20261127:1300;20261128:CLOSED;20261129:CLOSED"
)
"""The week of Thanksgiving, with its half day."""
GLOBEX = (
    "20261122:1700-20261123:1600;20261123:1700-20261124:1600;20261124:1700-20261125:1600;"
    "20261126:CLOSED"
)


def hours(trading: str, regular: str = "", zone: str = NEW_YORK) -> TradingHours:
    found = trading_hours(ContractDetails(tradingHours=trading, liquidHours=regular), zone)
    assert found is not None
    return found


def at(text: str, zone: str = NEW_YORK) -> int:
    """Return a local time as UTC ns: ``23 15:59``, of November 2026 if no month is said."""
    form = "%Y-%m-%d %H:%M" if text.count("-") == 2 else "%d %H:%M"
    when = datetime.strptime(text, form)
    if form == "%d %H:%M":
        when = when.replace(year=2026, month=11)
    return round(when.replace(tzinfo=ZoneInfo(zone)).timestamp()) * 10**9


@pytest.mark.parametrize(
    ("when", "phase"),
    [
        ("23 03:59", "closed"), ("23 04:00", "extended"), ("23 09:29", "extended"),
        ("23 09:30", "regular"), ("23 15:59", "regular"), ("23 16:00", "extended"),
        ("23 20:00", "closed"), ("26 12:00", "closed"), ("27 12:59", "regular"),
        ("27 13:00", "extended"), ("27 17:00", "closed"), ("28 12:00", "closed"),
        ("30 10:00", None), ("22 10:00", None),
    ],
)  # fmt: skip
def test_what_holds_when(when: str, phase: str | None) -> None:
    assert hours(WEEK, REGULAR).phase(at(when)) == phase


def test_it_opens_after_a_holiday() -> None:
    found = hours(WEEK, REGULAR)
    assert found.opens_ns(at("25 21:00")) == at("27 04:00")
    assert found.opens_ns(at("25 21:00"), regular=True) == at("27 09:30")
    assert found.opens_ns(at("28 12:00")) is None
    assert [found.is_holiday(at(f"{day} 12:00")) for day in (25, 26, 27, 28)] == [
        False, True, False, False,
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("made", "regular", "ends"),
    [
        ("23 10:00", True, "23 16:00"), ("23 10:00", False, "23 20:00"),
        ("23 17:00", True, "24 16:00"), ("25 21:00", True, "27 13:00"),
        ("25 21:00", False, "27 17:00"), ("29 12:00", True, None), ("30 12:00", True, None),
    ],
)  # fmt: skip
def test_when_an_order_for_the_day_is_over(made: str, regular: bool, ends: str | None) -> None:
    expected = None if ends is None else at(ends)
    assert hours(WEEK, REGULAR).day_ends_ns(at(made), regular=regular) == expected


def test_an_overnight_session_is_one_day() -> None:
    found = hours(GLOBEX, zone=CHICAGO)
    assert found.phase(at("22 23:00", CHICAGO)) == "regular"
    assert found.day_ends_ns(at("22 18:00", CHICAGO)) == at("23 16:00", CHICAGO)
    assert found.day_ends_ns(at("23 16:30", CHICAGO)) == at("24 16:00", CHICAGO)
    assert found.opens_ns(at("23 16:30", CHICAGO)) == at("23 17:00", CHICAGO)
    assert found.day_starts_s == 17 * 3600
    assert found.regular_s is None


def test_a_pause_at_noon_belongs_to_the_day() -> None:
    found = hours(
        "20261123:0930-20261123:1200,20261123:1300-20261123:1600;20261124:0930-20261124:1200;"
        "20261124:1300-20261124:1600",
        zone="Asia/Hong_Kong",
    )
    assert found.phase(at("23 12:30", "Asia/Hong_Kong")) == "closed"
    for day in ("23", "24"):
        made = at(f"{day} 10:00", "Asia/Hong_Kong")
        assert found.day_ends_ns(made) == at(f"{day} 16:00", "Asia/Hong_Kong")
    assert found.day_starts_s == 9 * 3600 + 1800


def test_the_form_of_older_versions() -> None:
    found = hours("20130114:1700-1515,1530-1615;20130115:1700-1515,1530-1615", zone=CHICAGO)
    opened = at("2013-01-13 17:00", CHICAGO)
    assert found.trading[0].start_ns == opened
    assert found.phase(at("2013-01-14 15:20", CHICAGO)) == "closed"
    assert found.day_ends_ns(opened) == at("2013-01-14 16:15", CHICAGO)
    assert found.day_starts_s == 17 * 3600


def test_a_day_round_the_clock() -> None:
    found = hours("20261123:0000-20261123:2400;20261124:0000-20261125:0000", zone="UTC")
    assert found.phase(at("23 23:59", "UTC")) == "regular"
    assert found.day_ends_ns(at("24 12:00", "UTC")) == at("25 00:00", "UTC")


def test_the_clock_is_put_back_in_the_night_between() -> None:
    """New York, 1 November 2026: the session that begins on Sunday is an hour later in UTC."""
    found = hours("20261030:0930-20261030:1600;20261102:0930-20261102:1600")
    first, second = found.trading
    assert (second.start_ns - first.start_ns) // 10**9 == 3 * 86_400 + 3600
    assert found.day_starts_s == 9 * 3600 + 1800


def test_a_session_over_the_change_of_the_clock() -> None:
    found = hours("20260307:1700-20260308:1600", zone=CHICAGO)
    assert (found.trading[0].end_ns - found.trading[0].start_ns) // 10**9 == 22 * 3600


@pytest.mark.parametrize(
    "text",
    [
        "nonsense", "20261123", "20261123:", "20261123:0400", "20261123:0400-2500",
        "20261123:04:00-20:00", "20261399:CLOSED", "20261123:0400-20261223:2000",
        "20261123:0400-1000,0900-1200", "20261123:-", "20261123:0400-20261122:2000", "",
        "00010101:1700-1515", "00010101:CLOSED", "99991231:0000-2400",
    ],
)  # fmt: skip
def test_what_cannot_be_read_is_unknown(text: str) -> None:
    details = ContractDetails(tradingHours=text, liquidHours=text)
    assert trading_hours(details, NEW_YORK) is None


@given(st.text(alphabet="0123456789:-;,CLOSED", max_size=60))
def test_no_text_does_harm(text: str) -> None:
    found = trading_hours(ContractDetails(tradingHours=text, liquidHours=text), NEW_YORK)
    if found is not None:
        found.phase(at("23 12:00"))
        found.day_ends_ns(at("23 12:00"))
        assert found.is_holiday(at("23 12:00")) in (True, False)


def test_days_that_are_closed_are_known() -> None:
    assert hours("20261126:CLOSED").days == (date(2026, 11, 26),)
    assert hours("20261126:CLOSED").day_starts_s is None


async def test_the_feed_tells_and_asks_again_at_each_connect(tws: Tws, tmp_path: Path) -> None:
    tws.contracts = [SimContract(trading_hours=WEEK, liquid_hours=REGULAR)]
    async with open_bench(tmp_path, tws) as bench:
        feed = bench.backend.feed
        assert isinstance(feed, TellsHours)
        assert bench.ems.hub.hours(FQSN) == hours(WEEK, REGULAR, "US/Eastern")
        assert feed.hours("nobody.nasdaq.ib") is None
        tws.contracts = [SimContract(trading_hours=GLOBEX, zone="CST")]
        tws.cut()
        await bench.until_down()
        await bench.until_up()
        await until(lambda: feed.hours(FQSN).timezone == CHICAGO, "the new hours")  # type: ignore[union-attr]
    await tws.stop()
    async with open_bench(tmp_path, tws) as bench:  # what was told last is kept
        kept = bench.ems.hub.hours(FQSN)
        assert kept is not None
        assert kept.timezone == CHICAGO


async def test_an_order_that_is_held_for_the_day_ends_with_the_trading_day(
    tws: Tws, tmp_path: Path
) -> None:
    now = datetime.now(ZoneInfo(NEW_YORK))
    day = f"{now:%Y%m%d}"
    tws.contracts = [SimContract(trading_hours=f"{day}:0000-{day}:2359")]
    async with open_bench(tmp_path, tws) as bench:
        order = bench.submit(exec_mode="dark", tif="day")
        await bench.until_resp(order.oid, "dark_open")
        dialog = bench.ems.index.by_oid(order.oid)
        assert dialog is not None
        end = now.replace(hour=23, minute=59, second=0, microsecond=0)
        assert dialog.ends_ns == round(end.timestamp()) * 10**9
