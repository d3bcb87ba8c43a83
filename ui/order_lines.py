"""All order lines of a plot in one item: it draws them, labels them, and knows what is where."""

from collections.abc import Sequence
from typing import Final, Literal

import pyqtgraph as pg
from PyQt6.QtCore import QPointF, QRectF
from PyQt6.QtGui import QPainter
from PyQt6.QtWidgets import QStyleOptionGraphicsItem, QWidget

from order_mode.line import POSITION_KEY, Button, Line, LineStyle, is_staged
from ui import theme
from ui.chart.pane_item import PaneItem
from ui.chart.price_scale import PriceScale
from ui.order_label_picture import LabelPicture, draw_labels
from ui.order_line_layout import Placed
from ui.order_line_places import OrderLinePlaces
from ui.order_line_strokes import Rects, Stroke, Strokes

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
    scale : PriceScale, optional
        How prices lie on the y axis; None = as they are.
    """

    def __init__(
        self,
        view: pg.ViewBox,
        side: Literal["left", "right"] = "right",
        scale: PriceScale | None = None,
    ) -> None:
        super().__init__(view, _LAYER)
        self._places = OrderLinePlaces(view, side, self.boundingRect, scale or PriceScale())
        self._cursor: QPointF | None = None
        self._strokes = Strokes(self._places.y_of, side)
        self._laid_out = -1  # generation of the strokes
        self._beside: Sequence[Placed] = ()
        self._over: list[dict[Stroke, Rects]] = []
        self._picture = LabelPicture()
        self._chosen: str | None = None  # by `choose_next`; None = the nearest is marked
        view.sigTransformChanged.connect(self._view_moved)
        theme.changes.changed.connect(self._restyle)

    @property
    def lines(self) -> dict[str, Line]:
        """Every line by key, in view or not."""
        return self._places.lines

    def show_line(self, line: Line) -> None:
        """Draw the line; one with the same key is replaced."""
        if self.lines.get(line.key) != line:
            before = self._places.hand_strip(line.key)
            self._places.put(line)
            after = self._places.hand_strip(line.key)
            self._repaint_hand(before, after, moved=line.key in self._places.in_hand)

    def remove_line(self, key: str) -> None:
        """Draw this line no more; a key that is not shown is no error."""
        if key in self.lines:
            before = self._places.hand_strip(key)
            self._places.take_away(key)
            self._repaint_hand(before, None, moved=True)

    def _repaint_hand(self, before: QRectF | None, after: QRectF | None, *, moved: bool) -> None:
        """Paint anew what a change touches: all, unless it was only a line in hand that moved."""
        if before is None or not moved:
            self.update()
        else:
            self.update(before if after is None else before.united(after))

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
        if len(keys) < 2 or self._places.marked is None:
            return
        keys.sort(key=lambda key: (-self.lines[key].price, key))
        self._chosen = keys[(keys.index(self._places.marked) + 1) % len(keys)]
        if self._mark():
            self.update()

    def _lines_at(self, point: QPointF) -> list[str]:
        x, y = point.x(), point.y()
        placed = [one for one in self._places.all() if not is_staged(one.line.key)]
        for one in placed:
            if one.covers(x, y):
                return [one.line.key]
        near = [one for one in placed if abs(one.y - y) <= REACH]
        # At one price, an order comes before the position: it is what can be acted on.
        near.sort(key=lambda one: (abs(one.y - y), one.line.key == POSITION_KEY))
        return [one.line.key for one in near]

    def cross_at(self, point: QPointF) -> str | None:
        """Return the key of the line whose cross is at the point, None if there is none."""
        for one in self._places.all():
            if one.label.cross(one.rect).contains(point):
                return one.line.key
        return None

    def button_at(self, point: QPointF) -> tuple[str, Button] | None:
        """Return the line's key and the button that is at the point, None if there is none."""
        for one in reversed(self._places.all()):
            if one.covers(point.x(), point.y()):
                button = one.label.button_at(one.rect, point)
                return None if button is None else (one.line.key, button)
        return None

    def label_rect(self, key: str) -> QRectF:
        """Return where the label of a line is, in pixels of the pane; empty if out of view."""
        rects = (one.rect for one in reversed(self._places.all()) if one.line.key == key)
        return next(rects, QRectF())

    def line_y(self, key: str) -> float:
        """Return where the line is, in pixels from the top of the pane; KeyError if not shown."""
        return self._places.y_of(float(self.lines[key].price))

    def remove(self) -> None:
        """Take the item out of its plot for good."""
        self.view.sigTransformChanged.disconnect(self._view_moved)
        theme.changes.changed.disconnect(self._restyle)
        super().remove()

    def _mark(self) -> bool:
        """Find anew what is under the cursor; return whether it is another line."""
        marked = self.line_at_cursor()
        if marked == self._places.marked:
            return False
        self._places.mark(marked)
        self._laid_out = -1
        return True

    def _resized(self) -> None:
        super()._resized()
        self._places.resized()

    def _restyle(self) -> None:
        """Paint every label and line in the colours of another theme."""
        self._places.restyle()
        self._strokes.restyle()
        self._laid_out = -1
        self.update()

    def rescale(self) -> None:
        """Place all lines anew: the scale of the prices is another one."""
        self._places.resized()
        self.update()

    def _view_moved(self) -> None:
        if self._places.moved():
            self.update()

    # ---- drawing

    def paint(
        self,
        painter: QPainter | None,
        option: QStyleOptionGraphicsItem | None,
        widget: QWidget | None = None,
    ) -> None:
        """Draw first the lines, then the labels over them."""
        if painter is None or not self.lines:
            return
        self._mark()
        resting, beside = self._places.resting(), self._places.beside()
        if self._laid_out != self._places.generation or self._beside is not beside:
            self._lay_out(resting, beside)
        painter.save()
        painter.setClipRect(self.boundingRect())
        self._strokes.draw_laid_out(painter)
        for strokes in self._over:
            self._strokes.draw(painter, strokes)
        self._picture.draw(painter, resting)
        draw_labels(painter, beside)
        painter.restore()

    def _lay_out(self, resting: Sequence[Placed], beside: Sequence[Placed]) -> None:
        """Work out what is drawn until any line moves: a pan to the side moves none."""
        width, marked = round(self.boundingRect().width()), self._places.marked
        if self._laid_out != self._places.generation:
            self._laid_out = self._places.generation
            self._strokes.lay_out(self._strokes.of(resting, width, marked))
        self._beside = beside
        in_hand = [one for one in beside if one.line.style is LineStyle.STAGED]
        ties = self._strokes.ties([*resting, *beside], self.lines, width)
        ghosts = self._strokes.ghosts(self._places.leaving(), width)
        self._over = [self._strokes.of(in_hand, width, marked), ties, ghosts]
