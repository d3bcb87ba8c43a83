"""Brackets by real events: the picture before the click, what is sent, drags, cancels."""

from decimal import Decimal

import pytest
from PyQt6.QtCore import Qt
from PyQt6.QtTest import QTest

from ems.messages import Position, Trail
from order_mode.bracket import Preset, Target
from order_mode.exit_distance import parse_distance
from order_mode.line import LineStyle
from order_mode.sizing import Sizing
from tests.sims.scripted_ems import FQSN, ScriptedEms, moved, status
from ui.line_choices import LineChoices

TICKS = Preset("ticks", parse_distance("200 ticks"), (Target(parse_distance("2 r")),))
HALVES = Preset(
    "halves",
    parse_distance("2 %"),
    (
        Target(parse_distance("1 r"), Decimal("0.5")),
        Target(parse_distance("3 r"), Decimal("0.5")),
    ),
)
TRAILING = Preset("trailing", parse_distance("100 ticks"), stop_type="trailing_stop")


@pytest.fixture
def desk(make_hands):
    hands = make_hands(ScriptedEms(obedient=True), presets=(TICKS, HALVES, TRAILING))
    hands.mode.set_last(100.0)
    return hands


def stage(hands, price, *keys, turns=1):
    hands.move(price)
    hands.hold(*(keys or ("s", "f")))
    for _ in range(turns):
        hands.tap("g")


def place(hands, price, *keys, turns=1):
    stage(hands, price, *keys, turns=turns)
    hands.click(price)
    hands.let_go(*reversed(keys or ("s", "f")))
    return hands.ems.groups[-1]


def exits(group):
    return [(one.link.role, one.action, one.type, one.size, one.price) for one in group[1:]]


def test_the_picture_before_the_click_has_entry_stop_and_target_with_money_and_ratio(desk):
    stage(desk, 97)
    lines = desk.lines.lines
    entry, stop, target = (lines[key] for key in ("staged", "staged:0", "staged:1"))
    assert entry.label.risk == "risk 50.00 USD · reward:risk 2.0"
    assert stop.price == entry.price - 2
    assert target.price == entry.price + 4
    assert (stop.label.type, stop.label.profit) == ("stop-loss", "P&L -50.00 -1.0R")
    assert (target.label.type, target.label.profit) == ("take-profit", "P&L +100.00 +2.0R")
    assert {stop.tie, target.tie} == {"staged"}
    assert desk.ems.requests == 0


def test_a_click_sends_entry_and_exits_as_one_group_each_with_its_place(desk):
    entry, *children = group = place(desk, 97)
    assert desk.ems.submitted == []
    assert (entry.action, entry.type, entry.exec_mode, entry.link) == ("buy", "limit", "live", None)
    size = Decimal(25)
    assert exits(group) == [
        ("stop", "sell", "stop", size, entry.price - 2),
        ("target", "sell", "limit", size, entry.price + 4),
    ]
    assert {one.link.group for one in children} == {entry.oid}
    assert len({one.oid for one in group}) == 3


def test_a_sell_has_its_stop_above_and_its_target_below(desk):
    entry, stop, target = place(desk, 103, "s", "d")
    assert (stop.action, stop.price, target.price) == ("buy", entry.price + 2, entry.price - 4)


def test_targets_share_the_size_in_whole_lots_and_add_up_to_it(desk):
    entry, stop, *targets = place(desk, 97, turns=2)
    assert [one.size for one in targets] == [Decimal(12), Decimal(13)]
    assert [one.link.share for one in targets] == [Decimal("0.5")] * 2
    assert stop.size == entry.size == 25
    assert entry.price - stop.price == (entry.price * 2 / 100).quantize(Decimal("0.01"))


def test_a_trailing_stop_of_a_bracket_has_its_trail(desk):
    _, stop = place(desk, 97, turns=3)
    assert (stop.type, stop.trail) == ("trailing_stop", Trail(Decimal(1)))


def test_the_exits_key_goes_round_to_none(desk):
    stage(desk, 97, turns=4)
    assert "staged:0" not in desk.lines.lines
    desk.click(97)
    assert desk.ems.groups == []
    assert len(desk.ems.submitted) == 1


def test_letting_go_takes_the_whole_picture_away(desk):
    stage(desk, 97)
    desk.let_go("f", "s")
    assert not [key for key in desk.lines.lines if key.startswith("staged")]


def test_an_exit_of_a_position_gets_no_exits_of_its_own(desk, until):
    desk.ems.say(
        Position(account="paper", symbol=FQSN, size=Decimal(25), time_ns=1, avg_price=Decimal(98))
    )
    until(lambda: desk.mode.position)
    stage(desk, 103, "s", "d")
    assert "staged:0" not in desk.lines.lines
    desk.click(103)
    assert (len(desk.ems.submitted), desk.ems.groups) == (1, [])


def test_without_bars_a_bracket_in_atr_is_refused_in_words(make_hands):
    hands = make_hands(ScriptedEms(), presets=(Preset("atr", parse_distance("2 atr")),))
    hands.mode.set_last(100.0)
    stage(hands, 97)
    hands.click(97)
    assert hands.ems.requests == 0
    assert "ATR is not known" in hands.notice


@pytest.mark.parametrize(
    ("sizing", "size"),
    [
        (Sizing(Decimal(1000), "units", 4, risk=Decimal(150)), 75),
        (Sizing(Decimal(1000), "units", 4, Decimal(1), "percent", Decimal(20_000)), 100),
        (Sizing(Decimal(60), "units", 4, risk=Decimal(150)), 60),
    ],
)
def test_risk_to_the_stop_decides_the_size_within_the_limit(make_hands, sizing, size):
    hands = make_hands(ScriptedEms(), presets=(TICKS,), sizing=sizing)
    hands.mode.set_last(100.0)
    stage(hands, 97)
    label = hands.lines.lines["staged"].label
    assert label.risk.startswith(f"risk {size * 2:.2f} USD")
    hands.click(97)
    entry, stop, target = hands.ems.groups[0]
    assert {entry.size, stop.size, target.size} == {Decimal(size)}


def test_a_risk_of_less_than_a_lot_is_refused_in_words(make_hands):
    sizing = Sizing(Decimal(1000), "units", 4, risk=Decimal(1))
    hands = make_hands(ScriptedEms(), presets=(TICKS,), sizing=sizing)
    hands.mode.set_last(100.0)
    stage(hands, 97)
    hands.click(97)
    assert hands.ems.requests == 0
    assert "One lot of 1 risks 2.00 USD" in hands.notice


def test_resting_exits_wait_faintly_tied_to_their_entry(desk, until):
    entry, stop, target = place(desk, 97)
    until(lambda: desk.orders[target.oid].style is LineStyle.WAITING)
    lines = desk.orders
    assert lines[entry.oid].style is LineStyle.SOLID
    assert lines[stop.oid].style is LineStyle.WAITING
    assert {lines[stop.oid].tie, lines[target.oid].tie} == {entry.oid}
    assert lines[entry.oid].label.risk == "risk 50.00 USD · reward:risk 2.0"
    assert lines[stop.oid].label.profit == "P&L -50.00 -1.0R"
    assert lines[stop.oid].label.mode == "waits for its entry: needs the program"


def test_the_exit_dragged_alone_moves_alone_and_the_ratio_follows(desk, until):
    entry, _, target = place(desk, 97)
    until(lambda: desk.orders[target.oid].style is LineStyle.WAITING)
    desk.drag(float(target.price), 102, 103)
    desk.release(103)
    [asked] = desk.ems.modified
    assert asked.oid == target.oid
    until(lambda: desk.orders[target.oid].style is LineStyle.WAITING)
    assert desk.orders[entry.oid].label.risk.endswith("reward:risk 3.0")


def test_the_entry_dragged_alone_leaves_its_exits(desk, until):
    entry, *_ = place(desk, 97)
    until(lambda: desk.orders[entry.oid].style is LineStyle.SOLID)
    desk.drag(float(entry.price), 96.5, 96)
    assert desk.orders[entry.oid].label.note == "alone (shift: with its exits)"
    desk.release(96)
    assert [one.oid for one in desk.ems.modified] == [entry.oid]


def test_with_shift_the_exits_go_along_with_their_entry(desk, until):
    entry, stop, target = place(desk, 97)
    until(lambda: desk.orders[target.oid].style is LineStyle.WAITING)
    drag_with_shift(desk, float(entry.price), 96, 95)
    asked = {one.oid: one.price for one in desk.ems.modified}
    assert set(asked) == {entry.oid, stop.oid, target.oid}
    by = asked[entry.oid] - entry.price
    assert by < -1
    assert asked[stop.oid] == stop.price + by
    assert asked[target.oid] == target.price + by


def test_escape_gives_all_of_a_bracket_its_prices_back(desk, until):
    entry, stop, _ = place(desk, 97)
    until(lambda: desk.orders[entry.oid].style is LineStyle.SOLID)
    drag_with_shift(desk, float(entry.price), 96, 95, release=False)
    assert desk.orders[stop.oid].price < stop.price
    assert desk.orders[entry.oid].label.note == "with its exits (shift: alone)"
    desk.tap("escape")
    assert desk.orders[entry.oid].label.note == ""
    assert desk.orders[stop.oid].price == stop.price
    desk.release(95)
    assert desk.ems.modified == []


def test_an_exit_that_cannot_move_stays_when_its_entry_is_dragged_with_it(desk, until):
    entry, stop, target = place(desk, 97)
    until(lambda: desk.orders[target.oid].style is LineStyle.WAITING)
    desk.ems.say(status(stop, "open", stale=True))
    until(lambda: desk.orders[stop.oid].stale)
    drag_with_shift(desk, float(entry.price), 96, 95)
    assert {one.oid for one in desk.ems.modified} == {entry.oid, target.oid}


def test_the_config_can_turn_it_round(make_hands, until):
    hands = make_hands(
        ScriptedEms(obedient=True), presets=(TICKS,), lines=LineChoices(exits_follow=True)
    )
    hands.mode.set_last(100.0)
    entry, *_ = place(hands, 97)
    until(lambda: hands.orders[entry.oid].style is LineStyle.SOLID)
    hands.drag(float(entry.price), 96.5, 96)
    hands.release(96)
    assert len(hands.ems.modified) == 3


def test_one_cancel_of_the_entry_is_sent_and_the_ems_takes_the_exits(desk, until):
    entry, stop, target = place(desk, 97)
    until(lambda: desk.orders[target.oid].style is LineStyle.WAITING)
    desk.move(float(entry.price))
    desk.tap("c")
    assert [one.oid for one in desk.ems.canceled] == [entry.oid]
    desk.ems.say(status(stop, "canceled"), status(target, "canceled"))
    until(lambda: not desk.orders)


def test_exits_of_a_filled_entry_are_tied_to_the_position_and_keep_their_r(desk, until):
    entry, stop, target = place(desk, 97)
    paid = Position(
        account="paper", symbol=FQSN, size=Decimal(25), time_ns=2, avg_price=entry.price
    )
    desk.ems.say(status(entry, "closed", filled=Decimal(25)), paid)
    desk.ems.say(status(stop, "dark_open"), status(target, "open"))
    until(lambda: desk.orders.keys() == {stop.oid, target.oid})
    until(lambda: desk.orders[stop.oid].tie == "position")
    assert desk.orders[target.oid].label.profit == "P&L +100.00 +2.0R"
    even = moved(stop, str(entry.price + Decimal("0.50")))
    desk.ems.say(status(even, "dark_open"))
    until(lambda: desk.orders[stop.oid].price == even.price)
    assert desk.orders[stop.oid].label.profit == "P&L +12.50 +0.2R"
    assert desk.orders[target.oid].label.profit == "P&L +100.00 +2.0R"


def drag_with_shift(hands, start, *prices, release=True):
    hands.move(start)
    shift = Qt.KeyboardModifier.ShiftModifier
    QTest.mousePress(hands.viewport, Qt.MouseButton.LeftButton, shift, hands.at(start))
    for price in prices:
        hands.move(price)
    if release:
        hands.release(prices[-1])
