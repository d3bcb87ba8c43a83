"""Executions as small triangles at their time and price."""

from collections.abc import Callable
from typing import Final

import pyqtgraph as pg
from PyQt6.QtCore import QPointF, QRectF
from PyQt6.QtGui import QPainter, QPolygonF
from PyQt6.QtWidgets import QStyleOptionGraphicsItem, QWidget

from ems.messages import BrokerdFill
from ui import theme
from ui.chart.pane_item import PaneItem
from ui.chart.price_scale import PriceScale

_LAYER: Final = 90.0
_SIZE: Final = 5.0
_NEAR: Final = 2.0


def seconds_of(time_ns: int) -> float:
    """Return the x of a time on pyqtgraph's ``DateAxisItem``: seconds since the epoch."""
    return time_ns / 1e9


class FillArrows(PaneItem):
    """The executions of one plot: a buy points up to its price, a sell down.

    Parameters
    ----------
    view : pg.ViewBox
        Of the plot.
    x_of_time
        x of a time in UTC nanoseconds, on the plot's x axis.
    scale : PriceScale
        How prices lie on the y axis.
    """

    def __init__(
        self, view: pg.ViewBox, x_of_time: Callable[[int], float], scale: PriceScale
    ) -> None:
        super().__init__(view, _LAYER)
        self._scale = scale
        self._x_of_time = x_of_time
        self._fills: list[BrokerdFill] = []
        self._xs: list[float] = []
        view.sigTransformChanged.connect(self._moved)

    @property
    def fills(self) -> list[BrokerdFill]:
        """Every execution, in view or not."""
        return self._fills

    def show_fill(self, fill: BrokerdFill) -> None:
        """Draw one more execution, or one in the place of the one that it replaces."""
        x = self._x_of_time(fill.broker_time_ns)
        place = (fill.account, fill.replaces)
        for row, before in enumerate(self._fills):
            if (before.account, before.exec_id) == place:
                self._fills[row], self._xs[row] = fill, x
                break
        else:
            self._fills.append(fill)
            self._xs.append(x)
        self.update()

    def refresh(self) -> None:
        """Ask for every x anew: the plot's x axis means something else now."""
        self._xs = [self._x_of_time(fill.broker_time_ns) for fill in self._fills]
        self.update()

    def point_of(self, fill: BrokerdFill) -> QPointF:
        """Return the tip of an arrow, in pixels of the pane; ValueError if it is not here."""
        return self._tip(self._xs[self._fills.index(fill)], fill)

    def _tip(self, x: float, fill: BrokerdFill) -> QPointF:
        level = self._scale.level(float(fill.price))
        return QPointF(self.view.mapFromView(QPointF(x, level)))

    def fills_at(self, point: QPointF) -> list[BrokerdFill]:
        """Return the executions whose arrows are at a point of the pane; none while hidden."""
        if not self.isVisible():
            return []
        (start_x, stop_x), _ = self.view.viewRange()
        found = []
        for x, fill in zip(self._xs, self._fills, strict=True):
            if start_x <= x <= stop_x:
                tip = self._tip(x, fill)
                body = QRectF(tip.x() - _SIZE, tip.y(), 2 * _SIZE, 1.7 * _SIZE)
                if fill.action == "sell":
                    body.translate(0, -1.7 * _SIZE)
                if body.adjusted(-_NEAR, -_NEAR, _NEAR, _NEAR).contains(point):
                    found.append(fill)
        return found

    def remove(self) -> None:
        """Take the item out of its plot for good."""
        self.view.sigTransformChanged.disconnect(self._moved)
        super().remove()

    def _moved(self) -> None:
        if self._fills:
            self.update()

    def paint(
        self,
        painter: QPainter | None,
        option: QStyleOptionGraphicsItem | None,
        widget: QWidget | None = None,
    ) -> None:
        """Draw the arrows that are in view."""
        if painter is None:
            return
        pane = self.boundingRect().adjusted(-_SIZE, -2 * _SIZE, _SIZE, 2 * _SIZE)
        painter.save()
        painter.setClipRect(self.boundingRect())
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(theme.color(theme.INK))
        (start_x, stop_x), _ = self.view.viewRange()
        for x, fill in zip(self._xs, self._fills, strict=True):
            if start_x <= x <= stop_x:
                tip = self._tip(x, fill)
                if pane.contains(tip):
                    painter.setBrush(theme.color(theme.BUY if fill.action == "buy" else theme.SELL))
                    painter.drawPolygon(_triangle(tip, 1 if fill.action == "buy" else -1))
        painter.restore()


def _triangle(tip: QPointF, down: int) -> QPolygonF:
    """Return a triangle that touches the price with its tip, its foot below for ``down`` 1."""
    foot = down * _SIZE * 1.7
    return QPolygonF([tip, tip + QPointF(-_SIZE, foot), tip + QPointF(_SIZE, foot)])
