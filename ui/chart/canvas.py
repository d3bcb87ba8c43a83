"""The widget that the chart is painted on."""

from collections.abc import Callable, Sequence
from typing import Any, Protocol

import pyqtgraph as pg
from PyQt6.QtCore import QRect, QRectF, Qt, pyqtSignal
from PyQt6.QtGui import QKeyEvent, QPainter, QPaintEvent, QRegion, QTransform
from PyQt6.QtWidgets import QGraphicsItem

from ui import theme
from ui.chart.view import ChartView


class CanvasLayer(Protocol):
    """An item of the scene that the canvas paints itself."""

    def zValue(self) -> float:
        """Return what lies over what; items in data coordinates are at 0."""

    def isVisible(self) -> bool:
        """Tell whether it is painted."""

    def sceneTransform(self) -> QTransform:
        """Return where it is."""

    def paint_exposed(self, painter: QPainter, exposed: QRectF) -> None:
        """Paint in the item's coordinates; ``exposed`` is in those of the widget."""


class Canvas(pg.GraphicsView):  # type: ignore[misc]  # pyqtgraph has no types
    """A graphics view that paints the chart's own layers without the scene.

    The scene knows where the layers are, but Qt's way through it costs as much as the bars. So
    it is gone only if there is anything else in the scene, what others have put on the plot.

    Signals
    -------
    mouse_left
        The mouse is no longer over the chart.
    """

    mouse_left = pyqtSignal()

    def __init__(self, view: ChartView) -> None:
        super().__init__(useOpenGL=False, background=None)
        self._chart_view = view
        self._exposed: QRegion | None = None
        self.key_taker: Callable[[int, Qt.KeyboardModifier], bool] | None = None
        """Gets each key first; returns whether it made use of it."""
        self._layers: list[CanvasLayer] = []
        self._known: set[object] = set()
        self._items: list[QGraphicsItem] = []
        self._others: list[QGraphicsItem] = []
        self.pane = QRect()
        """What a layer covers whenever only a part of it is painted, logical pixels."""
        self.setCacheMode(pg.GraphicsView.CacheModeFlag.CacheNone)
        self.viewport().setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)

    def add_layer(self, layer: CanvasLayer) -> None:
        """Paint a layer from now on: below the items of others if its z is below 0."""
        self._layers.append(layer)
        self._known.add(layer)
        self._items.clear()
        self._layers.sort(key=lambda one: one.zValue())

    def remove_layer(self, layer: CanvasLayer) -> None:
        """Paint a layer no more."""
        self._layers.remove(layer)
        self._known.remove(layer)

    def know_items(self) -> None:
        """Take what is in the scene now for empty frames, which nobody needs to paint."""
        self._items.clear()
        self._known.update(item for item in self.scene().items() if item.isVisible())

    def repaint_rect(self, part: QRect) -> None:
        """Paint a part anew, logical pixels."""
        self.viewport().update(part)

    def repaint_part(self, part: QRectF) -> None:
        """Paint a part anew, logical pixels."""
        self.viewport().update(part.toAlignedRect())

    def exposed(self) -> QRegion | None:
        """Return what is being painted, logical pixels; None if the widget is not painting."""
        return self._exposed

    def paintEvent(self, ev: QPaintEvent) -> None:
        """Paint what is exposed."""
        self._exposed = ev.region()
        self.scene().prepareForPaint()
        try:
            if self._has_items_of_others():
                below = [layer for layer in self._layers if layer.zValue() < 0]
                self._paint_layers(ev.rect(), below, ground=True)
                super().paintEvent(ev)
                self._paint_layers(ev.rect(), self._layers[len(below) :], ground=False)
            else:
                self._paint_layers(ev.rect(), self._layers, ground=True)
        finally:
            self._exposed = None

    def _uncovered(self, rect: QRect) -> QRect:
        """Return what the ground has to be painted on, where a rectangle is painted anew."""
        pane = self.pane
        beside = rect.top() >= pane.top() and rect.bottom() <= pane.bottom()
        if not beside or rect.left() < pane.left() or rect.contains(pane):
            return rect
        left = pane.right() + 1  # of the price axis: a tick paints a part of pane and axis anew
        return QRect(left, rect.top(), max(rect.right() + 1 - left, 0), rect.height())

    def _has_items_of_others(self) -> bool:
        items = self.scene().items()
        if items != self._items:
            self._items = items
            others = [item for item in items if item not in self._known]
            # a child shows only if its parent does
            self._others = [item for item in others if item.parentItem() not in others]
        return any(map(QGraphicsItem.isVisible, self._others))

    def _paint_layers(self, rect: QRect, layers: Sequence[CanvasLayer], *, ground: bool) -> None:
        painter = QPainter(self.viewport())
        if ground:
            painter.fillRect(self._uncovered(rect), theme.brush(theme.BACKGROUND))
        exposed = QRectF(rect)
        for layer in layers:
            if layer.isVisible():
                painter.setWorldTransform(layer.sceneTransform())
                layer.paint_exposed(painter, exposed)
        painter.end()

    def keyPressEvent(self, ev: QKeyEvent) -> None:
        """Move the view with its keys; all others go the usual way."""
        if self.key_taker is not None and self.key_taker(ev.key(), ev.modifiers()):
            ev.accept()
            return
        modified = ev.modifiers() & ~Qt.KeyboardModifier.KeypadModifier
        view = self._chart_view
        press = {
            Qt.KeyboardModifier.NoModifier: view.press,
            Qt.KeyboardModifier.AltModifier: view.press_alt,
        }.get(modified)
        if press is not None and press(ev.key()):
            ev.accept()
        else:
            super().keyPressEvent(ev)

    def leaveEvent(self, ev: Any) -> None:
        """Announce that the mouse has left."""
        super().leaveEvent(ev)
        self.mouse_left.emit()
