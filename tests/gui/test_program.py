"""The whole window on a real EMS and the paper venue: what the hands do, what others do."""

import time
import uuid
from collections.abc import Iterator
from contextlib import AsyncExitStack
from decimal import Decimal
from pathlib import Path

import pytest
from msgspec.structs import replace
from PyQt6.QtCore import QPoint, QPointF, Qt
from PyQt6.QtGui import QShortcut
from PyQt6.QtTest import QTest
from PyQt6.QtWidgets import QApplication, QMenu

from ems.client import EmsClient
from ems.messages import Cancel, Order
from order_mode.alert_terms import AlertTerms
from order_mode.dialog_line import line_of
from order_mode.line import LineStyle
from tests.gui.conftest import LEFT, TIMEOUT_MS, Loop, entries
from ui.app import DEMO_MARKET
from ui.config import Config
from ui.config_reader import config_of
from ui.faults import Faults
from ui.order_story_window import OrderStory
from ui.program import Program, open_program
from ui.session import Session
from ui.state_folder import open_paths
from ui.tables.table_view import TableView

NO_CONFIG = Config()
LIVE_LIMIT = "fstttt"
"""Above the market the type by itself is a stop; three turns on it is a limit."""


class Desk:
    """An open program, driven by real Qt events."""

    def __init__(self, loop: Loop, qtbot, folder: Path, config: Config = NO_CONFIG) -> None:
        self._loop = loop
        self._qtbot = qtbot
        self._session = Session(config=config, paths=open_paths(folder), fqsn=DEMO_MARKET)
        self._stack = AsyncExitStack()
        self.faults = Faults()
        self.crashes: list[str] = []
        self.faults.fault.connect(lambda _, details: self.crashes.append(details))
        self.program: Program

    def run(self, work):
        """Run a coroutine on the loop that Qt drives; return its result."""
        task = self._loop.loop.create_task(work)
        self._qtbot.waitUntil(task.done, timeout=TIMEOUT_MS * 3)
        return task.result()

    def open(self) -> None:
        self.program = self.run(
            self._stack.enter_async_context(open_program(self._session, self.faults))
        )
        self.playback.paused = True
        self.until(lambda: self.program.page.last_price is not None)

    def close(self) -> None:
        stack, self._stack = self._stack, AsyncExitStack()
        self.run(stack.aclose())

    def step_until_quoted(self) -> None:
        """Play just so far that the venue knows a price."""

        def quoted() -> bool:
            self.playback.step()
            return all(self.program.ems.hub.last(DEMO_MARKET))

        self.until(quoted)

    @property
    def playback(self):
        return self.program.ems.hub.feed(DEMO_MARKET)

    @property
    def mode(self):
        mode = self.program.page.order_mode
        assert mode is not None
        return mode

    @property
    def view(self):
        return self.program.page.chart.plot_item.getViewWidget()

    def line(self, oid: str):
        return line_of(self.mode.dialogs[oid])

    def until(self, condition) -> None:
        self._qtbot.waitUntil(condition, timeout=TIMEOUT_MS)

    def price(self, steps: float) -> float:
        """A price so many twelfths of the picture above the last one."""
        low, high = self.program.page.chart.plot_item.vb.viewRange()[1]
        return self.program.page.last_price + steps * (high - low) / 12

    def point(self, price: float) -> QPoint:
        box = self.program.page.chart.plot_item.vb
        (left, right), _ = box.viewRange()
        return self.view.mapFromScene(
            box.mapViewToScene(QPointF(left + (right - left) * 0.6, price))
        )

    def move(self, price: float) -> None:
        self.program.window.activateWindow()
        self.view.setFocus()
        QTest.mouseMove(self.view.viewport(), self.point(price) + QPoint(1, 0))
        QTest.mouseMove(self.view.viewport(), self.point(price))

    def over(self, price: float) -> bool:
        """Move there; tell whether keys would count now."""
        self.move(price)
        return self.view.hasFocus()

    def place(self, keys: str, price: float) -> str:
        """Hold the keys and click; return the oid of the order once the EMS has spoken."""
        known = set(self.mode.dialogs)
        self.move(price)
        for key in keys:
            QTest.keyPress(self.view, key)
        QTest.mouseClick(self.view.viewport(), LEFT, pos=self.point(price))
        for key in reversed(keys):
            QTest.keyRelease(self.view, key)
        (oid,) = set(self.mode.dialogs) - known
        dialog = self.mode.dialogs[oid]
        self.until(lambda: dialog.status is not None)
        return oid

    def drag(self, start: float, stop: float) -> None:
        viewport = self.view.viewport()
        self.move(start)
        QTest.mousePress(viewport, LEFT, pos=self.point(start))
        for share in (0.3, 0.6, 1.0):
            QTest.mouseMove(viewport, self.point(start + (stop - start) * share))
        QTest.mouseRelease(viewport, LEFT, pos=self.point(stop))


@pytest.fixture
def desk(loop: Loop, qtbot, tmp_path: Path) -> Iterator[Desk]:
    made = Desk(loop, qtbot, tmp_path / "state")
    made.open()
    yield made
    made.close()
    assert made.crashes == []


def order_from(client: EmsClient, price: Decimal) -> Order:
    order = Order(
        oid=str(uuid.uuid4()),
        action="buy",
        exec_mode="live",
        symbol=DEMO_MARKET,
        account="paper",
        price=price,
        size=Decimal(3),
    )
    client.submit(order)
    return order


def test_live_order_works_is_dragged_and_cancelled_under_the_cursor(desk: Desk) -> None:
    oid = desk.place("fs", desk.price(-2))
    desk.until(lambda: desk.line(oid).style is LineStyle.SOLID)
    before = desk.mode.dialogs[oid].order.price
    desk.drag(float(before), desk.price(-3))
    desk.until(lambda: desk.mode.dialogs[oid].order.price < before)
    desk.move(float(desk.mode.dialogs[oid].order.price))
    QTest.keyClick(desk.view, "c")
    desk.until(lambda: oid not in desk.mode.dialogs)
    story = [event.event for event in desk.program.ems.journal.history(oid)]
    assert story[0] == "SUBMIT"
    assert story.count("MODIFY") == 1
    assert story[-1] == "CANCELED"


def test_everything_is_where_it_was_after_closing_and_opening(desk: Desk) -> None:
    oids = [
        desk.place("fs", desk.price(-2)),
        desk.place("d", desk.price(2)),
        desk.place("a", desk.price(1)),
    ]
    desk.until(lambda: desk.line(oids[0]).style is LineStyle.SOLID)
    before = {oid: desk.mode.dialogs[oid].order for oid in oids}
    desk.close()
    desk.open()
    desk.until(lambda: set(desk.mode.dialogs) == set(oids))
    desk.until(lambda: desk.line(oids[0]).style is LineStyle.SOLID)
    assert {oid: desk.mode.dialogs[oid].order for oid in oids} == before
    assert desk.line(oids[1]).style is LineStyle.DASHED
    rows = [row.order.oid for row in desk.program.window.tables.orders.rows()]
    assert sorted(rows) == sorted(oids)


def test_order_of_a_second_client_appears_moves_and_leaves(desk: Desk) -> None:
    second = desk.program.ems.connect([DEMO_MARKET])
    price = desk.program.page.market.round_price(desk.price(-2))
    order = order_from(second, price)
    desk.until(lambda: order.oid in desk.mode.dialogs)
    desk.until(lambda: desk.line(order.oid).style is LineStyle.SOLID)
    desk.drag(float(price), desk.price(-1))
    desk.until(lambda: desk.mode.dialogs[order.oid].order.price > price)
    second.cancel(Cancel(oid=order.oid, symbol=order.symbol))
    desk.until(lambda: order.oid not in desk.mode.dialogs)
    second.close()


def test_a_window_that_hung_for_too_long_sees_everything_again(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The EMS drops who does not read; the chart and the tables connect again by themselves."""
    second = desk.program.ems.connect([DEMO_MARKET])
    market = desk.program.page.market
    early = order_from(second, market.round_price(desk.price(-3)))
    desk.until(lambda: early.oid in desk.mode.dialogs)
    monkeypatch.setattr("ems.embedded_client.UNREAD_LIMIT", 10)
    second.cancel(Cancel(oid=early.oid, symbol=early.symbol))  # nobody reads from here on
    late = [
        order_from(second, market.round_price(desk.price(-2)) - number * market.tick_size)
        for number in range(20)
    ]
    second.close()
    assert desk.program.client.dropped
    monkeypatch.undo()
    oids = sorted(order.oid for order in late)
    desk.until(lambda: sorted(desk.mode.dialogs) == oids)
    rows = desk.program.window.tables.orders.rows
    desk.until(lambda: sorted(row.order.oid for row in rows()) == oids)
    desk.until(lambda: all(desk.line(oid).style is LineStyle.SOLID for oid in oids))
    desk.program.client.cancel(Cancel(oid=oids[0], symbol=DEMO_MARKET))
    desk.until(lambda: sorted(desk.mode.dialogs) == oids[1:])


def test_fill_closes_the_line_draws_an_arrow_and_moves_the_position(desk: Desk) -> None:
    desk.step_until_quoted()
    oid = desk.place(LIVE_LIMIT, desk.price(0.2))  # above the ask: fills at once
    desk.until(lambda: oid not in desk.mode.dialogs)
    desk.until(lambda: len(desk.mode.fills) == 1)
    assert desk.mode.position is not None
    assert desk.mode.position.size == desk.mode.fills[0].size
    assert desk.program.window.tables.fills.rowCount() == 1
    assert desk.program.page.pane.position_size.text() == f"+{desk.mode.position.size}"


def test_the_table_of_positions_never_says_that_the_venue_has_another_size(desk: Desk) -> None:
    desk.step_until_quoted()
    desk.place(LIVE_LIMIT, desk.price(0.2))
    size = desk.program.window.tables.positions.rows
    desk.until(lambda: [row.size > 0 for row in size()] == [True])
    assert [row.venue_size for row in size()] == [size()[0].size]
    QTest.mouseClick(desk.program.page.pane.deeds.buttons["flatten"], LEFT)
    question = desk.program.page.attachment.port.question
    mode = desk.program.window.status.mode
    desk.until(lambda: mode.text().startswith("Asked: Flatten: sell"))
    desk.until(question.yes.isEnabled)
    QTest.keyClick(question, Qt.Key.Key_Return)
    desk.until(lambda: [row.size for row in size()] == [0])
    desk.until(lambda: not desk.mode.dialogs)
    assert [row.venue_size for row in size()] == [0]
    cell = desk.program.window.tables.positions.index(0, 2)
    assert cell.data() == "0"


def test_dark_order_goes_out_when_the_price_comes(desk: Desk) -> None:
    price = desk.price(-0.15)
    oid = desk.place("f", price)
    assert desk.line(oid).style is LineStyle.DASHED
    desk.playback.speed = 600.0
    desk.playback.paused = False
    desk.until(lambda: oid not in desk.mode.dialogs or desk.mode.dialogs[oid].state != "dark_open")
    desk.playback.paused = True
    events = [event.event for event in desk.program.ems.journal.history(oid)]
    assert events[0] == "HOLD"
    assert "TRIGGER" in events


def test_cancel_all_takes_every_line_of_the_chart(desk: Desk) -> None:
    oids = [desk.place("fs", desk.price(-2)), desk.place("d", desk.price(2))]
    desk.move(desk.price(-3))
    QTest.keyClick(desk.view, "c")
    QTest.keyClick(desk.view, "c")
    desk.until(lambda: not desk.mode.dialogs)
    for oid in oids:
        assert desk.program.ems.journal.history(oid)[-1].state == "canceled"


def test_the_view_holds_still_while_an_order_is_staged(desk: Desk) -> None:
    box = desk.program.page.chart.plot_item.vb
    desk.move(desk.price(-1))
    QTest.keyPress(desk.view, "f")
    before = box.viewRange()
    desk.playback.speed = 600.0
    desk.playback.paused = False
    first = desk.playback.time_ns
    desk.until(lambda: desk.playback.time_ns > first + 300_000_000_000)
    assert box.viewRange() == before
    QTest.keyRelease(desk.view, "f")
    desk.until(lambda: box.viewRange() != before)
    desk.playback.paused = True
    assert not desk.mode.dialogs


def test_the_view_does_not_jump_when_an_order_is_placed(desk: Desk) -> None:
    chart = desk.program.page.chart
    desk.until(lambda: chart.up_to_date)  # a bar may have begun before the playback was paused
    chart.view.settle()
    box = chart.plot_item.vb
    before = box.viewRange()
    oid = desk.place("fs", desk.price(-2))
    desk.until(lambda: desk.line(oid).style is LineStyle.SOLID)
    chart.view.settle()
    assert box.viewRange() == before


def bracket(desk: Desk) -> set[str]:
    """Place a live entry with the first of the brackets; return the oids of all of it."""
    desk.move(desk.price(-2))
    for key in "fsg":
        QTest.keyPress(desk.view, key)
    QTest.mouseClick(desk.view.viewport(), LEFT, pos=desk.point(desk.price(-2)))
    for key in "gsf":
        QTest.keyRelease(desk.view, key)
    desk.until(lambda: len(desk.mode.dialogs) > 1)
    desk.until(lambda: all(one.status for one in desk.mode.dialogs.values()))
    return set(desk.mode.dialogs)


@pytest.mark.parametrize("keys", ["c", "cc"])
def test_who_cancels_an_entry_is_not_warned_that_its_exits_go_too(desk: Desk, keys: str) -> None:
    bracket(desk)
    desk.move(float(next(one for one in desk.mode.dialogs.values()).order.price))
    for key in keys:
        QTest.keyClick(desk.view, key)
    desk.until(lambda: not desk.mode.dialogs)
    messages = desk.program.window.tables.messages
    desk.until(lambda: any("Its entry ended" in row.text for row in messages.rows()))
    assert desk.program.window.messages.isHidden()


def test_slots_set_by_a_key_show_in_the_pane(desk: Desk) -> None:
    desk.move(desk.price(-1))
    for key in "f9":
        QTest.keyPress(desk.view, key)
    QTest.keyRelease(desk.view, "f")
    assert desk.program.page.pane.sizing.slots_field.value() == 9


def test_delete_in_the_orders_table_cancels_the_row_that_was_clicked(desk: Desk) -> None:
    oid = desk.place("fs", desk.price(-2))
    table = desk.program.window.tables.orders_view
    desk.until(lambda: table.model().rowCount() == 1)
    where = table.visualRect(table.model().index(0, 1)).center()
    QTest.mouseClick(table.viewport(), LEFT, pos=where)
    QTest.keyClick(table, Qt.Key.Key_Delete)
    desk.until(lambda: oid not in desk.mode.dialogs)


def test_the_notice_of_a_fill_names_the_price_that_was_paid(desk: Desk) -> None:
    desk.step_until_quoted()
    desk.place(LIVE_LIMIT, desk.price(1))
    desk.until(lambda: len(desk.mode.fills) == 1)
    paid = desk.program.page.market.format_price(desk.mode.fills[0].price)
    bar = desk.program.window.messages
    desk.until(lambda: f"at {paid}" in bar.text.text())


def _is_below(desk: Desk, price: float) -> bool:
    """Tell whether the ask and the last trade are: a buy at the price is plainly a stop then."""
    quote, trade = desk.program.ems.hub.last(desk.program.page.market.fqsn)
    return quote is not None and trade is not None and max(quote.ask, trade.price) < price


def test_the_market_jumping_through_the_staged_price_does_not_move_it(desk: Desk) -> None:
    desk.step_until_quoted()
    desk.move(desk.price(-0.3))
    QTest.keyPress(desk.view, "f")
    staged = desk.mode.staged
    assert staged is not None
    desk.playback.speed = 600.0
    desk.playback.paused = False
    desk.until(lambda: _is_below(desk, float(staged.order.price)))
    desk.playback.paused = True
    assert desk.mode.staged is not None
    assert desk.mode.staged.order.price == staged.order.price
    assert not desk.mode.dialogs

    def clicked() -> bool:  # right after the market went through, a click is not meant for this
        if not desk.mode.dialogs:
            place = desk.point(float(staged.order.price))
            QTest.mouseClick(desk.view.viewport(), LEFT, pos=place)
        return bool(desk.mode.dialogs)

    desk.until(clicked)
    QTest.keyRelease(desk.view, "f")
    (dialog,) = desk.mode.dialogs.values()
    assert dialog.order.price == staged.order.price


def test_a_key_held_while_the_focus_goes_places_nothing(desk: Desk) -> None:
    desk.move(desk.price(-1))
    QTest.keyPress(desk.view, "f")
    assert desk.mode.staged is not None
    desk.program.page.pane.sizing.limit_field.setFocus()
    assert desk.mode.staged is None
    desk.view.setFocus()
    QTest.mouseClick(desk.view.viewport(), LEFT, pos=desk.point(desk.price(-1)))
    QTest.keyRelease(desk.view, "f")
    assert not desk.mode.dialogs


def choose(*words: str) -> None:
    menu = QApplication.activePopupWidget()
    assert isinstance(menu, QMenu)
    (entry,) = (one for one in entries(menu) if all(word in one.text() for word in words))
    entry.trigger()
    menu.close()


def test_a_dark_order_is_turned_live_and_back_at_a_real_venue(desk: Desk) -> None:
    first = desk.place("f", desk.price(-2))
    price = desk.mode.dialogs[first].order.price
    for turn, style in (("live", LineStyle.SOLID), ("dark", LineStyle.DASHED)):
        lines = desk.program.page.attachment.port.lines
        desk.until(lambda lines=lines: desk.over(float(price)) and bool(lines.line_at_cursor()))
        QTest.keyClick(desk.view, "m")
        choose(f"Make it {turn}")
        desk.until(
            lambda style=style: (
                len(desk.mode.dialogs) == 1
                and first not in desk.mode.dialogs
                and line_of(next(iter(desk.mode.dialogs.values()))).style is style
            )
        )
        (dialog,) = desk.mode.dialogs.values()
        assert (dialog.order.price, dialog.order.exec_mode) == (price, turn)
    assert desk.program.ems.journal.history(first)[-1].state == "canceled"


def test_a_repeating_alert_rings_and_is_there_again(desk: Desk) -> None:
    desk.step_until_quoted()
    desk.mode.menu.place_alert(desk.price(-0.1), AlertTerms(note="down there", repeats=True))
    (first,) = desk.mode.dialogs
    tables = desk.program.window.tables
    desk.until(lambda: tables.alerts.rowCount() == 1)
    desk.playback.speed = 600.0
    desk.playback.paused = False
    desk.until(lambda: bool(desk.mode.dialogs) and first not in desk.mode.dialogs)
    desk.playback.paused = True
    (dialog,) = desk.mode.dialogs.values()
    assert (dialog.order.note, dialog.order.repeats) == ("down there", True)
    desk.until(lambda: tables.alerts.rowCount() == 1)


def test_a_repeating_alert_that_rang_is_armed_anew_in_the_next_run(desk: Desk) -> None:
    desk.step_until_quoted()
    desk.mode.menu.place_alert(desk.price(0.0) - 0.05, AlertTerms(repeats=True))
    (first,) = desk.mode.dialogs
    desk.program.alerts.stop()  # it ends before the alert is looked at again

    def rang() -> bool:
        if first in desk.mode.dialogs:
            desk.playback.step()
        return first not in desk.mode.dialogs

    desk.until(rang)
    assert desk.mode.dialogs == {}
    desk.close()
    desk.open()
    desk.step_until_quoted()

    def armed() -> bool:
        desk.playback.step()
        return bool(desk.mode.dialogs)

    desk.until(armed)
    (dialog,) = desk.mode.dialogs.values()
    assert dialog.order.repeats
    assert dialog.oid != first
    assert desk.program.ems.journal.rung_to_repeat()[0].oid == first


def test_what_was_refused_before_the_program_opened_is_no_news(desk: Desk) -> None:
    oid = desk.place("f", desk.price(-2))
    announced = []
    desk.program.notices.announce = announced.append
    last = desk.mode.dialogs[oid].status
    old = replace(last, time_ns=1, refused="modify", reason="long ago")
    new = replace(last, time_ns=time.time_ns(), refused="modify", reason="just now")
    for status in (old, new):
        desk.program.ems.router.client_broadcast(DEMO_MARKET, status)
    desk.until(lambda: bool(announced))
    assert [news.text for news in announced] == ["just now"]


def test_a_double_click_tells_the_story_of_an_order(desk: Desk) -> None:
    oid = desk.place("f", desk.price(-2))
    view = desk.program.window.tables.orders_view
    cell = view.visualRect(view.model().index(0, 1)).center()
    QTest.mouseClick(view.viewport(), LEFT, pos=cell)
    QTest.mouseDClick(view.viewport(), LEFT, pos=cell)
    story = desk.program.window.findChild(OrderStory)
    assert story is not None
    assert oid in story.windowTitle()
    events = [event.event for event in desk.program.ems.journal.history(oid)]
    assert [row.event.event for row in story.model.rows()] == events == ["HOLD"]
    story.close()


def test_a_click_on_a_line_goes_to_its_row_and_a_click_on_the_row_to_its_line(desk: Desk) -> None:
    oids = [desk.place("f", desk.price(-2)), desk.place("d", desk.price(2))]
    tables = desk.program.window.tables
    tables.setCurrentWidget(tables.messages_view)
    for oid in oids:
        price = float(desk.mode.dialogs[oid].order.price)
        desk.move(price)
        QTest.mouseClick(desk.view.viewport(), LEFT, pos=desk.point(price))
        assert tables.currentWidget() is tables.orders_view
        assert tables.orders_view.selected_keys() == [oid]
        assert desk.view.hasFocus()  # the keys stay with the chart
    box = desk.program.page.chart.plot_item.vb
    desk.program.page.chart.view.show_price(desk.price(40))
    view = tables.orders_view
    QTest.mouseClick(view.viewport(), LEFT, pos=view.visualRect(view.model().index(0, 1)).center())
    low, high = box.viewRange()[1]
    assert low < float(desk.mode.dialogs[view.selected_keys()[0]].order.price) < high
    assert set(desk.mode.dialogs) == set(oids)


def test_the_tables_cancel_of_an_order_that_is_being_turned_ends_it(desk: Desk) -> None:
    oid = desk.place("f", desk.price(-2))
    view = desk.program.window.tables.orders_view
    view.setFocus()
    view.selectRow(0)
    desk.mode.changes.convert(oid, "live")
    QTest.keyClick(view, Qt.Key.Key_Delete)
    desk.until(lambda: not desk.mode.dialogs)
    assert desk.program.window.tables.orders.rowCount() == 0


def test_a_crash_in_a_task_shows_in_the_window(loop: Loop, desk: Desk) -> None:
    async def crash() -> None:
        raise RuntimeError("the feed fell over")

    desk.faults.watch_loop(loop.loop)
    desk.program.tasks.start(crash(), "a task of the test")
    bar = desk.program.window.messages
    desk.until(lambda: "the feed fell over" in bar.text.text())
    assert "Traceback" in desk.crashes.pop()
    desk.faults.uninstall()


def test_sizing_in_the_pane_is_the_size_of_the_next_order(desk: Desk) -> None:
    pane = desk.program.page.pane
    pane.sizing.slots_field.setFocus()
    pane.sizing.slots_field.selectAll()
    QTest.keyClicks(pane.sizing.slots_field, "1")
    QTest.keyClick(pane.sizing.slots_field, Qt.Key.Key_Return)
    desk.until(lambda: desk.mode.sizing.slots == 1)
    desk.until(lambda: desk.view.hasFocus())
    desk.move(desk.price(-1))
    QTest.keyPress(desk.view, "f")
    assert desk.mode.staged is not None
    whole = Decimal(10_000) // Decimal(str(round(desk.price(-1), 2)))
    assert desk.mode.staged.order.size == whole
    assert pane.next_size.text() == str(whole)
    QTest.keyRelease(desk.view, "f")


def test_a_limit_for_an_account_that_is_not_there_is_told_at_the_start(
    loop: Loop, qtbot, tmp_path: Path
) -> None:
    config = config_of(
        """
        [risk.accounts.papr]
        daily_loss = 500
        [risk.accounts.paper]
        daily_loss = 500
        [risk.accounts."kraken.spot"] # no key here, so Kraken has no account in this run
        daily_loss = 500
        [arming.accounts."paper.two"]
        mode = "confirm"
        """,
        tmp_path / "config.toml",
    )
    desk = Desk(loop, qtbot, tmp_path / "state", config)
    desk.open()
    try:
        said = [row.text for row in desk.program.window.tables.messages.rows()]
        absent = [text for text in said if "holds for nothing" in text]
        there = "There are paper."
        assert absent == [
            "The config has [risk.accounts.\"papr\"], but there is no account 'papr': what stands "
            f"there holds for nothing. {there}",
            "The config has [arming.accounts.\"paper.two\"], but there is no account 'paper.two': "
            f"what stands there holds for nothing. {there}",
        ]
        assert "holds for nothing" in desk.program.window.messages.text.text()
    finally:
        desk.close()
    assert desk.crashes == []


def test_the_keys_that_are_shown_are_all_that_the_window_has(desk: Desk) -> None:
    desk.move(desk.price(-1))
    QTest.keyClick(desk.view, "?")
    keys = desk.program.page.attachment.port.keys
    assert keys.isVisible()
    said = keys.text()
    for shortcut in desk.program.window.findChildren(QShortcut):
        names = {"Ctrl+Shift+Tab": "ctrl+tab", "PgUp": "page up", "PgDown": "page down"}
        key = shortcut.key().toString()
        named = names.get(key, key.lower())
        own = isinstance(shortcut.parent(), TableView)  # its menu says them
        assert own or named in said, key


@pytest.mark.parametrize("size", [(1600, 1000), (1100, 700)])
def test_the_keys_are_all_to_be_seen_in_a_window_of_any_size(desk: Desk, size) -> None:
    window = desk.program.window
    window.resize(*size)
    desk.until(lambda: (window.width(), window.height()) == size)
    desk.move(desk.price(-1))
    QTest.keyClick(desk.view, "?")
    keys = desk.program.page.attachment.port.keys
    assert keys.isVisible()
    assert keys.height() >= keys.sizeHint().height()
    corners = [keys.rect().topLeft(), keys.rect().bottomRight()]
    assert all(window.rect().contains(keys.mapTo(window, corner)) for corner in corners)
    over = keys.parentWidget()
    assert over is not None
    assert over.rect().contains(keys.geometry())
    QTest.keyClick(desk.view, "?")
    assert not keys.isVisible()
