"""How fast IB's orders and their news are, with the real window, against a simulated TWS.

Run: ``.venv/bin/python -m bench.ib``. TWS is the simulator of the tests, on loopback, in a process
of its own. ``work`` is processor time of the thread of the window: what another program takes is
not in it.
"""

import asyncio
import itertools
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from decimal import Decimal
from pathlib import Path

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

import qasync
from PyQt6.QtCore import QEvent, QObject, QPoint, Qt, QTimer
from PyQt6.QtTest import QTest
from PyQt6.QtWidgets import QApplication, QWidget

from bench.ib_tws import FRAME_MS
from ems.arming_rules import NO_ARMING
from ems.risk_limits import NO_LIMITS
from tests.sims.tws import ACCOUNT
from ui.config import AccountSizing, Config
from ui.demo_hands import Hands
from ui.faults import Faults
from ui.program import Program, open_program
from ui.session import Session
from ui.state_folder import open_paths

FQSN = "qqq.nasdaq.ib"
LIVE_ORDERS = 500
CLICKS = 60
SECONDS = 12.0
LATE_MS = 2 * FRAME_MS
"""A frame that comes later than this after the one before is one that was left out."""


class TwsProcess:
    """The simulator, running beside this process."""

    def __init__(self, orders: int) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "bench.ib_tws", str(orders)],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
        )  # fmt: skip
        self.port = int(self._read())

    def begin(self, kind: str, seconds: float) -> None:
        """Let it tell of states for so long."""
        self._say(f"go {kind} {seconds}")

    def sent(self) -> int:
        """Return how many statuses it has sent, once it is done."""
        return int(self._read())

    def answered(self) -> float:
        """Return when it began to tell of its open orders."""
        self._say("when")
        return float(self._read())

    def stop(self) -> None:
        """End it."""
        assert self._process.stdin is not None
        self._process.stdin.close()
        self._process.wait()

    def _say(self, words: str) -> None:
        assert self._process.stdin is not None
        self._process.stdin.write(words + "\n")
        self._process.stdin.flush()

    def _read(self) -> str:
        assert self._process.stdout is not None
        return self._process.stdout.readline()


class Moments(QObject):
    """Notes when a widget gets events of a kind."""

    def __init__(self, widget: QWidget, kind: QEvent.Type) -> None:
        super().__init__()
        self.at: list[float] = []
        self.cpu: list[float] = []
        """Seconds of this thread's work, at the same moments."""
        self._kind = kind
        widget.installEventFilter(self)

    def eventFilter(self, watched: QObject | None, event: QEvent | None) -> bool:
        """Note when it came, and let it pass."""
        if event is not None and event.type() == self._kind:
            self.at.append(time.perf_counter())
            self.cpu.append(time.thread_time())
        return super().eventFilter(watched, event)


@asynccontextmanager
async def window(folder: Path, orders: int = 0) -> AsyncIterator[tuple[Program, TwsProcess]]:
    """Open the program at a TWS where so many orders live."""
    tws = TwsProcess(orders)
    options = {"port": tws.port, "client_id": 7, "accounts": {"main": ACCOUNT}}
    session = Session(
        config=Config(
            brokers={"ib": options},
            accounts={"ib.main": AccountSizing(limit=Decimal(10_000_000), slots=100)},
            risk=NO_LIMITS,
            arming=NO_ARMING,
        ),
        paths=open_paths(folder),
        fqsn=FQSN,
        account="ib.main",
        period="1m",
    )
    try:
        async with open_program(session, Faults()) as program:
            program.window.resize(1600, 900)
            yield program, tws
    finally:
        tws.stop()


async def reached(condition, seconds: float = 30.0) -> None:
    """Wait until the condition holds."""
    async with asyncio.timeout(seconds):
        while not condition():  # noqa: ASYNC110
            await asyncio.sleep(0.001)


async def click_to_socket(folder: Path) -> tuple[list[float], list[float]]:
    """Return the ms from each click to the bytes of its order on the socket, and the work in it."""
    times, work = [], []
    async with window(folder) as (program, _):
        connection = program.ems.venues.brokers["ib"]._link.client.conn
        send, left = connection.sendMsg, []

        def stamped(message) -> None:
            send(message)
            left.append((time.perf_counter(), time.thread_time()))

        connection.sendMsg = stamped
        viewport = program.page.chart.plot_item.getViewWidget().viewport()
        clicks, hands = Moments(viewport, QEvent.Type.MouseButtonPress), Hands(program.page)
        for number in range(CLICKS):
            left.clear()
            await hands.place("sd", 101.0 + number * 0.01)
            times.append((left[0][0] - clicks.at[-1]) * 1e3)
            work.append((left[0][1] - clicks.cpu[-1]) * 1e3)
            await asyncio.sleep(0.03)  # below what IB takes in a second: more would wait
    return sorted(times), sorted(work)


async def reload_to_chart(folder: Path) -> tuple[float, float]:
    """Return the seconds from the start and from IB's answer to the lines of all orders, painted.

    Those from the start are processor time of this thread.
    """
    began = time.thread_time()
    async with window(folder, LIVE_ORDERS) as (program, tws):
        lines = program.page.attachment.port.lines.lines
        paints = paints_of(program)
        await reached(lambda: len(lines) == LIVE_ORDERS)
        painted = len(paints.at)
        program.page.chart.plot_item.getViewWidget().viewport().update()
        await reached(lambda: len(paints.at) > painted)
        return time.thread_time() - began, time.perf_counter() - tws.answered()


async def frames_under_statuses(folder: Path, kind: str) -> dict[str, float]:
    """Return how the chart does while IB tells of its orders, and the price and the mouse move."""
    async with window(folder, LIVE_ORDERS) as (program, tws):
        lines = program.page.attachment.port.lines.lines
        await reached(lambda: len(lines) == LIVE_ORDERS)
        await asyncio.sleep(1.0)
        pointer, paints, heard = moving_pointer(program), paints_of(program), statuses_of(program)
        began, cpu = time.perf_counter(), time.process_time()
        tws.begin(kind, SECONDS)
        await asyncio.sleep(SECONDS)
        pointer.stop()
        in_time = len(heard)
        took, cpu = time.perf_counter() - began, time.process_time() - cpu
        gaps = sorted((b - a) * 1e3 for a, b in itertools.pairwise(paints.at))
        work = sorted((b - a) * 1e3 for a, b in itertools.pairwise(paints.cpu))
        return {
            "rate": tws.sent() / SECONDS,
            "heard": in_time / SECONDS,
            "frames": len(paints.at) / took,
            "median": statistics.median(gaps),
            "p99": gaps[int(len(gaps) * 0.99)],
            "late": sum(gap > LATE_MS for gap in gaps),
            "usual": statistics.median(work),
            "work": work[int(len(work) * 0.99)],
            "most": work[-1],
            "cpu": cpu / took * 100,
        }


def moving_pointer(program: Program) -> QTimer:
    """Move the mouse over the chart in each frame: what comes from TWS may be late, this not."""
    view = program.page.chart.plot_item.getViewWidget()
    steps = itertools.count()

    def move() -> None:
        step = next(steps) % 400
        QTest.mouseMove(view.viewport(), QPoint(300 + step, 150 + step // 2))

    timer = QTimer(view)
    timer.setTimerType(Qt.TimerType.PreciseTimer)
    timer.timeout.connect(move)
    timer.start(int(FRAME_MS))
    return timer


def statuses_of(program: Program) -> list[int]:
    """Note each status that is taken from now on."""
    book = program.ems.venues.brokers["ib"]._link.wire._orders
    take, heard = book.on_order_status, []

    def noted(order_id: int, *rest) -> None:
        heard.append(order_id)
        take(order_id, *rest)

    book.on_order_status = noted
    return heard


def paints_of(program: Program) -> Moments:
    """Note each paint of the chart from now on."""
    return Moments(program.page.chart.plot_item.getViewWidget().viewport(), QEvent.Type.Paint)


def row(what: str, measured: str, wanted: str = "") -> None:
    """Print one line of the table."""
    print(f"{what:<52} {measured:>12}   {wanted and f'wanted: {wanted}'}")


async def main() -> None:
    """Measure and print."""
    with tempfile.TemporaryDirectory() as name:
        folders = [Path(name) / part for part in ("click", "reload", "fills", "states")]
        clicks, work = await click_to_socket(folders[0])
        work_s, reloaded_s = await reload_to_chart(folders[1])
        fills = await frames_under_statuses(folders[2], "fills")
        states = await frames_under_statuses(folders[3], "states")
    row("click to the bytes of placeOrder, median", f"{statistics.median(clicks):.2f} ms", "< 1 ms")
    row("  95 of 100", f"{clicks[int(len(clicks) * 0.95)]:.2f} ms")
    row("  work in it, median", f"{statistics.median(work):.2f} ms")
    row(f"{LIVE_ORDERS} live orders, IB's answer to painted lines", f"{reloaded_s:.2f} s", "< 1 s")
    row("  work from the start of the program", f"{work_s:.2f} s")
    show_frames("a whole window, statuses that repeat the state", fills)
    show_frames("the same, each of them another state", states)


def show_frames(what: str, frames: dict[str, float]) -> None:
    """Print how the chart did."""
    row(what, f"{frames['rate']:.0f} a second")
    row("  of them taken in time", f"{frames['heard']:.0f} a second")
    row("  frames", f"{frames['frames']:.1f} a second")
    row("  from frame to frame, median", f"{frames['median']:.1f} ms")
    row("  99 of 100", f"{frames['p99']:.1f} ms")
    row(f"  frames later than {LATE_MS:.0f} ms", f"{frames['late']:.0f}", "none")
    row("  work from frame to frame, median", f"{frames['usual']:.1f} ms")
    row("  99 of 100", f"{frames['work']:.1f} ms", f"< {FRAME_MS:.0f} ms")
    row("  the most", f"{frames['most']:.1f} ms", f"< {LATE_MS:.0f} ms")
    row("  of one core", f"{frames['cpu']:.0f} %")


if __name__ == "__main__":
    app = QApplication(sys.argv)
    app.setQuitOnLastWindowClosed(False)
    with qasync.QEventLoop(app) as loop:
        loop.run_until_complete(main())
