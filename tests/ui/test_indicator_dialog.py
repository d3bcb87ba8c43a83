import pytest
from PyQt6.QtCore import Qt
from PyQt6.QtGui import QColor
from PyQt6.QtWidgets import QColorDialog, QDoubleSpinBox, QPushButton, QSpinBox, QToolButton

from tests.ui.chart.recorded import MINUTE, market, walk
from ui import theme
from ui.chart import Chart
from ui.chart.formulas import Bollinger, Sma, Vwap
from ui.color_button import ColorButton
from ui.indicator_dialog import IndicatorDialog
from ui.indicator_kinds import kinds


@pytest.fixture
def chart(qtbot):
    made = Chart()
    qtbot.addWidget(made)
    made.resize(900, 500)
    made.set_market(market())
    made.set_bars(walk(300), MINUTE)
    return made


@pytest.fixture
def dialog(chart, qtbot):
    made = IndicatorDialog(chart, kinds("UTC"))
    qtbot.addWidget(made)
    made.show()
    return made


def press(qtbot, dialog, kind, text):
    button = next(b for b in dialog.findChildren(kind) if b.text() == text)
    qtbot.mouseClick(button, Qt.MouseButton.LeftButton)


def formulas(chart):
    return [one.formula for one in chart.indicators]


def test_each_kind_can_be_added_and_has_a_colour_of_its_own(qtbot, chart, dialog):
    for name in ("SMA", "EMA", "VWAP", "Bollinger"):
        press(qtbot, dialog, QPushButton, f"+ {name}")
    assert [formula.label for formula in formulas(chart)] == [
        "SMA 20",
        "EMA 50",
        "VWAP",
        "Bollinger 20 2",
    ]
    assert len({one.colors[0] for one in chart.indicators}) == 4


def test_a_setting_counts_at_once(qtbot, chart, dialog):
    press(qtbot, dialog, QPushButton, "+ SMA")
    dialog.findChild(QSpinBox).setValue(33)
    assert formulas(chart) == [Sma(33)]
    press(qtbot, dialog, QPushButton, "+ Bollinger")
    dialog.findChild(QDoubleSpinBox).setValue(1.5)
    assert formulas(chart) == [Sma(33), Bollinger(20, 1.5)]


def test_when_a_session_begins_is_not_for_the_user_to_set(qtbot, chart):
    made = IndicatorDialog(chart, kinds("America/Chicago", early_s=7 * 3600))
    qtbot.addWidget(made)
    press(qtbot, made, QPushButton, "+ VWAP")
    assert formulas(chart) == [Vwap("America/Chicago", 7 * 3600)]
    assert made.findChildren(QSpinBox) == []


def test_one_can_be_taken_away(qtbot, chart, dialog):
    press(qtbot, dialog, QPushButton, "+ SMA")
    press(qtbot, dialog, QPushButton, "+ EMA")
    press(qtbot, dialog, QToolButton, "✕")
    assert [formula.label for formula in formulas(chart)] == ["EMA 50"]


def color_buttons(dialog):
    return dialog.findChildren(ColorButton)


def choose_color(button, name):
    next(one for one in button.menu().actions() if one.text() == name).trigger()


def test_the_colour_can_be_chosen_and_shows_at_once(qtbot, chart, dialog):
    press(qtbot, dialog, QPushButton, "+ SMA")
    press(qtbot, dialog, QPushButton, "+ Bollinger")
    _, bands = color_buttons(dialog)
    choose_color(bands, "Orange")
    orange = theme.INDICATORS[5]
    assert bands.color == orange
    assert chart.indicators[1].colors == (orange,) * 3
    assert chart.indicators[0].colors == (theme.INDICATORS[0],)
    chart.show()
    picture = chart.grab().toImage()
    shown = {picture.pixelColor(x, y).name() for x in range(0, 800, 3) for y in range(80, 400)}
    assert orange in shown


def test_each_line_of_a_pane_has_a_colour_and_bars_of_their_sign_have_none(qtbot, chart, dialog):
    press(qtbot, dialog, QPushButton, "+ MACD")
    macd, signal = color_buttons(dialog)
    choose_color(signal, "Purple")
    purple = theme.INDICATORS[2]
    assert [one for one in chart.indicators[0].colors if one == purple] == [purple]
    assert macd.color != purple


def test_any_other_colour_can_be_chosen_and_none(qtbot, chart, dialog, monkeypatch):
    press(qtbot, dialog, QPushButton, "+ EMA")
    [button] = color_buttons(dialog)
    before = chart.indicators[0].colors
    monkeypatch.setattr(QColorDialog, "getColor", lambda *_: QColor())
    choose_color(button, "Another…")
    assert chart.indicators[0].colors == before
    monkeypatch.setattr(QColorDialog, "getColor", lambda *_: QColor("#123456"))
    choose_color(button, "Another…")
    assert chart.indicators[0].colors == ("#123456",)


def test_in_the_other_theme_the_buttons_have_its_colours(qtbot, chart, dialog):
    press(qtbot, dialog, QPushButton, "+ EMA")
    choose_color(color_buttons(dialog)[0], "White")
    try:
        theme.use("light")
        [button] = color_buttons(dialog)
        assert button.color == chart.indicators[0].colors[0] == theme.INDICATORS[3]
        assert "Black" in [one.text() for one in button.menu().actions()]
    finally:
        theme.use("dark")
