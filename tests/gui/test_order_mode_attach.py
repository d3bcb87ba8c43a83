"""The public call: what it leaves behind, and how it fails."""

import asyncio
import gc
import subprocess
import sys
import weakref

import pyqtgraph as pg
import pytest

from ems.errors import UnknownMarket
from tests.gui.conftest import Loop
from tests.sims.scripted_ems import FQSN, ScriptedEms, fill, order, status
from ui import attach_order_mode
from ui.plot_port import ChartHost


class Host:
    """A program around the plot that writes down what it is told."""

    def __init__(self):
        self.holds = []
        self.prices = []
        self.notices = []

    def hold_view(self, why):
        self.holds.append(why)

    def release_view(self, why):
        self.holds.remove(why)

    def set_extra_prices(self, prices):
        self.prices = list(prices)

    def notify(self, text, level):
        self.notices.append((level, text))


class Desk:
    """An EMS that hands out clients."""

    def __init__(self):
        self.clients = []

    def connect(self, symbols=None):
        self.symbols = symbols
        self.clients.append(ScriptedEms())
        return self.clients[-1]


def traces(plot):
    box = plot.plotItem.vb
    signals = (box.sigTransformChanged, box.sigResized)
    return (
        len(box.childItems()),
        len(plot.scene().items()),
        len(plot.viewport().children()),
        [box.receivers(signal) for signal in signals],
        plot.viewport().cursor().shape(),
    )


def test_detach_leaves_no_trace(hands, until, qtbot):
    bare = pg.PlotWidget()
    qtbot.addWidget(bare)
    hands.move(100)
    hands.hold("f")
    hands.attachment.detach()
    hands.attachment.detach()
    assert len(hands.plot.plotItem.vb.childItems()) == len(bare.plotItem.vb.childItems())
    assert hands.viewport.cursor().shape() == bare.viewport().cursor().shape()
    assert hands.plot.plotItem.vb.autoRangeEnabled() == [False, False]
    hands.click(100)
    assert hands.ems.requests == 0
    until(lambda: not asyncio.all_tasks())


def test_attach_and_detach_again_and_again_adds_nothing(hands, until):
    hands.attachment.detach()
    until(lambda: not asyncio.all_tasks())
    hands.plot.grab()
    before = traces(hands.plot)
    for _ in range(3):
        attachment = attach_order_mode(hands.plot.plotItem, ScriptedEms(), FQSN)
        until(attachment.ready.done)
        attachment.detach()
        until(lambda: not asyncio.all_tasks())
    gone = weakref.ref(attachment)
    del attachment
    until(lambda: traces(hands.plot) == before)
    # what the loop has still to do in this turn may hold it for a moment
    until(lambda: gc.collect() >= 0 and gone() is None)


def test_an_ems_is_asked_for_a_client_which_is_closed_at_the_end(hands, until):
    desk = Desk()
    plot = hands.plot
    attachment = attach_order_mode(plot.plotItem, desk, FQSN)
    until(attachment.ready.done)
    assert desk.symbols == [FQSN]
    attachment.detach()
    assert desk.clients[0].closed


def test_who_waits_for_it_may_give_up(hands, until, loop):
    desk = Desk()
    attachment = attach_order_mode(hands.plot.plotItem, desk, FQSN)
    attachment.ready.cancel()
    until(lambda: attachment._input is not None)
    attachment.detach()
    until(lambda: desk.clients[0].closed)
    assert loop.errors == []


def test_a_client_that_was_lent_is_not_closed(hands):
    hands.attachment.detach()
    assert not hands.ems.closed


def test_two_plots_of_one_market_see_each_others_orders(make_hands, until):
    here, there = make_hands(), make_hands()
    for hands in (here, there):
        hands.ems.say(status(order(), "open"))
    until(lambda: here.orders and there.orders)
    assert here.line == there.line


def test_an_unknown_market_is_told_and_is_no_crash(hands, until):
    host: ChartHost = Host()
    attachment = attach_order_mode(hands.plot.plotItem, ScriptedEms(), "no.such.market", host=host)
    until(attachment.ready.done)
    with pytest.raises(UnknownMarket):
        attachment.ready.result()
    assert attachment.order_mode is None
    [(level, text)] = host.notices
    assert level == "error"
    assert "no.such.market" in text
    attachment.detach()


def test_a_crash_reaches_the_loop_and_the_user_and_nothing_more_is_sent(hands, until, loop: Loop):
    hands.ems.say(status(order(), "open"))
    hands.ems.crash(RuntimeError("boom"))
    until(lambda: loop.errors)
    [context] = loop.errors
    assert repr(context["exception"]) == "RuntimeError('boom')"
    loop.errors.clear()
    assert "boom" in hands.notice
    assert hands.line.stale
    hands.move(95)
    hands.hold("f")
    hands.click(95)
    hands.let_go("f")
    hands.move(100)
    hands.tap("c")
    assert hands.ems.requests == 0


def test_when_the_ems_ends_the_connection_lines_are_stale(hands, until):
    hands.ems.say(status(order(), "open"))
    hands.ems.close()
    until(lambda: hands.orders and hands.line.stale)
    hands.move(95)
    hands.hold("f")
    hands.click(95)
    assert hands.ems.requests == 0
    assert "ended the connection" in hands.notice


def test_the_host_holds_the_view_and_gets_prices_and_notices(make_hands, until):
    host = Host()
    hands = make_hands(host=host)
    hands.ems.say(status(order(), "open"))
    until(lambda: host.prices == [100.0])
    hands.move(95)
    hands.hold("f")
    assert host.holds == ["order mode"]
    assert host.prices == [100.0]  # a staged line squeezes nothing
    hands.let_go("f")
    assert host.holds == []
    hands.ems.say(status(order(), "canceled", reason="expired"))
    until(lambda: host.prices == [])
    assert "expired" in host.notices[-1][1]


def test_the_time_axis_is_the_hosts_own(make_hands, until):
    shift = [3.0]
    ems = ScriptedEms(journal=(fill(order()),))
    hands = make_hands(ems, x_of_time=lambda time_ns: time_ns / 1e10 + shift[0])
    arrows = hands.attachment.port.arrows

    def view_x():
        return hands.plot.plotItem.vb.mapToView(arrows.point_of(arrows.fills[0])).x()

    assert view_x() == pytest.approx(8)
    shift[0] = 5.0
    hands.attachment.refresh_times()
    assert view_x() == pytest.approx(10)


def test_a_plot_that_is_deleted_takes_order_mode_along(hands, until, loop: Loop, qtbot):
    plot, ems = hands.plot, hands.ems
    hands.window.takeCentralWidget()
    plot.close()
    ems.say(status(order(), "open"))
    until(lambda: hands.attachment.detached)
    assert loop.errors == []


def test_a_plot_in_no_view_is_refused_with_a_sentence(loop):
    with pytest.raises(ValueError, match="in no view yet"):
        attach_order_mode(pg.PlotItem(), ScriptedEms(), FQSN)


def test_importing_ui_imports_no_qt():
    code = "import ui, sys; assert not any('PyQt6' in name for name in sys.modules)"
    subprocess.run([sys.executable, "-c", code], check=True)


OTHER_BINDING = """
import sys, types
pyqtgraph = types.ModuleType("pyqtgraph")
pyqtgraph.Qt = types.SimpleNamespace(QT_LIB="PySide6")
sys.modules["pyqtgraph"] = pyqtgraph
import ordermode
try:
    ordermode.attach_order_mode
except ordermode.EmsError as error:
    print(error)
"""


def test_a_program_with_another_qt_binding_is_told_why_not():
    done = subprocess.run(
        [sys.executable, "-c", OTHER_BINDING], check=True, capture_output=True, text=True
    )
    assert done.stdout.startswith("pyqtgraph runs on PySide6 in this program")
