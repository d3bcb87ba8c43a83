import pytest
from PyQt6.QtCore import Qt
from PyQt6.QtWidgets import QDoubleSpinBox, QPushButton, QSpinBox, QToolButton

from tests.ui.chart.recorded import MINUTE, market, walk
from ui.chart import Chart
from ui.chart.formulas import Bollinger, Sma
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


def test_one_can_be_taken_away(qtbot, chart, dialog):
    press(qtbot, dialog, QPushButton, "+ SMA")
    press(qtbot, dialog, QPushButton, "+ EMA")
    press(qtbot, dialog, QToolButton, "✕")
    assert [formula.label for formula in formulas(chart)] == ["EMA 50"]
