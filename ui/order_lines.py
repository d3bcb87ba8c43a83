"""All order lines of a plot in one item: it draws them, labels them, and knows what is where."""

from collections import defaultdict
from typing import Final, Literal, TypeAlias

import pyqtgraph as pg
from PyQt6.QtCore import QPointF, QRectF, Qt
from PyQt6.QtGui import QBrush, QColor, QPainter, QPixmap
from PyQt6.QtWidgets import QGraphicsItem, QStyleOptionGraphicsItem, QWidget

from order_mode.line import POSITION_KEY, STAGED_KEY, Line, LineStyle
from ui import theme
from ui.chart.pane_item import PaneItem
from ui.order_label import OrderLabel, side_color
from ui.order_line_layout import Placed, mirrored, place_lines

REACH: Final = 6.0
"""A line is under the cursor within this many logical pixels."""

_LAYER: Final = 100.0
_PATTERNS: Final = {  # (pixels drawn, pixels left out)
    LineStyle.STAGED: (2, 2),
    LineStyle.DOTTED: (2, 4),
    LineStyle.DASHED: (7, 5),
    LineStyle.SOLID: (1, 0),
    LineStyle.POSITION: (14, 3),
}
_RESTING: Final = 0.75
_FAINT: Final = 0.4
"""Parts of its colour that a line has; opaque, which costs half of what blending does."""
_SHORT: Final = 0.4
"""Part of the pane that a line at rest crosses, from the side of the labels."""

_Stroke: TypeAlias = tuple[LineStyle, str, float]
"""A style, a colour and the part of it: what is drawn in one call."""


class OrderLines(PaneItem):
    """The order lines of one plot.

    It is a layer over the pane, not one of the plot's data items: it takes part in no auto-scale,
    and ``PlotItem.clear()`` leaves it alone. Only the y axis of the plot is used.

    Parameters
    ----------
    view : pg.ViewBox
        Of the plot.
    side
        Where the labels stand.
    """

    def __init__(self, view: pg.ViewBox, side: Literal["left", "right"] = "right") -> None:
        super().__init__(view, _LAYER)
        self._side = side
        self.setFlag(QGraphicsItem.GraphicsItemFlag.ItemUsesExtendedStyleOption)
        self._lines: dict[str, Line] = {}
        self._labels: dict[tuple[str, bool], OrderLabel] = {}
        self._brushes: dict[_Stroke, QBrush] = {}
        self._cursor: QPointF | None = None
        self._placed: list[Placed] | None = None
        self._strokes: dict[_Stroke, list[QRectF]] | None = None
        self._y_scale = (0.0, 0.0)
        self._marked: str | None = None
        self._chosen: str | None = None  # by `choose_next`; None = the nearest is marked
        view.sigTransformChanged.connect(self._view_moved)

    @property
    def lines(self) -> dict[str, Line]:
        """Every line by key, in view or not."""
        return self._lines

    def show_line(self, line: Line) -> None:
        """Draw the line; one with the same key is replaced."""
        if self._lines.get(line.key) != line:
            in_hand = self._in_hand_strip(line.key)
            self._lines[line.key] = line
            self._after_change(line.key, in_hand)

    def remove_line(self, key: str) -> None:
        """Draw this line no more; a key that is not shown is no error."""
        if key in self._lines:
            in_hand = self._in_hand_strip(key)
            del self._lines[key]
            self._after_change(key, in_hand)

    def set_cursor(self, cursor: QPointF | None) -> None:
        """Mark the line under the cursor, in pixels of the pane; None = the cursor is away."""
        self._cursor = cursor
        if self._chosen is not None and self._chosen not in self.lines_at_cursor():
            self._chosen = None
        if self._mark():
            self.update()

    def line_at_cursor(self) -> str | None:
        """Return the key of the line under the cursor, None if there is none."""
        return None if self._cursor is None else self.line_at(self._cursor)

    def line_at(self, point: QPointF) -> str | None:
        """Return the key of the line at the point: of several, the chosen one or the nearest."""
        keys = self._lines_at(point)
        if self._chosen in keys:
            return self._chosen
        return keys[0] if keys else None

    def lines_at_cursor(self) -> list[str]:
        """Return the keys of all lines that are under the cursor, the nearest first."""
        return [] if self._cursor is None else self._lines_at(self._cursor)

    def choose_next(self) -> None:
        """Mark the next of the lines under the cursor, by price from the top."""
        keys = self.lines_at_cursor()
        if len(keys) < 2 or self._marked is None:
            return
        keys.sort(key=lambda key: (-self._lines[key].price, key))
        self._chosen = keys[(keys.index(self._marked) + 1) % len(keys)]
        if self._mark():
            self.update()

    def _lines_at(self, point: QPointF) -> list[str]:
        placed = [one for one in self._layout() if one.line.key != STAGED_KEY]
        for one in placed:
            if one.rect.contains(point):
                return [one.line.key]
        near = [one for one in placed if abs(one.y - point.y()) <= REACH]
        # At one price, an order comes before the position: it is what can be acted on.
        near.sort(key=lambda one: (abs(one.y - point.y()), one.line.key == POSITION_KEY))
        return [one.line.key for one in near]

    def cross_at(self, point: QPointF) -> str | None:
        """Return the key of the line whose cross is at the point, None if there is none."""
        for one in self._layout():
            if one.label.cross(one.rect).contains(point):
                return one.line.key
        return None

    def label_rect(self, key: str) -> QRectF:
        """Return where the label of a line is, in pixels of the pane; empty if out of view."""
        rects = (one.rect for one in self._layout() if one.line.key == key)
        return next(rects, QRectF())

    def line_y(self, key: str) -> float:
        """Return where the line is, in pixels from the top of the pane; KeyError if not shown."""
        return self._y_of(float(self._lines[key].price))

    def remove(self) -> None:
        """Take the item out of its plot for good."""
        self.view.sigTransformChanged.disconnect(self._view_moved)
        self.view.sigResized.disconnect(self._resized)
        self.setParentItem(None)
        scene = self.scene()
        if scene is not None:
            scene.removeItem(self)

    # ---- where things are

    def _y_of(self, price: float) -> float:
        return float(self.view.mapFromView(QPointF(0.0, price)).y())

    def _layout(self) -> list[Placed]:
        if self._placed is None:
            pane = self.boundingRect()
            zero, one = self._read_y_scale()
            above, below = pane.top(), pane.bottom()
            at_y = [(zero + one * float(line.price), line) for line in self._lines.values()]
            visible = [(y, line) for y, line in at_y if above <= y <= below]
            self._placed = place_lines(visible, pane, self._label, self._marked)
            if self._side == "left":
                self._placed = mirrored(self._placed, pane)
            self._strokes = None
        return self._placed

    def _read_y_scale(self) -> tuple[float, float]:
        """Return (y of price 0, pixels a unit of price)."""
        zero = self._y_of(0.0)
        return zero, self._y_of(1.0) - zero

    def _label(self, line: Line, compact: bool) -> OrderLabel:
        key = (line.key, compact)
        label = self._labels.get(key)
        if label is None or label.line != line:
            widget = self.view.getViewWidget()
            ratio = 1.0 if widget is None else float(widget.devicePixelRatioF())
            label = self._labels[key] = OrderLabel(line, compact=compact, ratio=ratio)
        return label

    def _mark(self) -> bool:
        """Find anew what is under the cursor; return whether it is another line."""
        marked = self.line_at_cursor()
        if marked == self._marked:
            return False
        self._marked = marked
        self._placed = None
        return True

    # ---- what changed

    def _resized(self) -> None:
        super()._resized()
        self._placed = None

    def _view_moved(self) -> None:
        scale = self._read_y_scale()
        if scale != self._y_scale:  # a pan to the side moves no line
            self._y_scale = scale
            self._placed = None
            self.update()

    def _in_hand_strip(self, key: str) -> QRectF | None:
        """Return what a line in hand covers: its moves repaint that and no more."""
        line = self._lines.get(key)
        if line is None or line.style is not LineStyle.STAGED:
            return None
        top = self._y_of(float(line.price))
        strip = QRectF(0, top - 2, self.boundingRect().width(), 5)
        return strip.united(self.label_rect(key).adjusted(-2, -2, 2, 2))

    def _after_change(self, key: str, before: QRectF | None) -> None:
        self._placed = None
        if key not in self._lines:
            self._labels.pop((key, True), None)
            self._labels.pop((key, False), None)
        after = self._in_hand_strip(key)
        if before is None or (after is None and key in self._lines):
            self.update()
            return
        self.update(before)
        if after is not None:
            self.update(after)

    # ---- drawing

    def paint(
        self,
        painter: QPainter | None,
        option: QStyleOptionGraphicsItem | None,
        widget: QWidget | None = None,
    ) -> None:
        """Draw what is exposed: first the lines, then the labels over them."""
        if painter is None or option is None:
            return
        self._mark()
        exposed = option.exposedRect
        placed = self._layout()
        painter.save()
        painter.setClipRect(self.boundingRect())
        if self._strokes is None:
            self._strokes = self._levels(placed)
        painter.setPen(Qt.PenStyle.NoPen)
        for stroke, rects in self._strokes.items():
            painter.setBrush(self._brush(stroke))
            painter.drawRects(*rects)
        for one in placed:
            if one.leader is not None:
                painter.setPen(theme.color(side_color(one.line)))
                painter.drawLine(one.leader)
        for one in placed:
            if one.rect.intersects(exposed):
                painter.drawPixmap(one.rect.topLeft(), one.label.pixmap)
        painter.restore()

    def _levels(self, placed: list[Placed]) -> dict[_Stroke, list[QRectF]]:
        """Return every line and ghost by its stroke: one call each, however many there are."""
        strokes: defaultdict[_Stroke, list[QRectF]] = defaultdict(list)
        width = self.boundingRect().width()
        for one in placed:
            line, color = one.line, side_color(one.line)
            thick = line.style is LineStyle.STAGED or line.key == self._marked
            part = _FAINT if line.cancel_called else 1.0 if thick else _RESTING
            start, length = self._reach(width, whole=thick or bool(line.refused))
            level = QRectF(start, round(one.y), length, 2 if thick else 1)
            strokes[line.style, color, part].append(level)
            if line.ghost_price is not None:
                ghost_y = round(self._y_of(float(line.ghost_price)))
                ghost = QRectF(start, ghost_y, length, 1)
                strokes[line.ghost_style, color, _FAINT].append(ghost)
        return strokes

    def _reach(self, width: float, *, whole: bool) -> tuple[float, float]:
        """Return where a line begins, and how long it is."""
        if whole:
            return 0.0, width
        short = width * _SHORT
        return (0.0 if self._side == "left" else width - short), short

    def _brush(self, stroke: _Stroke) -> QBrush:
        """Return a brush of one period of a line: far cheaper than a dashed pen."""
        brush = self._brushes.get(stroke)
        if brush is None:
            style, name, part = stroke
            color = theme.mixed(name, part)
            drawn, left_out = _PATTERNS[style]
            brush = QBrush(_period(drawn, left_out, color) if left_out else color)
            self._brushes[stroke] = brush
        return brush


def _period(drawn: int, left_out: int, color: QColor) -> QPixmap:
    pattern = QPixmap(drawn + left_out, 1)
    pattern.fill(Qt.GlobalColor.transparent)
    painter = QPainter(pattern)
    painter.fillRect(0, 0, drawn, 1, color)
    painter.end()
    return pattern
