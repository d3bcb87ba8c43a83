"""One cancels the other, by real events: two orders that work are tied."""

from decimal import Decimal

import pytest
from msgspec.structs import replace

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


def tied(hands, until, *asked):
    """Let the EMS confirm what it was asked to tie."""
    hands.ems.say(*(status(one, "open") for one in asked))
    until(lambda: all(hands.orders[one.oid].label.note == "" for one in asked))


def test_both_get_a_place_in_one_group_and_neither_is_cancelled(pair, until):
    tie_with_keys(pair)
    low, high = pair.ems.modified
    assert (low.oid, high.oid) == ("low", "high")
    assert low.link == high.link
    assert low.link.role == "peer"
    assert (pair.ems.canceled, pair.ems.groups, pair.ems.submitted) == ([], [], [])
    assert pair.orders["low"].label.note == "change asked for"
    tied(pair, until, low, high)
    assert pair.orders["high"].tie == "low"
    assert pair.orders["high"].label.type == "OCO, limit"


def test_one_whose_other_is_cancelled_says_no_more_that_it_is_one_of_two(pair, until):
    tie_with_keys(pair)
    low, high = pair.ems.modified
    tied(pair, until, low, high)
    assert [pair.orders[one].label.type for one in ("low", "high")] == ["OCO, limit"] * 2
    pair.move(95)
    pair.tap("c")
    pair.ems.say(status(low, "canceled"))
    until(lambda: list(pair.orders) == ["high"])
    assert pair.orders["high"].label.type in ("", "limit")
    assert pair.orders["high"].tie == ""


def test_one_that_fills_meanwhile_leaves_the_other_as_it_was(pair, until):
    tie_with_keys(pair)
    _low, high = pair.ems.modified
    pair.ems.say(status(LOW, "closed", filled=Decimal(30), brokerd_msg=fill(LOW, size=30)))
    pair.ems.say(status(high, "open"))
    until(lambda: len(pair.ems.modified) == 3)
    assert pair.ems.modified[-1] == replace(high, link=Link(group="", role="peer"))
    assert "Not tied: buy 30 at 95.00" in pair.notice


def test_one_that_is_refused_leaves_the_other_alone(pair, until):
    tie_with_keys(pair)
    low, _high = pair.ems.modified
    pair.ems.say(status(low, "open"))
    pair.ems.say(status(HIGH, "open", refused="modify", reason="It is filled in part."))
    until(lambda: len(pair.ems.modified) == 3)
    assert pair.ems.modified[-1] == replace(low, link=Link(group="", role="peer"))
    assert "It is filled in part" in pair.notice


def test_a_third_order_joins_and_one_of_two_that_leaves_ends_the_group(pair, until):
    tie_with_keys(pair)
    tied(pair, until, *pair.ems.modified)
    group = pair.ems.modified[0].link.group
    pair.ems.say(status(order("third", price=Decimal("97.00")), "open"))
    until(lambda: len(pair.orders) == 3)
    for price in (97, 105):
        pair.move(price)
        pair.tap("o")
    [third] = pair.ems.modified[2:]
    assert (third.oid, third.link.group) == ("third", group)
    tied(pair, until, third)
    pair.click(97, RIGHT)
    pair.choose("with no other any more")
    [alone] = pair.ems.modified[3:]
    assert (alone.oid, alone.link.group) == ("third", "")
    pair.ems.say(status(replace(alone, link=None), "open"))
    until(lambda: pair.orders["third"].label.type == "limit" or not pair.orders["third"].label.type)
    pair.click(105, RIGHT)
    pair.choose("with no other any more")
    assert {one.oid for one in pair.ems.modified[4:]} == {"low", "high"}


def test_the_menu_ties_too(pair, until):
    pair.click(95, RIGHT)
    pair.choose("One cancels the other (OCO): then")
    pair.click(105, RIGHT)
    pair.choose("One cancels the other (OCO): with buy 30 at 95.00")
    assert [one.link.role for one in pair.ems.modified] == ["peer", "peer"]


@pytest.mark.parametrize(
    ("facts", "why"),
    [
        ({"action": "alert", "size": Decimal(0)}, "it is no order"),
        ({"link": Link(group="g", role="target")}, "in a group already"),
        ({"filled": Decimal(1)}, "filled in part"),
    ],
)
def test_what_cannot_be_tied_is_said(hands, until, facts, why):
    filled = {"filled": facts.pop("filled")} if "filled" in facts else {}
    hands.ems.say(status(order("x", price=Decimal("95.00"), **facts), "open", **filled))
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
