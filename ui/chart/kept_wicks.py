"""Candles of one pixel, laid out for more columns than are shown: a pan only chooses among them."""

import numpy as np
from PyQt6.QtGui import QPainter

from ui import theme
from ui.chart.columns import Columns, Ints, PixelMap, no_columns
from ui.chart.rect_batch import RectBatch
from ui.chart.visible_bars import VisibleBars, body_width


class KeptWicks:
    """Draws the finished columns of a window whose prices are those of the window before.

    Parameters
    ----------
    bars : VisibleBars
        What is drawn.
    """

    def __init__(self, bars: VisibleBars) -> None:
        self._bars = bars
        self._rects = RectBatch()
        self._columns = no_columns()
        self._prices: tuple[float, ...] = ()
        """How prices fell on rows in the window before."""
        self._laid_out: tuple[float, ...] = ()
        self._ups: Ints = np.empty(0, np.int64)
        self._downs: Ints = np.empty(0, np.int64)
        self._zero = 0
        self._parts = ((0, 0), (0, 0))

    def take(self, pixels: PixelMap) -> bool:
        """Choose the columns to draw; return False if another way of drawing has to be used."""
        kept, zero, finished = self._bars.kept, self._bars.column_zero, self._bars.finished
        prices = (pixels.y_scale, pixels.y_origin, pixels.top, pixels.bottom, pixels.is_log)
        same_prices, self._prices = prices == self._prices, prices
        if kept is None or zero is None or len(finished.x) == 0 or not same_prices:
            return False
        if self._bars.transformed or body_width(pixels)[1] != 1:
            return False
        if kept.columns is not self._columns or self._laid_out != prices:
            self._columns, self._laid_out = kept.columns, prices
            self._lay_out(kept.columns, pixels)
        shown = (int(finished.x[0]) - zero, int(finished.x[-1]) - zero + 1)
        up_start, up_stop = np.searchsorted(self._ups, shown).tolist()
        down_start, down_stop = (np.searchsorted(self._downs, shown) + len(self._ups)).tolist()
        self._parts = ((up_start, up_stop), (down_start, down_stop))
        self._zero = zero
        return True

    def draw(self, painter: QPainter) -> None:
        """Draw what was taken."""
        painter.translate(self._zero, 0)
        for color, part in zip((theme.UP, theme.DOWN), self._parts, strict=True):
            painter.setBrush(theme.brush(color))
            self._rects.fill(painter, *part)
        painter.translate(-self._zero, 0)

    def _lay_out(self, columns: Columns, pixels: PixelMap) -> None:
        up = columns.close >= columns.open
        order = np.concatenate([np.flatnonzero(up), np.flatnonzero(~up)])
        x = columns.x[order]
        ups = int(np.count_nonzero(up))
        self._ups, self._downs = x[:ups], x[ups:]
        rows = self._rects.rows(len(order))
        rows[:, 0] = rows[:, 2] = x
        rows[:, 1], rows[:, 3] = pixels.rows(columns.high[order]), pixels.rows(columns.low[order])
