"""The label of an order line, painted once into a pixmap and kept until its line changes."""

from typing import Final

from PyQt6.QtCore import QPointF, QRectF, Qt
from PyQt6.QtGui import QColor, QFont, QFontMetricsF, QPainter, QPen, QPixmap

from order_mode.line import Line, LineStyle
from ui import theme

LABEL_HEIGHT: Final = 20.0
"""Logical pixels, with the gap below."""
CROSS_WIDTH: Final = 18.0
"""Logical pixels at the right end that cancel the order."""

_GAP: Final = 2.0
_PAD: Final = 7.0
_FONT_PIXELS: Final = 11
_BAR_HEIGHT: Final = 2.0
_RADIUS: Final = 3.0
_LONGEST_NOTE: Final = 72

_DOTTED: Final = (LineStyle.STAGED, LineStyle.DOTTED, LineStyle.WAITING)
_SIDE: Final = {"buy": theme.BUY, "sell": theme.SELL, "alert": theme.ALERT}
_REFUSED_BODY: Final = "#4a1218"


def side_color(line: Line) -> str:
    """Return the theme's colour of a line: its side, unless something is amiss."""
    if line.refused:
        return theme.ERROR
    return theme.STALE if line.stale else _SIDE[line.action]


def can_cancel(line: Line) -> bool:
    """Tell whether a label has a cross: a line of an order whose cancel is not asked for."""
    return line.style not in (LineStyle.STAGED, LineStyle.POSITION) and not line.cancel_called


class OrderLabel:
    """The painted label of one line.

    Parameters
    ----------
    line
        What to write.
    compact
        Side and size only, for where labels crowd.
    ratio
        Device pixels a logical pixel.
    """

    def __init__(self, line: Line, *, compact: bool, ratio: float) -> None:
        self.line = line
        self._font = QFont(theme.text_font(_FONT_PIXELS))
        self._chip_font = QFont(self._font)
        self._chip_font.setBold(True)
        self._chip_font.setStrikeOut(line.cancel_called)
        self._cells = [] if compact else _cells(line)
        self._chip = " ".join(filter(None, (line.label.side, line.label.size)))
        self._widths = [self._width(text, self._font) for text, _ in self._cells]
        self._chip_width = self._width(self._chip, self._chip_font)
        self._has_cross = can_cancel(line) and not compact
        self.width = self._chip_width + sum(self._widths) + CROSS_WIDTH * self._has_cross
        """Logical pixels."""
        self.pixmap = QPixmap(round((self.width + 1) * ratio), round(LABEL_HEIGHT * ratio))
        self.pixmap.setDevicePixelRatio(ratio)
        self._paint()

    def cross(self, label_rect: QRectF) -> QRectF:
        """Return where the cross is in a label that lies here; empty if it has none."""
        if not self._has_cross:
            return QRectF()
        return label_rect.adjusted(label_rect.width() - CROSS_WIDTH, 0, 0, 0)

    @staticmethod
    def _width(text: str, font: QFont) -> float:
        return float(round(QFontMetricsF(font).horizontalAdvance(text)) + 2 * _PAD)

    def _paint(self) -> None:
        line, color = self.line, theme.color(side_color(self.line))
        self.pixmap.fill(Qt.GlobalColor.transparent)
        painter = QPainter(self.pixmap)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if line.cancel_called:
            painter.setOpacity(0.6)
        box = QRectF(0.5, 0.5, self.width, LABEL_HEIGHT - _GAP - 1)
        painter.setPen(self._border(color))
        painter.setBrush(theme.color(_REFUSED_BODY if line.refused else theme.RAISED))
        painter.drawRoundedRect(box, _RADIUS, _RADIUS)
        self._paint_chip(painter, box, color)
        self._paint_cells(painter, box)
        self._paint_filled(painter, box, color)
        if self._has_cross:
            self._paint_cross(painter, box)
        painter.end()

    def _border(self, color: QColor) -> QPen:
        pen = QPen(theme.color(theme.WARNING) if self.line.outcome_unknown else color, 1.0)
        if self.line.style in _DOTTED:
            pen.setStyle(Qt.PenStyle.DotLine)
        return pen

    def _paint_chip(self, painter: QPainter, box: QRectF, color: QColor) -> None:
        chip = QRectF(box.left(), box.top(), self._chip_width, box.height())
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(color)
        painter.drawRoundedRect(chip, _RADIUS, _RADIUS)
        painter.setPen(theme.color(theme.INK))
        painter.setFont(self._chip_font)
        painter.drawText(chip, Qt.AlignmentFlag.AlignCenter, self._chip)

    def _paint_cells(self, painter: QPainter, box: QRectF) -> None:
        painter.setFont(self._font)
        left = box.left() + self._chip_width
        for (text, color), width in zip(self._cells, self._widths, strict=True):
            painter.setPen(theme.color(theme.STALE) if self.line.stale else color)
            cell = QRectF(left, box.top(), width, box.height())
            painter.drawText(cell, Qt.AlignmentFlag.AlignCenter, text)
            left += width

    def _paint_filled(self, painter: QPainter, box: QRectF, color: QColor) -> None:
        """Draw how much is filled as a bar along the foot."""
        if self.line.filled <= 0:
            return
        foot = QRectF(box.left(), box.bottom() - _BAR_HEIGHT, box.width(), _BAR_HEIGHT)
        painter.fillRect(foot, theme.color(theme.INK))
        foot.setWidth(box.width() * self.line.filled)
        painter.fillRect(foot, color.lighter(135))

    def _paint_cross(self, painter: QPainter, box: QRectF) -> None:
        center = QPointF(box.right() - CROSS_WIDTH / 2, box.center().y())
        painter.setPen(QPen(theme.color(theme.TEXT), 1.4))
        for sign in (1, -1):
            arm = QPointF(3.2, 3.2 * sign)
            painter.drawLine(center - arm, center + arm)


def _cells(line: Line) -> list[tuple[str, QColor]]:
    """Return the words after the chip, each with its colour."""
    label = line.label
    note = label.note if len(label.note) <= _LONGEST_NOTE else f"{label.note[: _LONGEST_NOTE - 1]}…"
    money = theme.LIVE if label.account.startswith("LIVE") else theme.PAPER
    cells = [
        (label.type, theme.TEXT_MUTED if label.type == "limit" else theme.TEXT),
        (label.price, theme.TEXT),
        (label.account, money),
        (label.mode, theme.DARK_ORDER if label.mode.startswith("held here") else theme.TEXT_MUTED),
        (label.terms, theme.TEXT_MUTED),
        (label.notional, theme.TEXT),
        (label.distance, theme.TEXT),
        (label.profit, theme.DOWN_TEXT if "-" in label.profit else theme.UP_TEXT),
        (label.after, theme.TEXT),
        (label.origin, theme.TEXT_MUTED),
        (note, theme.ERROR if line.refused else theme.WARNING),
    ]
    return [(text, theme.color(name)) for text, name in cells if text]
