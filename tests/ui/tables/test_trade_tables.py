"""The tabs below the chart, by mouse and keys."""

import csv
import time
from decimal import Decimal

import pytest
from PyQt6.QtCore import QModelIndex, Qt
from PyQt6.QtGui import QGuiApplication
from PyQt6.QtWidgets import QMenu

from ems.messages import Notice, Position
from tests.ui.tables.made_messages import (
    AAPL,
    MARKETS,
    make_fill,
    make_order,
    make_status,
)
from ui.tables import TradeTables
from ui.tables.table_view import TableView


@pytest.fixture
def tables(qtbot):
    tables = TradeTables(MARKETS)
    qtbot.addWidget(tables)
    tables.resize(1100, 260)
    tables.show()
    qtbot.waitExposed(tables)
    return tables


def index_at(view: TableView, row: int, column: int = 1) -> QModelIndex:
    model = view.model()
    assert model is not None
    return model.index(row, column)


def click(qtbot, view: TableView, row: int, modifier=Qt.KeyboardModifier.NoModifier) -> None:
    where = view.visualRect(index_at(view, row)).center()
    qtbot.mouseClick(view.viewport(), Qt.MouseButton.LeftButton, modifier, where)


def column_texts(view: TableView, column: int) -> list[str]:
    model = view.model()
    assert model is not None
    return [model.index(row, column).data() for row in range(model.rowCount())]


def put_orders(tables: TradeTables, *oids: str) -> None:
    for number, oid in enumerate(oids):
        order = make_order(oid, price=Decimal(9 + number))
        tables.on_msg(make_status(order, time_ns=10**18 + number * 10**9))


def test_a_message_goes_to_the_tables_that_it_is_for(tables, qtbot):
    order = make_order()
    tables.on_msg(make_status(order))
    tables.on_msg(make_fill(order, 40))
    tables.on_msg(Position(account="paper", symbol=AAPL, size=Decimal(40), time_ns=1))
    tables.on_msg(Notice(time_ns=1, level="info", text="Hello."))
    texts = ["Orders  1", "Positions  1", "Fills  1", "Alerts", "Messages  2"]
    qtbot.waitUntil(lambda: [tables.tabText(tab) for tab in range(tables.count())] == texts)


def test_the_tab_counts_what_is_left(tables, qtbot):
    put_orders(tables, "a", "b")
    tables.on_msg(make_status(make_order("a"), "canceled"))
    qtbot.waitUntil(lambda: tables.tabText(0) == "Orders  1")
    tables.on_msg(make_status(make_order("b"), "canceled"))
    qtbot.waitUntil(lambda: tables.tabText(0) == "Orders")


def test_the_newest_is_on_top(tables):
    put_orders(tables, "a", "b", "c")
    assert column_texts(tables.orders_view, 12) == ["c", "b", "a"]
    for exec_id in ("e1", "e2"):
        tables.on_msg(make_fill(make_order(), 1, exec_id, broker_time_ns=int(exec_id[1])))
    assert column_texts(tables.fills_view, 8) == ["e2", "e1"]
    tables.messages.add("info", "first", 5)
    tables.messages.add("info", "then", 4)  # by arrival: replays have other clocks
    assert column_texts(tables.messages_view, 2)[:2] == ["then", "first"]


def test_a_click_on_a_title_sorts_numbers_as_numbers(tables, qtbot):
    put_orders(tables, "a", "b", "c")  # at 9, 10, 11
    header = tables.orders_view.horizontalHeader()
    assert header is not None
    x = header.sectionViewportPosition(7) + 20
    where = header.viewport().rect().topLeft() + header.rect().center()
    where.setX(x)
    qtbot.mouseClick(header.viewport(), Qt.MouseButton.LeftButton, pos=where)
    prices = column_texts(tables.orders_view, 7)
    assert prices in (["9.00", "10.00", "11.00"], ["11.00", "10.00", "9.00"])


def test_a_click_on_an_order_chooses_it(tables, qtbot):
    put_orders(tables, "a", "b")
    with qtbot.waitSignal(tables.order_chosen, timeout=5000) as chosen:
        click(qtbot, tables.orders_view, 1)
    assert chosen.args == ["a"]


def test_a_click_on_a_fill_chooses_its_order(tables, qtbot):
    tables.on_msg(make_fill(make_order("mine"), 40))
    tables.setCurrentWidget(tables.fills_view)
    with qtbot.waitSignal(tables.order_chosen, timeout=5000) as chosen:
        click(qtbot, tables.fills_view, 0)
    assert chosen.args == ["mine"]


def test_delete_asks_for_the_cancel_of_each_selected_order(tables, qtbot):
    put_orders(tables, "a", "b", "c")
    asked: list[str] = []
    tables.cancel_asked.connect(asked.append)
    click(qtbot, tables.orders_view, 0)
    click(qtbot, tables.orders_view, 2, Qt.KeyboardModifier.ControlModifier)
    qtbot.keyClick(tables.orders_view, Qt.Key.Key_Delete)
    assert asked == ["c", "a"]


def test_delete_with_nothing_selected_cancels_nothing(tables, qtbot):
    put_orders(tables, "a")
    with qtbot.assertNotEmitted(tables.cancel_asked):
        qtbot.keyClick(tables.orders_view, Qt.Key.Key_Delete)


def test_a_new_order_does_not_move_the_selection_to_another(tables, qtbot):
    put_orders(tables, "a", "b")
    click(qtbot, tables.orders_view, 0)
    tables.on_msg(make_status(make_order("new"), time_ns=2 * 10**18))
    with qtbot.waitSignal(tables.cancel_asked, timeout=5000) as asked:
        qtbot.keyClick(tables.orders_view, Qt.Key.Key_Delete)
    assert asked.args == ["b"]


def test_a_trading_key_moves_no_selection(tables, qtbot):
    put_orders(tables, "a", "d")
    click(qtbot, tables.orders_view, 1)
    qtbot.keyClick(tables.orders_view, Qt.Key.Key_D)
    assert tables.orders_view.selected_keys() == ["a"]


def test_the_context_menu_cancels_shows_and_copies(tables, qtbot):
    put_orders(tables, "a", "b")
    click(qtbot, tables.orders_view, 0)
    where = tables.orders_view.visualRect(index_at(tables.orders_view, 0)).center()
    tables.orders_view.customContextMenuRequested.emit(where)
    menu = tables.findChild(QMenu)
    assert menu is not None
    cancel, story, show, copy = menu.actions()
    assert "story" in story.text()
    with qtbot.waitSignal(tables.cancel_asked, timeout=5000) as asked:
        cancel.trigger()
    with qtbot.waitSignal(tables.order_chosen, timeout=5000) as chosen:
        show.trigger()
    copy.trigger()
    menu.close()
    assert (asked.args, chosen.args) == (["b"], ["b"])
    assert "b" in QGuiApplication.clipboard().text()


def test_ctrl_c_copies_the_selected_rows_with_titles(tables, qtbot):
    put_orders(tables, "a", "b", "c")
    QGuiApplication.clipboard().clear()
    click(qtbot, tables.orders_view, 0)
    click(qtbot, tables.orders_view, 1, Qt.KeyboardModifier.ShiftModifier)
    qtbot.keyClick(tables.orders_view, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
    lines = [line.split("\t") for line in QGuiApplication.clipboard().text().split("\n")]
    assert lines[0][:3] == ["Time", "Market", "Side"]
    assert [line[12] for line in lines[1:]] == ["c", "b"]
    assert {len(line) for line in lines} == {13}


def test_a_thousand_statuses_are_a_small_part_of_a_second(tables, qtbot):
    orders = [make_order(str(number)) for number in range(200)]
    statuses = [
        make_status(order, resp, time_ns=10**18 + number)
        for resp in ("pending", "open", "pending", "open", "canceled")
        for number, order in enumerate(orders)
    ]
    before = time.process_time()
    for status in statuses:
        tables.on_msg(status)
    QGuiApplication.processEvents()
    assert time.process_time() - before < 0.6
    assert tables.orders.rowCount() == 0


def test_a_tab_says_how_many_of_its_rows_the_filter_shows(tables, qtbot):
    put_orders(tables, "one", "two", "three")
    qtbot.waitUntil(lambda: tables.tabText(0) == "Orders  3")
    qtbot.keyClicks(tables.tools.filter, "f")  # a key that was meant for the chart
    assert tables.tabText(0) == "Orders  0 of 3"
    qtbot.keyClick(tables.tools.filter, Qt.Key.Key_Backspace)
    assert tables.tabText(0) == "Orders  3"
    qtbot.keyClicks(tables.tools.filter, "10.00")
    assert tables.tabText(0) == "Orders  1 of 3"
    tables.tools.filter.clear()
    titles: list[str] = []
    tables.orders.rowsRemoved.connect(lambda: titles.append(tables.tabText(0)))
    for oid in ("one", "two"):
        tables.on_msg(make_status(make_order(oid), "canceled"))
    qtbot.waitUntil(lambda: tables.tabText(0) == "Orders  1")
    assert not any("of" in title for title in titles), "without a filter nothing is hidden"


def test_the_filter_hides_rows_without_the_text_in_every_table(tables, qtbot):
    put_orders(tables, "a", "b")
    tables.messages.add("info", "hello", 1)
    qtbot.keyClicks(tables.tools.filter, "HELLO")
    assert tables.orders_view.model().rowCount() == 0
    assert tables.messages_view.model().rowCount() == 1
    tables.tools.filter.clear()
    assert tables.orders_view.model().rowCount() == 2


def test_the_rows_as_shown_are_exported_as_csv(tables, tmp_path):
    put_orders(tables, "a", "b")
    tables.messages.add("info", 'a, "b"', 1)
    tables.setCurrentWidget(tables.messages_view)
    tables.tools.filter.setText("info")
    file = tmp_path / "rows.csv"
    tables.tools.write(str(file))
    with file.open(newline="", encoding="utf-8") as rows:
        read = list(csv.reader(rows))
    assert read[0] == ["Time", "Level", "Text"]
    assert [row[2] for row in read[1:]] == ['a, "b"']


def test_a_file_that_cannot_be_written_is_told_of(tables, tmp_path, qtbot):
    with qtbot.waitSignal(tables.tools.failed, timeout=5000) as failed:
        tables.tools.write(str(tmp_path / "no" / "folder.csv"))
    assert "was not written" in failed.args[0]
