import pytest
from PyQt6.QtCore import Qt
from PyQt6.QtWidgets import QToolButton, QWidget

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
    made.set_finest(1)
    made.show_period(MINUTE)
    made.watch_keys(window)
    with qtbot.waitActive(window):
        window.show()
    window.setFocus()
    return made


def button(bar, text):
    return next(b for b in bar.findChildren(QToolButton) if b.text() == text and b.isEnabled())


def test_only_periods_that_the_data_adds_up_to_are_offered(bar):
    assert bar.periods == sorted(PERIODS)
    bar.set_finest(5 * MINUTE)
    assert bar.periods == [m * MINUTE for m in (5, 15, 30, 60, 240, 1440)]


def test_a_click_asks_for_the_period(bar, qtbot):
    with qtbot.waitSignal(bar.period_chosen) as chosen:
        qtbot.mouseClick(button(bar, "4h"), Qt.MouseButton.LeftButton)
    assert chosen.args == [240 * MINUTE]


def test_the_shown_period_is_marked_and_an_unusual_one_gets_a_button(bar):
    bar.show_period(2 * MINUTE)
    assert button(bar, "2m").isChecked()
    assert not button(bar, "1m").isChecked()


def test_keys_take_the_next_period_and_stop_at_the_ends(bar, window, qtbot):
    chosen = []
    bar.period_chosen.connect(chosen.append)
    qtbot.keyClick(window, Qt.Key.Key_PageUp)
    qtbot.keyClick(window, Qt.Key.Key_PageDown)
    assert chosen == [5 * MINUTE, MINUTE // 2]
    bar.show_period(PERIODS[-1])
    qtbot.keyClick(window, Qt.Key.Key_PageUp)
    assert len(chosen) == 2
