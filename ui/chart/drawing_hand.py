"""The hand that draws: it makes, moves and deletes drawings, and undoes what it did."""

import math
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Final

from PyQt6.QtCore import QObject, QPointF, Qt, pyqtSignal

from ui.chart.bar_series import BarSeries
from ui.chart.drawing import Anchor, Drawing, DrawingKind, Drawings
from ui.chart.view import ChartView

if TYPE_CHECKING:
    from ui.chart.drawing_layer import DrawingLayer, Hit

_DIGITS: Final = 10
_WHY: Final = "a drawing is moved"


class DrawingHand(QObject):
    """Turns clicks, drags and keys over the price pane into changes of the drawings.

    Whatever order mode makes use of, a press on an order line above all, never comes here.

    Parameters
    ----------
    view : ChartView
        Offers its clicks and drags before it acts on them itself.
    series : BarSeries
        Whose bars the anchors snap to.

    Signals
    -------
    tool_changed()
        Another kind is about to be drawn, or none.
    changed()
        Something was drawn, moved, deleted or undone.
    """

    tool_changed = pyqtSignal()
    changed = pyqtSignal()

    def __init__(self, view: ChartView, series: BarSeries) -> None:
        super().__init__()
        self._view = view
        self._series = series
        self.tick_at: Callable[[float], float] = lambda _: 0.01
        """Returns the tick size at a price."""
        self.drawings = Drawings(self._on_change)
        self._layer: DrawingLayer | None = None
        self._tool: DrawingKind | None = None
        self._marked: int | None = None
        self._moved: Drawing | None = None
        self._grab: tuple[Hit, QPointF] | None = None
        view.drag_taker, view.click_taker = self.drag, self.click

    @property
    def tool(self) -> DrawingKind | None:
        """What the next click or drag draws; None = it does what it always does."""
        return self._tool

    def replace(self, series: BarSeries) -> None:
        """Draw over other bars from now on; drawings stay at their times."""
        self._series = series
        if self._layer is not None:
            self._layer.series = series
            self._show()

    def take_tool(self, kind: DrawingKind | None) -> None:
        """Draw this with the next click or drag; None puts the tool away."""
        if kind is not self._tool:
            self._tool = kind
            self._mark(None)
            self.tool_changed.emit()

    def click(self, ev: Any) -> bool:
        """Draw a level, or mark the drawing at a click; return whether the click was used."""
        if ev.button() != Qt.MouseButton.LeftButton:
            return False
        at = self._view.mapFromScene(ev.scenePos())
        if self._tool is DrawingKind.LEVEL:
            self._finish(Drawing(DrawingKind.LEVEL, (self._anchor(at),)))
            return True
        hit = self._hit(at)
        self._mark(None if hit is None else hit.place)
        return hit is not None

    def drag(self, ev: Any) -> bool:
        """Draw between two points, or move what is at the first; return whether it was used."""
        begin = self._view.mapFromScene(ev.buttonDownScenePos())
        at = self._view.mapFromScene(ev.scenePos())
        plain = ev.modifiers() == Qt.KeyboardModifier.NoModifier
        if ev.button() != Qt.MouseButton.LeftButton or not plain:
            return False
        if self._tool is not None:
            self._draw(ev, begin, at)
            return True
        if ev.isStart():
            self._view.framing.hold(_WHY)
            hit = self._hit(begin)
            self._grab = None if hit is None else (hit, begin)
            if hit is not None:
                self._mark(hit.place)
        if self._grab is None:
            self._view.framing.release(_WHY)
            return False
        self._move(*self._grab, at)
        if ev.isFinish():
            self._view.framing.release(_WHY)
            self._let_go()
        return True

    def press(self, key: int, modifiers: Qt.KeyboardModifier) -> bool:
        """Do what a key asks of the drawings; return whether it is one of their keys."""
        control, shift = Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.ShiftModifier
        if key == Qt.Key.Key_Z and modifiers == control:
            return self._step(undo=True)
        if key == Qt.Key.Key_Z and modifiers == control | shift:
            return self._step(undo=False)
        if modifiers != Qt.KeyboardModifier.NoModifier:
            return False
        if key in (Qt.Key.Key_Delete, Qt.Key.Key_Backspace) and self._marked is not None:
            place, self._marked = self._marked, None
            self.drawings.remove(place)
            return True
        if key == Qt.Key.Key_Escape and (self._tool or self._grab or self._marked is not None):
            self._view.framing.release(_WHY)
            self._grab = self._moved = None
            self.take_tool(None)
            self._mark(None)
            return True
        return False

    # ---- inside

    def _draw(self, ev: Any, begin: QPointF, at: QPointF) -> None:
        assert self._tool is not None
        anchors = (self._anchor(begin), self._anchor(at))
        level = self._tool is DrawingKind.LEVEL
        drawing = Drawing(self._tool, anchors[1:] if level else anchors)
        if ev.isFinish():
            self._finish(drawing)
        else:
            self._moved = drawing
            self._show()

    def _finish(self, drawing: Drawing) -> None:
        """Keep what was drawn, mark it, and put the tool away."""
        self._moved = None
        self.drawings.add(drawing)
        self.take_tool(None)
        self._mark(len(self.drawings.all) - 1)

    def _move(self, hit: "Hit", begin: QPointF, at: QPointF) -> None:
        """Show what is in the hand where it would be."""
        drawing = self.drawings.all[hit.place]
        if hit.anchor is not None:
            self._moved = drawing.with_anchor(hit.anchor, self._anchor(at))
        else:
            assert self._layer is not None
            for number, anchor in enumerate(drawing.anchors):
                point = self._layer.point(anchor) + at - begin
                drawing = drawing.with_anchor(number, self._anchor(point))
            self._moved = drawing
        self._show()

    def _let_go(self) -> None:
        grab, moved = self._grab, self._moved
        self._grab = self._moved = None
        if grab is not None and moved is not None:
            self.drawings.change(grab[0].place, moved)
        self._show()

    def _step(self, *, undo: bool) -> bool:
        self._marked = None
        done = self.drawings.undo() if undo else self.drawings.redo()
        self._show()
        return done

    def _anchor(self, at: QPointF) -> Anchor:
        """Return the bar and the price on the grid of ticks at a point of the pane."""
        place = self._view.mapToView(at)
        x = math.floor(place.x() + 0.5)
        price = self._view.scale.price(float(place.y()))
        tick = self.tick_at(price)
        price = round(round(price / tick) * tick, _DIGITS)
        return Anchor(self._series.time_of_x(x - 0.5), price)

    def _hit(self, at: QPointF) -> "Hit | None":
        return None if self._layer is None else self._layer.hit(at)

    def _mark(self, place: int | None) -> None:
        if place != self._marked:
            self._marked = place
            self._show()

    def _on_change(self) -> None:
        if self._marked is not None and self._marked >= len(self.drawings.all):
            self._marked = None
        self._show()
        self.changed.emit()

    def _show(self) -> None:
        shown = list(self.drawings.all)
        if self._moved is not None and self._grab is not None:
            shown[self._grab[0].place] = self._moved
        elif self._moved is not None:
            shown.append(self._moved)
        if self._layer is None:
            if not shown:
                return
            from ui.chart.drawing_layer import DrawingLayer  # few charts have drawings

            self._layer = DrawingLayer(self._view, self._series)
        self._layer.show_drawings(shown, self._marked)
