"""The picture of the pane: its layers, and a copy of all that no tick changes."""

import math
from collections.abc import Sequence

import pyqtgraph as pg
from PyQt6.QtCore import QRect, QRectF, Qt
from PyQt6.QtGui import QPainter, QPixmap, QRegion
from PyQt6.QtWidgets import QStyleOptionGraphicsItem, QWidget

from ui import theme
from ui.chart.canvas import Canvas
from ui.chart.columns import PixelMap
from ui.chart.layer import Layer, LiveLayer
from ui.chart.pane_item import PaneItem, to_device_pixels
from ui.chart.visible_bars import VisibleBars

_LAYER = -50.0


class Backdrop(PaneItem):
    """Draws the layers, from the back to the front, as one item.

    A pan or zoom draws them anew. Where only a part of the pane is drawn, after a tick or below
    a moving crosshair, the finished layers are copied from a picture of them. It is made when
    it is needed for the first time, so a pan does not pay for it.

    Parameters
    ----------
    view : pg.ViewBox
        The pane.
    bars : VisibleBars
        Brought up to date before the layers draw.
    layers : sequence of Layer
        From the back to the front.
    canvas : Canvas
        Knows what is to be painted.
    """

    def __init__(
        self,
        view: pg.ViewBox,
        bars: VisibleBars,
        layers: Sequence[Layer],
        canvas: Canvas,
    ) -> None:
        super().__init__(view, _LAYER)
        self._bars = bars
        self._layers = list(layers)
        self._live_layers = [layer for layer in layers if isinstance(layer, LiveLayer)]
        self._widget = canvas
        self._picture: QPixmap | None = None
        self._generation = -1
        self._asked: list[QRect] = []
        self._pixels: PixelMap | None = None
        self._whole = QRect()
        """The pane, device pixels."""

    def repaint_part(self, part: QRect) -> None:
        """Paint a part of the pane anew, logical pixels of the widget.

        Parts that are asked for here are copied one by one, which is far cheaper than one copy
        that Qt clips to all of them.
        """
        self._asked.append(part)
        self._widget.repaint_rect(part)

    def redraw(self) -> None:
        """Draw all layers anew: something that stays has changed."""
        self._picture = None
        self.update()

    def paint(
        self,
        painter: QPainter | None,
        option: QStyleOptionGraphicsItem | None,
        widget: QWidget | None = None,
    ) -> None:
        """Draw nothing in a scene: this is for the canvas."""

    def paint_exposed(self, painter: QPainter, exposed: QRectF) -> None:
        """Draw the layers, or copy what is exposed of them."""
        pixels = self._bars.refresh(painter)
        if self._generation != self._bars.generation:
            self._generation = self._bars.generation
            self._picture = None
        to_device_pixels(painter, pixels.ratio)
        if pixels is not self._pixels or self._widget.pane.isEmpty():
            self._pixels, self._widget.pane = pixels, _logical_pane(pixels)
            width, height = pixels.right - pixels.left, pixels.bottom - pixels.top
            self._whole = QRect(pixels.left, pixels.top, width, height)
        painter.setClipRect(self._whole)
        parts = self._parts(self._widget.pane)
        if parts is None:
            painter.setPen(Qt.PenStyle.NoPen)
            for layer in self._layers:
                layer.draw(painter, pixels)
        else:
            self._copy(painter, pixels, parts)
        for live_layer in self._live_layers:
            live_layer.draw_live(painter, pixels)
        painter.setClipping(False)
        self._asked.clear()

    def _resized(self) -> None:
        super()._resized()
        self._widget.pane = QRect()

    def _parts(self, pane: QRect) -> list[QRect] | None:
        """Return rectangles that hold all that is exposed of the pane; None if all of it is.

        In logical pixels.
        """
        exposed = self._widget.exposed()
        if exposed is None:
            return None
        if exposed.rectCount() == 1:
            rect = exposed.boundingRect()
            return None if rect.contains(pane) else [rect]
        rest = exposed.intersected(QRegion(pane))
        for part in self._asked:
            rest = rest.subtracted(QRegion(part))
        return self._asked if rest.isEmpty() else [*self._asked, rest.boundingRect()]

    def _copy(self, painter: QPainter, pixels: PixelMap, parts: list[QRect]) -> None:
        if self._picture is None:
            self._picture = self._draw_picture(pixels)
        left, top = pixels.left, pixels.top
        for part in parts:
            target = _device_rect(part, pixels.ratio) & self._whole
            painter.drawPixmap(target, self._picture, target.translated(-left, -top))

    def _draw_picture(self, pixels: PixelMap) -> QPixmap:
        picture = QPixmap(pixels.right - pixels.left, pixels.bottom - pixels.top)
        picture.fill(theme.color(theme.BACKGROUND))
        painter = QPainter(picture)
        painter.translate(-pixels.left, -pixels.top)
        painter.setPen(Qt.PenStyle.NoPen)
        for layer in self._layers:
            layer.draw(painter, pixels)
        painter.end()
        return picture


def _logical_pane(pixels: PixelMap) -> QRect:
    left, top = math.ceil(pixels.left / pixels.ratio), math.ceil(pixels.top / pixels.ratio)
    right, bottom = int(pixels.right / pixels.ratio), int(pixels.bottom / pixels.ratio)
    return QRect(left, top, right - left, bottom - top)


def _device_rect(rect: QRect, ratio: float) -> QRect:
    """Return the device pixels that a rectangle of logical pixels touches."""
    if ratio == 1.0:
        return rect
    left, top = math.floor(rect.left() * ratio), math.floor(rect.top() * ratio)
    right = math.ceil((rect.left() + rect.width()) * ratio)
    bottom = math.ceil((rect.top() + rect.height()) * ratio)
    return QRect(left, top, right - left, bottom - top)
