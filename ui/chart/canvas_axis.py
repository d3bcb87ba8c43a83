"""An axis that the canvas paints: what the price axis and the time axis have in common."""

from collections.abc import Callable
from typing import Any

import pyqtgraph as pg
from PyQt6.QtCore import QPoint, QRectF, Qt
from PyQt6.QtGui import QPainter
from PyQt6.QtWidgets import QGraphicsItem, QStyleOptionGraphicsItem, QWidget

from ui.chart.canvas import Canvas


class LeanAxis(pg.AxisItem):  # type: ignore[misc]  # pyqtgraph has no types
    """An axis of pyqtgraph's that lays out its label only if it has one.

    Pyqtgraph lays out the empty label seven times as it makes an axis: for the four axes of a plot
    a tenth of what a chart takes to open.
    """

    def _updateLabel(self) -> None:
        if self.labelText or self.labelUnits:
            super()._updateLabel()
        else:
            self._adjustSize()
            self.picture = None
            self.update()


class CanvasAxis(LeanAxis):
    """An axis in its place in the plot's layout, with the mouse of pyqtgraph's and none of its ink.

    It replaces the painting of pyqtgraph's axis, which lays out text at each change of the view.
    """

    def __init__(self, orientation: str) -> None:
        super().__init__(orientation)
        self.menu_asked: Callable[[QPoint], None] = lambda _: None
        """Called with the place on the screen of a right click."""
        self.setFlag(QGraphicsItem.GraphicsItemFlag.ItemHasNoContents)

    def mouseClickEvent(self, event: Any) -> None:
        """Ask for the menu of the axes at a right click."""
        if event.button() == Qt.MouseButton.RightButton:
            event.accept()
            self.menu_asked(event.screenPos().toPoint())

    def boundingRect(self) -> QRectF:
        """Return the axis without pyqtgraph's margins."""
        return QRectF(self.rect())

    def update(self, part: QRectF | None = None) -> None:
        """Paint all or a part anew, in pixels of the axis."""
        canvas = self.getViewWidget()
        if isinstance(canvas, Canvas):
            part = self.boundingRect() if part is None else part
            canvas.repaint_part(self.mapRectToScene(part))

    def linkedViewChanged(self, view: Any, newRange: Any = None) -> None:  # noqa: N803
        """Do nothing: whoever moves the view paints everything anew."""

    def paint(
        self, p: QPainter, opt: QStyleOptionGraphicsItem, widget: QWidget | None = None
    ) -> None:
        """Draw nothing in the scene."""
