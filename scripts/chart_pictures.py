"""The pictures of docs/chart.md: panes, drawings, tiles, both themes."""

from functools import partial

import pyqtgraph as pg
from picture_sitting import Sitting
from PyQt6.QtCore import QPoint, Qt
from PyQt6.QtTest import QTest
from PyQt6.QtWidgets import QToolButton

from ui import theme
from ui.app import DEMO_MARKET
from ui.chart import Macd, Rsi, Sma, Volume
from ui.chart.drawing import DrawingKind
from ui.indicator_dialog import IndicatorDialog
from ui.layout import ChartLayout, IndicatorLayout

_SIZE = (1240, 860)
_FIVE_MINUTES = 300_000_000_000


class Panes(Sitting):
    """Indicators over and below the bars, and their dialog."""

    async def run(self) -> None:
        """Take the pictures."""
        await self.begin(_SIZE)
        for formula in (Sma(20), Volume(20), Rsi(14), Macd(12, 26, 9)):
            self.page.chart.add_indicator(formula)
        await self.hands.rest(self.price(2))
        self.save("chart-panes")
        button = self.page.findChild(QToolButton, "indicators")
        assert button is not None
        await self.hands.do(partial(QTest.mouseClick, button, Qt.MouseButton.LeftButton))
        dialog = self.page.findChild(IndicatorDialog)
        self.write("chart-indicators", dialog.grab())
        await self.hands.do(dialog.reject)


class Drawn(Sitting):
    """A level, a trend line and a rectangle beside orders, in the light theme."""

    async def run(self) -> None:
        """Take the picture."""
        theme.use("light")
        pg.setConfigOption("mouseRateLimit", -1)  # or it leaves out fast moves
        await self.begin(_SIZE)
        await self.hands.place("fs", self.price(-2.5))
        await self._drag(DrawingKind.RECTANGLE, (0.12, 0.28), (0.34, 0.44))
        await self._drag(DrawingKind.TREND, (0.36, 0.22), (0.8, 0.6))
        await self._drag(DrawingKind.LEVEL, (0.3, 0.7), (0.31, 0.7))
        await self.hands.rest(self.price(3))
        self.save("chart-drawings")
        theme.use("dark")

    async def _drag(
        self, kind: DrawingKind, begin: tuple[float, float], end: tuple[float, float]
    ) -> None:
        """Draw with the left button; the points are parts of the pane."""
        self.page.chart.drawing_hand.take_tool(kind)
        viewport, left = self.view.viewport(), Qt.MouseButton.LeftButton
        width, height = self.page.chart.view.width(), self.page.chart.view.height()
        start, stop = (QPoint(round(x * width), round(y * height)) for x, y in (begin, end))
        await self.hands.do(partial(QTest.mouseMove, viewport, start))
        await self.hands.do(partial(QTest.mousePress, viewport, left, pos=start))
        for share in (0.4, 0.8, 1.0):
            point = start + (stop - start) * share
            await self.hands.do(partial(QTest.mouseMove, viewport, point))
        await self.hands.do(partial(QTest.mouseRelease, viewport, left, pos=stop))


class Tiles(Sitting):
    """One market twice, side by side, with one crosshair."""

    async def run(self) -> None:
        """Take the picture."""
        await self.begin(_SIZE)
        rsi = IndicatorLayout(kind="RSI")
        chart = ChartLayout(period_ns=_FIVE_MINUTES, indicators=(rsi,))
        await self.program.markets.open(DEMO_MARKET, chart, 1, choose=False)
        for name in ("tiles", "linked"):
            button = self.program.window.findChild(QToolButton, name)
            assert button is not None
            await self.hands.do(partial(QTest.mouseClick, button, Qt.MouseButton.LeftButton))
        await self.hands.rest(self.price(1))
        self.save("chart-tiles")


CHART_PICTURES = (Panes, Drawn, Tiles)
