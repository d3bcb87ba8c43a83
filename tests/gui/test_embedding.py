"""Order mode as a guest on a plot: disturbs nothing, bears what its host does, goes whole."""

import asyncio
import gc
import weakref
from decimal import Decimal
from types import SimpleNamespace

import pyqtgraph as pg
import pytest
from PyQt6.QtCore import QEvent, QObject, QPoint, QPointF, Qt
from PyQt6.QtGui import QWheelEvent
from PyQt6.QtTest import QTest
from PyQt6.QtWidgets import QApplication, QMenu

from tests.gui.conftest import LEFT, NO_MODIFIER, RIGHT
from tests.gui.traces import traces
from tests.sims.scripted_ems import FQSN, ScriptedEms, fill, order, status
from ui import attach_order_mode
from ui.order_mode_input import OrderModeInput


class HostKeys(QObject):
    """A program that watches its own plot: what reaches it is written down."""

    def __init__(self, plot: pg.PlotWidget) -> None:
        super().__init__()
        self.keys: list[str] = []
        self.clicks: list[Qt.MouseButton] = []
        plot.keyPressEvent = self._on_key  # as a subclass does
        plot.scene().sigMouseClicked.connect(lambda event: self.clicks.append(event.button()))

    def _on_key(self, event) -> None:
        self.keys.append(event.text())


# ---- leaving


def inputs() -> list[OrderModeInput]:
    return [one for one in gc.get_objects() if isinstance(one, OrderModeInput)]


def use_all(hands, until) -> list[weakref.ref[OrderModeInput]]:
    """Attach, place, drag, open menus and keys, and detach; return who watched the events."""
    ems = ScriptedEms(obedient=True, journal=(fill(order()),))
    before = inputs()  # kept until the end: an id could be given out again
    hands.attachment = attach_order_mode(hands.plot.plotItem, ems, FQSN)
    until(hands.attachment.ready.done)
    hands.ems, hands.mode = ems, hands.attachment.order_mode
    new = (one for one in inputs() if not any(one is old for old in before))
    filters = [weakref.ref(one) for one in new]
    hands.window.activateWindow()
    hands.plot.setFocus()
    until(hands.plot.hasFocus)
    hands.move(95)
    hands.hold("f")
    hands.click(95)
    hands.let_go("f")
    until(lambda: hands.orders)
    hands.drag(95, 96)
    hands.release(96)
    hands.click(101, RIGHT)
    hands.menu.close()
    hands.move(99)
    hands.tap("?")
    hands.plot.grab()
    hands.attachment.detach()
    hands.mode, hands.attachment = None, SimpleNamespace(detach=lambda: None)
    until(lambda: not asyncio.all_tasks())
    return filters


def test_nothing_is_left_behind_whatever_was_done(hands, until) -> None:
    hands.attachment.detach()
    until(lambda: not asyncio.all_tasks())
    use_all(hands, until)  # Qt itself keeps things of the first menu
    QApplication.processEvents()
    hands.plot.setYRange(90, 110, padding=0)
    before = traces(hands.plot)
    filters = use_all(hands, until)
    hands.plot.setYRange(90, 110, padding=0)
    until(lambda: traces(hands.plot) == before)
    gc.collect()
    assert filters
    assert [one() for one in filters] == [None] * len(filters)


def test_a_plot_is_as_if_it_had_never_been_attached_to(hands, until, qtbot) -> None:
    hands.attachment.detach()
    use_all(hands, until)
    bare = pg.PlotWidget()
    qtbot.addWidget(bare)
    bare.setXRange(0, 20, padding=0)
    bare.setYRange(90, 110, padding=0)
    bare.resize(hands.plot.size())
    bare.grab()
    hands.attachment.detach()
    until(lambda: differences(traces(bare), traces(hands.plot)) == {})


def differences(one: dict[str, object], other: dict[str, object]) -> dict[str, object]:
    """Return what differs, but for who else is in the program and where the focus is."""
    shared = ("top level widgets", "children of QApplication", "QApplication.")
    keys = {key for key in one | other if not key.startswith(shared)}
    return {key: (one.get(key), other.get(key)) for key in keys if one.get(key) != other.get(key)}


def test_the_view_can_be_closed_while_attached(make_hands, until) -> None:
    hands = make_hands()
    hands.window.takeCentralWidget()
    hands.plot.close()
    hands.plot.deleteLater()
    until(lambda: hands.attachment.detached)
    until(lambda: not asyncio.all_tasks())


# ---- what the host does


def test_clear_leaves_the_lines_and_the_keys(obedient, until) -> None:
    curve = obedient.plot.plot([90, 110])
    obedient.ems.say(status(order(), "open"))
    until(lambda: obedient.orders)
    obedient.plot.clear()
    assert curve not in obedient.plot.plotItem.items
    assert obedient.line.price == 100
    obedient.plot.grab()
    obedient.move(95)
    obedient.hold("f")
    obedient.click(95)
    obedient.let_go("f")
    until(lambda: len(obedient.orders) == 2)


def test_a_plot_that_leaves_its_layout_takes_order_mode_along(qtbot, loop, until) -> None:
    window = pg.GraphicsLayoutWidget()
    qtbot.addWidget(window)
    first, second = window.addPlot(row=0, col=0), window.addPlot(row=1, col=0)
    window.resize(400, 600)
    window.show()
    stays = attach_order_mode(first, ScriptedEms(), FQSN)
    goes = attach_order_mode(second, ScriptedEms(), FQSN)
    until(lambda: stays.ready.done() and goes.ready.done())
    window.removeItem(second)
    until(lambda: goes.detached)
    assert not stays.detached
    window.clear()
    until(lambda: stays.detached)
    until(lambda: not asyncio.all_tasks())
    QTest.mouseMove(window.viewport(), QPoint(50, 50))
    assert loop.errors == []


def test_zooms_and_ranges_move_the_lines_along(hands, until) -> None:
    hands.ems.say(status(order(), "open"))
    until(lambda: hands.orders)
    for low, high in ((90, 110), (99, 101), (50, 400)):
        hands.plot.setYRange(low, high, padding=0)
        hands.plot.grab()
        hands.move(100)
        assert hands.attachment.port.line_under_cursor() is not None
        hands.move(low + 0.9 * (high - low))
        assert hands.attachment.port.line_under_cursor() is None


def test_an_axis_that_is_upside_down_means_the_same_prices(obedient, until) -> None:
    obedient.plot.invertY(True)
    obedient.move(95)
    obedient.hold("f")
    obedient.click(95)
    obedient.let_go("f")
    until(lambda: obedient.orders)
    assert float(obedient.line.price) == pytest.approx(95, abs=0.1)


@pytest.mark.parametrize("background", ["w", "k", (40, 44, 52)])
def test_a_change_of_theme_leaves_the_lines_to_be_seen(hands, until, background) -> None:
    hands.ems.say(status(order(), "open"))
    until(lambda: hands.orders)
    hands.plot.setBackground(background)
    hands.plot.getAxis("left").setPen("r")
    picture = hands.plot.grab().toImage()
    label = hands.lines.label_rect(hands.line.key)
    beside = hands.plot.mapFromScene(hands.plot.plotItem.vb.mapToScene(label.topLeft())).x() - 20
    y, empty = hands.at(100).y(), hands.at(97).y()

    def lightness(y: int) -> list[int]:
        return [picture.pixelColor(beside, y + dy).lightness() for dy in (-2, -1, 0, 1, 2)]

    assert len(set(lightness(empty))) == 1
    assert max(abs(one - lightness(empty)[0]) for one in lightness(y)) > 40


def test_fills_and_lines_do_not_change_the_range_of_an_axis_that_counts(make_hands, until) -> None:
    ems = ScriptedEms(journal=(fill(order()),))
    hands = make_hands(ems, x_of_time=lambda time_ns: 1e9)
    hands.plot.plot(range(90, 110))
    hands.plot.enableAutoRange()
    hands.plot.plotItem.vb.updateAutoRange()
    before = hands.plot.viewRange()
    ems.say(status(order(price=Decimal(500)), "open"))
    until(lambda: hands.orders)
    hands.plot.plotItem.vb.updateAutoRange()
    assert hands.plot.viewRange() == before
    assert before[0][1] < 100


# ---- what the host has of its own


def test_other_keys_and_clicks_are_the_hosts(hands) -> None:
    host = HostKeys(hands.plot)
    hands.move(100)
    for key in ("x", "1", "escape"):
        hands.tap(key)
    assert host.keys[:2] == ["x", "1"]
    assert len(host.keys) == 3
    hands.click(100)
    assert host.clicks == [LEFT]


def test_all_keys_are_the_hosts_while_the_mouse_is_elsewhere(hands) -> None:
    host = HostKeys(hands.plot)
    QApplication.sendEvent(hands.viewport, QEvent(QEvent.Type.Leave))
    for key in ("f", "d", "c"):
        hands.tap(key)
    assert host.keys == ["f", "d", "c"]


def test_drags_and_the_wheel_are_the_hosts(hands, until) -> None:
    before = hands.plot.viewRange()
    hands.drag(100)

    def panned_on() -> bool:  # pyqtgraph leaves out moves that come too fast
        price = 100.0
        hands.move(price + 3)
        hands.move(price + 6)
        return bool(hands.plot.viewRange() != before)

    until(panned_on)
    hands.release(104)
    panned = hands.plot.viewRange()
    at = QPointF(hands.at(100))
    wheel = QWheelEvent(
        at,
        hands.viewport.mapToGlobal(at),
        QPoint(),
        QPoint(0, 120),
        Qt.MouseButton.NoButton,
        NO_MODIFIER,
        Qt.ScrollPhase.NoScrollPhase,
        False,
    )
    QApplication.sendEvent(hands.viewport, wheel)
    assert hands.plot.viewRange() != panned


def test_the_right_button_can_stay_the_hosts(make_hands, until) -> None:
    hands = make_hands(right_click_menu=False)
    host = HostKeys(hands.plot)
    hands.plot.plotItem.vb.raiseContextMenu = lambda event: None
    hands.click(100, RIGHT)
    assert host.clicks == [RIGHT]
    assert QApplication.activePopupWidget() is None
    hands.move(100)
    hands.tap("m")  # the menu of order mode has its key
    assert isinstance(hands.menu, QMenu)
    hands.menu.close()


def test_the_plots_own_menu_is_in_that_of_order_mode(hands) -> None:
    hands.click(100, RIGHT)
    titles = [action.text() for action in hands.menu.actions()]
    assert "Plot" in titles
    hands.menu.close()


# ---- the last price


def test_a_bare_plot_is_told_the_last_price(hands, until, tmp_path, loop) -> None:
    from contextlib import AsyncExitStack

    from tests.ems.conftest import open_bench

    stack = AsyncExitStack()
    opening = loop.loop.create_task(stack.enter_async_context(open_bench(tmp_path)))
    until(opening.done)
    bench = opening.result()
    attachment = attach_order_mode(
        hands.plot.plotItem, bench.ems, "abc.test.scripted", account="scripted"
    )
    until(attachment.ready.done)
    bench.feed.trade(101.5)
    until(lambda: attachment.order_mode.last == 101.5)
    attachment.detach()
    bench.feed.trade(102.5)
    closing = loop.loop.create_task(stack.aclose())
    until(closing.done)
