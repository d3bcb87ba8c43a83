"""The candles: integer rectangles in device pixels, one call a colour."""

import numpy as np
import numpy.typing as npt
from PyQt6.QtCore import QRect
from PyQt6.QtGui import QPainter

from ui import theme
from ui.chart.bar_series import Bar
from ui.chart.columns import Columns, Ints, PixelMap
from ui.chart.kept_wicks import KeptWicks
from ui.chart.rect_batch import RectBatch
from ui.chart.visible_bars import VisibleBars, body_width


class Candles:
    """Draws the visible bars.

    Parameters
    ----------
    bars : VisibleBars
        What is drawn.
    hollow : bool
        False: a bar that closes at or above its open is up. True: the colour tells the change
        since the close before, and a body that closes above its open is hollow.
    """

    def __init__(self, bars: VisibleBars, *, hollow: bool = False) -> None:
        self._bars = bars
        self._hollow = hollow
        self._rects = RectBatch()
        self._inner = RectBatch()
        self._generation = -1
        self._ups = self._downs = self._inners = 0
        self._kept = KeptWicks(bars)
        self._is_kept = False

    def draw(self, painter: QPainter, pixels: PixelMap) -> None:
        """Draw the finished candles."""
        if self._generation != self._bars.generation:
            self._generation = self._bars.generation
            self._is_kept = not self._hollow and self._kept.take(pixels)
            if not self._is_kept:
                self._lay_out(self._bars.finished, pixels)
        if self._is_kept:
            self._kept.draw(painter)
            return
        painter.setBrush(theme.brush(theme.UP))
        self._rects.fill(painter, 0, self._ups)
        painter.setBrush(theme.brush(theme.DOWN))
        self._rects.fill(painter, self._ups, self._ups + self._downs)
        painter.setBrush(theme.brush(theme.BACKGROUND))
        self._inner.fill(painter, 0, self._inners)

    def draw_live(self, painter: QPainter, pixels: PixelMap) -> None:
        """Draw the column of the last bar."""
        live = self._bars.live()
        if live is not None:
            self._draw_last(painter, pixels, *live)

    def live_reach(self, pixels: PixelMap) -> int:
        """Return how many device pixels the last bar goes to the left of its middle."""
        return body_width(pixels)[1] // 2 + 1

    def _lay_out(self, columns: Columns, pixels: PixelMap) -> None:
        """Write wicks and bodies of the up bars, then those of the down bars."""
        above = columns.close >= columns.open
        up = _above_before(columns) if self._hollow else above
        wick, body = body_width(pixels)
        parts = 1 if body == wick else 2
        ups, downs = np.flatnonzero(up), np.flatnonzero(~up)
        self._ups, self._downs = len(ups) * parts, len(downs) * parts
        rows = self._rects.rows(self._ups + self._downs)
        highs, lows = pixels.rows(columns.high), pixels.rows(columns.low)
        tops = bottoms = highs
        if parts == 2:
            opens, closes = pixels.rows(columns.open), pixels.rows(columns.close)
            tops, bottoms = np.minimum(opens, closes), np.maximum(opens, closes)
        at = 0
        for bars in (ups, downs):
            at = _write(rows, at, columns.x[bars], wick, highs[bars], lows[bars])
            if parts == 2:
                at = _write(rows, at, columns.x[bars], body, tops[bars], bottoms[bars])
        self._inners = 0
        if self._hollow and body >= wick + 2:
            open_ = np.flatnonzero(above & (bottoms - tops >= 2 * wick))
            self._inners, x = len(open_), columns.x[open_]
            inner = self._inner.rows(self._inners)
            _write(inner, 0, x, body - 2 * wick, tops[open_] + wick, bottoms[open_] - wick)

    def _draw_last(self, painter: QPainter, pixels: PixelMap, x: int, bar: Bar) -> None:
        wick, body = body_width(pixels)
        before = self._bars.close_before_live()
        up = bar.close >= (bar.open if not self._hollow or before is None else before)
        brush = theme.brush(theme.UP if up else theme.DOWN)
        top, bottom = pixels.row(bar.high), pixels.row(bar.low)
        painter.fillRect(QRect(x - wick // 2, top, wick, bottom - top + 1), brush)
        if body == wick:
            return
        top, bottom = sorted((pixels.row(bar.open), pixels.row(bar.close)))
        painter.fillRect(QRect(x - body // 2, top, body, bottom - top + 1), brush)
        if self._hollow and bar.close >= bar.open and bottom - top >= 2 * wick < body:
            inner = body - 2 * wick
            hole = QRect(x - inner // 2, top + wick, inner, bottom - top + 1 - 2 * wick)
            painter.fillRect(hole, theme.brush(theme.BACKGROUND))


def _above_before(columns: Columns) -> npt.NDArray[np.bool_]:
    """Return which columns close at or above the close of the one before them."""
    before = np.concatenate([columns.open[:1], columns.close[:-1]])
    return np.asarray(columns.close >= before)


def _write(
    rows: npt.NDArray[np.int32], at: int, x: Ints, width: int, top: Ints, bottom: Ints
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
