"""The plus at the price axis: it goes with the cursor, and a click opens the menu of its price."""

from typing import Final

import pyqtgraph as pg
from PyQt6.QtCore import QPointF, QRectF
from PyQt6.QtGui import QPainter, QPen
from PyQt6.QtWidgets import QStyleOptionGraphicsItem, QWidget

from ui import theme
from ui.chart.pane_item import PaneItem

_LAYER: Final = 105.0
_SIDE: Final = 16.0
_MARGIN: Final = 4.0
_ARM: Final = 4.0


class PricePlus(PaneItem):
    """A small button at the right edge of the pane, at the height of the cursor.

    Parameters
    ----------
    view : pg.ViewBox
        Of the plot.
    """

    def __init__(self, view: pg.ViewBox) -> None:
        super().__init__(view, _LAYER)
        self._y: float | None = None
        self._hot = False

    @property
    def rect(self) -> QRectF:
        """Where it is, in pixels of the pane; empty while it is not shown."""
        if self._y is None:
            return QRectF()
        left = self.boundingRect().right() - _MARGIN - _SIDE
        return QRectF(left, round(self._y - _SIDE / 2), _SIDE, _SIDE)

    def contains_point(self, point: QPointF) -> bool:
        """Tell whether a point of the pane is on it."""
        return self.rect.contains(point)

    def follow(self, point: QPointF | None) -> None:
        """Go to the height of the cursor, in pixels of the pane; None = away."""
        before = self.rect
        self._y = None if point is None else point.y()
        self._hot = point is not None and self.rect.contains(point)
        self.update(before.united(self.rect).adjusted(-2, -2, 2, 2))

    def paint(
        self,
        painter: QPainter | None,
        option: QStyleOptionGraphicsItem | None,
        widget: QWidget | None = None,
    ) -> None:
        """Draw it where the cursor is."""
        rect = self.rect
        if painter is None or rect.isEmpty():
            return
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(theme.color(theme.BORDER), 1.0))
        painter.setBrush(theme.color(theme.ACCENT if self._hot else theme.HOVER))
        painter.drawRoundedRect(rect.adjusted(0.5, 0.5, -0.5, -0.5), 3, 3)
        painter.setPen(QPen(theme.color(theme.INK if self._hot else theme.TEXT), 1.4))
        center = rect.center()
        painter.drawLine(center - QPointF(_ARM, 0), center + QPointF(_ARM, 0))
        painter.drawLine(center - QPointF(0, _ARM), center + QPointF(0, _ARM))
        painter.restore()
