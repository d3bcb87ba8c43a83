"""The label of an order line, painted once into a pixmap and kept until its line changes."""

from typing import Final

from PyQt6.QtCore import QPointF, QRect, QRectF, Qt
from PyQt6.QtGui import QColor, QPainter, QPen, QPixmap

from order_mode.line import Button, Line, LineStyle
from ui import theme
from ui.label_buttons import LabelButtons
from ui.order_label_words import PAD, Cell, label_cells, label_font, word_width

LABEL_HEIGHT: Final = 20.0
"""Logical pixels, with the gap below."""
CROSS_WIDTH: Final = 18.0
"""Logical pixels at the right end that cancel the order."""

_GAP: Final = 2.0
_BAR_HEIGHT: Final = 2.0
_RADIUS: Final = 3.0

_DOTTED: Final = (LineStyle.STAGED, LineStyle.DOTTED, LineStyle.WAITING)


def side_color(line: Line) -> str:
    """Return the theme's colour of a line: its side, unless something is amiss."""
    if line.refused:
        return theme.ERROR
    if line.stale:
        return theme.STALE
    return {"buy": theme.BUY, "sell": theme.SELL, "alert": theme.ALERT}[line.action]


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
    before
        The label of the same line until now, which is not shown any more: its picture is used
        where only words change.
    """

    def __init__(
        self, line: Line, *, compact: bool, ratio: float, before: "OrderLabel | None" = None
    ) -> None:
        self.line = line
        self._cells = [] if compact else label_cells(line)
        self._chip = " ".join(filter(None, (line.label.side, line.label.size)))
        self._widths = [word_width(text) for text, _ in self._cells]
        self._chip_width = word_width(self._chip, bold=True)
        self._has_cross = can_cancel(line) and not compact
        self._buttons = LabelButtons(() if compact else line.buttons)
        self._buttons_left = self._chip_width + sum(self._widths)
        self.width = self._buttons_left + self._buttons.width + CROSS_WIDTH * self._has_cross
        """Logical pixels."""
        self._frame = (
            ratio,
            self._chip,
            self._widths,
            self._has_cross,
            line.buttons,
            side_color(line),
            line.style,
            line.refused,
            line.outcome_unknown,
            line.stale,
        )
        self._faint = line.cancel_called or line.style is LineStyle.WAITING
        plain = not self._faint and line.filled <= 0
        self._box = QRectF(0.5, 0.5, self.width, LABEL_HEIGHT - _GAP - 1)
        if before is not None and plain and before._repainted_with(self):
            return
        self._repaintable = plain
        self.pixmap = QPixmap(round((self.width + 1) * ratio), round(LABEL_HEIGHT * ratio))
        self.pixmap.setDevicePixelRatio(ratio)
        self._paint()

    def _repainted_with(self, after: "OrderLabel") -> bool:
        """Give the picture on if only words of the same width are other ones, and write these.

        In a drag only the price changes, and a whole label takes ten times as long.
        """
        if not self._repaintable or self._frame != after._frame:
            return False
        after._repaintable = True
        after.pixmap = self.pixmap
        painter = QPainter(after.pixmap)
        painter.setFont(label_font())
        left = int(self._chip_width)
        for old, new, width in zip(self._cells, after._cells, self._widths, strict=True):
            if new != old:
                word = QRect(left + PAD - 1, 2, int(width) - 2 * PAD + 3, int(LABEL_HEIGHT) - 6)
                painter.fillRect(word, after._body())
                after._paint_cell(painter, left + 0.5, width, new)
            left += int(width)
        painter.end()
        return True

    def cross(self, label_rect: QRectF) -> QRectF:
        """Return where the cross is in a label that lies here; empty if it has none."""
        if not self._has_cross:
            return QRectF()
        return label_rect.adjusted(label_rect.width() - CROSS_WIDTH, 0, 0, 0)

    def button_at(self, label_rect: QRectF, point: QPointF) -> Button | None:
        """Return the button at a point of a label that lies here, None if none is there."""
        if not label_rect.contains(point):
            return None
        return self._buttons.at(point.x() - label_rect.left() - self._buttons_left)

    def _body(self) -> QColor:
        return theme.color(theme.REFUSED if self.line.refused else theme.RAISED)

    def _paint(self) -> None:
        color = theme.color(side_color(self.line))
        self.pixmap.fill(Qt.GlobalColor.transparent)
        painter = QPainter(self.pixmap)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        box = self._box
        if self._faint:
            painter.setBrush(theme.color(theme.BACKGROUND))  # what lies behind stays behind
            painter.drawRoundedRect(box, _RADIUS, _RADIUS)
            painter.setOpacity(0.7)
        painter.setPen(self._border(color))
        painter.setBrush(self._body())
        painter.drawRoundedRect(box, _RADIUS, _RADIUS)
        self._paint_chip(painter, box, color)
        self._paint_cells(painter)
        self._buttons.paint(painter, box.left() + self._buttons_left, box)
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
        painter.setFont(label_font(bold=True, struck=self.line.cancel_called))
        painter.drawText(chip, Qt.AlignmentFlag.AlignCenter, self._chip)

    def _paint_cells(self, painter: QPainter) -> None:
        painter.setFont(label_font())
        left = self._box.left() + self._chip_width
        for cell, width in zip(self._cells, self._widths, strict=True):
            self._paint_cell(painter, left, width, cell)
            left += width

    def _paint_cell(self, painter: QPainter, left: float, width: float, cell: Cell) -> None:
        text, color = cell
        painter.setPen(theme.color(theme.STALE) if self.line.stale else color)
        room = QRectF(left, self._box.top(), width, self._box.height())
        painter.drawText(room, Qt.AlignmentFlag.AlignCenter, text)

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
