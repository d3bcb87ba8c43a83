"""Makes the pictures of docs/order-mode.md: `make pictures`, or scripts/pictures.py FOLDER.

It runs the real program offscreen on the demo market and works it with real key and mouse events.
"""

import os
import sys
import tempfile
from functools import partial
from pathlib import Path

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from PyQt6.QtCore import QPoint, QPointF, QRect, Qt
from PyQt6.QtGui import QPainter, QPixmap
from PyQt6.QtTest import QTest
from PyQt6.QtWidgets import QApplication, QMenu, QWidget

from ui.app import DEMO_MARKET, run_qt
from ui.config import Config, open_paths
from ui.demo_hands import Hands
from ui.faults import Faults
from ui.order_editor import Editor
from ui.plot_port import PlotPort
from ui.program import Program, Session, open_program

_FOLDER = Path(__file__).parents[1] / "docs" / "pictures"
_SIZE = (1240, 760)


class _Sitting:
    """One run of the program, and the pictures taken of it."""

    def __init__(self, program: Program, folder: Path) -> None:
        self._program = program
        self._folder = folder
        self._page = program.page
        self._view = program.page.chart.plot_item.getViewWidget()
        self._hands = Hands(program.page)
        self._feed = program.ems.hub.feed(DEMO_MARKET)
        mode = program.page.order_mode
        assert mode is not None
        self._mode = mode

    async def run(self) -> None:
        """Go through the states that the document shows."""
        self._program.window.resize(*_SIZE)
        await self._hands.until(lambda: self._page.last_price is not None, "there is a price")
        self._feed.paused = True
        await self._staged()
        await self._resting()
        await self._menus()
        await self._editor()
        await self._drag()
        await self._position()

    def _price(self, steps: float) -> float:
        low, high = self._page.chart.plot_item.vb.viewRange()[1]
        assert self._page.last_price is not None
        return self._page.last_price + steps * (high - low) / 12

    async def _staged(self) -> None:
        await self._hands.rest(self._price(-1.5))
        for key in (Qt.Key.Key_S, Qt.Key.Key_F):
            await self._hands.do(partial(QTest.keyPress, self._view, key))
        await self._hands.until(lambda: self._mode.staged is not None, "a buy is staged")
        self._save("staged")
        for key in (Qt.Key.Key_F, Qt.Key.Key_S):
            await self._hands.do(partial(QTest.keyRelease, self._view, key))

    async def _resting(self) -> None:
        for keys, steps in (("fs", -1.5), ("f", -2.2), ("ds", 2), ("d", 2.2), ("a", 1)):
            known = len(self._mode.dialogs)
            await self._hands.place(keys, self._price(steps))
            await self._hands.until(
                lambda known=known: len(self._mode.dialogs) > known, "the order is there"
            )
        await self._hands.rest(self._price(0.5))
        await self._hands.until(
            lambda: all(one.state != "pending" for one in self._mode.dialogs.values()),
            "every order is accepted",
        )
        self._save("lines")

    async def _menus(self) -> None:
        await self._hands.rest(self._price(0.4))
        menu = await self._open_menu()
        menu.setActiveAction(menu.actions()[1])
        self._save("price-menu", menu)
        await self._close(menu)
        await self._over_first()
        menu = await self._open_menu()
        self._save("line-menu", menu)
        await self._close(menu)

    async def _editor(self) -> None:
        await self._over_first()
        menu = await self._open_menu()
        change = menu.actions()[0]
        await self._close(menu)
        await self._hands.do(change.trigger)
        editor = self._view.findChild(Editor)
        await self._hands.do(partial(editor.fields["Price"].setText, "302.555"))
        await self._hands.do(editor.accept)
        self._save("editor", editor)
        await self._hands.do(editor.reject)

    async def _drag(self) -> None:
        start = await self._over_first()
        viewport, left = self._view.viewport(), Qt.MouseButton.LeftButton
        await self._hands.do(partial(QTest.mousePress, viewport, left, pos=self._at(start)))
        for steps in (0.2, 0.4, 0.6):
            await self._hands.rest_at(start - steps * (self._price(1) - self._price(0)))
        self._save("drag")
        await self._hands.do(partial(QTest.keyClick, self._view, Qt.Key.Key_Escape))
        await self._hands.do(partial(QTest.mouseRelease, viewport, left, pos=self._at(start)))

    async def _position(self) -> None:
        self._feed.speed, self._feed.paused = 300.0, False
        await self._hands.until(
            lambda: self._mode.position is not None and bool(self._mode.position.size),
            "a position is there",
        )
        self._feed.paused = True
        self._program.window.messages.dismiss_all()
        arrows = self._port.arrows
        tip = arrows.point_of(arrows.fills[-1])
        point = self._view.mapFromScene(arrows.view.mapToScene(tip + QPointF(0, -4)))
        viewport = self._view.viewport()
        for place in (point + QPoint(1, 1), point):
            await self._hands.do(partial(QTest.mouseMove, viewport, place))
        self._save("position")

    async def _over_first(self) -> float:
        """Go to the line of the first order; return its price."""
        price = float(next(iter(self._mode.dialogs.values())).order.price)
        await self._hands.rest(price)
        return price

    async def _open_menu(self) -> QMenu:
        await self._hands.do(partial(QTest.keyClick, self._view, Qt.Key.Key_M))
        menu = QApplication.activePopupWidget()
        assert isinstance(menu, QMenu)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose, on=False)
        return menu

    async def _close(self, menu: QMenu) -> None:
        await self._hands.do(menu.close)

    @property
    def _port(self) -> PlotPort:
        return self._page.attachment.port

    def _at(self, price: float) -> QPoint:
        return self._hands.point(price)

    def _save(self, name: str, over: QWidget | None = None) -> None:
        window = self._program.window
        picture: QPixmap = window.grab()
        if over is not None:
            painter = QPainter(picture)
            where = over.mapToGlobal(QPoint(0, 0)) - window.mapToGlobal(QPoint(0, 0))
            painter.drawPixmap(QRect(where, over.size()), over.grab())
            painter.end()
        if not picture.save(str(self._folder / f"{name}.png")):
            raise OSError(f"the picture {name} cannot be written to {self._folder}")


async def _take(session: Session, folder: Path, faults: Faults) -> int:
    async with open_program(session, faults) as program:
        await _Sitting(program, folder).run()
    return 0


def main() -> int:
    """Write every picture; return 0 if all could be made."""
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else _FOLDER
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="ordermode-pictures-") as state:
        session = Session(config=Config(), paths=open_paths(Path(state)), fqsn=DEMO_MARKET)
        return run_qt(lambda faults: _take(session, folder, faults))


if __name__ == "__main__":
    sys.exit(main())
