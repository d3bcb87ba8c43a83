"""The cursor over one plot of a view: where it is in the pane, and what it looks like there."""

import pyqtgraph as pg
from PyQt6.QtCore import QPoint, QPointF, Qt
from PyQt6.QtWidgets import QGraphicsView


class PlotCursor:
    """Knows where the cursor is. Points are of the pane; positions are of the view's viewport.

    Parameters
    ----------
    plot_item : pg.PlotItem
        Others in the same view are none of its business.
    view
        That the plot is in.
    """

    def __init__(self, plot_item: pg.PlotItem, view: QGraphicsView) -> None:
        self.point: QPointF | None = None
        """Where it is; None = not over the plot, axes included."""
        self._plot_item = plot_item
        self._box: pg.ViewBox = plot_item.vb
        self._view = view
        viewport = view.viewport()
        assert viewport is not None
        self._viewport = viewport
        self._shape: Qt.CursorShape | None = None

    @property
    def pane_point(self) -> QPointF | None:
        """Where it is in the pane; None = not over the pane."""
        point = self.point
        return point if point is not None and self.is_in_pane(point) else None

    def is_over(self, position: QPointF) -> bool:
        """Tell whether a position is over the plot."""
        scene_point = self._view.mapToScene(position.toPoint())
        return bool(self._plot_item.sceneBoundingRect().contains(scene_point))

    def point_at(self, position: QPointF) -> QPointF:
        """Return the point of the pane at a position."""
        return QPointF(self._box.mapFromScene(self._view.mapToScene(position.toPoint())))

    def is_in_pane(self, point: QPointF) -> bool:
        """Tell whether a point is over the pane, and not over an axis."""
        return bool(self._box.rect().contains(point))

    def on_screen(self, point: QPointF) -> QPoint:
        """Return where a point is on the screen."""
        scene_point: QPointF = self._box.mapToScene(point)
        return self._viewport.mapToGlobal(self._view.mapFromScene(scene_point))

    def set_shape(self, shape: Qt.CursorShape | None) -> None:
        """Give it a shape; None = the one that the view has of its own."""
        if shape == self._shape:
            return
        self._shape = shape
        if shape is None:
            self._viewport.unsetCursor()
        else:
            self._viewport.setCursor(shape)
