"""The volume strip at the foot of the price pane."""

import math
from typing import Final

import numpy as np
from PyQt6.QtCore import QRect
from PyQt6.QtGui import QPainter

from ui import theme
from ui.chart.bar_series import Bar
from ui.chart.column_image import ColumnImage
from ui.chart.columns import Columns, PixelMap, steady
from ui.chart.framing import VOLUME_SHARE
from ui.chart.pyramid import Floats
from ui.chart.rect_batch import RectBatch
from ui.chart.visible_bars import VisibleBars, body_width

_HEADROOM: Final = 1.1
"""Room for the last bar while it has the greatest volume, or each of its ticks would rescale."""


class VolumeStrip:
    """Draws the volumes of the visible bars on a scale of their own, from 0 to the greatest.

    A column of many bars shows the greatest volume of one of them.
    """

    def __init__(self, bars: VisibleBars) -> None:
        self._bars = bars
        self._rects = RectBatch()
        self._image = ColumnImage()
        self.shown = True
        self._generation = -1
        self._ups = self._count = 0
        self._most = 0.0

    def outgrown(self) -> bool:
        """Tell whether the last bar has more volume than the strip has room for."""
        series = self._bars.series
        if self._most <= 0 or len(series) == 0 or self._bars.live_x is None:
            return False
        return series.volumes.at(len(series) - 1) > self._most

    def live_top(self, pixels: PixelMap) -> int:
        """Return the row of the top of the last bar's volume, device pixels."""
        live = self._bars.live()
        if live is None or self._most <= 0:
            return pixels.bottom
        return pixels.bottom - self._rows(_number(live[1].volume), pixels)

    def draw(self, painter: QPainter, pixels: PixelMap) -> None:
        """Draw the volumes of the finished bars."""
        if not (self.shown and self._bars.series.has_volume):
            self._most = 0.0
            return
        live = self._bars.live()
        self._lay_out(pixels, 0.0 if live is None else _number(live[1].volume))
        if body_width(pixels)[1] == 1:
            self._image.draw(painter, self._bars.column_zero or 0, pixels.bottom)
            return
        painter.setBrush(theme.brush(theme.UP_VOLUME))
        self._rects.fill(painter, 0, self._ups)
        painter.setBrush(theme.brush(theme.DOWN_VOLUME))
        self._rects.fill(painter, self._ups, self._count)

    def draw_live(self, painter: QPainter, pixels: PixelMap) -> None:
        """Draw the volume of the last bar."""
        live = self._bars.live()
        if live is not None and self._most > 0:
            self._draw_last(painter, pixels, *live)

    def _lay_out(self, pixels: PixelMap, live_volume: float) -> None:
        if self._generation == self._bars.generation and live_volume <= self._most:
            return
        columns = self._bars.finished
        volumes = np.fmax(columns.volume, 0.0)
        most = float(volumes.max(initial=0.0))
        self._most = most if live_volume <= most else live_volume * _HEADROOM
        self._generation = self._bars.generation
        if body_width(pixels)[1] == 1:
            self._write_image(columns, volumes, pixels)
        else:
            self._write(columns, volumes, pixels)

    def _write_image(self, columns: Columns, volumes: Floats, pixels: PixelMap) -> None:
        scale = self._height(pixels) / self._most if self._most else 0.0
        heights = np.ceil(volumes * scale) + (volumes > 0)
        colors = np.where(
            columns.close >= columns.open,
            theme.color(theme.UP_VOLUME).rgba(),
            theme.color(theme.DOWN_VOLUME).rgba(),
        )
        most = math.ceil(self._height(pixels)) + 1
        zero, series = self._bars.column_zero, self._bars.series
        key = None
        if zero is not None and not self._bars.transformed:
            width = steady(1.0 / pixels.x_scale)
            bars = (series, series.layout, series.first_x, width)
            key = (*bars, scale, most, theme.generation())
        self._image.lay_out(
            columns.x - (zero or 0),
            heights.astype(np.int64),
            colors.astype(np.uint32),
            most,
            key,
        )

    def _write(self, columns: Columns, volumes: Floats, pixels: PixelMap) -> None:
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

    def _draw_last(self, painter: QPainter, pixels: PixelMap, x: int, bar: Bar) -> None:
        _, width = body_width(pixels)
        height = self._rows(_number(bar.volume), pixels)
        brush = theme.brush(theme.UP_VOLUME if bar.close >= bar.open else theme.DOWN_VOLUME)
        column = QRect(x - width // 2, pixels.bottom - height, width, height + 1)
        painter.fillRect(column, brush)

    def _rows(self, volume: float, pixels: PixelMap) -> int:
        return math.ceil(volume * self._height(pixels) / self._most)

    @staticmethod
    def _height(pixels: PixelMap) -> float:
        return (pixels.bottom - pixels.top) * VOLUME_SHARE


def _number(volume: float) -> float:
    return 0.0 if math.isnan(volume) else volume
