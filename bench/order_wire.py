"""How long from a click to the request on the broker's wire: `python -m bench.order_wire`.

The real chart, order mode, EMS and journal, a venue that notes when it is sent to, and real
events of Qt. Half of the time is the journal, which has the order on disk before anything leaves.
"""

import argparse
import asyncio
import os
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from decimal import Decimal
from functools import partial
from pathlib import Path
from typing import Final

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

import pyqtgraph as pg
import qasync
from PyQt6.QtCore import QPoint, QPointF, Qt, QTimer
from PyQt6.QtTest import QTest
from PyQt6.QtWidgets import QApplication

from ems.arming_rules import NO_ARMING
from ems.embedded import open_ems
from ems.messages import BrokerRequest
from ems.risk_limits import NO_LIMITS
from order_mode.sizing import Sizing
from tests.sims.scripted_venue import FQSN, PushFeed, ScriptedVenue, backend
from ui.attach import Attachment, attach_order_mode

GATE_MS: Final = 2.0
_WARM_UP: Final = 20
_LINES: Final = 200


class _TimedVenue(ScriptedVenue):
    """Notes when each request reaches it."""

    def __init__(self) -> None:
        super().__init__()
        self.sent_at = 0.0

    def send(self, request: BrokerRequest) -> None:
        self.sent_at = time.perf_counter()
        super().send(request)


class _Trader:
    """A plot with order mode, and the hands on it."""

    def __init__(self, plot: pg.PlotWidget, venue: _TimedVenue) -> None:
        self._plot = plot
        self._venue = venue

    def point(self, price: float) -> QPoint:
        return self._plot.mapFromScene(self._plot.plotItem.vb.mapViewToScene(QPointF(10, price)))

    def hold(self) -> float:
        """Hold the keys of a live buy over the plot."""
        QTest.mouseMove(self._plot.viewport(), self.point(100))
        for key in ("s", "f"):
            QTest.keyPress(self._plot, key)
        return 0.0

    def click_ms(self, price: float) -> float:
        """Click with the keys held; return the time until the venue was sent to."""
        viewport = self._plot.viewport()
        QTest.mouseMove(viewport, self.point(price))
        start = time.perf_counter()
        QTest.mousePress(viewport, Qt.MouseButton.LeftButton, pos=self.point(price))
        taken = (self._venue.sent_at - start) * 1e3
        QTest.mouseRelease(viewport, Qt.MouseButton.LeftButton, pos=self.point(price))
        return taken

    def follow_ms(self, price: float) -> float:
        """Move the held line; return the time until it is painted there."""
        start = time.perf_counter()
        QTest.mouseMove(self._plot.viewport(), self.point(price))
        QApplication.processEvents()  # what has to be painted is painted
        return (time.perf_counter() - start) * 1e3


def _plot() -> pg.PlotWidget:
    plot = pg.PlotWidget()
    plot.setXRange(0, 20, padding=0)
    plot.setYRange(90, 110, padding=0)
    plot.resize(1600, 900)
    plot.show()
    plot.activateWindow()
    plot.setFocus()
    return plot


async def _outside(gesture: Callable[[], float]) -> float:
    """Make a gesture from Qt's loop, as a hand does, and not from within a task of ours."""
    made: asyncio.Future[float] = asyncio.get_running_loop().create_future()
    QTimer.singleShot(0, lambda: made.set_result(gesture()))
    return await made


async def _measure(count: int) -> dict[str, list[float]]:
    venue, feed = _TimedVenue(), PushFeed()
    with tempfile.TemporaryDirectory(prefix="ordermode-bench-") as folder:
        async with open_ems(
            backend(venue, feed),
            Path(folder) / "journal.sqlite",
            limits=NO_LIMITS,
            arming=NO_ARMING,
        ) as ems:
            plot = _plot()
            attachment: Attachment = attach_order_mode(
                plot.plotItem,
                ems,
                FQSN,
                account="scripted",
                sizing=Sizing(Decimal(1_000_000), "units", 1_000),
            )
            await attachment.ready
            trader = _Trader(plot, venue)
            await _outside(trader.hold)
            prices = [95 + (number % 100) / 10 for number in range(count + _WARM_UP)]
            clicks = [
                await _outside(partial(trader.click_ms, price))
                for price in prices[: _LINES + _WARM_UP]
            ]
            moves = [await _outside(partial(trader.follow_ms, price)) for price in prices]
            attachment.detach()
    return {"click to wire": clicks[_WARM_UP:], f"line follows, {_LINES} lines": moves[_WARM_UP:]}


def main() -> int:
    """Print the table; return 1 if a click takes longer than the gate."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=300, help="moves to measure")
    count = parser.parse_args().count
    app = QApplication(sys.argv[:1])
    with qasync.QEventLoop(app) as loop:
        figures = loop.run_until_complete(_measure(count))
    print(f"{'ms':28} {'median':>8} {'95 %':>8} {'most':>8}")
    for name, taken in figures.items():
        slow = statistics.quantiles(taken, n=20)[-1]
        print(f"{name:28} {statistics.median(taken):8.3f} {slow:8.3f} {max(taken):8.3f}")
    return int(statistics.median(figures["click to wire"]) > GATE_MS)


if __name__ == "__main__":
    sys.exit(main())
