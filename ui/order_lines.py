"""All order lines of a plot in one item: it draws them, labels them, and knows what is where."""

from collections.abc import Iterable
from typing import Final, Literal

import pyqtgraph as pg
from PyQt6.QtCore import QPointF, QRect, QRectF
from PyQt6.QtGui import QPainter
from PyQt6.QtWidgets import QStyleOptionGraphicsItem, QWidget

from order_mode.line import POSITION_KEY, STAGED_KEY, Line, LineStyle
from ui.chart.pane_item import PaneItem
from ui.order_label import OrderLabel
from ui.order_label_picture import LabelPicture, draw_labels
from ui.order_line_layout import Placed, mirrored, place_beside, place_resting
from ui.order_line_strokes import Stroke, Strokes

REACH: Final = 6.0
"""A line is under the cursor within this many logical pixels."""

_LAYER: Final = 100.0


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
        self._side: Final = side
        self._lines: dict[str, Line] = {}
        self._labels: dict[tuple[str, bool], OrderLabel] = {}
        self._cursor: QPointF | None = None
        self._column: list[Placed] = []  # the resting ones as if on the right
        self._resting: list[Placed] | None = None
        self._beside: list[Placed] | None = None
        self._compact = False
        self._levels: dict[Stroke, list[QRect]] | None = None
        self._strokes = Strokes(self._y_of, side)
        self._picture = LabelPicture()
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
            self._beside = None
            self._after_change(line.key, in_hand)

    def remove_line(self, key: str) -> None:
        """Draw this line no more; a key that is not shown is no error."""
        if key in self._lines:
            in_hand = self._in_hand_strip(key)
            del self._lines[key]
            self._beside = None
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
        rects = (one.rect for one in reversed(self._layout()) if one.line.key == key)
        return next(rects, QRectF())

    def line_y(self, key: str) -> float:
        """Return where the line is, in pixels from the top of the pane; KeyError if not shown."""
        return self._y_of(float(self._lines[key].price))

    def remove(self) -> None:
        """Take the item out of its plot for good."""
        self.view.sigTransformChanged.disconnect(self._view_moved)
        super().remove()

    # ---- where things are

    def _y_of(self, price: float) -> float:
        return float(self.view.mapFromView(QPointF(0.0, price)).y())

    def _layout(self) -> list[Placed]:
        """Return all lines in view, those beside the others last."""
        if self._resting is None:
            lines = (line for line in self._lines.values() if line.style is not LineStyle.STAGED)
            pane = self.boundingRect()
            visible = self._in_view(lines)
            self._column, self._compact = place_resting(visible, pane, self._label)
            self._resting = self._on_side(self._column)
            self._beside = self._levels = None
        if self._beside is None:
            beside: list[Placed] = []
            for y, line in self._in_view(self._apart()):
                others = [*self._column, *beside]
                beside.append(place_beside(y, line, self.boundingRect(), self._label, others))
            self._beside = self._on_side(beside)
        return [*self._resting, *self._beside]

    def _on_side(self, placed: list[Placed]) -> list[Placed]:
        """Return the labels, placed from the right, where they stand."""
        return placed if self._side == "right" else mirrored(placed, self.boundingRect())

    def _apart(self) -> list[Line]:
        """Return the lines in hand, and the marked one where labels are compact."""
        lines = [line for line in self._lines.values() if line.style is LineStyle.STAGED]
        marked = self._lines.get(self._marked or "") if self._compact else None
        return lines if marked is None or marked in lines else [*lines, marked]

    def _in_view(self, lines: Iterable[Line]) -> list[tuple[float, Line]]:
        pane = self.boundingRect()
        zero, one = self._read_y_scale()
        at_y = [(zero + one * float(line.price), line) for line in lines]
        return [(y, line) for y, line in at_y if pane.top() <= y <= pane.bottom()]

    def _read_y_scale(self) -> tuple[float, float]:
        """Return (y of price 0, pixels a unit of price)."""
        zero = self._y_of(0.0)
        return zero, self._y_of(1.0) - zero

    def _label(self, line: Line, compact: bool) -> OrderLabel:
        key = (line.key, compact)
        label = self._labels.get(key)
        if label is None or label.line is not line:
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
        self._beside = self._levels = None
        return True

    # ---- what changed

    def _resized(self) -> None:
        super()._resized()
        self._resting = None

    def _view_moved(self) -> None:
        scale = self._read_y_scale()
        if scale != self._y_scale:  # a pan to the side moves no line
            self._y_scale = scale
            self._resting = None
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
        if key not in self._lines:
            self._labels.pop((key, True), None)
            self._labels.pop((key, False), None)
        after = self._in_hand_strip(key)
        if before is None or (after is None and key in self._lines):
            self._resting = None
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
        """Draw first the lines, then the labels over them."""
        if painter is None or not self._lines:
            return
        self._mark()
        self._layout()
        assert self._resting is not None
        assert self._beside is not None
        width = round(self.boundingRect().width())
        if self._levels is None:
            self._levels = self._strokes.of(self._resting, width, self._marked)
        painter.save()
        painter.setClipRect(self.boundingRect())
        self._strokes.draw(painter, self._levels)
        in_hand = [one for one in self._beside if one.line.style is LineStyle.STAGED]
        self._strokes.draw(painter, self._strokes.of(in_hand, width, self._marked))
        self._picture.draw(painter, self._resting)
        draw_labels(painter, self._beside)
        painter.restore()
