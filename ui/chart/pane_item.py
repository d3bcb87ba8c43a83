"""An item that covers the price pane and is drawn in its pixels, not in bars and prices."""

import pyqtgraph as pg
from PyQt6.QtCore import QRectF
from PyQt6.QtGui import QPainter, QPainterPath
from PyQt6.QtWidgets import QGraphicsItem

from ui.chart.canvas import Canvas
from ui.chart.columns import PixelMap


class PaneItem(QGraphicsItem):
    """A layer of the pane: as large as the view, and no mouse event ever meets it.

    A plain item and not one of pyqtgraph's, which would be told of every change of the view. On
    our own chart the canvas paints it; on any other plot the scene does.

    Parameters
    ----------
    view : pg.ViewBox
        The pane.
    layer : float
        z among the layers; items in data coordinates, the order lines among them, are at 0.
    """

    def __init__(self, view: pg.ViewBox, layer: float) -> None:
        super().__init__(view)
        self.view = view
        self._bounds = QRectF(view.rect())
        self.setZValue(layer)
        widget = view.getViewWidget()
        self._canvas = widget if isinstance(widget, Canvas) else None
        if self._canvas is not None:
            self.setFlag(QGraphicsItem.GraphicsItemFlag.ItemHasNoContents)
            self._canvas.add_layer(self)
        view.sigResized.connect(self._resized)

    def boundingRect(self) -> QRectF:
        """Return the whole pane."""
        return self._bounds

    def shape(self) -> QPainterPath:
        """Return nothing, so that nothing is ever under the mouse."""
        return QPainterPath()

    def update(self, part: QRectF | None = None) -> None:  # type: ignore[override]
        """Paint all or a part anew, in pixels of the pane."""
        part = self.boundingRect() if part is None else part
        if self._canvas is None:
            super().update(part)
        else:
            self._canvas.repaint_part(self.mapRectToScene(part))

    def setVisible(self, visible: bool) -> None:
        """Show it or hide it."""
        if visible != self.isVisible():
            super().setVisible(visible)
            self.update()

    def paint_exposed(self, painter: QPainter, exposed: QRectF) -> None:
        """Paint what a part of the widget shows of it; the painter is clipped to that."""
        self.paint(painter, None)

    def remove(self) -> None:
        """Take the item out of its plot for good."""
        self.view.sigResized.disconnect(self._resized)
        if self._canvas is not None:
            self.update()
            self._canvas.remove_layer(self)
        self.setParentItem(None)
        scene = self.scene()
        if scene is not None:
            scene.removeItem(self)

    def _resized(self) -> None:
        self.prepareGeometryChange()
        self._bounds = QRectF(self.view.rect())


def pixel_map(
    view: pg.ViewBox, dx: float, dy: float, ratio: float, *, is_log: bool = False
) -> PixelMap:
    """Return how bars and prices of a view fall on device pixels.

    Parameters
    ----------
    view : pg.ViewBox
        The pane.
    dx, dy : float
        Where its top left corner is in the widget, logical pixels.
    ratio : float
        Device pixels a logical pixel.
    is_log : bool
        Whether the view's y is the logarithm of the price.
    """
    (x0, x1), (y0, y1) = view.viewRange()
    size = view.rect()
    width, height = size.width() * ratio, size.height() * ratio
    left, top = dx * ratio, dy * ratio
    x_scale, y_scale = width / (x1 - x0), -height / (y1 - y0)
    return PixelMap(
        x_scale,
        left - x0 * x_scale,
        y_scale,
        top - y1 * y_scale,
        round(left),
        round(left + width),
        round(top),
        round(top + height),
        ratio,
        is_log,
    )


def to_device_pixels(painter: QPainter, ratio: float) -> None:
    """Let the painter draw in whole device pixels of the widget from now on."""
    painter.resetTransform()
    if ratio != 1.0:
        painter.scale(1.0 / ratio, 1.0 / ratio)
