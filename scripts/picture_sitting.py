"""The real program, offscreen on the demo market, and hands that work it for a picture."""

from collections.abc import Callable
from functools import partial
from pathlib import Path

from PyQt6.QtCore import QPoint, QRect, Qt
from PyQt6.QtGui import QPainter, QPixmap
from PyQt6.QtTest import QTest
from PyQt6.QtWidgets import QApplication, QMenu, QWidget

from ui.app import DEMO_MARKET
from ui.demo_hands import KEYS, Hands
from ui.plot_port import PlotPort
from ui.program import Program


class Sitting:
    """One run of the program, and the pictures taken of it."""

    def __init__(self, program: Program, folder: Path) -> None:
        self.program = program
        self.folder = folder
        self.page = program.page
        self.view = program.page.chart.plot_item.getViewWidget()
        self.hands = Hands(program.page)
        self.feed = program.ems.hub.feed(DEMO_MARKET)
        mode = program.page.order_mode
        assert mode is not None
        self.mode = mode

    def price(self, steps: float) -> float:
        """A price so many twelfths of the picture above the last one."""
        low, high = self.page.chart.view.price_range
        assert self.page.last_price is not None
        return self.page.last_price + steps * (high - low) / 12

    async def over_first(self) -> float:
        """Go to the line of the first order; return its price."""
        price = float(next(iter(self.mode.dialogs.values())).order.price)
        await self.hands.rest(price)
        return price

    async def open_menu(self) -> QMenu:
        """Open the menu at the cursor; it stays until it is closed."""
        await self.hands.do(partial(QTest.keyClick, self.view, Qt.Key.Key_M))
        menu = QApplication.activePopupWidget()
        assert isinstance(menu, QMenu)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose, on=False)
        return menu

    async def close(self, menu: QMenu) -> None:
        """Close a menu."""
        await self.hands.do(menu.close)

    @property
    def port(self) -> PlotPort:
        """What order mode draws on the chart."""
        return self.page.attachment.port

    def at(self, price: float) -> QPoint:
        """The point of the viewport at a price."""
        return self.hands.point(price)

    async def begin(self, size: tuple[int, int]) -> None:
        """Show the window in a size, with a market that is quoted and stands still."""
        self.program.window.resize(*size)
        self.feed.paused = True
        await self.hands.until(lambda: self.page.last_price is not None, "there is a price")

        def quoted() -> bool:
            self.feed.step()
            return all(self.program.ems.hub.last(DEMO_MARKET))

        await self.hands.until(quoted, "the market is quoted")

    async def play(self, condition: Callable[[], bool]) -> None:
        """Let the market go on, step by step, until the condition holds."""

        def stepped() -> bool:
            if not condition():
                self.feed.step()
            return condition()

        await self.hands.until(stepped, "the market comes to it")

    async def hold(self, keys: str, price: float, turns: int = 0) -> None:
        """Hold keys at a price, and turn to another type."""
        await self.hands.rest(price)
        for key in keys:
            await self.hands.do(partial(QTest.keyPress, self.view, KEYS[key]))
        for _ in range(turns):
            await self.hands.do(partial(QTest.keyClick, self.view, Qt.Key.Key_T))
        await self.hands.until(lambda: self.mode.staged is not None, "an order is staged")

    async def let_go(self, keys: str) -> None:
        """Let go of the keys."""
        for key in reversed(keys):
            await self.hands.do(partial(QTest.keyRelease, self.view, KEYS[key]))

    def save_chart(self, name: str) -> None:
        """Write a picture of the chart alone."""
        self.write(name, self.page.chart.grab())

    def save(self, name: str, *over: QWidget) -> None:
        """Write a picture of the window, with what lies over it."""
        window = self.program.window
        picture: QPixmap = window.grab()
        painter = QPainter(picture)
        for widget in over:
            where = widget.mapToGlobal(QPoint(0, 0)) - window.mapToGlobal(QPoint(0, 0))
            painter.drawPixmap(QRect(where, widget.size()), widget.grab())
        painter.end()
        self.write(name, picture)

    def write(self, name: str, picture: QPixmap) -> None:
        """Write a picture."""
        if not picture.save(str(self.folder / f"{name}.png")):
            raise OSError(f"the picture {name} cannot be written to {self.folder}")
