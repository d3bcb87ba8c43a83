"""The small buttons at the right end of a label: what they look like and where they are."""

from collections.abc import Sequence
from functools import cache
from typing import Final

from PyQt6.QtCore import QPointF, QRectF, Qt
from PyQt6.QtGui import QFont, QFontMetricsF, QPainter, QPen

from order_mode.line import Button
from ui import theme

BUTTON_WORDS: Final[dict[Button, str]] = {
    "exit": "",  # an arrow up and down: a handle
    "half_out": "½",
    "break_even": "B/E",
    "reverse": "Rev",
    "flatten": "Flat",
}
_TIPS: Final[dict[Button, str]] = {
    "exit": "Drag a stop-loss or a take-profit out of here; click for more",
    "half_out": "Close half at market, once you say yes",
    "break_even": "Move the stop-loss to where the position breaks even",
    "reverse": "Close all and enter the other way, once you say yes",
    "flatten": "Close all, once you say yes",
}
_FONT_PIXELS: Final = 10
_PAD: Final = 5.0
_GAP: Final = 3.0
_HANDLE_WIDTH: Final = 14.0
_RADIUS: Final = 2.0


def tip(button: Button) -> str:
    """Return what a button does, for the pointer that rests on it."""
    return _TIPS[button]


class LabelButtons:
    """The buttons of one label.

    Parameters
    ----------
    buttons
        From the left.
    """

    def __init__(self, buttons: Sequence[Button]) -> None:
        self._places: list[tuple[Button, float, float]] = []  # (button, left, width)
        left = 0.0
        for button in buttons:
            width = _width_of(button)
            self._places.append((button, left, width))
            left += width + _GAP
        self.width: Final = left + (_GAP if buttons else 0.0)
        """Of all of them with the gaps, logical pixels."""

    def at(self, x: float) -> Button | None:
        """Return the button at this distance from their left end, None between two."""
        for button, left, width in self._places:
            if left <= x <= left + width:
                return button
        return None

    def paint(self, painter: QPainter, left: float, box: QRectF) -> None:
        """Draw them from ``left`` on in a label's box."""
        painter.setFont(_font())
        for button, offset, width in self._places:
            rect = QRectF(left + offset, box.top() + 2.5, width, box.height() - 5)
            painter.setPen(QPen(theme.color(theme.TEXT_FAINT), 1.0))
            painter.setBrush(theme.color(theme.HOVER))
            painter.drawRoundedRect(rect, _RADIUS, _RADIUS)
            painter.setPen(QPen(theme.color(theme.TEXT), 1.0))
            if button == "exit":
                _paint_handle(painter, rect.center())
            else:
                painter.drawText(rect, Qt.AlignmentFlag.AlignCenter, BUTTON_WORDS[button])


@cache
def _font() -> QFont:
    return QFont(theme.text_font(_FONT_PIXELS))


@cache
def _width_of(button: Button) -> float:
    if button == "exit":
        return _HANDLE_WIDTH
    words = QFontMetricsF(_font()).horizontalAdvance(BUTTON_WORDS[button])
    return float(round(words) + 2 * _PAD)


def _paint_handle(painter: QPainter, center: QPointF) -> None:
    """Draw an arrow that points up and down."""
    painter.drawLine(center + QPointF(0, -4), center + QPointF(0, 4))
    for sign in (-1, 1):
        tip_point = center + QPointF(0, 4 * sign)
        painter.drawLine(tip_point, tip_point + QPointF(-2.5, -2.5 * sign))
        painter.drawLine(tip_point, tip_point + QPointF(2.5, -2.5 * sign))
