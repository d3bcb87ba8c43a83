"""A plain pyqtgraph plot with order mode on it, and hands that make real Qt events."""

import asyncio
import math
from collections.abc import Iterator
from contextlib import AsyncExitStack
from decimal import Decimal
from pathlib import Path

import pyqtgraph as pg
import pytest
import qasync
from PyQt6.QtCore import QPoint, QPointF, Qt
from PyQt6.QtGui import QAction
from PyQt6.QtTest import QTest
from PyQt6.QtWidgets import QApplication, QLineEdit, QMainWindow, QMenu

from order_mode.line import is_order
from order_mode.order_mode import OrderMode
from order_mode.sizing import Sizing
from tests.ems.conftest import Bench, open_bench
from tests.sims.scripted_ems import FQSN, ScriptedEms
from ui import attach_order_mode
from ui.attach import Attachment
from ui.order_lines import OrderLines

TIMEOUT_MS = 10_000
NO_MODIFIER = Qt.KeyboardModifier.NoModifier
LEFT, RIGHT = Qt.MouseButton.LeftButton, Qt.MouseButton.RightButton
KEYS = {
    "ctrl": Qt.Key.Key_Control,
    "escape": Qt.Key.Key_Escape,
    "?": Qt.Key.Key_Question,
    "tab": Qt.Key.Key_Tab,
    "menu": Qt.Key.Key_Menu,
}


class Loop:
    """The asyncio loop on Qt's, running, and the errors that nobody took."""

    def __init__(self, loop: qasync.QEventLoop) -> None:
        self.loop = loop
        self.errors: list[dict[str, object]] = []
        loop.set_exception_handler(lambda _, context: self.errors.append(context))


@pytest.fixture(scope="session")
def qt_loop(qapp: QApplication) -> Iterator[qasync.QEventLoop]:
    """The one asyncio loop on Qt's: stopping one would end every later event loop of Qt."""
    qt_loop = qasync.QEventLoop(qapp, already_running=True)
    asyncio.events._set_running_loop(None)
    yield qt_loop
    qt_loop.stop()
    qt_loop.close()


@pytest.fixture
def loop(qt_loop: qasync.QEventLoop, qtbot) -> Iterator[Loop]:
    """An asyncio loop that runs while Qt's does; an error that no test expects fails it."""
    watched = Loop(qt_loop)
    asyncio.events._set_running_loop(qt_loop)
    yield watched
    for task in asyncio.all_tasks(qt_loop):
        task.cancel()
    qtbot.waitUntil(lambda: not asyncio.all_tasks(qt_loop), timeout=TIMEOUT_MS)
    asyncio.events._set_running_loop(None)
    assert watched.errors == []


class Hands:
    """A trader at a plot: where a price is on the screen, and the keys and buttons."""

    def __init__(self, window: QMainWindow, plot: pg.PlotWidget, ems: ScriptedEms) -> None:
        self.window = window
        self.plot = plot
        self.viewport = plot.viewport()
        self.ems = ems
        self.typing = window.findChild(QLineEdit)
        self.attachment: Attachment
        self.mode: OrderMode
        self.modifiers = NO_MODIFIER

    @property
    def lines(self) -> OrderLines:
        return self.attachment.port.lines

    @property
    def notice(self) -> str:
        return self.attachment.port.notice.text

    @property
    def orders(self):
        """The lines of orders."""
        return {key: line for key, line in self.lines.lines.items() if is_order(key)}

    @property
    def line(self):
        [line] = self.orders.values()
        return line

    def at(self, price: float, x: float = 10.0) -> QPoint:
        """Where a price is in the viewport."""
        is_log = self.plot.plotItem.ctrl.logYCheck.isChecked()
        level = math.log10(price) if is_log else price
        scene = self.plot.plotItem.vb.mapViewToScene(QPointF(x, level))
        return self.plot.mapFromScene(scene)

    def move(self, price: float, x: float = 10.0) -> None:
        point = self.at(price, x)
        QTest.mouseMove(self.viewport, point + QPoint(1, 0))  # Qt tells of no move to where it is
        QTest.mouseMove(self.viewport, point)

    def hold(self, *keys: str) -> None:
        for key in keys:
            if key == "ctrl":
                self.modifiers = Qt.KeyboardModifier.ControlModifier
            QTest.keyPress(self.plot, KEYS.get(key, key), self.modifiers)

    def let_go(self, *keys: str) -> None:
        for key in keys:
            if key == "ctrl":
                self.modifiers = NO_MODIFIER
            QTest.keyRelease(self.plot, KEYS.get(key, key), self.modifiers)

    def tap(self, key: str) -> None:
        self.hold(key)
        self.let_go(key)

    def press(self, price: float, button=LEFT, x: float = 10.0) -> None:
        QTest.mousePress(self.viewport, button, self.modifiers, self.at(price, x))

    def release(self, price: float, button=LEFT, x: float = 10.0) -> None:
        QTest.mouseRelease(self.viewport, button, self.modifiers, self.at(price, x))

    def click(self, price: float, button=LEFT, x: float = 10.0) -> None:
        self.move(price, x)
        self.press(price, button, x)
        self.release(price, button, x)

    def drag(self, start: float, *prices: float) -> None:
        """Press at a price and move on, without letting go."""
        self.move(start)
        self.press(start)
        for price in prices:
            self.move(price)

    @property
    def menu(self) -> QMenu:
        """The menu that is open."""
        menu = QApplication.activePopupWidget()
        assert isinstance(menu, QMenu)
        return menu

    def entry(self, *words: str) -> QAction:
        """The one entry of the open menu that has these words, or else of one of its submenus."""
        found = [one for one in entries(self.menu) if all(word in one.text() for word in words)]
        own = [one for one in found if one in self.menu.actions()]
        found = own or found
        assert len(found) == 1, [one.text() for one in entries(self.menu)]
        return found[0]

    def choose(self, *words: str) -> None:
        """Choose an entry, as a click on it does, and wait for nothing."""
        menu, entry = self.menu, self.entry(*words)
        entry.trigger()
        menu.close()

    def click_pixel(self, point: QPointF, button=LEFT) -> None:
        """Click a point of the pane."""
        scene = self.plot.plotItem.vb.mapToScene(point)
        QTest.mouseMove(self.viewport, self.plot.mapFromScene(scene) + QPoint(1, 0))
        QTest.mouseMove(self.viewport, self.plot.mapFromScene(scene))
        QTest.mouseClick(self.viewport, button, NO_MODIFIER, self.plot.mapFromScene(scene))


def entries(menu: QMenu) -> list[QAction]:
    """Every entry of a menu, those of its submenus among them."""
    found = []
    for action in menu.actions():
        if action.menu() is not None:
            found += entries(action.menu())
        elif not action.isSeparator():
            found.append(action)
    return found


@pytest.fixture
def make_hands(qtbot, loop):
    """Return a function that opens a plot with order mode, focused and ready."""
    opened: list[Hands] = []

    def open_plot(ems: ScriptedEms | None = None, fqsn: str = FQSN, **choices) -> Hands:
        ems = ems or ScriptedEms()
        window = QMainWindow()
        qtbot.addWidget(window)
        plot = pg.PlotWidget()
        window.setCentralWidget(plot)
        window.addToolBar("typing").addWidget(QLineEdit())
        plot.setXRange(0, 20, padding=0)
        plot.setYRange(90, 110, padding=0)
        window.resize(800, 640)
        with qtbot.waitActive(window, timeout=TIMEOUT_MS):
            window.show()
            window.activateWindow()
        plot.setFocus()
        qtbot.waitUntil(plot.hasFocus, timeout=TIMEOUT_MS)
        hands = Hands(window, plot, ems)
        choices.setdefault("sizing", Sizing(Decimal(100), "units", 4))
        hands.attachment = attach_order_mode(plot.plotItem, ems, fqsn, **choices)
        opened.append(hands)
        qtbot.waitUntil(hands.attachment.ready.done, timeout=TIMEOUT_MS)
        hands.mode = hands.attachment.order_mode
        return hands

    yield open_plot
    for hands in opened:
        popup = QApplication.activePopupWidget()
        if popup is not None:
            popup.close()
        hands.attachment.detach()


@pytest.fixture
def hands(make_hands) -> Hands:
    """A plot with order mode and an EMS that says only what the test tells it to."""
    return make_hands()


@pytest.fixture
def obedient(make_hands) -> Hands:
    """A plot with order mode and an EMS that confirms everything at once."""
    return make_hands(ScriptedEms(obedient=True))


@pytest.fixture
def until(qtbot):
    """Wait until something is true."""
    return lambda condition: qtbot.waitUntil(lambda: bool(condition()), timeout=TIMEOUT_MS)


@pytest.fixture
def bench(loop: Loop, until, tmp_path: Path) -> Iterator[Bench]:
    """An EMS with a scripted venue, on the loop of the window."""
    stack = AsyncExitStack()
    opening = loop.loop.create_task(stack.enter_async_context(open_bench(tmp_path)))
    until(opening.done)
    yield opening.result()
    closing = loop.loop.create_task(stack.aclose())
    until(closing.done)
