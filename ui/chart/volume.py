"""The volume strip at the foot of the price pane."""

import math

import numpy as np
import pyqtgraph as pg
from PyQt6.QtCore import Qt
from PyQt6.QtGui import QPainter
from PyQt6.QtWidgets import QStyleOptionGraphicsItem, QWidget

from ui import theme
from ui.chart.bar_series import Bar
from ui.chart.columns import Columns, PixelMap
from ui.chart.framing import VOLUME_SHARE
from ui.chart.pane_item import PaneItem, device_pixels
from ui.chart.rect_batch import RectBatch
from ui.chart.visible_bars import VisibleBars, body_width


class VolumeStrip(PaneItem):
    """Draws the volumes of the visible bars on a scale of their own, from 0 to the greatest.

    A column of many bars shows the greatest volume of one of them.
    """

    def __init__(self, view: pg.ViewBox, bars: VisibleBars) -> None:
        super().__init__(view, -40)
        self._bars = bars
        self._rects = RectBatch()
        self._generation = -1
        self._ups = self._count = 0
        self._most = 0.0
        self._up = theme.color(theme.UP_VOLUME)
        self._down = theme.color(theme.DOWN_VOLUME)

    def outgrown(self) -> bool:
        """Tell whether the last bar has more volume than the strip has room for."""
        live = self._bars.live()
        return live is not None and live[1].volume > self._most > 0

    def paint(
        self,
        painter: QPainter | None,
        option: QStyleOptionGraphicsItem | None,
        widget: QWidget | None = None,
    ) -> None:
        """Draw the strip."""
        assert painter is not None
        pixels = self._bars.refresh(painter)
        live = self._bars.live()
        self._lay_out(pixels, 0.0 if live is None else _number(live[1].volume))
        with device_pixels(painter, pixels.ratio):
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(self._up)
            self._rects.fill(painter, 0, self._ups)
            painter.setBrush(self._down)
            self._rects.fill(painter, self._ups, self._count)
            if live is not None and self._most > 0:
                self._paint_live(painter, pixels, *live)

    def _lay_out(self, pixels: PixelMap, live_volume: float) -> None:
        columns = self._bars.finished
        if columns is None:
            return
        if self._generation == self._bars.generation and live_volume <= self._most:
            return
        volumes = np.nan_to_num(columns.volume)
        self._most = max(float(volumes.max(initial=0.0)), live_volume)
        self._generation = self._bars.generation
        self._write(columns, volumes, pixels)

    def _write(self, columns: Columns, volumes: np.ndarray, pixels: PixelMap) -> None:
        shown = volumes > 0
        up = columns.close >= columns.open
        order = np.concatenate([np.flatnonzero(shown & up), np.flatnonzero(shown & ~up)])
        self._ups, self._count = int(np.count_nonzero(shown & up)), len(order)
        if self._count == 0:
            return
        _, width = body_width(pixels)
        rows = self._rects.rows(self._count)
        left = columns.x[order] - width // 2
        heights = np.ceil(volumes[order] * (self._height(pixels) / self._most))
        rows[:, 0] = left
        rows[:, 1] = pixels.bottom - heights
        rows[:, 2] = left + (width - 1)
        rows[:, 3] = pixels.bottom

    def _paint_live(self, painter: QPainter, pixels: PixelMap, x: int, bar: Bar) -> None:
        _, width = body_width(pixels)
        height = math.ceil(_number(bar.volume) * self._height(pixels) / self._most)
        color = self._up if bar.close >= bar.open else self._down
        painter.fillRect(x - width // 2, pixels.bottom - height, width, height + 1, color)

    @staticmethod
    def _height(pixels: PixelMap) -> float:
        return (pixels.bottom - pixels.top) * VOLUME_SHARE


def _number(volume: float) -> float:
    return 0.0 if math.isnan(volume) else volume
