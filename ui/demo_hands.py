"""The hands of the scripted session: real Qt key and mouse events on a chart, and patience."""

import asyncio
import time
from collections.abc import Callable
from functools import partial
from typing import Any, Final

from PyQt6.QtCore import QPoint, QPointF, Qt, QTimer
from PyQt6.QtTest import QTest

from ui.market_page import MarketPage

_EVENTS: Final[Any] = QTest  # its stubs give the static methods a self
PATIENCE_S: Final = 120.0
_LOOK_S: Final = 0.01
_DRAG_STEPS: Final = 8

KEYS: Final = {
    "f": Qt.Key.Key_F,
    "d": Qt.Key.Key_D,
    "a": Qt.Key.Key_A,
    "s": Qt.Key.Key_S,
    "c": Qt.Key.Key_C,
}


class NotAsAskedError(Exception):
    """Something did not happen in the scripted session; the text says what."""


class Hands:
    """Works a market page as a person would: keys, pointer, button."""

    def __init__(self, page: MarketPage) -> None:
        self._page = page
        self._view = page.chart.plot_item.getViewWidget()
        self._viewport = self._view.viewport()

    async def place(self, keys: str, price: float) -> None:
        """Hold the keys, click at the price, let go."""
        await self._move_to(price)
        for key in keys:
            await self.do(partial(_EVENTS.keyPress, self._view, KEYS[key]))
        mode = self._page.order_mode
        await self.until(
            lambda: mode is not None and mode.staged is not None, f"holding {keys!r} stages a line"
        )
        await self.do(
            lambda: _EVENTS.mouseClick(
                self._viewport, Qt.MouseButton.LeftButton, pos=self.point(price)
            )
        )
        for key in reversed(keys):
            await self.do(partial(_EVENTS.keyRelease, self._view, KEYS[key]))

    async def drag(self, start: float, stop: float) -> None:
        """Drag what is at one price to another."""
        await self._move_to(start)
        left = Qt.MouseButton.LeftButton
        await self.do(lambda: _EVENTS.mousePress(self._viewport, left, pos=self.point(start)))
        for step in range(1, _DRAG_STEPS + 1):
            await self._move_to(start + (stop - start) * step / _DRAG_STEPS)
        await self.do(lambda: _EVENTS.mouseRelease(self._viewport, left, pos=self.point(stop)))

    async def press_over(self, key: str, price: float) -> None:
        """Press a key with the pointer at the price."""
        await self._move_to(price)
        await self.do(lambda: _EVENTS.keyClick(self._view, KEYS[key]))

    async def rest(self, price: float) -> None:
        """Leave the pointer at a price, with nothing held."""
        await self._move_to(price)
        mode = self._page.order_mode
        await self.until(lambda: mode is not None and mode.staged is None, "nothing is staged")

    async def rest_at(self, price: float) -> None:
        """Move the pointer to a price, whatever is in the hand."""
        await self._move_to(price)

    async def until(self, condition: Callable[[], bool], what: str) -> None:
        """Wait until the condition holds.

        Raises
        ------
        NotAsAskedError
            If it does not within two minutes; ``what`` is in the text.
        """
        deadline = time.monotonic() + PATIENCE_S
        while not condition():
            if time.monotonic() > deadline:
                raise NotAsAskedError(f"this did not happen: {what}")
            await asyncio.sleep(_LOOK_S)

    async def do(self, gesture: Callable[[], None]) -> None:
        """Make a gesture from the event loop, not from this task.

        Qt may run the loop meanwhile, which must not step into a task from within another.
        """
        made = asyncio.get_running_loop().create_future()

        def make() -> None:
            try:
                gesture()
            finally:
                made.set_result(None)

        QTimer.singleShot(0, make)
        await made

    async def _move_to(self, price: float) -> None:
        def move() -> None:
            self._view.window().activateWindow()
            self._view.setFocus()
            _EVENTS.mouseMove(self._viewport, self.point(price))

        await self.do(move)

    def point(self, price: float) -> QPoint:
        """The point of the viewport at this price, two thirds across the bars."""
        box = self._page.chart.plot_item.vb
        (left, right), _ = box.viewRange()
        level = self._page.chart.view.scale.level(price)
        scene = box.mapViewToScene(QPointF(left + (right - left) * 0.62, level))
        point: QPoint = self._view.mapFromScene(scene)
        return point
