import asyncio

import numpy as np
import pytest
from PyQt6.QtCore import Qt

from ems.errors import BadHistory
from ems.ticks import BAR_DTYPE, Trade
from tests.ui.chart.recorded import MINUTE, market, walk
from ui.bar_history import FIRST_BARS, BarHistory
from ui.bar_loader import BarLoader
from ui.chart import Chart
from ui.chart.period import FixedPeriod, parse_period
from ui.loading_sign import LoadingSign

HOUR = 60 * MINUTE
FQSN = "test.demo.replay"


class RecordedMinutes:
    """A feed with minute bars; longer ones are built from them, as a venue would."""

    def __init__(self, minutes):
        self.minutes = minutes
        self.asked = []
        self.gate = asyncio.Event()
        self.gate.set()

    def period_ns(self, fqsn):
        return MINUTE

    async def bars(self, fqsn, period_ns, *, end_ns=None, count=1000):
        self.asked.append((period_ns, end_ns, count))
        await self.gate.wait()
        if period_ns % MINUTE:
            raise BadHistory("the recording has minutes")
        bars = joined(self.minutes, period_ns) if len(self.minutes) else self.minutes
        if end_ns is not None:
            bars = bars[bars["time"] < end_ns]
        return bars[-count:]


def joined(minutes, period_ns):
    starts = minutes["time"] - minutes["time"] % period_ns
    times, first = np.unique(starts, return_index=True)
    last = np.append(first[1:], len(minutes)) - 1
    bars = np.empty(len(times), BAR_DTYPE)
    bars["time"], bars["open"], bars["close"] = (
        times,
        minutes["open"][first],
        minutes["close"][last],
    )
    bars["high"] = np.maximum.reduceat(minutes["high"], first)
    bars["low"] = np.minimum.reduceat(minutes["low"], first)
    bars["volume"] = np.add.reduceat(minutes["volume"], first)
    return bars


@pytest.fixture
def chart(qtbot):
    made = Chart()
    qtbot.addWidget(made)
    made.resize(800, 400)
    made.set_market(market())
    made.show()
    return made


@pytest.fixture
def feed():
    return RecordedMinutes(walk(20_000))


@pytest.fixture
def history(chart, feed):
    return history_of(chart, feed)


def history_of(chart, feed):
    return BarHistory(chart, BarLoader(feed, market(fqsn=FQSN)), FQSN, FixedPeriod(MINUTE))


def middle_ns(chart):
    return chart.time_of_x(sum(chart.view.viewRange()[0]) / 2)


async def test_another_period_keeps_the_moment_in_the_middle(chart, history):
    await history.load()
    chart.view.pan(-1000)
    before = middle_ns(chart)
    width = np.diff(chart.view.viewRange()[0])
    await history.change_period(FixedPeriod(5 * MINUTE))
    assert chart.period_ns == 5 * MINUTE
    assert middle_ns(chart) == pytest.approx(before, abs=MINUTE)
    assert np.diff(chart.view.viewRange()[0]) == pytest.approx(width)


async def test_back_to_a_shorter_period_the_middle_is_loaded_however_far_back(chart, history):
    await history.load()
    await history.change_period(FixedPeriod(HOUR))
    chart.view.pan(-200)
    before = middle_ns(chart)
    await history.change_period(FixedPeriod(MINUTE))
    assert middle_ns(chart) == pytest.approx(before, abs=HOUR)
    assert len(chart.series) > FIRST_BARS


async def test_at_the_right_edge_the_last_bar_stays_in_view_and_goes_on(chart, feed, history):
    await history.load()
    await history.change_period(FixedPeriod(HOUR))
    start, stop = chart.view.viewRange()[0]
    assert start < chart.series.last_x < stop
    last = chart.series.bar(chart.series.last_x)
    expected = joined(feed.minutes, HOUR)[-1]
    assert (last.open, last.close) == (expected["open"], expected["close"])
    chart.on_ticks([Trade(int(feed.minutes["time"][-1]), last.high + 1, 1.0)])
    grown = chart.series.bar(chart.series.last_x)
    assert (grown.time_ns, grown.open, grown.high) == (last.time_ns, last.open, last.high + 1)


async def test_a_period_that_the_feed_does_not_have_changes_nothing_and_says_why(
    chart, history, qtbot
):
    await history.load()
    bars, told, shown = chart.series.bars(), [], []
    history.failed.connect(told.append)
    history.period_changed.connect(shown.append)
    await history.change_period(FixedPeriod(MINUTE // 2))
    assert (chart.series.bars() == bars).all()
    assert chart.period_ns == MINUTE
    assert history.period == FixedPeriod(MINUTE)
    assert shown == [history.period]
    assert "30s" in told[0]
    assert "the recording has minutes" in told[0]


async def test_of_two_changes_at_once_the_later_one_counts(chart, feed, history):
    await history.load()
    feed.gate.clear()
    first = asyncio.create_task(history.change_period(FixedPeriod(HOUR)))
    second = asyncio.create_task(history.change_period(FixedPeriod(5 * MINUTE)))
    await asyncio.sleep(0)
    feed.gate.set()
    await asyncio.gather(first, second)
    assert chart.period == history.period == FixedPeriod(5 * MINUTE)


async def test_older_bars_of_a_period_that_was_left_are_not_put_in(chart, feed, history):
    await history.load()
    feed.gate.clear()
    older = asyncio.create_task(history.load_older())
    change = asyncio.create_task(history.change_period(FixedPeriod(HOUR)))
    await asyncio.sleep(0)
    feed.gate.set()
    await asyncio.wait([older, change])
    assert older.cancelled()  # nobody waits for them any more
    assert (chart.series.bars() == joined(feed.minutes, HOUR)).all()


async def test_older_bars_are_asked_for_once_at_a_time(chart, feed, history):
    await history.load()
    feed.gate.clear()
    first = asyncio.create_task(history.load_older())
    second = asyncio.create_task(history.load_older())
    await asyncio.sleep(0)
    feed.gate.set()
    await asyncio.gather(first, second)
    assert len(feed.asked) == 2
    assert len(chart.series) == 2 * FIRST_BARS


async def test_bars_that_take_long_are_told_of_and_others_are_not(history, feed, monkeypatch):
    monkeypatch.setattr("ui.bar_history._SLOW_S", 0.0)
    said = []
    history.slow.connect(said.append)
    await history.load()
    assert said == [], "they were there at once"
    feed.gate.clear()
    loading = asyncio.create_task(history.load_older())
    async with asyncio.timeout(5):
        while not said:
            await asyncio.sleep(0)
    assert said == [f"Loading older bars of {FQSN} ..."]
    feed.gate.set()
    await loading


async def test_missed_bars_are_filled_in_and_the_view_keeps_its_place(chart, feed, history):
    whole, feed.minutes = feed.minutes, feed.minutes[:-50]
    await history.load()
    await history.load_older()
    chart.view.pan(-4000)
    before = middle_ns(chart)
    feed.minutes = whole
    await history.refill()
    assert chart.series.bars()["time"][-1] == whole["time"][-1]
    assert middle_ns(chart) == before


async def test_a_chart_without_bars_gets_them_when_there_are_some(chart, feed, history):
    whole, feed.minutes = feed.minutes, feed.minutes[:0]
    await history.load()
    assert len(chart.series) == 0
    await history.refill()
    assert len(chart.series) == 0
    feed.minutes = whole
    await history.refill()
    assert len(chart.series) == FIRST_BARS
    start, stop = chart.view.viewRange()[0]
    assert start < chart.series.last_x < stop


class AwayAtTimes(RecordedMinutes):
    """A feed that is not there when it is asked for older bars, once."""

    away = True

    async def bars(self, fqsn, period_ns, *, end_ns=None, count=1000):
        if end_ns is not None and self.away:
            self.away = False
            raise BadHistory("the venue is away")
        return await super().bars(fqsn, period_ns, end_ns=end_ns, count=count)


async def test_older_bars_that_fail_are_told_of_and_asked_for_again(chart):
    history = history_of(chart, AwayAtTimes(walk(20_000)))
    await history.load()
    failed, loading = [], []
    history.failed.connect(failed.append)
    history.loading_older.connect(loading.append)
    wanted = []
    chart.older_wanted.connect(lambda: wanted.append(True))
    chart.view.show_bars(0, 400)
    assert len(wanted) == 1
    await history.load_older()
    assert failed == ["Older bars could not be loaded: the venue is away"]
    chart.view.pan(-1)
    assert len(wanted) == 2
    await history.load_older()
    assert len(chart.series) == FIRST_BARS + 3_000
    assert loading == [True, False, True, False]


async def test_older_bars_that_take_long_can_be_stopped_with_a_click(chart, feed, qtbot):
    sign = LoadingSign(chart.plot_item.getViewWidget())
    history = history_of(chart, feed)
    history.loading_older.connect(sign.set_loading)
    sign.stop_asked.connect(history.stop_older)
    await history.load()
    feed.gate.clear()
    loading = asyncio.ensure_future(history.load_older())
    await asyncio.sleep(0)
    qtbot.waitUntil(lambda: "stop" in sign.text(), timeout=10_000)
    assert not sign.testAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
    qtbot.mouseClick(sign, Qt.MouseButton.LeftButton)
    await asyncio.wait([loading])
    assert loading.cancelled()
    assert not sign.isVisible()
    feed.gate.set()
    await history.load_older()
    assert len(chart.series) == 2 * FIRST_BARS


async def test_a_sign_is_there_while_older_bars_are_on_their_way(chart, feed, qtbot):
    sign = LoadingSign(chart.plot_item.getViewWidget())
    history = history_of(chart, feed)
    history.loading_older.connect(sign.set_loading)
    await history.load()
    feed.gate.clear()
    task = asyncio.ensure_future(history.load_older())
    await asyncio.sleep(0)
    assert not sign.isVisible()  # what comes at once needs none
    qtbot.waitUntil(sign.isVisible, timeout=5000)
    first = sign.text()
    assert "Older bars" in first
    qtbot.waitUntil(lambda: sign.text() != first, timeout=5000)
    feed.gate.set()
    await task
    assert not sign.isVisible()


async def test_days_keep_the_moment_in_the_middle(chart, history):
    await history.load()
    chart.view.pan(-1000)
    before = middle_ns(chart)
    await history.change_period(parse_period("1d"))
    assert chart.period.text == "1D"
    assert middle_ns(chart) == pytest.approx(before, abs=HOUR)


class LastTicks(RecordedMinutes):
    """A feed that knows only the last ticks."""

    def knows_ticks(self, fqsn):
        return True

    async def ticks(self, fqsn, *, end_ns=None, count=1000):
        return self.minutes[-min(count, 200) :] if end_ns is None else self.minutes[:0]


async def test_what_the_chart_has_seen_stays_where_the_feed_knows_only_the_last_ticks(chart):
    every = walk(1000)
    feed = LastTicks(every[:500])
    history = history_of(chart, feed)
    history.period = parse_period("10t")
    await history.load()
    assert len(chart.series) == 20
    feed.minutes = every[:650]
    await history.refill()
    assert len(chart.series) == 20 + 15
    assert chart.series.time[0] == every["time"][300]
    assert chart.series.faults.total == 0
