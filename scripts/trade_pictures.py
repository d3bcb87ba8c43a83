"""The pictures of order types, brackets and positions: docs/order-types.md and order-mode.md."""

from functools import partial

from picture_sitting import Sitting
from PyQt6.QtCore import QPointF, Qt
from PyQt6.QtTest import QTest
from PyQt6.QtWidgets import QMenu

from order_mode.line import POSITION_KEY, Button

_SIZE = (1240, 860)
_KEYS = {"o": Qt.Key.Key_O, "z": Qt.Key.Key_Z}


class Types(Sitting):
    """Each type of order in the hand, and the menu of the others."""

    async def run(self) -> None:
        """Take the pictures."""
        await self.begin(_SIZE)
        for name, keys, turns, steps in (
            ("type-limit", "sf", 0, -1.5),
            ("type-stop", "sf", 0, 1.5),
            ("type-stop-limit", "sf", 1, 1.5),
            ("type-trailing-stop", "sd", 2, -1.5),
            ("type-trailing-stop-limit", "sd", 3, -1.5),
            ("type-limit-if-touched", "sf", 1, -1.5),
            ("type-market-if-touched", "sf", 2, -1.5),
        ):
            await self.hold(keys, self.price(steps), turns)
            self.save_chart(name)
            await self.let_go(keys)
        await self._market()

    async def _market(self) -> None:
        await self.hands.rest(self.price(1.0))
        menu = await self.open_menu()
        others = next(one for one in menu.actions() if one.menu() is not None)
        submenu = others.menu()
        assert isinstance(submenu, QMenu)
        await self.hands.do(lambda: menu.setActiveAction(others))
        submenu.popup(menu.mapToGlobal(menu.actionGeometry(others).topRight()))
        market = next(one for one in submenu.actions() if "market" in one.text())
        submenu.setActiveAction(market)
        self.save("type-market", menu, submenu)
        await self.close(submenu)
        await self.close(menu)


class Brackets(Sitting):
    """A bracket from the hand to the filled position, and what is done with that."""

    async def run(self) -> None:
        """Take the pictures."""
        await self.begin(_SIZE)
        self.mode.set_preset(self.mode.presets[2])
        await self.hold("sf", self.price(-0.8))
        self.save("bracket-staged")
        await self._click(self.price(-0.8), "sf")
        await self._known(4)
        await self.hands.rest(self.price(3.2))
        self.save("bracket")
        await self.play(lambda: bool(self.mode.position and self.mode.position.size))
        await self.hands.until(
            lambda: not any(one.waits for one in self.mode.dialogs.values()), "the exits work"
        )
        self.program.window.messages.dismiss_all()
        await self.hands.rest(self.price(3.2))
        self.save("bracket-filled")
        await self._press("z")
        self.save("flatten")
        await self.hands.do(partial(QTest.keyClick, self.port.question, Qt.Key.Key_Escape))
        await self._menu_of_position()

    async def _menu_of_position(self) -> None:
        line = self.port.lines.lines[POSITION_KEY]
        await self.hands.rest(float(line.price))
        menu = await self.open_menu()
        self.save("position-menu", menu)
        await self.close(menu)

    async def _click(self, price: float, keys: str) -> None:
        place = partial(QTest.mouseClick, self.view.viewport(), Qt.MouseButton.LeftButton)
        await self.hands.do(lambda: place(pos=self.at(price)))
        await self.let_go(keys)

    async def _known(self, count: int) -> None:
        await self.hands.until(
            lambda: (
                len(self.mode.dialogs) == count
                and all(one.state != "pending" for one in self.mode.dialogs.values())
            ),
            f"{count} orders are known",
        )

    async def _press(self, key: str) -> None:
        await self.hands.do(partial(QTest.keyClick, self.view, _KEYS[key]))


class Pulled(Brackets):
    """An exit dragged out of an order, and two orders that are tied."""

    async def run(self) -> None:
        """Take the pictures."""
        await self.begin(_SIZE)
        await self.hands.place("fs", self.price(-1.0))
        await self._known(1)
        [oid] = self.mode.dialogs
        await self.hands.rest(self.price(2.0))
        await self._pull(oid, "exit", self.price(-2.2))
        self.save_chart("exit-pulled")
        await self.hands.do(partial(QTest.keyClick, self.view, Qt.Key.Key_Escape))
        viewport, left = self.view.viewport(), Qt.MouseButton.LeftButton
        release = partial(QTest.mouseRelease, viewport, left)
        await self.hands.do(lambda: release(pos=self.at(self.price(-2.2))))
        await self.hands.place("ds", self.price(1.6))
        await self._known(2)
        for dialog in list(self.mode.dialogs.values()):
            await self.hands.rest(float(dialog.order.price))
            await self._press("o")
        await self.hands.until(
            lambda: (
                len(self.mode.dialogs) == 2
                and all(
                    one.order.link and one.state == "open" for one in self.mode.dialogs.values()
                )
            ),
            "they are tied",
        )
        self.program.window.messages.dismiss_all()
        await self.hands.rest(self.price(3.0))
        self.save_chart("oco")

    async def _pull(self, key: str, button: Button, price: float) -> None:
        rect = self.port.lines.label_rect(key)
        y = rect.center().y() - 1
        xs = [
            x
            for x in range(int(rect.left()), int(rect.right()))
            if self.port.lines.button_at(QPointF(x, y)) == (key, button)
        ]
        box = self.port.lines.view
        start = self.view.mapFromScene(box.mapToScene(QPointF(xs[len(xs) // 2], y)))
        viewport, left = self.view.viewport(), Qt.MouseButton.LeftButton
        await self.hands.do(partial(QTest.mouseMove, viewport, start))
        await self.hands.do(partial(QTest.mousePress, viewport, left, pos=start))
        end = self.at(price)
        for share in (0.5, 1.0):
            await self.hands.do(partial(QTest.mouseMove, viewport, start + (end - start) * share))


TRADE_PICTURES = (Types, Brackets, Pulled)
"""Each in a program of its own."""
