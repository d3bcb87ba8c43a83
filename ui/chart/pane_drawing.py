"""Draws the values of an indicator in device pixels: lines, and bars that stand on zero."""

import numpy as np
from PyQt6.QtCore import QPointF, Qt
from PyQt6.QtGui import QColor, QPainter, QPen

from ui import theme
from ui.chart.columns import Columns, Ints, PixelMap
from ui.chart.indicator import Indicator
from ui.chart.pane_look import Look, PaneLook
from ui.chart.pane_values import PaneValues
from ui.chart.point_batch import PointBatch
from ui.chart.pyramid import Floats
from ui.chart.rect_batch import RectBatch
from ui.chart.visible_bars import body_width

_STRENGTH = 0.62
"""Of the colour of bars: the lines over them must be seen."""


class PaneDrawing:
    """Draws into one pane; keeps the memory that it draws from."""

    def __init__(self) -> None:
        self._points = PointBatch()
        self._rects = RectBatch()

    def draw_finished(
        self,
        painter: QPainter,
        pixels: PixelMap,
        values: PaneValues,
        indicator: Indicator,
        look: PaneLook,
    ) -> None:
        """Draw the values of the finished bars, bars below lines."""
        painter.setPen(Qt.PenStyle.NoPen)
        for place, one in enumerate(look.looks):
            if one is not Look.LINE:
                self._draw_bars(painter, pixels, values.columns, values.rows[:, place], one)
        for place, one in enumerate(look.looks):
            if one is Look.LINE:
                painter.setPen(_pen(indicator.colors[place], pixels))
                self._draw_line(painter, pixels, values.columns.x, values.rows[:, place])

    def draw_live(
        self,
        painter: QPainter,
        pixels: PixelMap,
        values: PaneValues,
        row: list[float],
        *,
        rising: bool,
        indicator: Indicator,
        look: PaneLook,
    ) -> None:
        """Draw the values of the last bar, ``rising`` if it closes at or above its open."""
        x = values.live_x
        if x is None:
            return
        for place, (one, value) in enumerate(zip(look.looks, row, strict=True)):
            if value != value:  # NaN
                continue
            if one is Look.LINE:
                before = values.rows[-1, place] if len(values.rows) else np.nan
                if before == before:
                    painter.setPen(_pen(indicator.colors[place], pixels))
                    begin = QPointF(values.columns.x[-1] + 0.5, pixels.row(before) + 0.5)
                    painter.drawLine(begin, QPointF(x + 0.5, pixels.row(value) + 0.5))
            else:
                up = rising if one is Look.VOLUME else value >= 0
                top, bottom = sorted((pixels.row(value), pixels.row(0.0)))
                width = body_width(pixels)[1]
                painter.fillRect(x - width // 2, top, width, bottom - top + 1, _bar_color(up))

    def _draw_line(self, painter: QPainter, pixels: PixelMap, x: Ints, values: Floats) -> None:
        known = ~np.isnan(values)
        points = self._points.points(int(np.count_nonzero(known)))
        points[:, 0] = x[known] + 0.5
        points[:, 1] = pixels.rows(values[known]) + 0.5
        self._points.draw_line(painter)

    def _draw_bars(
        self, painter: QPainter, pixels: PixelMap, columns: Columns, values: Floats, look: Look
    ) -> None:
        by_price = look is Look.VOLUME
        up = columns.close >= columns.open if by_price else values >= 0.0
        width = body_width(pixels)[1]
        zero = pixels.row(0.0)
        for rising in (True, False):
            chosen = (up == rising) & (values != 0.0) & ~np.isnan(values)
            tops = pixels.rows(values[chosen])
            rows = self._rects.rows(len(tops))
            rows[:, 0] = columns.x[chosen] - width // 2
            rows[:, 1] = np.minimum(tops, zero)
            rows[:, 2] = rows[:, 0] + (width - 1)
            rows[:, 3] = np.maximum(tops, zero)
            painter.setBrush(_bar_color(rising))
            self._rects.fill(painter, 0, len(tops))


def _bar_color(rising: bool) -> QColor:
    return theme.mixed(theme.UP if rising else theme.DOWN, _STRENGTH)


def _pen(color: str, pixels: PixelMap) -> QPen:
    return QPen(theme.color(color), max(1.0, float(int(pixels.ratio))))
