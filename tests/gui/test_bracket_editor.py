"""Brackets that are typed, in the pane and in a menu, and a safety stop behind a dark one."""

from decimal import Decimal

import pytest
from PyQt6.QtCore import Qt
from PyQt6.QtTest import QTest

from ems.messages import Link, Position
from order_mode.bracket import Preset, Target
from order_mode.exit_distance import parse_distance
from order_mode.typed_order import NotAnOrder
from tests.gui.conftest import RIGHT
from tests.gui.test_exits import button_point
from tests.sims.scripted_ems import FQSN, ScriptedEms, order, status
from ui import OrderModePane
from ui.bracket_editor import typed_bracket
from ui.order_editor import Editor

HALF = Decimal("0.5")


@pytest.fixture
def desk(make_hands):
    """A market at 100."""
    hands = make_hands(ScriptedEms(obedient=True), presets=())
    hands.mode.set_last(100.0)
    hands.mode.set_quote(99.9, 100.1)
    return hands


@pytest.fixture
def pane(desk, qtbot, until):
    """The pane of that plot."""
    widget = OrderModePane(desk.attachment)
    qtbot.addWidget(widget)
    widget.show()
    until(lambda: widget.pane is not None)
    return widget.pane


def fill_in(editor, **texts: str) -> None:
    for name, text in texts.items():
        field = editor.fields[name.replace("_", " ")]
        field.selectAll()
        QTest.keyClicks(field, text)
    QTest.keyClick(editor, Qt.Key.Key_Return)


def test_a_bracket_typed_in_the_pane_goes_out_with_the_next_entry(desk, pane, until):
    choice = pane.bracket.choice
    choice.setCurrentIndex(choice.count() - 1)
    choice.activated.emit(choice.count() - 1)
    assert choice.currentText() == "none"  # until there is another one
    editor = pane.findChild(Editor)
    editor.choices["Stop is a"].setCurrentText("trailing stop")
    fill_in(editor, Stop="2 %", Targets="1 r x 50%, 3 r x 50%")
    assert choice.currentText() == "trailing stop 2 % · 1 r x 50% + 3 r x 50%"
    desk.window.activateWindow()
    desk.plot.setFocus()
    until(desk.plot.hasFocus)
    desk.move(99)
    desk.hold("s", "f")
    desk.click(99)
    [[entry, stop, near, far]] = desk.ems.groups
    assert (stop.type, stop.trail.amount, stop.trail.unit) == ("trailing_stop", 2, "percent")
    assert [one.link.share for one in (near, far)] == [HALF, HALF]
    assert near.size + far.size == entry.size


def test_what_is_no_bracket_is_said_and_the_window_stays(desk, pane):
    pane.bracket.other_asked.emit()
    editor = pane.findChild(Editor)
    fill_in(editor, Stop="near")
    assert "no distance" in editor.fault.text()
    assert editor.isVisible()
    assert desk.mode.presets == ()


def test_one_is_typed_for_an_order_that_is_there(desk, until):
    desk.ems.submit(order(price=Decimal("97.00")))
    until(lambda: desk.orders)
    desk.click_pixel(button_point(desk, "o1", "exit"))
    desk.choose("Another bracket")
    fill_in(desk.plot.findChild(Editor), Stop="200 ticks", Targets="2 r")
    [[stop, target]] = desk.ems.groups
    assert (stop.price, target.price) == (Decimal("95.00"), Decimal("101.00"))


@pytest.mark.parametrize(
    ("texts", "why"),
    [
        ({}, "neither a stop nor a target"),
        ({"Stop": "2 r"}, "cannot be in r"),
        ({"Targets": "1 r x 80%, 2 r x 40%"}, "more than 100 %"),
        ({"Stop": "1 %", "Safety stop": "3 %"}, "held_here"),
    ],
)
def test_what_makes_no_bracket(texts, why):
    typed = {"Stop": "", "Targets": "", "Safety stop": "", "Stop is a": "stop"}
    with pytest.raises(NotAnOrder, match=why):
        typed_bracket(typed | {"Exits are": "at the venue"} | texts)


def test_all_of_it():
    typed = {
        "Stop": "2 atr", "Stop is a": "stop", "Targets": "2 r", "Exits are": "held here (dark)",
        "Safety stop": "5 atr",
    }  # fmt: skip
    name = "stop 2 atr · 2 r · safety 5 atr"
    stop, target, safety = (parse_distance(one) for one in ("2 atr", "2 r", "5 atr"))
    assert typed_bracket(typed) == Preset(name, stop, (Target(target),), "stop", True, safety)


# ---- a safety stop behind what is held here


@pytest.fixture
def dark(desk, until):
    """A position of 40 at 99 with a stop at 97 that is held here."""
    stop = order(
        "s", action="sell", type="stop", price=Decimal("97.00"), size=Decimal(40),
        exec_mode="dark", link=Link(group="g", role="stop"),
    )  # fmt: skip
    there = {"symbol": FQSN, "size": Decimal(40), "time_ns": 1, "avg_price": Decimal(99)}
    desk.ems.say(Position(account="paper", **there), status(stop, "dark_open"))
    until(lambda: desk.orders and desk.mode.position)
    return desk


def ask_safety(desk, price: str) -> None:
    desk.click(99, RIGHT)
    desk.choose("Safety stop at the venue")
    fill_in(desk.plot.findChild(Editor), Price=price)


def test_a_safety_stop_works_at_the_venue_behind_a_dark_one(dark):
    ask_safety(dark, "93")
    [[wide]] = dark.ems.groups
    assert (wide.exec_mode, wide.type, wide.price, wide.size) == (
        "live", "stop", Decimal(93), Decimal(40),
    )  # fmt: skip
    assert (wide.link.group, wide.link.role) == ("g", "stop")


def test_one_that_is_nearer_is_refused_in_words(dark):
    ask_safety(dark, "98")
    assert dark.ems.groups == []
    assert "further away than the stop in front of it, at 97.00" in dark.notice


def test_without_a_dark_stop_there_is_nothing_that_it_lies_behind(desk, until):
    there = {"symbol": FQSN, "size": Decimal(40), "time_ns": 1, "avg_price": Decimal(99)}
    desk.ems.say(Position(account="paper", **there))
    until(lambda: desk.mode.position)
    ask_safety(desk, "93")
    assert "held here (dark)" in desk.notice
