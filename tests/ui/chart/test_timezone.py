"""Whose time the time axis and the crosshair show."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import numpy as np
import pyqtgraph as pg
import pytest
from PyQt6.QtCore import QByteArray, QEvent, Qt, QTimeZone

from tests.ui.chart.recorded import MINUTE, market, walk
from tests.ui.chart.test_chart import mouse
from ui.chart import Chart
from ui.chart.period import CalendarPeriod, Unit
from ui.chart.time_rank import Rank

HOUR = 60 * MINUTE


def ns(moment: datetime) -> int:
    return int(moment.timestamp()) * 10**9


@pytest.fixture
def chart(qtbot):
    made = Chart()
    qtbot.addWidget(made)
    made.resize(1000, 500)
    made.set_market(market(timezone="America/New_York"))
    with qtbot.waitExposed(made):
        made.show()
    return made


@pytest.mark.parametrize("zone", ["Europe/Berlin", "Australia/Lord_Howe", "Asia/Kolkata", "UTC"])
@pytest.mark.parametrize("day", [(2024, 3, 31), (2024, 10, 27), (2024, 4, 7), (2024, 7, 1)])
def test_labels_are_those_of_the_zone_also_when_its_clock_changes(chart, zone, day):
    bars = walk(96, start_ns=ns(datetime(*day, tzinfo=UTC)) - 36 * HOUR)
    bars["time"] = bars["time"][0] + np.arange(96) * HOUR
    chart.set_bars(bars, HOUR)
    chart.set_timezone(zone)
    chart.view.show_bars(0, 96)
    ticks = chart._pane.time_axis.ticks()
    assert len(ticks) > 4
    for tick in ticks:
        there = datetime.fromtimestamp(int(bars["time"][tick.x]) // 10**9, ZoneInfo(zone))
        if tick.rank is Rank.TIME:
            assert tick.text == f"{there:%H:%M}"
        elif tick.rank is Rank.DAY:
            assert tick.text == f"{there.day} {there:%b}"
            assert there.hour == 0 or tick.x == 0


def test_the_axis_and_the_crosshair_say_which_time_it_is(chart, monkeypatch):
    monkeypatch.setitem(pg.CONFIG_OPTIONS, "mouseRateLimit", -1)
    chart.set_bars(walk(300, start_ns=ns(datetime(2024, 7, 1, 14, tzinfo=UTC))), MINUTE)
    axis = chart._pane.time_axis
    before = chart.grab().toImage()
    for choice, name, hour in (
        ("exchange", "EDT", 10),
        ("Europe/Berlin", "CEST", 16),
        ("Asia/Dubai", "UTC+04", 18),
    ):
        chart.set_timezone(choice)
        chart.view.show_bars(-1, 59)
        mouse(chart, QEvent.Type.MouseMove, (500, 200), Qt.MouseButton.NoButton)
        assert axis.ticks()
        assert axis._source.zone == name
        assert f"2024  {hour}:" in axis._cursor[1]
        assert axis._cursor[1].endswith(name)
    corner = before.copy(before.width() - 60, before.height() - 26, 60, 26)
    after = chart.grab().toImage().copy(before.width() - 60, before.height() - 26, 60, 26)
    assert after != corner


def test_my_time_is_that_of_the_computer(chart, monkeypatch):
    monkeypatch.setattr(QTimeZone, "systemTimeZoneId", lambda: QByteArray(b"Asia/Tokyo"))
    chart.set_bars(walk(300, start_ns=ns(datetime(2024, 7, 1, 14, tzinfo=UTC))), MINUTE)
    chart.set_timezone("computer")
    chart.grab()
    assert chart._pane.time_axis._source.zone == "JST"
    assert chart.axes.timezone == "computer"


def test_days_keep_the_dates_of_the_exchange(chart):
    zone = ZoneInfo("America/New_York")
    days = walk(20)
    days["time"] = [ns(datetime(2024, 7, day, tzinfo=zone)) for day in range(1, 21)]
    chart.set_bars(days, CalendarPeriod(Unit.DAY, "America/New_York"))
    chart.set_timezone("America/Los_Angeles")
    chart.view.show_bars(0, 20)
    assert {"8 Jul", "15 Jul"} <= {tick.text for tick in chart._pane.time_axis.ticks()}
    assert chart._pane.time_axis._source.moment(int(days["time"][2])) == "Wed 3 Jul 2024"
    assert chart._pane.time_axis._source.zone == ""


def test_what_is_no_zone_is_refused_and_changes_nothing(chart):
    with pytest.raises(ValueError, match="'Moon/Crater' is no time zone"):
        chart.set_timezone("Moon/Crater")
    assert chart.axes.timezone == "exchange"
