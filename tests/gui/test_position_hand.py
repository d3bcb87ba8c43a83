"""Flatten, reverse, scale out, break even: what asks first, and what is sent."""

from decimal import Decimal

import pytest
from msgspec.structs import replace
from PyQt6.QtCore import QEvent, Qt
from PyQt6.QtGui import QKeyEvent
from PyQt6.QtTest import QTest
from PyQt6.QtWidgets import QApplication

from ems.messages import ArmState, Link, Position, Trail
from order_mode.keymap import parse_keymap
from tests.gui.conftest import RIGHT
from tests.gui.test_exits import button_point, hold
from tests.sims.scripted_ems import ABLE, FQSN, ScriptedEms, order, status


@pytest.fixture
def desk(make_hands, until):
    """A position of 40 at 99, in a market at 100."""
    keymap = parse_keymap({"reverse": "u", "half_out": "w", "slot_out": "q"})
    hands = make_hands(ScriptedEms(obedient=True), keymap=keymap)
    hands.mode.set_last(100.0)
    hands.mode.set_quote(99.9, 100.1)
    hold(hands, until, 40, Decimal("99.00"))
    hands.move(92)
    return hands


def question(desk):
    return desk.attachment.port.question


def answer(desk, until, key):
    until(lambda: question(desk).yes.isEnabled())
    QTest.keyClick(question(desk), key)


def test_the_flatten_key_asks_first_and_sends_nothing_before_the_yes(desk, until):
    desk.tap("z")
    assert desk.ems.requests == 0
    assert question(desk).isVisible()
    assert question(desk).title.text() == "Flatten: sell 40 at market (PAPER)"
    assert "99.90" in question(desk).text.text()
    answer(desk, until, Qt.Key.Key_Return)
    [sent] = desk.ems.submitted
    assert (sent.type, sent.action, sent.size, sent.exec_mode) == (
        "market",
        "sell",
        Decimal(40),
        "live",
    )
    assert sent.reduce_only
    assert sent.link.role == "flatten"


class TimedKey(QKeyEvent):
    """A key event with the time that a keyboard gives it; Qt lets no test set that."""

    def __init__(self, kind, key, time_ms, repeats):
        code = {"z": Qt.Key.Key_Z, "u": Qt.Key.Key_U}[key]
        super().__init__(kind, code, Qt.KeyboardModifier.NoModifier, key, repeats)
        self._time_ms = time_ms

    def timestamp(self):
        return self._time_ms


def press(card, key, time_ms, kind=QEvent.Type.KeyPress, *, repeats=False):
    QApplication.sendEvent(card, TimedKey(kind, key, time_ms, repeats))


RELEASE = QEvent.Type.KeyRelease


@pytest.mark.parametrize("key", ["z", "u"])
def test_the_key_that_asked_pressed_once_more_is_a_yes(desk, key):
    desk.hold(key)
    press(question(desk), key, 1000, RELEASE)
    assert key in question(desk).yes.text()
    press(question(desk), key, 1060)
    assert desk.ems.requests == 1
    assert not question(desk).isVisible()


def test_a_key_that_is_held_and_repeats_is_no_yes(desk):
    desk.hold("z")
    for time_ms in (1000, 1030, 1060):
        press(question(desk), "z", time_ms, RELEASE)  # as X11 has a repeat
        press(question(desk), "z", time_ms)
        press(question(desk), "z", time_ms, repeats=True)
    assert desk.ems.requests == 0
    assert question(desk).isVisible()


def test_another_key_is_no_yes(desk):
    desk.hold("z")
    press(question(desk), "z", 1000, RELEASE)
    press(question(desk), "u", 1100)
    press(question(desk), "u", 1200, RELEASE)
    press(question(desk), "z", 1300)  # the key that was let go last is another
    assert desk.ems.requests == 0


def live(make_hands, until, *states):
    """A position of 40 in a live account, of which the EMS has said so much."""
    hands = make_hands(ScriptedEms(), account="ib.main")
    hands.ems.say(
        *states,
        Position(
            account="ib.main", symbol=FQSN, size=Decimal(40), time_ns=1, avg_price=Decimal(99)
        ),
    )
    hands.mode.set_last(100.0)
    hands.mode.set_quote(99.9, 100.1)
    until(lambda: hands.mode.position is not None)
    hands.move(92)
    return hands


def state(mode, *, armed):
    return ArmState(account="ib.main", armed=armed, mode=mode, time_ns=1)


def test_where_orders_go_out_with_one_click_the_key_flattens_at_once(make_hands, until):
    hands = live(make_hands, until)
    hands.tap("z")
    [sent] = hands.ems.submitted
    assert (sent.account, sent.link.role) == ("ib.main", "flatten")
    assert not question(hands).isVisible()


def test_an_armed_account_asks_and_the_key_once_more_is_a_yes(make_hands, until):
    hands = live(make_hands, until, state("armed", armed=True))
    hands.hold("z")
    assert hands.ems.requests == 0
    press(question(hands), "z", 1000, RELEASE)
    press(question(hands), "z", 1060)
    assert hands.ems.requests == 1


def test_a_disarmed_account_is_not_asked_about_at_all(make_hands, until):
    hands = live(make_hands, until, state("armed", armed=False))
    hands.tap("z")
    assert "disarmed; arm it first" in hands.notice
    assert (hands.ems.requests, question(hands).isVisible()) == (0, False)


def test_where_each_order_is_confirmed_one_yes_is_enough_and_it_is_enter(make_hands, until):
    hands = live(make_hands, until, state("confirm", armed=True))
    hands.hold("z")
    press(question(hands), "z", 1000, RELEASE)
    press(question(hands), "z", 1060)
    assert hands.ems.requests == 0
    answer(hands, until, Qt.Key.Key_Return)
    [sent] = hands.ems.submitted
    assert sent.consent == ("confirm",)  # the EMS asks no more


def test_no_answer_but_yes_sends_anything(desk, until):
    desk.tap("z")
    answer(desk, until, Qt.Key.Key_Escape)
    assert desk.ems.requests == 0
    assert not question(desk).isVisible()


def test_flatten_says_how_many_orders_end_first(desk, until):
    stop = order("s", action="sell", type="stop", link=Link(group="g", role="stop"))
    desk.ems.say(status(stop, "open"), status(order("e"), "open"))
    until(lambda: len(desk.orders) == 2)
    desk.tap("z")
    assert question(desk).text.text() == (
        "The market is at 99.90. First 2 orders are cancelled in this market, then the whole "
        "position is closed, as large as it is by then."
    )


def test_reverse_is_a_flatten_and_an_order_after_it_in_one_group(desk, until):
    desk.tap("u")
    assert "then sell 40 more" in question(desk).title.text()
    answer(desk, until, Qt.Key.Key_Return)
    [[flatten, after]] = desk.ems.groups
    assert [one.link.role for one in (flatten, after)] == ["flatten", "after"]
    assert flatten.link.group == after.link.group
    assert (flatten.reduce_only, after.reduce_only) == (True, False)
    assert {one.type for one in (flatten, after)} == {"market"}
    assert {one.action for one in (flatten, after)} == {"sell"}


@pytest.mark.parametrize(("key", "size"), [("w", 20), ("q", 25)])
def test_scaling_out_closes_a_part_and_can_only_reduce(desk, until, key, size):
    desk.tap(key)
    assert desk.ems.requests == 0
    answer(desk, until, Qt.Key.Key_Return)
    [sent] = desk.ems.submitted
    assert (sent.type, sent.action, sent.size, sent.reduce_only, sent.link) == (
        "market",
        "sell",
        Decimal(size),
        True,
        None,
    )


def test_break_even_moves_the_stop_there_at_one_stroke(desk, until):
    stop = order(
        "s", action="sell", type="stop", price=Decimal("97.00"), size=Decimal(40),
        link=Link(group="g", role="stop"),
    )  # fmt: skip
    desk.ems.submit(stop)
    until(lambda: "s" in desk.orders)
    desk.tap("k")
    [asked] = desk.ems.modified
    assert (asked.oid, asked.price) == ("s", Decimal("99.00"))


def test_break_even_leaves_a_stop_that_is_better_already(desk, until):
    stop = order(
        "s", action="sell", type="stop", price=Decimal("99.50"), size=Decimal(40),
        link=Link(group="g", role="stop"),
    )  # fmt: skip
    desk.ems.submit(stop)
    until(lambda: "s" in desk.orders)
    desk.tap("k")
    assert desk.ems.modified == []
    assert "99.50 is at break even or better" in desk.notice


def test_break_even_of_a_trailing_stop_asks_where_the_venue_cannot_change_it(make_hands, until):
    desk = make_hands(ScriptedEms(obedient=True, can=replace(ABLE, retrail=False)))
    desk.mode.set_last(100.0)
    desk.mode.set_quote(99.9, 100.1)
    hold(desk, until, 40, Decimal("99.00"))
    desk.move(92)
    stop = order(
        "s", action="sell", type="trailing_stop", price=Decimal("97.00"), size=Decimal(40),
        trail=Trail(Decimal(3)), link=Link(group="g", role="stop"),
    )  # fmt: skip
    desk.ems.submit(stop)
    until(lambda: "s" in desk.orders)
    desk.tap("k")
    assert desk.ems.modified == []
    assert "paper cannot change how far a stop trails" in question(desk).text.text()
    answer(desk, until, Qt.Key.Key_Return)
    until(lambda: len(desk.ems.submitted) == 2)
    assert [cancel.oid for cancel in desk.ems.canceled] == ["s"]
    assert desk.ems.submitted[1].trail == Trail(Decimal(1))


def test_break_even_without_a_stop_attaches_one(desk):
    desk.tap("k")
    [[stop]] = desk.ems.groups
    assert (stop.type, stop.price, stop.size, stop.link.role) == (
        "stop",
        Decimal("99.00"),
        Decimal(40),
        "stop",
    )


def test_break_even_of_a_losing_position_is_refused_in_words(desk):
    desk.mode.set_last(98.0)
    desk.tap("k")
    assert desk.ems.requests == 0
    assert "would go out at once" in desk.notice


@pytest.mark.parametrize(
    ("button", "title"),
    [
        ("flatten", "Flatten: sell 40"),
        ("reverse", "Reverse: "),
        ("half_out", "Close half: sell 20"),
    ],
)
def test_the_buttons_of_the_position_line_ask(desk, button, title):
    desk.click_pixel(button_point(desk, "position", button))
    assert desk.ems.requests == 0
    assert question(desk).title.text().startswith(title)


def test_the_menu_of_the_position_line_does_what_it_says(desk):
    desk.click(99, RIGHT)
    desk.choose("Close half: sell 20 at market (PAPER)")
    assert [one.size for one in desk.ems.submitted] == [Decimal(20)]


def test_with_no_position_nothing_is_asked_and_nothing_done(make_hands):
    hands = make_hands()
    hands.mode.set_last(100.0)
    hands.move(95)
    hands.tap("z")
    assert hands.ems.requests == 0
    assert not question(hands).isVisible()
    assert "there is no position" in hands.notice


def test_deeds_without_a_default_key_are_named_as_such(hands):
    rows = {words: keys for keys, words in hands.mode.keymap.table()}
    assert rows["close the position and enter the other way; asks as flatten does"] == "(no key)"
