"""The layout over restarts of the real program, and named ones, by the hands of a user."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from PyQt6.QtCore import QPoint, QRect, Qt
from PyQt6.QtTest import QTest
from PyQt6.QtWidgets import (
    QApplication,
    QInputDialog,
    QMenu,
    QPushButton,
    QSpinBox,
    QSplitter,
    QToolButton,
)

from tests.gui.conftest import LEFT, Loop
from tests.gui.layout_desk import Desk
from ui import theme
from ui.app import DEMO_MARKET
from ui.chart import BarStyle
from ui.chart.formulas import Ema, Sma
from ui.config import Config, FunctionConfig
from ui.indicator_dialog import IndicatorDialog
from ui.palettes import DARK
from ui.state_folder import open_paths

MINUTE = 60_000_000_000


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
    QTest.mouseClick(desk.tool("percent"), LEFT)
    QTest.mouseClick(desk.tool("log"), LEFT)
    desk.choose("timezone", "UTC")
    assert desk.chart.price_axis.ticks()[0][1].endswith("%")
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
    assert desk.tool("percent").isChecked()
    assert desk.tool("log").isChecked()
    assert desk.chart.axes.timezone == desk.tool("timezone").text() == "UTC"
    assert desk.chart.axes.log_scale
    assert desk.chart.price_axis.ticks()[0][1].endswith("%")
    assert [one.formula for one in desk.chart.indicators] == [Ema(77), Sma(20)]
    assert [one.colors for one in desk.chart.indicators] == colors
    assert desk.chart.period_ns == 5 * MINUTE
    assert desk.window.tables.currentWidget() is desk.window.tables.fills_view
    assert desk.window.tables.fills_view.column_choice.hidden == hidden
    assert desk.window.tables.fills_view.isColumnHidden(3)
    assert desk.window.layout_now().split == split


def test_a_period_of_the_command_line_wins(desk):
    desk.open(period="15m")
    desk.close()
    desk.open()
    assert desk.chart.period_ns == 15 * MINUTE
    desk.close()
    desk.open(period="5m")
    desk.qtbot.waitUntil(lambda: desk.chart.period_ns == 5 * MINUTE)


def test_months_are_there_at_the_next_start(desk):
    desk.open()
    buttons = desk.window.findChildren(QToolButton)
    QTest.mouseClick(next(one for one in buttons if one.text() == "1M"), LEFT)
    desk.until(lambda: desk.chart.period.text == "1M")
    assert desk.chart.period.zone == "America/New_York"
    desk.close()
    desk.open()
    assert desk.chart.period.text == "1M"


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
    desk.until(lambda: desk.chart.bar_style is BarStyle.AREA)
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


def test_panes_and_a_function_of_the_users_are_there_again(desk, qtbot, tmp_path):
    (tmp_path / "my_indicators.py").write_text(
        "def spread(bars, factor=2):\n    return (bars['high'] - bars['low']) * factor\n"
    )
    named = {
        "Spread": FunctionConfig(function="my_indicators:spread", pane=True),
        "Nothing": FunctionConfig(function="my_indicators:nothing"),
    }
    choices = {"config": Config(indicators=named), "config_folder": tmp_path}
    desk.open(**choices)
    desk.until(lambda: any("my_indicators:nothing" in text for text in desk.notices()))
    QTest.mouseClick(desk.tool("indicators"), LEFT)
    dialog = desk.window.findChild(IndicatorDialog)
    press(qtbot, dialog, "+ RSI")
    press(qtbot, dialog, "+ Spread")
    dialog.findChildren(QSpinBox)[-1].setValue(5)
    dialog.close()
    assert [one.formula.label for one in desk.chart.indicators] == ["RSI 14", "Spread 5"]
    handle = desk.chart.findChild(QSplitter).handle(1)
    QTest.mousePress(handle, LEFT, pos=QPoint(50, 1))
    QTest.mouseMove(handle, QPoint(50, -39))
    QTest.mouseRelease(handle, LEFT, pos=QPoint(50, -39))
    heights = desk.chart.panes.heights
    desk.close()

    desk.open(**choices)
    assert [one.formula.label for one in desk.chart.indicators] == ["RSI 14", "Spread 5"]
    assert desk.chart.panes.heights == pytest.approx(heights, abs=2)


def colors_of(widget):
    image = widget.grab().toImage()
    width, height = image.width(), image.height()
    return {image.pixel(x, y) & 0xFFFFFF for y in range(0, height, 2) for x in range(0, width, 2)}


def test_the_theme_is_changed_by_a_click_and_kept(desk, qtbot, qapp):
    qapp.setStyleSheet(theme.stylesheet())
    try:
        desk.open()
        desk.until(lambda: desk.program.page.last_price is not None)
        dark = {getattr(DARK, name) for name in ("background", "panel", "raised", "grid", "border")}
        surfaces = {int(name[1:], 16) for name in dark}
        assert colors_of(desk.window) & surfaces
        QTest.mouseClick(desk.tool("theme"), LEFT)
        assert desk.tool("theme").text() == "Dark"
        QTest.mouseMove(desk.window, QPoint(300, 300))
        assert not colors_of(desk.window) & surfaces
        desk.close()
        theme.use("dark")
        desk.open()
        assert theme.current() == "light"
        assert not colors_of(desk.window) & surfaces
    finally:
        theme.use("dark")
        qapp.setStyleSheet("")
