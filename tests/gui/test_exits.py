"""Exits of what is there already, by real events: from menus, keys, and dragged out of a line."""

from decimal import Decimal

import pytest
from msgspec.structs import replace
from PyQt6.QtCore import QPointF, Qt
from PyQt6.QtTest import QTest

from ems.messages import Link, Position, Tie
from order_mode.bracket import Preset, Target
from order_mode.exit_distance import parse_distance
from tests.gui.conftest import LEFT, NO_MODIFIER, RIGHT
from tests.sims.scripted_ems import FQSN, ScriptedEms, fill, order, status
from ui.order_editor import Editor

PRESET = Preset("200 ticks", parse_distance("200 ticks"), (Target(parse_distance("2 r")),))


@pytest.fixture
def desk(make_hands):
    """A market at 100, and a plot with one bracket to choose."""
    hands = make_hands(ScriptedEms(obedient=True), presets=(PRESET,))
    hands.mode.set_last(100.0)
    hands.mode.set_quote(99.9, 100.1)
    return hands


@pytest.fixture
def entry(desk, until):
    """A buy of 30 that works at 97."""
    bought = order(price=Decimal("97.00"))
    desk.ems.submit(bought)
    until(lambda: desk.orders)
    return bought


@pytest.fixture
def long(desk, until):
    """A position of 40 at 99."""
    hold(desk, until, 40, Decimal("99.00"))


def hold(desk, until, size, price):
    desk.ems.say(
        Position(account="paper", symbol=FQSN, size=Decimal(size), time_ns=1, avg_price=price)
    )
    until(lambda: desk.mode.position and desk.mode.position.size == size)


def button_point(desk, key, button):
    """The middle of a button, in pixels of the pane."""
    rect = desk.lines.label_rect(key)
    y = rect.center().y() - 1
    xs = [
        x
        for x in range(int(rect.left()), int(rect.right()))
        if desk.lines.button_at(QPointF(x, y)) == (key, button)
    ]
    return QPointF(xs[len(xs) // 2], y)


def pull(desk, key, price, *, release=True):
    """Drag an exit out of a line to a price."""
    scene = desk.plot.plotItem.vb.mapToScene(button_point(desk, key, "exit"))
    start = desk.plot.mapFromScene(scene)
    QTest.mouseMove(desk.viewport, start)
    QTest.mousePress(desk.viewport, LEFT, NO_MODIFIER, start)
    end = desk.at(price)
    for share in (0.5, 1.0):
        QTest.mouseMove(desk.viewport, start + (end - start) * share)
    if release:
        QTest.mouseRelease(desk.viewport, LEFT, NO_MODIFIER, end)


def sent(desk):
    return [
        (one.link.role, one.action, one.type, one.size)
        for group in desk.ems.groups
        for one in group
    ]


def test_a_stop_is_dragged_out_below_an_entry_and_named_before_it_is_let_go(desk, entry):
    pull(desk, "o1", 95, release=False)
    line = desk.lines.lines["staged:pulled"]
    assert (line.label.type, line.tie) == ("stop-loss", "o1")
    assert "-1.0R" in line.label.profit
    assert desk.ems.requests == 1  # the entry itself
    QTest.mouseRelease(desk.viewport, LEFT, NO_MODIFIER, desk.at(95))
    assert sent(desk) == [("stop", "sell", "stop", Decimal(30))]
    [stop] = desk.ems.groups[0]
    assert stop.link.group == "o1"
    assert abs(stop.price - 95) < Decimal("0.05")
    assert desk.ems.modified == []  # the entry was not dragged
    assert "staged:pulled" not in desk.lines.lines


def test_a_target_is_dragged_out_above_it(desk, entry):
    pull(desk, "o1", 102)
    assert sent(desk) == [("target", "sell", "limit", Decimal(30))]


def test_a_second_stop_is_refused_in_words(desk, entry, until):
    pull(desk, "o1", 95)
    until(lambda: len(desk.orders) == 2)
    pull(desk, "o1", 94)
    assert len(desk.ems.groups) == 1
    assert "stop-loss for all of it" in desk.notice


def test_escape_puts_an_exit_back_that_was_being_dragged_out(desk, entry):
    pull(desk, "o1", 95, release=False)
    desk.tap("escape")
    assert "staged:pulled" not in desk.lines.lines
    QTest.mouseRelease(desk.viewport, LEFT, NO_MODIFIER, desk.at(95))
    assert desk.ems.groups == []


def test_lost_focus_puts_it_back_too(desk, entry):
    pull(desk, "o1", 95, release=False)
    desk.typing.setFocus()
    assert "staged:pulled" not in desk.lines.lines
    QTest.mouseRelease(desk.viewport, LEFT, NO_MODIFIER, desk.at(95))
    assert desk.ems.groups == []


def test_an_entry_that_fills_while_an_exit_is_dragged_out_of_it_gets_none(desk, entry, until):
    pull(desk, "o1", 95, release=False)
    done = status(entry, "closed", filled=Decimal(30), brokerd_msg=fill(entry, size=30))
    desk.ems.say(done)
    until(lambda: not desk.orders)
    QTest.mouseRelease(desk.viewport, LEFT, NO_MODIFIER, desk.at(95))
    assert desk.ems.groups == []
    assert "no order any more" in desk.notice


def test_a_click_on_the_handle_opens_the_exits_and_a_preset_is_attached(desk, entry):
    desk.click_pixel(button_point(desk, "o1", "exit"))
    desk.choose("200 ticks")
    assert sent(desk) == [
        ("stop", "sell", "stop", Decimal(30)),
        ("target", "sell", "limit", Decimal(30)),
    ]
    assert [one.price for one in desk.ems.groups[0]] == [Decimal("95.00"), Decimal("101.00")]


def test_from_the_keyboard_an_exit_is_typed(desk, entry, until):
    desk.move(97)
    desk.tap("m")
    desk.choose("At a price")
    editor = desk.plot.findChild(Editor)
    QTest.keyClicks(editor.fields["Price"], "94.50")
    QTest.keyClick(editor.fields["Price"], Qt.Key.Key_Return)
    assert sent(desk) == [("stop", "sell", "stop", Decimal(30))]
    assert desk.ems.groups[0][0].price == Decimal("94.50")


def test_exits_are_cancelled_together_from_the_menu_of_their_entry(desk, entry, until):
    desk.click_pixel(button_point(desk, "o1", "exit"))
    desk.choose("200 ticks")
    until(lambda: len(desk.orders) == 3)
    desk.click_pixel(button_point(desk, "o1", "exit"))
    desk.choose("Cancel its exits")
    exits = {one.oid for one in desk.ems.groups[0]}
    assert {one.oid for one in desk.ems.canceled} == exits


def test_a_position_gets_its_stop_on_the_markets_losing_side_and_its_size(desk, long):
    pull(desk, "position", 97)
    pull(desk, "position", 103)
    assert sent(desk) == [
        ("stop", "sell", "stop", Decimal(40)),
        ("target", "sell", "limit", Decimal(40)),
    ]


def test_stop_and_target_of_a_position_are_one_group(desk, long, until):
    pull(desk, "position", 97)
    until(lambda: len(desk.orders) == 1)
    pull(desk, "position", 103)
    [[stop], [target]] = desk.ems.groups
    assert stop.link.group == target.link.group


def test_a_stop_may_lock_in_a_profit(desk, long):
    pull(desk, "position", 99.5)  # above what was paid, below the market
    assert sent(desk) == [("stop", "sell", "stop", Decimal(40))]


def test_the_position_line_has_r_and_says_what_protects_it(desk, long, until):
    assert desk.lines.lines["position"].label.origin == "no stop-loss"
    stop = order(
        "s", action="sell", type="stop", price=Decimal("97.00"), size=Decimal(40),
        link=Link(group="g", role="stop"),
    )  # fmt: skip
    desk.ems.say(status(stop, "open"))
    until(lambda: "s" in desk.orders)
    label = desk.lines.lines["position"].label
    assert "+0.5R" in label.profit
    assert label.origin == "stop-loss needs the program"
    assert desk.orders["s"].label.mode == "at paper: needs the program"


@pytest.mark.parametrize(
    ("exec_mode", "resp", "waits", "words"),
    [
        ("live", "open", False, "at kraken: works with the program closed"),
        ("dark", "dark_open", False, "held here: needs the program"),
        ("live", "dark_open", True, "waits for its entry: needs the program"),
    ],
)
def test_an_exit_says_whether_it_works_with_the_program_closed(
    desk, until, exec_mode, resp, waits, words
):
    stop = order(
        "s", action="sell", type="stop", account="kraken.spot", exec_mode=exec_mode,
        link=Link(group="g", role="stop"),
    )  # fmt: skip
    desk.ems.say(status(stop, resp, waits=waits))
    until(lambda: "s" in desk.orders)
    assert desk.orders["s"].label.mode == words


def exit_at_ib(oid, role, price, group, **fields):
    """A stop or a target that works at IB."""
    kind = "stop" if role == "stop" else "limit"
    return order(
        oid, action="sell", type=kind, account="ib.main", price=Decimal(price), size=Decimal(40),
        link=Link(group=group, role=role, **fields),
    )  # fmt: skip


def test_exits_that_their_venue_keeps_in_step_say_so(desk, until):
    stop, target = exit_at_ib("s", "stop", "97.00", "g"), exit_at_ib("t", "target", "103.00", "g")
    tie = Tie("g/ib.main")
    desk.ems.say(status(stop, "open", tie=tie))
    until(lambda: "s" in desk.orders)
    assert desk.orders["s"].label.mode == "at ib: works with the program closed"
    desk.ems.say(status(target, "open", tie=tie))
    both = "at ib: works with the program closed, shrinks with its group there"
    until(lambda: "t" in desk.orders)
    assert {desk.orders[key].label.mode for key in ("s", "t")} == {both}
    desk.ems.say(status(target, "canceled", tie=tie))
    until(lambda: desk.orders["s"].label.mode == "at ib: works with the program closed")


def test_the_position_line_says_that_its_stop_shrinks_with_its_target(desk, until):
    desk.mode.set_account("ib.main")
    there = Position(
        account="ib.main", symbol=FQSN, size=Decimal(40), time_ns=1, avg_price=Decimal(99)
    )
    desk.ems.say(there)
    for one in (exit_at_ib("s", "stop", "97.00", "g"), exit_at_ib("t", "target", "103.00", "g")):
        desk.ems.say(status(one, "open", tie=Tie("g/ib.main")))
    until(lambda: {"s", "t", "position"} <= set(desk.lines.lines))
    words = "stop-loss works with the program closed, shrinks with its target"
    assert desk.lines.lines["position"].label.origin == words


def test_a_dragged_stop_that_is_put_anew_is_said_to_change_and_its_heir_takes_its_place(
    hands, until
):
    """At IB a tied order cannot be changed: the EMS cancels it and puts another there."""
    tie, other = Tie("g/ib.main"), Tie("anew")
    stop = exit_at_ib("s", "stop", "97.00", "g")
    hands.ems.say(status(stop, "open", tie=tie))
    until(lambda: "s" in hands.orders)
    hands.drag(97, 96, 95)
    hands.release(95)
    (asked,) = hands.ems.modified
    hands.ems.say(status(stop, "open", tie=tie, cancel_called=True, change=asked, put_anew=True))
    until(lambda: "changing" in hands.orders["s"].label.note)
    assert hands.orders["s"].price == asked.price
    hands.ems.say(status(stop, "canceled", tie=tie, reason="It is put anew."))
    heir = exit_at_ib("s2", "stop", "95.00", "g", instead="s")
    hands.ems.say(status(heir, "open", tie=other))
    until(lambda: set(hands.orders) == {"s2"})
    assert hands.orders["s2"].price == 95
    assert "Cancelled" not in hands.notice


def test_an_order_in_a_group_has_no_handle(desk, until):
    stop = order("s", action="sell", type="stop", link=Link(group="g", role="stop"))
    desk.ems.say(status(stop, "open"))
    until(lambda: "s" in desk.orders)
    assert desk.orders["s"].buttons == ()


def test_the_right_button_on_a_handle_pulls_nothing(desk, entry):
    point = desk.plot.mapFromScene(
        desk.plot.plotItem.vb.mapToScene(button_point(desk, "o1", "exit"))
    )
    QTest.mousePress(desk.viewport, RIGHT, NO_MODIFIER, point)
    QTest.mouseMove(desk.viewport, desk.at(95))
    assert "staged:pulled" not in desk.lines.lines
    QTest.mouseRelease(desk.viewport, RIGHT, NO_MODIFIER, desk.at(95))
    assert desk.ems.groups == []


def test_a_moved_exit_whose_size_follows_meanwhile_is_confirmed_all_the_same(hands, until):
    stop = order(
        "s", action="sell", type="stop", price=Decimal("97.00"), link=Link(group="g", role="stop")
    )
    hands.ems.say(status(stop, "open"))
    until(lambda: "s" in hands.orders)
    hands.drag(97, 96, 95)
    hands.release(95)
    [asked] = hands.ems.modified
    assert hands.orders["s"].label.note == "change asked for"
    smaller = replace(asked, size=Decimal(10))
    hands.ems.say(status(smaller, "open"))
    until(lambda: hands.orders["s"].label.note == "")
    assert hands.orders["s"].price == asked.price


def exit_at(hands, until):
    """A stop at 95 of an entry at 100 that is for 30."""
    entry = order("e1")
    stop = order(
        "s", action="sell", type="stop", price=Decimal("95.00"), link=Link(group="e1", role="stop")
    )
    hands.ems.say(status(entry, "open"), status(stop, "dark_open", waits=True))
    until(lambda: "s" in hands.orders)


def type_size(hands, size: str) -> Editor:
    hands.click(95, RIGHT)
    hands.choose("Change price or size")
    editor = hands.plot.findChild(Editor)
    editor.fields["Size"].setText(size)
    editor.accept()
    return editor


def test_a_size_typed_for_an_exit_of_an_entry_is_its_share_of_that(hands, until):
    exit_at(hands, until)
    type_size(hands, "10")
    [asked] = hands.ems.modified
    assert asked.size == 30  # the EMS makes it follow what is filled
    assert 30 * asked.link.share // 1 == 10
    assert hands.orders["s"].label.note == "change asked for"
    hands.ems.say(status(replace(asked, size=Decimal(10)), "dark_open", waits=True))
    until(lambda: hands.orders["s"].label.note == "")


def test_more_than_its_entry_is_refused_in_words(hands, until):
    exit_at(hands, until)
    assert "30, which is what its entry is for" in type_size(hands, "31").fault.text()
    assert hands.ems.requests == 0


def test_a_size_typed_for_an_exit_of_a_position_is_what_it_is_to_close(desk, long, until):
    pull(desk, "position", 95)
    until(lambda: desk.orders)
    [[stop]] = desk.ems.groups
    type_size(desk, "5")
    [asked] = desk.ems.modified
    assert (asked.oid, asked.size, asked.link) == (stop.oid, Decimal(5), stop.link)


def test_r_is_measured_from_where_the_stop_was_placed_first_also_after_a_restart(desk, long, until):
    stop = order(
        "s", action="sell", type="stop", price=Decimal("98.50"), size=Decimal(40),
        link=Link(group="g", role="stop"),
    )  # fmt: skip
    desk.ems.say(status(stop, "open", first_price=Decimal("97.00")))
    until(lambda: "+0.5R" in desk.lines.lines["position"].label.profit)
    assert "-0.2R" in desk.orders["s"].label.profit


def test_the_key_of_brackets_over_a_line_opens_its_exits(desk, entry):
    desk.move(97)
    desk.tap("g")
    assert next(one.text() for one in desk.menu.actions()) == PRESET.name
    desk.choose("200 ticks")
    assert len(desk.ems.groups) == 1


def test_over_no_line_it_is_left_to_the_chart(desk, entry):
    desk.move(105)
    assert not desk.mode.wants_key("g", frozenset())
    desk.move(97)
    assert desk.mode.wants_key("g", frozenset())
    assert not desk.mode.wants_key("g", frozenset({"ctrl"}))


def test_the_menu_says_the_keys_that_do_the_same(desk, entry, until):
    desk.click(97, RIGHT)
    keys = dict(one.text().split("\t") for one in desk.menu.actions() if "\t" in one.text())
    assert keys["Exits"] == "g"
    assert keys["Cancel buy 30 at 97.00 (PAPER)"] == "c"


def test_what_an_exit_realises_follows_the_average_price(desk, long, until):
    pull(desk, "position", 97)
    until(lambda: desk.orders)

    def realised(paid):
        return f"P&L {(desk.line.price - paid) * 40:+,.2f}"

    assert realised(99) in desk.line.label.profit
    hold(desk, until, 30, Decimal("99.00"))  # a part is closed: what was paid is the same
    assert realised(99) in desk.line.label.profit
    hold(desk, until, 60, Decimal("98.00"))
    until(lambda: realised(98) in desk.line.label.profit)
