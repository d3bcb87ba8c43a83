"""The price pane: the mouse and keys that move it, always through `Framing`."""

from collections.abc import Callable
from typing import Any, Final

import pyqtgraph as pg
from PyQt6.QtCore import QPointF, Qt, pyqtSignal

from ui.chart.framing import Framing
from ui.chart.price_scale import PriceScale

_ZOOM_A_NOTCH: Final = 0.85
_NOTCH: Final = 120.0
_PX_A_BAR: Final = 8.0
"""The usual zoom."""
_SCALE_A_PX: Final = 1.006
_SCALE_KEYS: Final = (Qt.Key.Key_L, Qt.Key.Key_P)
_MOST_DECADES: Final = 40.0
"""No logarithmic axis shows more."""


class ChartView(pg.ViewBox):  # type: ignore[misc]  # pyqtgraph has no types
    """A view box whose ranges are set in one call a step, x and y together.

    Parameters
    ----------
    framing : Framing
        Decides what is in view.

    Signals
    -------
    measured(QPointF, QPointF)
        A drag with Shift: where it began and where it is, pixels of the pane.
    clicked()
        A click that was no drag.
    scale_asked(int)
        Alt and a key that asks for another price axis: L logarithmic or not, P percent or not.
    """

    measured = pyqtSignal(QPointF, QPointF)
    clicked = pyqtSignal()
    scale_asked = pyqtSignal(int)

    def __init__(self, framing: Framing) -> None:
        super().__init__(enableMenu=False, defaultPadding=0.0)
        self.framing = framing
        self.drag_taker: Callable[[Any], bool] | None = None
        """Gets each drag over the pane first; returns whether it made use of it."""
        self.click_taker: Callable[[Any], bool] | None = None
        """The same for clicks."""
        self._dragging = False
        self._width = 0.0
        self._framed: list[float] = []
        self.disableAutoRange()

    @property
    def scale(self) -> PriceScale:
        """How prices lie on the y axis."""
        return self.framing.scale

    @property
    def price_range(self) -> tuple[float, float]:
        """The lowest and the highest price in view."""
        low, high = self.viewRange()[1]
        return self.scale.price(low), self.scale.price(high)

    def set_log_scale(self, *, is_log: bool) -> None:
        """Let the y axis be logarithmic, or linear; the same prices stay in view."""
        low, high = self.price_range
        self.scale.is_log = is_log
        if is_log:  # zero and what is below it has no place there
            low = max(low, min(self.framing.tick_size, high / 2))
        self.disableAutoRange()
        if low < high:
            levels = (self.scale.level(low), self.scale.level(high))
            self.setRange(yRange=levels, padding=0, disableAutoRange=False)
        self.settle()

    def show_bars(self, start_x: float, stop_x: float) -> None:
        """Show a range of bars as near as is allowed, with the prices that belong to it."""
        start_x, stop_x = self.framing.allowed(start_x, stop_x)
        prices = self.framing.price_range(start_x, stop_x) or self.viewRange()[1]
        self._show((start_x, stop_x), prices)

    def reset(self) -> None:
        """Show the newest bars at the usual zoom, auto-scale and follow."""
        self.framing.auto_price = True
        bars = self.framing.newest(max(self.rect().width() / _PX_A_BAR, 20.0))
        self._show(bars, self.framing.price_range(*bars))

    def scale_price_by_itself(self) -> None:
        """Turn auto-scale of the price on."""
        self.framing.auto_price = True
        self.settle()

    def set_auto_price(self, auto: bool) -> None:
        """Turn auto-scale of the price on, or leave the price as it is."""
        if auto:
            self.scale_price_by_itself()
        else:
            self.framing.auto_price = False

    def settle(self) -> None:
        """Follow the market and fit the price, unless something holds the view."""
        start_x, stop_x = self.viewRange()[0]
        if not self._dragging:
            start_x, stop_x = self.framing.followed(start_x, stop_x) or (start_x, stop_x)
        self._show((start_x, stop_x), self.framing.price_range(start_x, stop_x))

    @property
    def framed(self) -> bool:
        """False if others have moved the view, and the prices have not been fitted since."""
        return bool(self._framed == self.state["viewRange"][0])

    def viewRange(self) -> list[list[float]]:
        """Return the ranges of bars and of levels in view; a frame asks a dozen times."""
        bars, levels = self.state["viewRange"]
        return [bars[:], levels[:]]

    def pan(self, bars: float) -> None:
        """Move the view to the right by a number of bars."""
        start_x, stop_x = self.viewRange()[0]
        self.show_bars(start_x + bars, stop_x + bars)

    def zoom(self, factor: float, at_x: float) -> None:
        """Make the range of bars ``factor`` times as wide; ``at_x`` stays where it is."""
        start_x, stop_x = self.viewRange()[0]
        span = stop_x - start_x
        allowed = self.framing.allowed_span(span * factor)
        start_x = at_x - (at_x - start_x) * allowed / span
        self.show_bars(start_x, start_x + allowed)

    def zoom_price(self, factor: float, at_level: float) -> None:
        """Make the range of prices ``factor`` times as high; this ends auto-scale.

        ``at_level`` stays where it is; on a linear axis it is a price.
        """
        self.framing.auto_price = False
        low, high = self.viewRange()[1]
        factor = max(factor, min(self.framing.least_height(at_level) / (high - low), 1.0))
        if self.scale.is_log:
            factor = min(factor, _MOST_DECADES / (high - low))
        self._show(
            self.viewRange()[0],
            (at_level - (at_level - low) * factor, at_level + (high - at_level) * factor),
        )

    def show_price(self, price: float) -> None:
        """Bring a price into view if it is not; that ends auto-scale."""
        low, high = self.viewRange()[1]
        level = self.scale.level(price)
        if not low < level < high:
            self.framing.auto_price = False
            half = (high - low) / 2
            self._show(self.viewRange()[0], (level - half, level + half))

    def price_at(self, y: float) -> float:
        """Return the price at a row of the pane, logical pixels."""
        return self.scale.price(float(self.mapToView(QPointF(0.0, y)).y()))

    def row_of(self, price: float) -> float:
        """Return the row of the pane where a price is, logical pixels."""
        low, high = self.viewRange()[1]
        return float(self.rect().height() * (high - self.scale.level(price)) / (high - low))

    def press(self, key: int) -> bool:
        """Do what a key asks of the view; return whether it is one of its keys."""
        start_x, stop_x = self.viewRange()[0]
        span = stop_x - start_x
        framing = self.framing
        match key:
            case Qt.Key.Key_Left:
                self.pan(-span / 10)
            case Qt.Key.Key_Right:
                self.pan(span / 10)
            case Qt.Key.Key_Up:
                self.zoom(_ZOOM_A_NOTCH, self._anchor_x())
            case Qt.Key.Key_Down:
                self.zoom(1 / _ZOOM_A_NOTCH, self._anchor_x())
            case Qt.Key.Key_Home:
                self.show_bars(*framing.oldest(span))
            case Qt.Key.Key_End:
                self.show_bars(*framing.newest(span))
            case Qt.Key.Key_R:
                self.reset()
            case _:
                return False
        return True

    def press_alt(self, key: int) -> bool:
        """Do what a key with Alt asks for; return whether it is one of those."""
        if key not in _SCALE_KEYS:
            return False
        self.scale_asked.emit(key)
        return True

    def wheelEvent(self, ev: Any, axis: int | None = None) -> None:
        """Zoom at the cursor; with Ctrl at the last bar; sideways or with Shift it pans."""
        ev.accept()
        notches = ev.delta() / _NOTCH
        start_x, stop_x = self.viewRange()[0]
        cursor = self.mapToView(self.mapFromScene(ev.scenePos()))
        sideways = ev.orientation() == Qt.Orientation.Horizontal
        if axis == 1:
            low, high = self.viewRange()[1]
            self.zoom_price(_ZOOM_A_NOTCH**notches, (low + high) / 2)
        elif sideways or ev.modifiers() & Qt.KeyboardModifier.ShiftModifier:
            self.pan(-notches * (stop_x - start_x) / 12)
        elif axis == 0 or ev.modifiers() & Qt.KeyboardModifier.ControlModifier:
            self.zoom(_ZOOM_A_NOTCH**notches, self._anchor_x())
        else:
            self.zoom(_ZOOM_A_NOTCH**notches, cursor.x())

    def mouseDragEvent(self, ev: Any, axis: int | None = None) -> None:
        """Pan with the left or middle button; on an axis, scale it."""
        if ev.button() not in (Qt.MouseButton.LeftButton, Qt.MouseButton.MiddleButton):
            ev.ignore()
            return
        ev.accept()
        if axis is None and self.drag_taker is not None and self.drag_taker(ev):
            return
        if axis is None and ev.modifiers() & Qt.KeyboardModifier.ShiftModifier:
            begin = self.mapFromScene(ev.buttonDownScenePos())
            self.measured.emit(begin, self.mapFromScene(ev.scenePos()))
            return
        self._dragging = not ev.isFinish()
        moved = ev.scenePos() - ev.lastScenePos()
        if axis == 1:
            low, high = self.viewRange()[1]
            self.zoom_price(_SCALE_A_PX ** moved.y(), (low + high) / 2)
        elif axis == 0:
            self.zoom(_SCALE_A_PX ** -moved.x(), self._anchor_x())
        else:
            self._drag(moved.x(), moved.y())

    def mouseClickEvent(self, ev: Any) -> None:
        """Tell of a click with the left button."""
        if self.click_taker is not None and self.click_taker(ev):
            ev.accept()
            return
        if ev.button() == Qt.MouseButton.LeftButton:
            self.clicked.emit()

    def resizeEvent(self, ev: Any) -> None:
        """Keep the width of a bar and the right edge when the window changes."""
        super().resizeEvent(ev)
        size = self.rect()
        if size.width() <= 0 or size.height() <= 0:
            return
        self.framing.pane_height = size.height()
        if self._width > 0:
            start_x, stop_x = self.viewRange()[0]
            self.show_bars(stop_x - (stop_x - start_x) * size.width() / self._width, stop_x)
        self._width = size.width()

    def _drag(self, dx: float, dy: float) -> None:
        """Move what is under the mouse with it; up and down only if the price is not auto."""
        (start_x, stop_x), (low, high) = self.viewRange()
        size = self.rect()
        if size.width() <= 0 or size.height() <= 0:
            return
        bars = -dx * (stop_x - start_x) / size.width()
        start_x, stop_x = self.framing.allowed(start_x + bars, stop_x + bars)
        prices = self.framing.price_range(start_x, stop_x)
        if not self.framing.auto_price:
            up = dy * (high - low) / size.height()
            prices = (low + up, high + up)
        self._show((start_x, stop_x), prices)

    def _anchor_x(self) -> float:
        """The last bar if it is in view, else the right edge."""
        stop_x = float(self.viewRange()[0][1])
        return min(float(self.framing.series.last_x), stop_x)

    def _show(self, bars: Any, prices: Any) -> None:
        old_bars, old_prices = self.viewRange()
        self._framed = list(bars)
        prices = old_prices if prices is None else prices
        if list(bars) != old_bars or list(prices) != old_prices:
            self.setRange(xRange=bars, yRange=prices, padding=0, disableAutoRange=False)
