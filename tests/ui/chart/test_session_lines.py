"""Lines where sessions begin: at the right bars, over the change of the clock, and seen."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import numpy as np
import pytest

from tests.ui.chart.recorded import MINUTE, recorded_bars, walk
from ui import theme
from ui.chart import Chart
from ui.chart.local_clock import DAY, SECOND

NEW_YORK = ZoneInfo("America/New_York")
FIVE_PM = 17 * 3600


def local(time_ns: int) -> datetime:
    return datetime.fromtimestamp(time_ns / SECOND, UTC).astimezone(NEW_YORK)


@pytest.fixture
def chart(qtbot) -> Chart:
    shown = Chart()
    qtbot.addWidget(shown)
    shown.resize(900, 500)
    shown.show()
    return shown


def test_each_overnight_session_begins_once(chart: Chart, market_data) -> None:
    chart.set_bars(recorded_bars(market_data, "bars_1m_EURUSD_2017H1.parquet"), MINUTE)
    chart.set_sessions("America/New_York", [FIVE_PM])
    series = chart.series
    places = chart._pane.sessions.places() - series.first_x
    days = {(local(int(t)).hour >= 17, local(int(t)).date()) for t in series.time[places]}
    assert len(days) == len(places)
    for place in places.tolist():
        before, first = local(int(series.time[place - 1])), local(int(series.time[place]))
        begin = first.replace(hour=17, minute=0, second=0)
        if first.hour >= 17:
            assert before < begin <= first
        else:  # the first bar after a pause comes later than 17:00
            assert (first - before).total_seconds() > 60
    crossed = np.diff((series.time - 0) // DAY)
    assert len(places) >= np.count_nonzero(crossed) * 0.8


def test_older_bars_and_other_bars_have_theirs(chart: Chart) -> None:
    start = int(datetime(2026, 11, 20, 14, tzinfo=UTC).timestamp()) * SECOND
    bars = walk(3 * 1440, start_ns=start)
    chart.set_bars(bars[1440:], MINUTE)
    chart.set_sessions("America/New_York", [FIVE_PM])
    sessions = chart._pane.sessions
    assert len(sessions.places()) == 2
    kept = sessions.places().tolist()
    chart.prepend_bars(bars[:1440])
    assert sessions.places().tolist()[1:] == kept
    chart.set_bars(bars[:1000], MINUTE)
    assert len(sessions.places()) == 1
    chart.set_sessions("UTC", [])
    assert len(sessions.places()) == 0


def test_bars_of_a_day_have_none(chart: Chart) -> None:
    bars = walk(50, start_ns=0)
    bars["time"] = np.arange(50) * DAY
    chart.set_bars(bars, DAY)
    chart.set_sessions("America/New_York", [FIVE_PM])
    assert len(chart._pane.sessions.places()) == 0


def test_they_are_seen_unless_they_are_a_hatching(chart: Chart) -> None:
    chart.set_bars(walk(1440 * 30, start_ns=0), MINUTE)
    chart.view.show_bars(1440 * 27, 1440 * 30)
    without = columns_of(chart)
    chart.set_sessions("UTC", [FIVE_PM])
    assert columns_of(chart) == without + 3
    chart.view.show_bars(0, 1440 * 30)
    chart.set_sessions("UTC", range(0, 86_400, 3600))
    assert columns_of(chart) == 0


def columns_of(chart: Chart) -> int:
    """Return how many columns of pixels have a line of a session in them."""
    chart.catch_up()
    image = chart.plot_item.getViewWidget().grab().toImage()
    wanted = theme.color(theme.SESSION).rgb()
    rows = range(60, image.height() - 60)
    seen = [x for x in range(image.width()) if sum(image.pixel(x, y) == wanted for y in rows) > 60]
    return len(seen)
