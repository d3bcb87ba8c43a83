"""What an indicator pane has beside its values: axis, tags of the newest values, legend."""

import math
from collections.abc import Callable
from typing import Final

from PyQt6.QtCore import QPointF, QRect, QRectF
from PyQt6.QtGui import QPainter

from ems.market import Market
from ui import theme
from ui.chart.indicator import Indicator
from ui.chart.pane_look import Look, PaneLook
from ui.chart.pane_scale import value_text
from ui.chart.static_text import StaticTexts

_INDENT: Final = 8
_TAG_PAD: Final = 2
_LEGEND_LEFT: Final = 12.0
_LEGEND_TOP: Final = 5

Rows = Callable[[float], int]
"""From a value to a row, logical pixels."""


class PaneMargins:
    """Writes the numbers of one indicator."""

    def __init__(self, indicator: Indicator, look: PaneLook, market: Market | None) -> None:
        self._indicator = indicator
        self._look = look
        self._market = market
        self._texts = StaticTexts(theme.number_font(11))
        self.legend_rect = QRect()
        """What the legend has covered so far, logical pixels."""

    def draw_axis(
        self, painter: QPainter, left: float, height: float, row_of: Rows, marks: list[float]
    ) -> None:
        """Draw the border of the axis, and a label at each value in ``marks``."""
        painter.fillRect(QRectF(round(left), 0, 1, height), theme.color(theme.BORDER))
        painter.setFont(self._texts.font)
        painter.setPen(theme.color(theme.TEXT_MUTED))
        for value in marks:
            top = round(row_of(value) - self._texts.height / 2)
            if 0 <= top <= height - self._texts.height:
                at = QPointF(round(left) + _INDENT, top)
                painter.drawStaticText(at, self._texts.laid(self.text(value)).text)

    def draw_tags(
        self, painter: QPainter, left: float, right: float, row_of: Rows, row: list[float]
    ) -> None:
        """Draw the newest values on the axis; one that would cover another is left out."""
        height = math.ceil(self._texts.height) + 2 * _TAG_PAD
        painter.setFont(self._texts.font)
        taken: list[int] = []
        for color, value in zip(self._colors(row), row, strict=True):
            if value != value:  # NaN
                continue
            top = round(row_of(value) - height / 2)
            if any(abs(top - other) < height for other in taken):
                continue
            taken.append(top)
            box = QRectF(round(left) + 1, top, right - round(left) - 1, height)
            painter.fillRect(box, theme.color(color))
            painter.setPen(theme.color(theme.INK))
            at = QPointF(round(left) + _INDENT, top + _TAG_PAD)
            painter.drawStaticText(at, self._texts.laid(self.text(value)).text)

    def draw_legend(self, painter: QPainter, row: list[float]) -> None:
        """Draw the label and these values at the top left."""
        pieces = [(self._indicator.formula.label, theme.TEXT_MUTED)]
        pieces += zip(map(self.text, row), self._colors(row), strict=True)
        x = _LEGEND_LEFT
        painter.setFont(self._texts.font)
        for text, color in pieces:
            laid = self._texts.laid(text)
            painter.setPen(theme.color(color))
            painter.drawStaticText(QPointF(x, _LEGEND_TOP), laid.text)
            x += math.ceil(laid.width) + 10
        height = _LEGEND_TOP + math.ceil(self._texts.height) + 1
        self.legend_rect |= QRect(0, 0, math.ceil(x), height)

    def _colors(self, row: list[float]) -> list[str]:
        """Return the colours of the values: those of their lines, or that of what they say."""
        looks = zip(self._look.looks, self._indicator.colors, row, strict=True)
        return [
            color
            if look is Look.LINE
            else theme.TEXT_MUTED
            if look is Look.VOLUME
            else theme.UP
            if value >= 0
            else theme.DOWN
            for look, color, value in looks
        ]

    def text(self, value: float) -> str:
        """Return a value as it is written."""
        return value_text(value, self._look.unit, self._market)
