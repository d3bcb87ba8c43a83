"""The crosshair: snapped to the bar in time and to the tick in price."""

import math
from collections.abc import Callable
from typing import NamedTuple

from PyQt6.QtCore import QPointF, QRect, QRectF
from PyQt6.QtGui import QPainter
from PyQt6.QtWidgets import QStyleOptionGraphicsItem, QWidget

from ui import theme
from ui.chart.pane_item import PaneItem, to_device_pixels
from ui.chart.view import ChartView
from ui.chart.visible_bars import VisibleBars


class Aim(NamedTuple):
    """What the crosshair is on."""

    x: int
    """Index of the bar; there need not be one."""
    price: float
    """On the grid of ticks."""


class Crosshair(PaneItem):
    """Draws two thin lines through the snapped cursor.

    The cursor is kept in pixels, so that it stays under the mouse when the view moves.
    """

    def __init__(self, view: ChartView, bars: VisibleBars) -> None:
        super().__init__(view, 50)
        self._rows = view
        self._bars = bars
        self._cursor: QPointF | None = None
        self._guide: int | None = None
        self._drawn: Aim | None = None
        self.tick_at: Callable[[float], float] = lambda _: 0.01
        """Returns the tick size at a price."""
        self.hide()

    def move_to(self, cursor: QPointF | None) -> Aim | None:
        """Move to a point of the pane, None to hide; return what it is on now."""
        inside = cursor is not None and self.boundingRect().contains(cursor)
        self._cursor = cursor if inside else None
        self.setVisible(self.bar_x is not None)
        aim = self.aim()
        if aim != self._drawn:
            self._repaint(self._drawn)
            self._repaint(aim)
            self._drawn = aim
        return aim

    def guide_at(self, x: int | None) -> None:
        """Show the line of a bar that is pointed at elsewhere, None to hide it."""
        for changed in (self._guide, x):
            if changed is not None and x != self._guide:
                self._repaint_column(changed)
        self._guide = x
        self.setVisible(self.bar_x is not None)

    @property
    def bar_x(self) -> int | None:
        """Index of the bar that is pointed at, here or elsewhere; None if none is."""
        return self.bar_at(self.aim())

    def bar_at(self, aim: Aim | None) -> int | None:
        """Return the index of the bar of an aim, or else of what is pointed at elsewhere."""
        return self._guide if aim is None else aim.x

    def aim(self) -> Aim | None:
        """Return the bar and price under the cursor, None if it is outside."""
        if self._cursor is None:
            return None
        x0, x1 = self.view.viewRange()[0]
        x = x0 + (x1 - x0) * self._cursor.x() / self.boundingRect().width()
        price = self._rows.price_at(self._cursor.y())
        tick = self.tick_at(price)
        return Aim(math.floor(x + 0.5), round(price / tick) * tick)

    def paint(
        self,
        painter: QPainter | None,
        option: QStyleOptionGraphicsItem | None,
        widget: QWidget | None = None,
    ) -> None:
        """Draw the lines, one device pixel wide."""
        assert painter is not None
        aim = self._drawn = self.aim()
        at = self.bar_at(aim)
        if at is None:
            return
        pixels = self._bars.refresh(painter)
        x = math.floor(at * pixels.x_scale + pixels.x_origin)
        width, height = pixels.right - pixels.left, pixels.bottom - pixels.top
        to_device_pixels(painter, pixels.ratio)
        brush = theme.brush(theme.CROSSHAIR)
        painter.fillRect(QRect(x, pixels.top, 1, height), brush)
        if aim is not None:
            painter.fillRect(QRect(pixels.left, pixels.row(aim.price), width, 1), brush)

    def _repaint(self, aim: Aim | None) -> None:
        if aim is None:
            return
        self._repaint_column(aim.x)
        pane = self.boundingRect()
        y = min(max(self._rows.row_of(aim.price), -9.0), pane.height() + 9.0)
        self.update(QRectF(0, y - 2, pane.width(), 4))

    def _repaint_column(self, at: int) -> None:
        x0, x1 = self.view.viewRange()[0]
        pane = self.boundingRect()
        x = pane.width() * (at - x0) / (x1 - x0)
        self.update(QRectF(x - 2, 0, 4, pane.height()))
