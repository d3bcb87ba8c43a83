"""A line with one value a column of bars."""

import numpy as np
from PyQt6.QtCore import Qt
from PyQt6.QtGui import QPainter, QPen

from ui import theme
from ui.chart.columns import Ints, PixelMap
from ui.chart.point_batch import PointBatch
from ui.chart.rect_batch import RectBatch


class ColumnLine:
    """Draws the line.

    Where every pixel has a value, the line is an upright stroke in each: the same pixels at a
    third of the cost.

    Parameters
    ----------
    color : str
        A name of the theme.
    """

    def __init__(self, color: str) -> None:
        self._color = color
        self._points = PointBatch()
        self._strokes = RectBatch()
        self._count = 0

    def lay_out(self, x: Ints, rows: Ints, pixels: PixelMap) -> None:
        """Take the values: the pixel column and row of each, device pixels, from the left."""
        self._count = 0
        if len(x) > 1 and pixels.ratio < 2.0 and int(x[-1]) - int(x[0]) == len(x) - 1:
            self._count = len(x)
            between = rows[:-1] + rows[1:]
            before, after = np.empty_like(rows), np.empty_like(rows)
            before[0], before[1:] = rows[0], (between + 1) >> 1
            after[-1], after[:-1] = rows[-1], between >> 1
            strokes = self._strokes.rows(self._count)
            strokes[:, 0] = strokes[:, 2] = x
            strokes[:, 1] = np.minimum(np.minimum(before, after), rows)
            strokes[:, 3] = np.maximum(np.maximum(before, after), rows)
            return
        points = self._points.points(len(x))
        points[:, 0] = x + 0.5
        points[:, 1] = rows + 0.5

    def draw(self, painter: QPainter, pixels: PixelMap) -> None:
        """Draw it; this leaves a pen and a brush of its own."""
        if self._count:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(theme.brush(self._color))
            self._strokes.fill(painter, 0, self._count)
        else:
            painter.setPen(line_pen(self._color, pixels))
            self._points.draw_line(painter)


def line_pen(color: str, pixels: PixelMap) -> QPen:
    """Return the pen of a line: as wide as the wick of a bar."""
    return QPen(theme.color(color), max(1.0, float(int(pixels.ratio))))
