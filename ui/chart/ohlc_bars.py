"""OHLC bars: a line from low to high, the open to its left and the close to its right."""

import numpy as np
from PyQt6.QtCore import QRect
from PyQt6.QtGui import QPainter

from ui import theme
from ui.chart.bar_series import Bar
from ui.chart.columns import Columns, PixelMap
from ui.chart.rect_batch import RectBatch
from ui.chart.visible_bars import VisibleBars, body_width


class OhlcBars:
    """Draws the visible bars; bars of a pixel have no room for open and close."""

    def __init__(self, bars: VisibleBars) -> None:
        self._bars = bars
        self._rects = RectBatch()
        self._generation = -1
        self._ups = self._count = 0

    def draw(self, painter: QPainter, pixels: PixelMap) -> None:
        """Draw the finished bars."""
        if self._generation != self._bars.generation:
            self._generation = self._bars.generation
            self._lay_out(self._bars.finished, pixels)
        painter.setBrush(theme.brush(theme.UP))
        self._rects.fill(painter, 0, self._ups)
        painter.setBrush(theme.brush(theme.DOWN))
        self._rects.fill(painter, self._ups, self._count)

    def draw_live(self, painter: QPainter, pixels: PixelMap) -> None:
        """Draw the column of the last bar."""
        live = self._bars.live()
        if live is not None:
            self._draw_last(painter, pixels, *live)

    def live_reach(self, pixels: PixelMap) -> int:
        """Return how many device pixels the last bar goes to the left of its middle."""
        return body_width(pixels)[1] // 2 + 1

    def _lay_out(self, columns: Columns, pixels: PixelMap) -> None:
        up = columns.close >= columns.open
        order = np.concatenate([np.flatnonzero(up), np.flatnonzero(~up)])
        wick, body = body_width(pixels)
        parts = 3 if body > wick else 1
        self._ups, self._count = int(np.count_nonzero(up)) * parts, len(order) * parts
        rows = self._rects.rows(self._count).reshape(len(order), parts, 4)
        x, left, right = columns.x[order], wick // 2, wick - wick // 2 - 1
        rows[:, 0, 0], rows[:, 0, 2] = x - left, x + right
        rows[:, 0, 1], rows[:, 0, 3] = (
            pixels.rows(columns.high[order]),
            pixels.rows(columns.low[order]),
        )
        if parts == 3:
            arm = body // 2
            opens, closes = pixels.rows(columns.open[order]), pixels.rows(columns.close[order])
            for part, first, last, level in ((1, x - arm, x, opens), (2, x, x + arm, closes)):
                rows[:, part, 0], rows[:, part, 2] = first, last
                rows[:, part, 1], rows[:, part, 3] = level, level + wick - 1

    def _draw_last(self, painter: QPainter, pixels: PixelMap, x: int, bar: Bar) -> None:
        wick, body = body_width(pixels)
        brush = theme.brush(theme.UP if bar.close >= bar.open else theme.DOWN)
        top, bottom = pixels.row(bar.high), pixels.row(bar.low)
        painter.fillRect(QRect(x - wick // 2, top, wick, bottom - top + 1), brush)
        if body > wick:
            arm = body // 2
            painter.fillRect(QRect(x - arm, pixels.row(bar.open), arm, wick), brush)
            painter.fillRect(QRect(x, pixels.row(bar.close), arm + 1, wick), brush)
