"""The controls of a replay, by mouse and by keys from anywhere in the window."""

import math

import pytest
from PyQt6.QtCore import Qt
from PyQt6.QtWidgets import QDoubleSpinBox, QVBoxLayout, QWidget

from ems.ports import Playback
from ui.replay_controls import ReplayControls, speed_text

LEFT = Qt.MouseButton.LeftButton


class Recording:
    """A playback that keeps account of what it is asked."""

    def __init__(self) -> None:
        self.speed = 10.0
        self.paused = False
        self.time_ns = 1_772_461_800 * 10**9
        self.at_end = False
        self.steps = 0

    def step(self) -> None:
        assert self.paused
        self.steps += 1


@pytest.fixture
def recording():
    recording = Recording()
    assert isinstance(recording, Playback)
    return recording


@pytest.fixture
def window(qtbot):
    """A window with the controls, a chart that takes keys, and a number field."""
    window = QWidget()
    qtbot.addWidget(window)
    layout = QVBoxLayout(window)
    window.controls, window.chart, window.field = ReplayControls(), QWidget(), QDoubleSpinBox()
    window.chart.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
    for widget in (window.controls, window.chart, window.field):
        layout.addWidget(widget)
    window.resize(1200, 200)
    window.show()
    window.activateWindow()
    qtbot.waitActive(window)
    window.chart.setFocus()
    return window


@pytest.fixture
def controls(window, recording):
    window.controls.set_playback(recording)
    return window.controls


def test_a_live_feed_has_no_controls_and_no_keys(window, recording, qtbot):
    assert not window.controls.isVisible()
    window.controls.set_playback(recording)
    assert window.controls.isVisible()
    window.controls.set_playback(None)
    assert not window.controls.isVisible()
    qtbot.keyClick(window.chart, Qt.Key.Key_Space)
    assert not recording.paused


def test_the_button_pauses_and_plays(controls, recording, qtbot):
    assert controls.play_button.text() == "Pause"
    qtbot.mouseClick(controls.play_button, LEFT)
    assert recording.paused
    assert controls.play_button.text() == "Play"
    qtbot.mouseClick(controls.play_button, LEFT)
    assert not recording.paused


def test_a_step_pauses_first(controls, recording, qtbot):
    qtbot.mouseClick(controls.step_button, LEFT)
    assert recording.paused
    assert recording.steps == 1


def test_keys_work_while_the_chart_has_the_focus(controls, window, recording, qtbot):
    qtbot.keyClick(window.chart, Qt.Key.Key_Space)
    assert recording.paused
    qtbot.keyClick(window.chart, Qt.Key.Key_Period)
    assert recording.steps == 1
    qtbot.keyClick(window.chart, Qt.Key.Key_BracketRight)
    assert recording.speed == 30
    qtbot.keyClick(window.chart, Qt.Key.Key_BracketLeft)
    qtbot.keyClick(window.chart, Qt.Key.Key_BracketLeft)
    assert recording.speed == 5


def test_a_number_field_keeps_its_keys(controls, window, recording, qtbot):
    window.field.setFocus()
    window.field.selectAll()
    qtbot.keyClicks(window.field, "2.5")
    assert window.field.value() == 2.5
    assert recording.steps == 0


def test_the_fastest_and_the_slowest_are_the_ends(controls, recording, qtbot):
    for _ in range(10):
        controls.faster()
    assert math.isinf(recording.speed)
    for _ in range(10):
        controls.slower()
    assert recording.speed == 1


def test_a_speed_is_chosen_from_the_list(controls, recording, qtbot):
    choice = controls.speed_choice
    choice.showPopup()
    qtbot.keyClick(choice.view(), Qt.Key.Key_End)
    qtbot.keyClick(choice.view(), Qt.Key.Key_Return)
    assert math.isinf(recording.speed)


def test_a_speed_of_the_users_own_is_shown_and_has_neighbours(controls, recording):
    recording.speed = 7.5
    controls.refresh()
    assert controls.speed_choice.currentText() == "7.5x"
    controls.faster()
    assert recording.speed == 10
    recording.speed = 7.5
    controls.slower()
    assert recording.speed == 5


def test_it_follows_the_playback_by_itself(controls, recording, qtbot):
    recording.time_ns += 90 * 10**9
    qtbot.waitUntil(
        lambda: controls.time_label.text() == "Mon 2026-03-02 14:31:30 UTC", timeout=5000
    )


def test_at_the_end_there_is_nothing_to_play(controls, recording, window, qtbot):
    recording.at_end = True
    controls.refresh()
    assert not controls.play_button.isEnabled()
    assert controls.time_label.text().endswith("end of the recording")
    qtbot.keyClick(window.chart, Qt.Key.Key_Space)
    qtbot.keyClick(window.chart, Qt.Key.Key_Period)
    assert not recording.paused
    assert recording.steps == 0


def test_it_takes_no_focus_from_the_chart(controls, window, qtbot):
    for button in (controls.play_button, controls.step_button):
        qtbot.mouseClick(button, LEFT)
        assert window.focusWidget() is window.chart


@pytest.mark.parametrize(("speed", "text"), [(1.0, "1x"), (0.5, "0.5x"), (math.inf, "max")])
def test_a_speed_in_words(speed, text):
    assert speed_text(speed) == text


def test_in_a_narrow_window_the_clock_is_short_and_not_cut(controls, window, qtbot):
    window.setMinimumSize(100, 100)  # as the program's has one of its own
    window.resize(430, 200)
    label = controls.time_label
    qtbot.waitUntil(lambda: label.text() == "14:30:00", timeout=5000)
    assert label.toolTip() == "Mon 2026-03-02 14:30:00 UTC"
    assert label.width() >= label.sizeHint().width()
    window.resize(1200, 200)
    qtbot.waitUntil(lambda: label.text() == "Mon 2026-03-02 14:30:00 UTC", timeout=5000)
