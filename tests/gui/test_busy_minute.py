"""A minute of 10,000 ticks a second on the page of a market while a trader places orders."""

import os
import sys
import time
from collections.abc import Iterator
from contextlib import AsyncExitStack
from pathlib import Path

import numpy as np
import pytest
from PyQt6.QtCore import QEvent, QObject, QPoint, QPointF, Qt, QTimer
from PyQt6.QtGui import QMouseEvent
from PyQt6.QtTest import QTest
from PyQt6.QtWidgets import QApplication

from brokers.paper import open_backend as open_paper
from ems.embedded import open_ems
from ems.ports import Backend
from ems.risk_limits import NO_LIMITS
from ems.ticks import Bars, Quote, Trade
from order_mode.keymap import Keymap
from order_mode.sizing import DEFAULT_SIZING
from tests.gui.conftest import TIMEOUT_MS, Loop
from tests.sims.scripted_venue import FQSN, MARKET, PushFeed
from tests.ui.chart.recorded import MINUTE, walk
from ui.chart.period import FixedPeriod
from ui.market_page import MarketPage

SECONDS = float(os.environ.get("ORDERMODE_BUSY_SECONDS", "60"))
TICKS_A_SECOND = 10_000
ROOM_MB = 12.0
"""Memory may be so much more at the end than after a third of the time: the tables grow."""
NONE, LEFT = Qt.MouseButton.NoButton, Qt.MouseButton.LeftButton
PLAIN = Qt.KeyboardModifier.NoModifier


class BusyFeed(PushFeed):
    """A feed with minute bars up to now, which pushes what is due since the last time."""

    def __init__(self) -> None:
        super().__init__()
        now_ns = time.time_ns() // MINUTE * MINUTE
        self._bars = walk(100_000, start_ns=now_ns - 99_999 * MINUTE)
        self._start = 0.0
        self.sent = 0

    def period_ns(self, fqsn: str) -> int:
        return MINUTE

    async def bars(
        self, fqsn: str, period_ns: int, *, end_ns: int | None = None, count: int = 1000
    ) -> Bars:
        stop = len(self._bars)
        if end_ns is not None:
            stop = int(np.searchsorted(self._bars["time"], end_ns))
        return self._bars[max(stop - count, 0) : stop]

    def push_due(self) -> None:
        """Push as many ticks as the clock asks for: a tenth of them quotes."""
        now = time.perf_counter()
        self._start = self._start or now
        due = int((now - self._start) * TICKS_A_SECOND) - self.sent
        middle, now_ns = float(self._bars["close"][-1]), time.time_ns()
        ticks = []
        for number in range(self.sent, self.sent + due):
            price = middle + (number * 7 % 41 - 20) / 100
            if number % 10:
                ticks.append(Trade(now_ns, round(price, 2), 1.0))
            else:
                bid, ask = round(price - 0.01, 2), round(price + 0.01, 2)
                ticks.append(Quote(now_ns, bid, ask, 5.0, 5.0))
        self.sent += due
        if ticks:
            self.push(*ticks)


class Watch(QObject):
    """Counts the paints of the chart, and how long after an input the next one comes."""

    def __init__(self, viewport) -> None:
        super().__init__(viewport)
        self.paints = 0
        self.answers_ms: list[float] = []
        self.asked_at: float | None = None
        viewport.installEventFilter(self)

    def ask(self) -> None:
        """Begin to wait for the paint that answers an input."""
        if self.asked_at is None:
            self.asked_at = time.perf_counter()

    def eventFilter(self, watched, event) -> bool:
        if event.type() == QEvent.Type.Paint:
            self.paints += 1
            if self.asked_at is not None:
                self.answers_ms.append((time.perf_counter() - self.asked_at) * 1000)
                self.asked_at = None
        return False


class Trader:
    """Moves the mouse without rest; places an order, and cancels it the next time."""

    def __init__(self, page: MarketPage, watch: Watch) -> None:
        self.page = page
        self.watch = watch
        self.view = page.chart.plot_item.getViewWidget()
        self.placed = 0
        self.cancelled = 0
        self._moves = 0

    @property
    def mode(self):
        assert self.page.order_mode is not None
        return self.page.order_mode

    def point(self, price: float) -> QPoint:
        box = self.page.chart.view
        (left, right), _ = box.viewRange()
        scene = box.mapViewToScene(QPointF(left + (right - left) * 0.4, price))
        return self.view.mapFromScene(scene)

    def move(self) -> None:
        """Let the mouse move as the window system would: the event waits its turn."""
        viewport = self.view.viewport()
        self._moves += 1
        at = QPointF(viewport.width() * 0.3 + self._moves % 97, viewport.height() * 0.4)
        event = QMouseEvent(QEvent.Type.MouseMove, at, viewport.mapToGlobal(at), NONE, NONE, PLAIN)
        self.watch.ask()
        QApplication.postEvent(viewport, event)

    def act(self) -> None:
        """Place an order, or cancel the one that is there."""
        orders = list(self.mode.dialogs)
        if orders:
            self.mode.cancel(orders[0])
            self.cancelled += 1
            return
        low, _ = self.page.chart.view.viewRange()[1]
        price = self.page.last_price - (self.page.last_price - low) / 2
        self.page.window().activateWindow()
        self.view.setFocus()
        QTest.mouseMove(self.view.viewport(), self.point(price))
        for key in "fs":
            QTest.keyPress(self.view, key)
        QTest.mouseClick(self.view.viewport(), LEFT, pos=self.point(price))
        for key in "sf":
            QTest.keyRelease(self.view, key)
        self.placed += 1


def memory_mb() -> float:
    """Memory that this process really has."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 2**20


def started(parent: QObject, interval_ms: int, slot) -> QTimer:
    timer = QTimer(parent)
    timer.setTimerType(Qt.TimerType.PreciseTimer)
    timer.setInterval(interval_ms)
    timer.timeout.connect(slot)
    timer.start()
    return timer


def frames_a_second(watch: Watch, qtbot, seconds: float) -> float:
    """Let so many seconds pass; return how many paints a second there were."""
    paints, start = watch.paints, time.perf_counter()
    qtbot.wait(int(seconds * 1000))
    return (watch.paints - paints) / (time.perf_counter() - start)


@pytest.fixture
def busy(loop: Loop, qtbot, tmp_path: Path) -> Iterator[tuple[MarketPage, BusyFeed]]:
    stack, feed = AsyncExitStack(), BusyFeed()
    backends = {
        "scripted": Backend(name="scripted", feed=feed),
        "paper": open_paper({}, tmp_path),
    }

    async def opened() -> MarketPage:
        ems = await stack.enter_async_context(
            open_ems(backends, tmp_path / "journal.db", limits=NO_LIMITS)
        )
        await ems.hub.market(FQSN)
        period = FixedPeriod(MINUTE)
        page = MarketPage(ems, MARKET, period, "paper", lambda account: DEFAULT_SIZING, Keymap())
        page.resize(1600, 900)
        page.show()
        await page.load()
        return page

    def run(work):
        task = loop.loop.create_task(work)
        qtbot.waitUntil(task.done, timeout=TIMEOUT_MS * 3)
        return task.result()

    page = run(opened())
    yield page, feed
    run(page.close_page())
    page.close()
    run(stack.aclose())


@pytest.mark.nightly
@pytest.mark.timeout(600)
@pytest.mark.skipif(not Path("/proc/self/statm").exists(), reason="reads memory from /proc")
def test_a_busy_minute_has_60_frames_a_second_and_answers_at_once(busy, qtbot, capsys) -> None:
    page, feed = busy
    watch = Watch(page.chart.plot_item.getViewWidget().viewport())
    trader = Trader(page, watch)
    timers = [started(page, 4, feed.push_due)]
    qtbot.wait(2000)
    alone = frames_a_second(watch, qtbot, SECONDS / 6)
    timers += [started(page, 37, trader.move), started(page, 500, trader.act)]
    watch.answers_ms.clear()
    sent, start = feed.sent, time.perf_counter()
    frames_a_second(watch, qtbot, SECONDS / 6)
    early = memory_mb()
    frames = frames_a_second(watch, qtbot, SECONDS * 2 / 3)
    grown, rate = memory_mb() - early, (feed.sent - sent) / (time.perf_counter() - start)
    for timer in timers:
        timer.stop()
    middle, late = np.percentile(watch.answers_ms, (50, 99))
    with capsys.disabled():  # the figures are worth reading even when all is well
        sys.stdout.write(
            f"\n{rate:,.0f} ticks/s: {alone:.1f} frames/s, {frames:.1f} with a hand; "
            f"input answered in {middle:.1f} ms, 99% in {late:.1f} ms; "
            f"{trader.placed} orders placed; {grown:+.1f} MB\n"
        )
    assert trader.placed > SECONDS / 3
    assert trader.cancelled > SECONDS / 3
    assert rate == pytest.approx(TICKS_A_SECOND, rel=0.05)
    assert alone > 55
    assert frames > 55
    assert middle < 20
    assert late < 50
    assert grown < ROOM_MB
