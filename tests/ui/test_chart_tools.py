import pytest
from PyQt6.QtCore import QEvent, QPoint, QPointF, Qt
from PyQt6.QtGui import QContextMenuEvent, QImage, QMouseEvent
from PyQt6.QtWidgets import QApplication, QFileDialog, QToolButton

from tests.ui.chart.recorded import MINUTE, market, walk
from ui.chart import BarStyle, Chart, Rsi
from ui.chart.period import FixedPeriod
from ui.chart.time_strip import TimeStrip
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
    assert chart.axes.timezone == zones.text() == "UTC"
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


def test_where_there_is_less_room_one_button_has_all_that_the_axes_show(chart, tools, qtbot):
    tools.periods.offer(lambda period: period.usual_ns % MINUTE == 0)
    tools.periods.show_period(FixedPeriod(MINUTE))
    tools.resize(1300, 30)
    one = button(tools, "axes")
    assert not one.isVisible()
    assert button(tools, "log").isVisible()
    tools.resize(500, 30)
    assert one.isVisible()
    assert not button(tools, "log").isVisible()
    others = [button(tools, name) for name in ("barStyle", "indicators", "draw", "picture")]
    qtbot.waitUntil(lambda: all(one.width() >= one.sizeHint().width() for one in others))
    one.menu().aboutToShow.emit()
    _, log, percent, _, *zones = one.menu().actions()
    log.trigger()
    percent.trigger()
    zones[2].trigger()
    assert (chart.axes.log_scale, chart.axes.in_percent, chart.axes.timezone) == (True, True, "UTC")
    one.menu().aboutToShow.emit()
    assert [action.isChecked() for action in one.menu().actions()[1:3]] == [True, True]
    one.menu().actions()[1].trigger()
    assert not chart.axes.log_scale
    tools.resize(1300, 30)
    assert not button(tools, "log").isChecked()
    assert button(tools, "percent").isChecked()


def right_click(widget, point):
    qt = Qt.MouseButton
    for kind, held in (("MouseButtonPress", qt.RightButton), ("MouseButtonRelease", qt.NoButton)):
        where = QPointF(point)
        event = QMouseEvent(
            QEvent.Type[kind],
            where,
            widget.mapToGlobal(where),
            qt.RightButton,
            held,
            Qt.KeyboardModifier.NoModifier,
        )
        QApplication.sendEvent(widget, event)


@pytest.mark.parametrize("where", [(610, 100), (300, 390)], ids=["price axis", "time axis"])
def test_a_right_click_on_an_axis_opens_the_menu_of_the_axes(chart, tools, qtbot, where):
    with qtbot.waitExposed(chart):
        chart.show()
    right_click(chart.plot_item.getViewWidget().viewport(), QPoint(*where))
    menu = QApplication.activePopupWidget()
    assert menu is button(tools, "axes").menu()
    auto = menu.actions()[0]
    assert auto.isChecked()
    menu.close()
    chart.view.zoom_price(0.5, sum(chart.view.price_range) / 2)
    manual = chart.view.price_range
    right_click(chart.plot_item.getViewWidget().viewport(), QPoint(*where))
    auto = menu.actions()[0]
    assert not auto.isChecked()
    auto.trigger()
    menu.close()
    assert chart.view.price_range != manual


def test_below_the_panes_too(chart, tools, qtbot):
    chart.add_indicator(Rsi(14))
    with qtbot.waitExposed(chart):
        chart.show()
    strip = chart.findChild(TimeStrip)
    point = strip.rect().center()
    reason = QContextMenuEvent.Reason.Mouse
    QApplication.sendEvent(strip, QContextMenuEvent(reason, point, strip.mapToGlobal(point)))
    assert QApplication.activePopupWidget() is button(tools, "axes").menu()
    QApplication.activePopupWidget().close()
