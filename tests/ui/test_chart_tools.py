import pytest
from PyQt6.QtGui import QImage
from PyQt6.QtWidgets import QApplication, QFileDialog, QToolButton

from tests.ui.chart.recorded import MINUTE, market, walk
from ui.chart import BarStyle, Chart
from ui.chart.period import FixedPeriod
from ui.chart_tools import ChartTools
from ui.indicator_dialog import IndicatorDialog
from ui.indicator_kinds import kinds


@pytest.fixture
def chart(qtbot):
    made = Chart()
    qtbot.addWidget(made)
    made.resize(640, 400)
    made.set_market(market())
    made.set_bars(walk(100), MINUTE)
    return made


@pytest.fixture
def tools(chart, qtbot):
    made = ChartTools(chart, kinds("UTC"))
    qtbot.addWidget(made)
    made.show()
    return made


def button(tools, name):
    return tools.findChild(QToolButton, name)


def choose(tools, name, text):
    actions = button(tools, name).menu().actions()
    next(action for action in actions if action.text() == text).trigger()


@pytest.mark.parametrize("style", BarStyle)
def test_each_style_can_be_chosen_and_is_named_on_the_button(chart, tools, style):
    choose(tools, "barStyle", style.value)
    assert chart.bar_style is style
    assert button(tools, "barStyle").text() == style.value


def test_whose_time_is_shown_can_be_chosen_and_is_named_on_the_button(chart, tools):
    chart.set_market(market(timezone="America/New_York"))
    zones = button(tools, "timezone")
    assert zones.text() == "Exchange time"
    zones.menu().aboutToShow.emit()
    texts = [action.text() for action in zones.menu().actions()]
    assert texts[0] == "Exchange time: America/New_York"
    assert texts[1].startswith("My time: ")
    zones.menu().actions()[2].trigger()
    assert chart.timezone == zones.text() == "UTC"
    chart.set_timezone("America/Argentina/Buenos_Aires")
    assert zones.text() == "Buenos Aires"
    zones.menu().aboutToShow.emit()
    assert [one.isChecked() for one in zones.menu().actions()] == [False, False, False, True]


def test_the_button_opens_the_indicators(tools):
    button(tools, "indicators").click()
    assert tools.findChild(IndicatorDialog).isVisible()


def test_a_picture_is_what_the_chart_shows(chart, tools, qtbot, tmp_path, monkeypatch):
    asked = (str(tmp_path / "saved"), "")
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: asked)
    with qtbot.waitSignal(tools.told) as told:
        choose(tools, "picture", "Save…")
    assert told.args == [f"The picture is in {tmp_path / 'saved.png'}", "info"]
    shown = chart.grab().toImage()
    saved = QImage(str(tmp_path / "saved.png")).convertToFormat(shown.format())
    assert saved == shown
    choose(tools, "picture", "Copy")
    copied = QApplication.clipboard().image()
    assert copied.convertToFormat(shown.format()) == shown


def test_a_picture_that_cannot_be_saved_says_where(tools, qtbot, tmp_path, monkeypatch):
    asked = (str(tmp_path / "missing" / "chart.png"), "")
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: asked)
    with qtbot.waitSignal(tools.told) as told:
        choose(tools, "picture", "Save…")
    assert told.args[1] == "error"
    assert str(tmp_path / "missing") in told.args[0]


def test_where_there_is_little_room_one_button_has_all_periods(tools, qtbot):
    tools.periods.offer(lambda period: period.usual_ns % MINUTE == 0)
    tools.periods.show_period(FixedPeriod(MINUTE))
    tools.resize(1000, 30)
    one = button(tools, "period")
    assert not one.isVisible()
    tools.resize(380, 30)
    assert one.isVisible()
    assert one.text() == "1m"
    one.menu().aboutToShow.emit()
    texts = [action.text() for action in one.menu().actions()]
    assert texts == ["1m", "5m", "15m", "30m", "1h", "4h", "1D", "1W"]
    with qtbot.waitSignal(tools.periods.period_chosen) as chosen:
        one.menu().actions()[2].trigger()
    assert chosen.args == [FixedPeriod(15 * MINUTE)]
    tools.periods.show_period(FixedPeriod(15 * MINUTE))
    assert one.text() == "15m"
    tools.resize(1000, 30)
    assert not one.isVisible()
