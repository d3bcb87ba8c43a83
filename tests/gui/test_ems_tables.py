"""The tables in anyone's window: they show what the EMS says, cancel, and leave nothing behind."""

import asyncio

import pytest
from PyQt6.QtCore import Qt
from PyQt6.QtGui import QColor, QPalette
from PyQt6.QtWidgets import QLabel

from ems.errors import EmsError
from tests.ems.conftest import Bench
from ui.ems_tables import EmsTables
from ui.tables import TradeTables


@pytest.fixture
def shown(qtbot, bench: Bench, until):
    """Return a function that opens tables on the bench's EMS."""
    opened: list[EmsTables] = []

    def open_tables(**options) -> tuple[EmsTables, TradeTables]:
        widget = EmsTables(bench.ems, **options)
        qtbot.addWidget(widget)
        opened.append(widget)
        until(lambda: widget.tables is not None)
        assert widget.tables is not None
        return widget, widget.tables

    yield open_tables
    for widget in opened:
        widget.detach()


def test_orders_fills_and_positions_come_and_go(bench, shown, until) -> None:
    old = bench.working(reqid=1)
    bench.venue.fill(1, size="1")
    bench.venue.status("closed", 1)
    _, tables = shown()
    until(lambda: len(tables.fills.rows()) == 1)
    order = bench.working(reqid=2)
    until(lambda: tables.orders.get(order.oid) is not None)
    assert tables.orders.get(old.oid) is None
    assert [row.size for row in tables.positions.rows()]
    bench.venue.status("canceled", 2)
    until(lambda: tables.orders.get(order.oid) is None)


def test_a_cancel_and_the_story_of_an_order(bench, shown, until) -> None:
    widget, tables = shown()
    order = bench.working(reqid=1)
    until(lambda: tables.orders.get(order.oid) is not None)
    tables.story_asked.emit(order.oid)
    assert any(
        "story" in dialog.windowTitle()
        for dialog in widget.children()
        if dialog.isWidgetType() and dialog.isWindow()
    )
    tables.cancel_asked.emit(order.oid)
    assert [cancel.oid for cancel in bench.venue.cancels] == [order.oid]


@pytest.mark.parametrize("ground", ["#ffffff", "#202020"])
def test_every_cell_is_read_on_the_ground_of_the_program_that_has_it(
    bench, shown, until, ground
) -> None:
    widget, tables = shown()
    palette = widget.palette()
    palette.setColor(QPalette.ColorRole.Base, QColor(ground))
    widget.setPalette(palette)
    order = bench.working(reqid=1)
    until(lambda: tables.orders.get(order.oid) is not None)
    row = [tables.orders.index(0, column) for column in range(tables.orders.columnCount())]
    colours = [cell.data(Qt.ItemDataRole.ForegroundRole) for cell in row]
    light = QColor(ground).lightness()
    assert any(colours)
    for colour in filter(None, colours):
        assert abs(colour.lightness() - light) > 60, colour.name()


def test_tables_can_be_had_one_by_one(shown) -> None:
    _, tables = shown(show=("positions",))
    visible = [tables.tabText(tab) for tab in range(tables.count()) if tables.isTabVisible(tab)]
    assert visible == ["Positions"]
    assert tables.currentIndex() == 1


def test_positions_follow_the_last_price(bench, shown, until) -> None:
    bench.working()
    bench.venue.fill(size="1")
    _, tables = shown()
    until(lambda: tables.positions.rows())
    bench.feed.trade(105)

    def texts() -> list[str]:
        model = tables.positions
        return [str(model.data(model.index(0, column))) for column in range(model.columnCount())]

    until(lambda: any("5.00" in text for text in texts()))


def test_deleted_it_leaves_no_task_and_no_client(bench, shown, until, qtbot) -> None:
    before = asyncio.all_tasks()
    widget = EmsTables(bench.ems)
    until(lambda: widget.tables is not None)
    widget.deleteLater()
    until(lambda: asyncio.all_tasks() <= before)
    assert bench.ems.router.has_subscribers  # the bench's own
    bench.working()


def test_an_ems_that_cannot_be_opened_is_a_sentence(qtbot, loop, until) -> None:
    class Locked:
        async def ems(self):
            raise EmsError("the journal is in use")

        async def aclose(self):
            pass

    widget = EmsTables(Locked())
    qtbot.addWidget(widget)
    until(lambda: widget.findChildren(QLabel))
    [label] = widget.findChildren(QLabel)
    assert "the journal is in use" in label.text()


def test_a_table_that_is_not_there(qtbot, bench) -> None:
    with pytest.raises(ValueError, match="there are the tables orders"):
        EmsTables(bench.ems, show=("trades",))
