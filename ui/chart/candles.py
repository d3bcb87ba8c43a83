"""The candles: integer rectangles in device pixels, one call a colour."""

import numpy as np
import numpy.typing as npt
from PyQt6.QtGui import QPainter

from ui import theme
from ui.chart.bar_series import Bar
from ui.chart.columns import Columns, Ints, PixelMap
from ui.chart.rect_batch import RectBatch
from ui.chart.visible_bars import VisibleBars, body_width


class Candles:
    """Draws the visible bars; a bar that closes at or above its open is up."""

    def __init__(self, bars: VisibleBars) -> None:
        self._bars = bars
        self._rects = RectBatch()
        self._generation = -1
        self._ups = self._downs = 0
        self._up = theme.color(theme.UP)
        self._down = theme.color(theme.DOWN)

    def draw(self, painter: QPainter, pixels: PixelMap) -> None:
        """Draw the finished candles."""
        if self._generation != self._bars.generation:
            self._generation = self._bars.generation
            self._lay_out(self._bars.finished, pixels)
        painter.setBrush(self._up)
        self._rects.fill(painter, 0, self._ups)
        painter.setBrush(self._down)
        self._rects.fill(painter, self._ups, self._ups + self._downs)

    def draw_live(self, painter: QPainter, pixels: PixelMap) -> None:
        """Draw the column of the last bar."""
        live = self._bars.live()
        if live is not None:
            self._draw_last(painter, pixels, *live)

    def _lay_out(self, columns: Columns, pixels: PixelMap) -> None:
        """Write wicks and bodies of the up bars, then those of the down bars."""
        up = columns.close >= columns.open
        wick, body = body_width(pixels)
        parts = 1 if body == wick else 2
        ups, downs = np.flatnonzero(up), np.flatnonzero(~up)
        self._ups, self._downs = len(ups) * parts, len(downs) * parts
        rows = self._rects.rows(self._ups + self._downs)
        highs, lows = pixels.rows(columns.high), pixels.rows(columns.low)
        opens, closes = (highs, lows) if parts == 1 else _body_rows(columns, pixels)
        at = 0
        for bars, top, bottom in ((ups, closes, opens), (downs, opens, closes)):
            at = _write(rows, at, columns.x[bars], wick, highs[bars], lows[bars])
            if parts == 2:
                at = _write(rows, at, columns.x[bars], body, top[bars], bottom[bars])

    def _draw_last(self, painter: QPainter, pixels: PixelMap, x: int, bar: Bar) -> None:
        wick, body = body_width(pixels)
        color = self._up if bar.close >= bar.open else self._down
        top, bottom = pixels.row(bar.high), pixels.row(bar.low)
        painter.fillRect(x - wick // 2, top, wick, bottom - top + 1, color)
        if body > wick:
            top, bottom = sorted((pixels.row(bar.open), pixels.row(bar.close)))
            painter.fillRect(x - body // 2, top, body, bottom - top + 1, color)


def _body_rows(columns: Columns, pixels: PixelMap) -> tuple[Ints, Ints]:
    return pixels.rows(columns.open), pixels.rows(columns.close)


def _write(
    rows: npt.NDArray[np.int32],
    at: int,
    x: npt.NDArray[np.int64],
    width: int,
    top: npt.NDArray[np.int64],
    bottom: npt.NDArray[np.int64],
) -> int:
    """Write rectangles of a width around ``x`` and return the row after them."""
    stop = at + len(x)
    block = rows[at:stop]
    left = x - width // 2
    block[:, 0] = left
    block[:, 1] = top
    block[:, 2] = left + (width - 1)
    block[:, 3] = bottom
    return stop
