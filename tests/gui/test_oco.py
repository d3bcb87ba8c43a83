"""One cancels the other, by real events: two orders that work are tied."""

from decimal import Decimal

import pytest

from ems.messages import Link
from tests.gui.conftest import RIGHT
from tests.sims.scripted_ems import ScriptedEms, fill, order, status

LOW = order("low", price=Decimal("95.00"))
HIGH = order("high", price=Decimal("105.00"), action="sell", size=Decimal(20))


@pytest.fixture
def pair(hands, until):
    """Two orders at work, in the hands of an EMS that says nothing by itself."""
    hands.ems.say(status(LOW, "open"), status(HIGH, "open"))
    until(lambda: len(hands.orders) == 2)
    return hands


def tie_with_keys(hands):
    hands.move(95)
    hands.tap("o")
    hands.move(105)
    hands.tap("o")


def test_the_first_key_marks_and_sends_nothing(pair):
    pair.move(95)
    pair.tap("o")
    assert pair.orders["low"].label.note == "OCO: mark the other one"
    assert pair.ems.requests == 0
    pair.tap("o")  # the same again takes it back
    assert pair.orders["low"].label.note == ""


def test_escape_forgets_the_mark(pair):
    pair.move(95)
    pair.tap("o")
    pair.tap("escape")
    assert pair.orders["low"].label.note == ""
    pair.move(105)
    pair.tap("o")
    assert pair.ems.requests == 0


def test_both_are_cancelled_and_only_then_placed_anew_as_peers_of_one_group(pair, until):
    tie_with_keys(pair)
    assert {one.oid for one in pair.ems.canceled} == {"low", "high"}
    pair.ems.say(status(LOW, "canceled"))
    until(lambda: "low" not in pair.orders)
    assert pair.ems.groups == []
    pair.ems.say(status(HIGH, "canceled"))
    until(lambda: pair.ems.groups)
    [[low, high]] = pair.ems.groups
    assert (low.action, low.price, low.size) == ("buy", Decimal("95.00"), Decimal(30))
    assert (high.action, high.price, high.size) == ("sell", Decimal("105.00"), Decimal(20))
    assert low.link == high.link
    assert low.link.role == "peer"
    assert pair.orders[high.oid].tie == low.oid


def test_one_that_fills_meanwhile_leaves_the_other_cancelled(pair, until):
    tie_with_keys(pair)
    pair.ems.say(status(HIGH, "canceled"))
    done = status(LOW, "closed", filled=Decimal(30), brokerd_msg=fill(LOW, size=30))
    pair.ems.say(done)
    until(lambda: not pair.orders)
    assert pair.ems.groups == []
    assert pair.ems.submitted == []
    assert "was filled meanwhile" in pair.notice


def test_the_rest_of_one_that_is_partly_filled_meanwhile_is_placed_alone(pair, until):
    tie_with_keys(pair)
    pair.ems.say(status(LOW, "canceled", filled=Decimal(10)), status(HIGH, "canceled"))
    until(lambda: pair.ems.submitted)
    [rest] = pair.ems.submitted
    assert (rest.price, rest.size, rest.link) == (LOW.price, Decimal(20), None)
    assert pair.ems.groups == []


def test_a_refused_cancel_puts_the_other_back_as_it_was(pair, until):
    tie_with_keys(pair)
    pair.ems.say(status(LOW, "canceled"))
    pair.ems.say(status(HIGH, "open", refused="cancel", reason="no"))
    until(lambda: pair.ems.submitted)
    [back] = pair.ems.submitted
    assert (back.price, back.size, back.link) == (LOW.price, LOW.size, None)
    assert "could not be cancelled" in pair.notice


def test_while_an_outcome_is_unknown_nothing_is_placed(pair, until):
    tie_with_keys(pair)
    pair.ems.say(status(LOW, "canceled"))
    pair.ems.say(status(HIGH, "open", outcome_unknown=True))
    until(lambda: "low" not in pair.orders and pair.orders["high"].outcome_unknown)
    assert (pair.ems.groups, pair.ems.submitted) == ([], [])
    pair.ems.say(status(HIGH, "canceled"))
    until(lambda: pair.ems.groups)


def test_the_menu_ties_too(make_hands, until):
    hands = make_hands(ScriptedEms(obedient=True))
    hands.ems.submit(LOW)
    hands.ems.submit(HIGH)
    until(lambda: len(hands.orders) == 2)
    hands.click(95, RIGHT)
    hands.choose("One cancels the other (OCO): then")
    hands.click(105, RIGHT)
    hands.choose("One cancels the other (OCO): with buy 30 at 95.00")
    until(lambda: hands.ems.groups)
    assert [one.link.role for one in hands.ems.groups[0]] == ["peer", "peer"]


@pytest.mark.parametrize(
    ("facts", "why"),
    [
        ({"action": "alert", "size": Decimal(0)}, "it is no order"),
        ({"link": Link(group="g", role="target")}, "in a group already"),
    ],
)
def test_what_cannot_be_tied_is_said(hands, until, facts, why):
    hands.ems.say(status(order("x", price=Decimal("95.00"), **facts), "open"))
    until(lambda: "x" in hands.orders)
    hands.move(95)
    hands.tap("o")
    assert why in hands.notice
    assert hands.ems.requests == 0


def test_an_entry_turned_live_takes_its_exits_with_it(make_hands, until):
    hands = make_hands(ScriptedEms(obedient=True))
    entry = order("e", exec_mode="dark", price=Decimal("97.00"))
    stop = order(
        "s", action="sell", type="stop", price=Decimal("95.00"), link=Link(group="e", role="stop")
    )
    hands.ems.submit_group([entry, stop])
    until(lambda: len(hands.orders) == 2)
    hands.click(97, RIGHT)
    hands.choose("Make it live")
    until(lambda: len(hands.ems.groups) == 2)
    new_entry, new_stop = hands.ems.groups[1]
    assert new_entry.exec_mode == "live"
    assert new_stop.link.group == new_entry.oid != "e"
    assert (new_stop.price, new_stop.size) == (stop.price, entry.size)
