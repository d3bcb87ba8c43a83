"""The layout over restarts of the real program, and named ones, by the hands of a user."""

from collections.abc import Iterator
from contextlib import AsyncExitStack
from pathlib import Path

import pytest
from PyQt6.QtCore import QPoint, QRect, Qt
from PyQt6.QtTest import QTest
from PyQt6.QtWidgets import QApplication, QInputDialog, QMenu, QPushButton, QSpinBox, QToolButton

from tests.gui.conftest import LEFT, TIMEOUT_MS, Loop
from ui.app import DEMO_MARKET
from ui.chart import BarStyle
from ui.chart.formulas import Ema, Sma
from ui.config import Config, Paths, open_paths
from ui.faults import Faults
from ui.indicator_dialog import IndicatorDialog
from ui.program import Program, Session, open_program

MINUTE = 60_000_000_000


class Desk:
    """A program that is opened again and again on the same folder."""

    def __init__(self, loop: Loop, qtbot, paths: Paths) -> None:
        self.loop = loop
        self.qtbot = qtbot
        self.paths = paths
        self._stack = AsyncExitStack()
        self.faults = Faults()
        self.crashes: list[str] = []
        self.faults.fault.connect(lambda _, details: self.crashes.append(details))
        self.program: Program

    def run(self, work):
        task = self.loop.loop.create_task(work)
        self.qtbot.waitUntil(task.done, timeout=TIMEOUT_MS * 3)
        return task.result()

    def open(self, fqsn: str | None = None, **choices) -> Program:
        session = Session(
            config=choices.pop("config", Config()),
            paths=self.paths,
            fqsn=fqsn,
            usual_fqsn=DEMO_MARKET,
            **choices,
        )
        self.program = self.run(self._stack.enter_async_context(open_program(session, self.faults)))
        self.program.ems.hub.feed(DEMO_MARKET).paused = True
        return self.program

    def close(self) -> None:
        stack, self._stack = self._stack, AsyncExitStack()
        self.run(stack.aclose())

    def until(self, condition) -> None:
        self.qtbot.waitUntil(condition, timeout=TIMEOUT_MS)

    @property
    def window(self):
        return self.program.window

    @property
    def chart(self):
        return self.program.page.chart

    def tool(self, name: str) -> QToolButton:
        return self.window.findChild(QToolButton, name)

    def choose(self, tool: str, *path: str) -> None:
        """Open the menu of a button with the mouse and click an entry of it."""
        button = self.tool(tool)
        menu = button.menu()
        menu.aboutToShow.emit()
        for text in path:
            action = next(one for one in menu.actions() if one.text() == text)
            menu = action.menu() or menu
        action.trigger()

    def notices(self) -> list[str]:
        return [row.text for row in self.window.tables.messages.rows()]


@pytest.fixture
def desk(loop: Loop, qtbot, tmp_path: Path) -> Iterator[Desk]:
    made = Desk(loop, qtbot, open_paths(tmp_path / "state"))
    yield made
    made.close()
    assert made.crashes == []


def press(qtbot, dialog, text):
    button = next(b for b in dialog.findChildren(QPushButton) if b.text() == text)
    qtbot.mouseClick(button, LEFT)


def test_what_was_chosen_is_there_at_the_next_start(desk, qtbot):
    desk.open()
    desk.window.setGeometry(20, 30, 1111, 777)
    desk.choose("barStyle", BarStyle.HOLLOW.value)
    QTest.mouseClick(desk.tool("indicators"), LEFT)
    dialog = desk.window.findChild(IndicatorDialog)
    press(qtbot, dialog, "+ EMA")
    dialog.findChild(QSpinBox).setValue(77)
    press(qtbot, dialog, "+ SMA")
    dialog.close()
    colors = [one.colors for one in desk.chart.indicators]
    QTest.keyClick(desk.chart.plot_item.getViewWidget(), Qt.Key.Key_PageUp)
    desk.until(lambda: desk.chart.period_ns == 5 * MINUTE)
    fills = desk.window.tables.fills_view
    desk.window.tables.setCurrentWidget(fills)
    fills.column_choice.menu().actions()[3].trigger()
    hidden = fills.column_choice.hidden
    split = desk.window.layout_now().split
    assert len(hidden) == 1
    desk.close()

    desk.open()
    assert desk.window.geometry() == QRect(20, 30, 1111, 777)
    assert desk.chart.bar_style is BarStyle.HOLLOW
    assert desk.tool("barStyle").text() == BarStyle.HOLLOW.value
    assert [one.formula for one in desk.chart.indicators] == [Ema(77), Sma(20)]
    assert [one.colors for one in desk.chart.indicators] == colors
    assert desk.chart.period_ns == 5 * MINUTE
    assert desk.window.tables.currentWidget() is desk.window.tables.fills_view
    assert desk.window.tables.fills_view.column_choice.hidden == hidden
    assert desk.window.tables.fills_view.isColumnHidden(3)
    assert desk.window.layout_now().split == split


def test_a_period_of_the_command_line_wins(desk):
    desk.open(period_ns=15 * MINUTE)
    desk.close()
    desk.open()
    assert desk.chart.period_ns == 15 * MINUTE
    desk.close()
    desk.open(period_ns=5 * MINUTE)
    desk.qtbot.waitUntil(lambda: desk.chart.period_ns == 5 * MINUTE)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("{ this is no layout", "the usual layout is shown"),
        ('{"charts": [{"market": "moon.nowhere.replay"}]}', "moon.nowhere.replay"),
        ('{"charts": [{"indicators": [{"kind": "Tea leaves"}]}]}', "'Tea leaves'"),
        ('{"charts": [{"indicators": [{"kind": "SMA", "settings": {"length": 0}}]}]}', "0 bars"),
        ('{"window": {"place": [90000, 90000, 0, -5]}}', ""),
    ],
)
def test_a_bad_layout_is_a_sentence_and_the_usual_chart(desk, text, says):
    desk.paths.layout.write_text(text)
    desk.open()
    assert desk.program.page.market.fqsn == DEMO_MARKET
    assert len(desk.chart.series) > 0
    if says:
        desk.until(lambda: any(says in notice for notice in desk.notices()))


def test_a_layout_is_saved_opened_and_deleted_by_name(desk):
    desk.open()
    desk.choose("barStyle", BarStyle.AREA.value)
    desk.choose("layouts", "Save as…")
    dialog = desk.window.findChild(QInputDialog)
    dialog.setTextValue("evening")
    dialog.accept()
    desk.choose("barStyle", BarStyle.BARS.value)
    QTest.keyClick(desk.chart.plot_item.getViewWidget(), Qt.Key.Key_PageUp)
    desk.until(lambda: desk.chart.period_ns == 5 * MINUTE)
    desk.choose("layouts", "evening")
    assert desk.chart.bar_style is BarStyle.AREA
    desk.until(lambda: desk.chart.period_ns == MINUTE)
    desk.choose("layouts", "Delete", "evening")
    assert not list(desk.paths.named_layouts.iterdir())


def test_the_titles_of_a_table_open_the_list_of_its_columns(desk):
    desk.open()
    tables = desk.window.tables
    header = tables.orders_view.horizontalHeader()
    header.customContextMenuRequested.emit(QPoint(30, 8))
    menu = QApplication.activePopupWidget()
    assert isinstance(menu, QMenu)
    actions = menu.actions()
    assert [action.text() for action in actions] == tables.orders_view.column_choice.titles
    for action in actions:
        action.trigger()
    menu.close()
    shown = [c for c in range(header.count()) if not tables.orders_view.isColumnHidden(c)]
    assert shown == [len(actions) - 1]  # the last one stays
    assert not tables.orders_view.column_choice.menu().actions()[-1].isEnabled()
