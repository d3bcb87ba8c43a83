"""The order pane beside anyone's plot: what is set in it counts, and it leaves with order mode."""

import asyncio
import gc
import weakref
from decimal import Decimal

import pyqtgraph as pg
import pytest
from PyQt6.QtCore import Qt, QTimer
from PyQt6.QtTest import QTest
from PyQt6.QtWidgets import QApplication, QLabel

from tests.ems.conftest import Bench
from tests.gui.conftest import Hands
from tests.gui.traces import traces
from tests.sims.scripted_venue import FQSN
from ui import OrderModePane, attach_order_mode
from ui.order_pane import OrderPane


@pytest.fixture
def traded(make_hands, bench: Bench) -> Hands:
    """A plot with order mode on an EMS with a scripted venue."""
    return make_hands(bench.ems, FQSN, account="scripted")


@pytest.fixture
def beside(traded: Hands, qtbot, until):
    """The pane of that plot."""
    widget = OrderModePane(traded.attachment)
    qtbot.addWidget(widget)
    widget.show()
    until(lambda: widget.pane is not None)
    return widget


def set_limit(pane: OrderPane, amount: str) -> None:
    field = pane.sizing.limit_field
    field.setFocus()
    field.selectAll()
    QTest.keyClicks(field, amount)
    QTest.keyClick(field, Qt.Key.Key_Return)


def buy(hands: Hands, price: float, until) -> None:
    hands.window.activateWindow()
    until(hands.plot.hasFocus)
    hands.move(price)
    hands.hold("ctrl", "f")
    hands.click(price)
    hands.let_go("f", "ctrl")


def plot_traces(hands: Hands) -> dict[str, object]:
    """What is on the plot, without what the rest of the program has."""
    shared = ("top level widgets", "children of QApplication", "QApplication.", "cursor")
    return {key: one for key, one in traces(hands.plot).items() if not key.startswith(shared)}


def test_a_size_set_in_the_pane_is_what_reaches_the_broker(bench, traded, beside, until) -> None:
    bench.feed.trade(105)
    until(lambda: traded.mode.last == 105)
    traded.plot.setFocus()
    buy(traded, 95, until)
    until(lambda: bench.venue.orders)
    set_limit(beside.pane, "200")
    until(lambda: traded.mode.sizing.limit == 200)
    buy(traded, 96, until)  # Enter in the field gave the plot the focus back
    until(lambda: len(bench.venue.orders) == 2)
    assert [order.size for order in bench.venue.orders] == [Decimal(25), Decimal(50)]
    assert {order.account for order in bench.venue.orders} == {"scripted"}


def test_the_account_chosen_in_the_pane_is_traded_on(bench, traded, beside, until) -> None:
    pane = beside.pane
    accounts = [pane.account_choice.itemText(one) for one in range(pane.account_choice.count())]
    assert accounts == list(bench.ems.accounts)
    other = next(name for name in accounts if name != "scripted")
    pane.account_choice.setCurrentText(other)
    pane.account_choice.activated.emit(pane.account_choice.currentIndex())
    assert traded.mode.account == other
    assert traded.mode.sizing == traded.mode.sizing.__class__(Decimal(100), "units", 4)


def test_it_shows_prices_and_the_position(bench, traded, beside, until) -> None:
    bench.feed.trade(101)
    bench.feed.quote(100, 102)
    until(lambda: beside.pane.last.text() == "101.00")
    until(lambda: (beside.pane.bid.text(), beside.pane.ask.text()) == ("100.00", "102.00"))
    bench.working("buy", "100", "2")
    bench.venue.fill(size="2", price="100")
    until(lambda: "2" in beside.pane.position_size.text())
    until(lambda: "2.00" in beside.pane.unrealised.text())


def test_prices_from_before_it_was_opened_are_there_at_once(bench, traded, qtbot, until) -> None:
    bench.feed.quote(100, 102)
    bench.feed.trade(101)
    widget = OrderModePane(traded.attachment)
    qtbot.addWidget(widget)
    until(lambda: widget.pane is not None)
    assert widget.pane.last.text() == "101.00"
    assert widget.pane.ask.text() == "102.00"


def test_it_leaves_with_order_mode(bench, traded, beside, until) -> None:
    bench.feed.trade(101)
    until(lambda: beside.pane.last.text() == "101.00")
    mode, pane = traded.mode, beside.pane
    traded.attachment.detach()
    assert not beside.isEnabled()
    assert pane.last.text() != "101.00"
    assert mode.listeners == []
    assert not any(timer.isActive() for timer in beside.findChildren(QTimer))
    bench.feed.trade(102)
    QApplication.processEvents()
    assert pane.last.text() != "102.00"


def test_deleted_it_leaves_order_mode_as_it_is(bench, traded, until, qtbot) -> None:
    before = plot_traces(traded)
    widgets = [OrderModePane(traded.attachment)]
    until(lambda: widgets[0].pane is not None)
    gone = weakref.ref(widgets[0])
    widgets.pop().deleteLater()
    until(lambda: gc.collect() >= 0 and gone() is None)
    assert plot_traces(traded) == before
    assert traded.mode.listeners == []
    assert traded.attachment.detach_listeners == []
    bench.feed.trade(105)
    until(lambda: traded.mode.last == 105)
    traded.plot.setFocus()
    buy(traded, 95, until)
    until(lambda: bench.venue.orders)


def test_it_may_be_made_before_order_mode_is_ready_and_never_filled(bench, qtbot, until) -> None:
    before = asyncio.all_tasks()
    plot = pg.PlotWidget()
    qtbot.addWidget(plot)
    attachment = attach_order_mode(plot.plotItem, bench.ems, FQSN, account="scripted")
    widget = OrderModePane(attachment)
    qtbot.addWidget(widget)
    attachment.detach()
    until(lambda: asyncio.all_tasks() <= before)
    assert widget.pane is None


def test_a_market_that_is_not_there_is_a_sentence(bench, qtbot, until) -> None:
    plot = pg.PlotWidget()
    qtbot.addWidget(plot)
    attachment = attach_order_mode(plot.plotItem, bench.ems, "none.scripted")
    widget = OrderModePane(attachment)
    qtbot.addWidget(widget)
    until(lambda: widget.findChildren(QLabel))
    assert "There is no order mode on the plot" in widget.findChildren(QLabel)[0].text()
    attachment.detach()


def test_a_click_lies_by_bid_and_ask_on_a_bare_plot_too(bench, traded, until) -> None:
    bench.feed.trade(100)
    bench.feed.quote(104, 105)
    until(lambda: traded.mode.last == 100)
    traded.plot.setFocus()
    buy(traded, 103, until)
    until(lambda: bench.venue.orders)
    assert bench.venue.orders[0].type == "limit"  # above the last trade, but below the ask


def test_its_figures_can_be_read_in_a_light_program(bench, beside, until) -> None:
    bench.feed.trade(101)
    until(lambda: beside.pane.last.text() == "101.00")
    text = beside.pane.last.palette().color(beside.pane.last.foregroundRole())
    behind = beside.grab().toImage().pixelColor(3, 3)
    assert abs(text.lightness() - behind.lightness()) > 100
