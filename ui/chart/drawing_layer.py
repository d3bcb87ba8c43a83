"""Paints the drawings of a chart, and knows which of them is at a point."""

import math
from collections.abc import Sequence
from typing import Final, NamedTuple

from PyQt6.QtCore import QPointF, QRectF, Qt
from PyQt6.QtGui import QPainter, QPen
from PyQt6.QtWidgets import QStyleOptionGraphicsItem, QWidget

from ui import theme
from ui.chart.bar_series import BarSeries
from ui.chart.drawing import Anchor, Drawing, DrawingKind
from ui.chart.pane_item import PaneItem
from ui.chart.view import ChartView

_LAYER: Final = 20.0
"""Over the bars; the order lines, the crosshair and what else there is are over it."""
_NEAR: Final = 5.0
_HANDLE: Final = 4.0
_FILL: Final = 0.12


class Hit(NamedTuple):
    """A drawing at a point."""

    place: int
    """Among all drawings."""
    anchor: int | None
    """Which of its anchors is there; None = what lies between them."""


class DrawingLayer(PaneItem):
    """Hidden, and so costs no frame anything, while there is nothing drawn.

    Parameters
    ----------
    view : ChartView
        The price pane.
    series : BarSeries
        Knows where a time is.
    """

    def __init__(self, view: ChartView, series: BarSeries) -> None:
        super().__init__(view, _LAYER)
        self._rows = view
        self.series = series
        self._drawings: Sequence[Drawing] = ()
        self._marked: int | None = None
        self.hide()

    def show_drawings(self, drawings: Sequence[Drawing], marked: int | None) -> None:
        """Paint these, with the handles of the marked one."""
        self._drawings, self._marked = drawings, marked
        self.setVisible(bool(drawings))
        self.update()

    def point(self, anchor: Anchor) -> QPointF:
        """Return where an anchor is, pixels of the pane."""
        x0, x1 = self.view.viewRange()[0]
        x = self.series.x_of_time(anchor.time_ns) + 0.5
        across = self.boundingRect().width() * (x - x0) / (x1 - x0)
        return QPointF(across, self._rows.row_of(anchor.price))

    def hit(self, at: QPointF) -> Hit | None:
        """Return the drawing at a point, the newest of several; None if there is none."""
        for place in reversed(range(len(self._drawings))):
            drawing = self._drawings[place]
            points = [self.point(anchor) for anchor in drawing.anchors]
            if drawing.kind is not DrawingKind.LEVEL:
                for number, point in enumerate(points):
                    if _distance(at, point) <= _NEAR + 2:
                        return Hit(place, number)
            if _is_on(drawing.kind, points, at):
                return Hit(place, None)
        return None

    def paint(
        self,
        painter: QPainter | None,
        option: QStyleOptionGraphicsItem | None,
        widget: QWidget | None = None,
    ) -> None:
        """Draw them, the marked one with handles."""
        assert painter is not None
        painter.save()
        painter.setClipRect(self.boundingRect())
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        for place, drawing in enumerate(self._drawings):
            self._paint_one(painter, drawing, marked=place == self._marked)
        painter.restore()

    def _paint_one(self, painter: QPainter, drawing: Drawing, *, marked: bool) -> None:
        points = [self.point(anchor) for anchor in drawing.anchors]
        painter.setPen(QPen(theme.color(theme.ACCENT), 2.0 if marked else 1.2))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        if drawing.kind is DrawingKind.LEVEL:
            y = math.floor(points[0].y()) + 0.5
            painter.drawLine(QPointF(0, y), QPointF(self.boundingRect().width(), y))
            points = [QPointF(self.boundingRect().width() / 2, y)]
        elif drawing.kind is DrawingKind.TREND:
            painter.drawLine(*points)
        else:
            painter.setBrush(theme.color(theme.ACCENT, _FILL))
            painter.drawRect(QRectF(*points).normalized())
        if marked:
            painter.setBrush(theme.color(theme.BACKGROUND))
            for point in points:
                painter.drawEllipse(point, _HANDLE, _HANDLE)


def _is_on(kind: DrawingKind, points: list[QPointF], at: QPointF) -> bool:
    if kind is DrawingKind.LEVEL:
        return abs(points[0].y() - at.y()) <= _NEAR
    if kind is DrawingKind.TREND:
        return _from_piece(points[0], points[1], at) <= _NEAR
    box = QRectF(*points).normalized()
    outer = box.adjusted(-_NEAR, -_NEAR, _NEAR, _NEAR)
    inner = box.adjusted(_NEAR, _NEAR, -_NEAR, -_NEAR)
    return outer.contains(at) and not (inner.isValid() and inner.contains(at))


def _from_piece(begin: QPointF, end: QPointF, at: QPointF) -> float:
    """Return how far a point is from a piece of a line."""
    along = end - begin
    length = QPointF.dotProduct(along, along)
    share = QPointF.dotProduct(at - begin, along) / length if length else 0.0
    return _distance(at, begin + along * min(max(share, 0.0), 1.0))


def _distance(one: QPointF, other: QPointF) -> float:
    return math.hypot(one.x() - other.x(), one.y() - other.y())
