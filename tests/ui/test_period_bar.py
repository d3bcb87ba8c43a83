import pytest
from PyQt6.QtCore import Qt
from PyQt6.QtWidgets import QToolButton, QWidget

from ui.chart.period import FixedPeriod, parse_period
from ui.period_bar import PERIODS, PeriodBar

MINUTE = 60_000_000_000


@pytest.fixture
def window(qtbot):
    made = QWidget()
    made.resize(600, 60)
    made.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
    qtbot.addWidget(made)
    return made


@pytest.fixture
def bar(window, qtbot):
    made = PeriodBar(window)
    made.offer(lambda _: True)
    made.show_period(FixedPeriod(MINUTE))
    made.watch_keys(window)
    with qtbot.waitActive(window):
        window.show()
    window.setFocus()
    return made


def button(bar, text):
    return next(b for b in bar.findChildren(QToolButton) if b.text() == text and b.isEnabled())


def test_only_periods_that_the_data_adds_up_to_are_offered(bar):
    assert bar.periods == list(PERIODS)
    bar.offer(lambda period: period.usual_ns % (5 * MINUTE) == 0)
    assert [one.text for one in bar.periods] == ["5m", "15m", "30m", "1h", "4h", "1D", "1W"]


def test_a_click_asks_for_the_period(bar, qtbot):
    with qtbot.waitSignal(bar.period_chosen) as chosen:
        qtbot.mouseClick(button(bar, "4h"), Qt.MouseButton.LeftButton)
    assert chosen.args == [FixedPeriod(240 * MINUTE)]


def test_the_shown_period_is_marked_and_an_unusual_one_gets_a_button(bar):
    bar.show_period(FixedPeriod(2 * MINUTE))
    assert button(bar, "2m").isChecked()
    assert not button(bar, "1m").isChecked()


def test_keys_take_the_next_period_and_stop_at_the_ends(bar, window, qtbot):
    chosen = []
    bar.period_chosen.connect(chosen.append)
    qtbot.keyClick(window, Qt.Key.Key_PageUp)
    qtbot.keyClick(window, Qt.Key.Key_PageDown)
    assert chosen == [parse_period("5m"), parse_period("30s")]
    bar.show_period(PERIODS[-1])
    qtbot.keyClick(window, Qt.Key.Key_PageUp)
    assert len(chosen) == 2
