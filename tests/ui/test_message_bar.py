"""The message bar: newest first, until dismissed, and never in the way of a held key."""

import pytest
from PyQt6.QtCore import Qt
from PyQt6.QtGui import QGuiApplication
from PyQt6.QtWidgets import QLineEdit, QVBoxLayout, QWidget

from ems.messages import Notice
from ui.message_bar import MessageBar


@pytest.fixture
def chart(qtbot):
    chart = QWidget()
    qtbot.addWidget(chart)
    chart.resize(700, 300)
    return chart


@pytest.fixture
def bar(chart, qtbot):
    bar = MessageBar(chart)
    chart.show()
    qtbot.waitExposed(chart)
    return bar


def press(qtbot, button) -> None:
    qtbot.mouseClick(button, Qt.MouseButton.LeftButton)


def test_it_is_not_there_until_there_is_something_to_say(bar):
    assert not bar.isVisible()


def test_a_fault_is_red_and_its_details_can_be_copied(bar, qtbot):
    bar.show_fault("It broke.", "Traceback: all of it")
    assert bar.isVisible()
    assert bar.text.text() == "It broke."
    assert bar.property("level") == "fault"
    press(qtbot, bar.copy_button)
    assert QGuiApplication.clipboard().text() == "Traceback: all of it"


@pytest.mark.parametrize(
    ("level", "look"), [("info", "info"), ("warning", "warning"), ("error", "fault")]
)
def test_a_notice_looks_as_grave_as_it_is(bar, level, look):
    bar.show_notice(Notice(time_ns=1, level=level, text="So."))
    assert (bar.text.text(), bar.property("level")) == ("So.", look)


def test_the_newest_shows_and_the_others_come_back_one_by_one(bar, qtbot):
    bar.show_fault("first", "")
    bar.show_notice(Notice(time_ns=1, level="info", text="second"))
    assert (bar.text.text(), bar.more.text()) == ("second", "+1 more")
    press(qtbot, bar.dismiss_button)
    assert bar.text.text() == "first"
    assert bar.property("level") == "fault"
    assert not bar.more.isVisible()
    press(qtbot, bar.dismiss_button)
    assert not bar.isVisible()


def test_all_can_be_dismissed_at_once(bar, qtbot):
    for number in range(5):
        bar.show_fault(str(number), "")
    press(qtbot, bar.dismiss_all_button)
    assert not bar.isVisible()


def test_the_same_again_is_counted_and_kept_once(bar):
    for _ in range(60):
        bar.show_fault("each frame", "")
    assert bar.text.text() == "each frame  (x60)"
    assert not bar.more.isVisible()


def test_many_different_ones_are_kept_within_bounds(bar):
    for number in range(1000):
        bar.show_fault(str(number), "")
    assert bar.more.text() == "+99 more"


def test_the_text_of_a_venue_is_no_markup(bar):
    bar.show_fault("<b>bold</b>", "")
    assert bar.text.textFormat() is Qt.TextFormat.PlainText
    assert "&lt;b&gt;" in bar.text.toolTip()


def test_it_takes_no_focus(bar, chart, qtbot):
    field = QLineEdit(chart)
    field.show()
    field.setFocus()
    bar.show_fault("one", "")
    bar.show_fault("two", "")
    for button in (bar.copy_button, bar.dismiss_button, bar.dismiss_button):
        press(qtbot, button)
        assert chart.focusWidget() is field


def test_it_lies_over_the_top_and_moves_nothing(bar, chart):
    layout = QVBoxLayout(chart)
    below = QWidget()
    layout.addWidget(below)
    layout.activate()
    before = below.geometry()
    bar.show_fault("one", "")
    layout.activate()
    assert below.geometry() == before
    assert bar.geometry().topLeft() == chart.rect().topLeft()
    chart.resize(900, 300)
    assert bar.width() == 900
