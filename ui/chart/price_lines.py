"""Lines at the last price and at bid and ask."""

from typing import Final, NamedTuple

import numpy as np
import pyqtgraph as pg
from PyQt6.QtCore import QRectF, Qt
from PyQt6.QtGui import QPainter
from PyQt6.QtWidgets import QStyleOptionGraphicsItem, QWidget

from ui import theme
from ui.chart.columns import PixelMap
from ui.chart.pane_item import PaneItem, device_pixels
from ui.chart.rect_batch import RectBatch
from ui.chart.visible_bars import VisibleBars

_DOT: Final = 2
_PITCH: Final = 5


class PriceLine(NamedTuple):
    """A dotted line at a price, over the whole pane or only right of the last bar."""

    price: float
    color: str
    whole: bool


class PriceLines(PaneItem):
    """Draws lines at prices that come from the market."""

    def __init__(self, view: pg.ViewBox, bars: VisibleBars) -> None:
        super().__init__(view, -20)
        self._bars = bars
        self._dots = RectBatch()
        self._lines: dict[str, PriceLine] = {}

    def set_line(self, name: str, line: PriceLine | None) -> None:
        """Draw a line, move it, or take it away (None)."""
        old = self._lines.get(name)
        if line == old:
            return
        if line is None:
            self._lines.pop(name, None)
        else:
            self._lines[name] = line
        for changed in (old, line):
            if changed is not None:
                self._repaint(changed.price)

    def paint(
        self,
        painter: QPainter | None,
        option: QStyleOptionGraphicsItem | None,
        widget: QWidget | None = None,
    ) -> None:
        """Draw the lines."""
        assert painter is not None
        pixels = self._bars.refresh(painter)
        with device_pixels(painter, pixels.ratio):
            painter.setPen(Qt.PenStyle.NoPen)
            for line in self._lines.values():
                self._paint_line(painter, pixels, line)

    def _paint_line(self, painter: QPainter, pixels: PixelMap, line: PriceLine) -> None:
        row = pixels.row(line.price)
        if not pixels.top <= row < pixels.bottom:
            return
        live_x = self._bars.live_x
        left = pixels.left if line.whole or live_x is None else live_x
        count = max(0, (pixels.right - left) // _PITCH + 1)
        rows = self._dots.rows(count)
        rows[:, 0] = pixels.right - _DOT - np.arange(count) * _PITCH
        rows[:, 1] = rows[:, 3] = row
        rows[:, 2] = rows[:, 0] + (_DOT - 1)
        painter.setBrush(theme.color(line.color))
        self._dots.fill(painter, 0, count)

    def _repaint(self, price: float) -> None:
        low, high = self.view.viewRange()[1]
        pane = self.boundingRect()
        y = pane.height() * (high - price) / (high - low)
        self.update(QRectF(0, y - 2, pane.width(), 4))
