"""Makes the pictures of docs/order-mode.md, order-types.md and chart.md.

Run `make pictures`, or scripts/pictures.py FOLDER.

It runs the real program offscreen on the demo market and works it with real key and mouse events.
"""

import os
import sys
import tempfile
from functools import partial
from pathlib import Path

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from chart_pictures import CHART_PICTURES
from picture_sitting import Sitting
from PyQt6.QtCore import QPoint, QPointF, Qt
from PyQt6.QtTest import QTest
from trade_pictures import TRADE_PICTURES

from ui.app import DEMO_MARKET, run_qt
from ui.config import Config
from ui.faults import Faults
from ui.order_editor import Editor
from ui.program import open_program
from ui.session import Session
from ui.state_folder import open_paths

_FOLDER = Path(__file__).parents[1] / "docs" / "pictures"
_SIZE = (1240, 760)


class _OrderMode(Sitting):
    """The pictures of docs/order-mode.md."""

    async def run(self) -> None:
        """Go through the states that the document shows."""
        self.program.window.resize(*_SIZE)
        await self.hands.until(lambda: self.page.last_price is not None, "there is a price")
        self.feed.paused = True
        await self._staged()
        await self._resting()
        await self._menus()
        await self._editor()
        await self._drag()
        await self._position()

    async def _staged(self) -> None:
        await self.hands.rest(self.price(-1.5))
        for key in (Qt.Key.Key_S, Qt.Key.Key_F):
            await self.hands.do(partial(QTest.keyPress, self.view, key))
        await self.hands.until(lambda: self.mode.staged is not None, "a buy is staged")
        self.save("staged")
        for key in (Qt.Key.Key_F, Qt.Key.Key_S):
            await self.hands.do(partial(QTest.keyRelease, self.view, key))

    async def _resting(self) -> None:
        for keys, steps in (("fs", -1.5), ("f", -2.2), ("ds", 2), ("d", 2.2), ("a", 1)):
            known = len(self.mode.dialogs)
            await self.hands.place(keys, self.price(steps))
            await self.hands.until(
                lambda known=known: len(self.mode.dialogs) > known, "the order is there"
            )
        await self.hands.rest(self.price(0.5))
        await self.hands.until(
            lambda: all(one.state != "pending" for one in self.mode.dialogs.values()),
            "every order is accepted",
        )
        self.save("lines")

    async def _menus(self) -> None:
        await self.hands.rest(self.price(0.4))
        menu = await self.open_menu()
        menu.setActiveAction(menu.actions()[1])
        self.save("price-menu", menu)
        await self.close(menu)
        await self.over_first()
        menu = await self.open_menu()
        self.save("line-menu", menu)
        await self.close(menu)

    async def _editor(self) -> None:
        await self.over_first()
        menu = await self.open_menu()
        change = menu.actions()[0]
        await self.close(menu)
        await self.hands.do(change.trigger)
        editor = self.view.findChild(Editor)
        await self.hands.do(partial(editor.fields["Price"].setText, "302.555"))
        await self.hands.do(editor.accept)
        self.save("editor", editor)
        await self.hands.do(editor.reject)

    async def _drag(self) -> None:
        start = await self.over_first()
        viewport, left = self.view.viewport(), Qt.MouseButton.LeftButton
        await self.hands.do(partial(QTest.mousePress, viewport, left, pos=self.at(start)))
        for steps in (0.2, 0.4, 0.6):
            await self.hands.rest_at(start - steps * (self.price(1) - self.price(0)))
        self.save("drag")
        await self.hands.do(partial(QTest.keyClick, self.view, Qt.Key.Key_Escape))
        await self.hands.do(partial(QTest.mouseRelease, viewport, left, pos=self.at(start)))

    async def _position(self) -> None:
        self.feed.speed, self.feed.paused = 300.0, False
        await self.hands.until(
            lambda: self.mode.position is not None and bool(self.mode.position.size),
            "a position is there",
        )
        self.feed.paused = True
        self.program.window.messages.dismiss_all()
        arrows = self.port.arrows
        tip = arrows.point_of(arrows.fills[-1])
        point = self.view.mapFromScene(arrows.view.mapToScene(tip + QPointF(0, -4)))
        viewport = self.view.viewport()
        for place in (point + QPoint(1, 1), point):
            await self.hands.do(partial(QTest.mouseMove, viewport, place))
        self.save("position")


async def _take(folder: Path, faults: Faults) -> int:
    for sitting in (_OrderMode, *TRADE_PICTURES, *CHART_PICTURES):
        with tempfile.TemporaryDirectory(prefix="ordermode-pictures-") as state:
            session = Session(config=Config(), paths=open_paths(Path(state)), fqsn=DEMO_MARKET)
            async with open_program(session, faults) as program:
                await sitting(program, folder).run()
    return 0


def main() -> int:
    """Write every picture; return 0 if all could be made."""
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else _FOLDER
    folder.mkdir(parents=True, exist_ok=True)
    return run_qt(lambda faults: _take(folder, faults))


if __name__ == "__main__":
    sys.exit(main())
