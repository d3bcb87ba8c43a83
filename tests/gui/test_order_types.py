"""Types of orders by real events: what the label says before the click, and what is sent."""

from decimal import Decimal

import pytest
from msgspec.structs import replace
from PyQt6.QtCore import Qt
from PyQt6.QtTest import QTest
from PyQt6.QtWidgets import QApplication

from ems.messages import Link, Trail
from ems.ports import Abilities
from order_mode.line import LineStyle
from order_mode.order_terms import OrderTerms
from order_mode.trail_distance import parse_trail
from tests.gui.conftest import RIGHT
from tests.sims.scripted_ems import ABLE, ScriptedEms, order, status
from ui.order_editor import Editor
from ui.plot_port import PlotPort


@pytest.fixture
def ranged(monkeypatch):
    """Charts whose bars have an average true range of 2."""
    monkeypatch.setattr(PlotPort, "atr", lambda _: 2.0)


@pytest.fixture
def quoted(hands):
    """A plot whose market stands at 100, quoted 99.90 to 100.10."""
    hands.mode.set_last(100.0)
    hands.mode.set_quote(99.9, 100.1)
    return hands


def place(hands, keys, price):
    hands.move(price)
    hands.hold(*keys)
    label = hands.lines.lines["staged"].label
    hands.click(price)
    hands.let_go(*reversed(keys))
    return label


@pytest.mark.parametrize(
    ("key", "price", "kind"),
    [("f", 103, "stop"), ("f", 97, "limit"), ("d", 103, "limit"), ("d", 97, "stop")],
)
@pytest.mark.parametrize("live", [(), ("s",)])
def test_the_side_of_the_price_makes_it_limit_or_stop_and_the_label_says_which(
    quoted, key, price, kind, live
):
    label = place(quoted, (*live, key), price)
    [sent] = quoted.ems.submitted
    assert (sent.type, label.type) == (kind, kind)
    assert (sent.limit_price, sent.trail) == (None, None)
    assert label.mode == ("at paper" if live else "held here")


def test_between_bid_and_ask_both_sides_are_limit_orders(quoted):
    quoted.plot.setYRange(99.8, 100.2, padding=0)
    place(quoted, "f", 100.05)
    place(quoted, "d", 99.95)
    assert [sent.type for sent in quoted.ems.submitted] == ["limit", "limit"]


def test_with_no_price_known_a_click_is_a_limit_order(hands):
    place(hands, "f", 103)
    assert [sent.type for sent in hands.ems.submitted] == ["limit"]


def test_the_type_key_turns_to_the_next_type_and_never_to_a_market_order(quoted):
    quoted.move(103)
    quoted.hold("s", "f")
    seen = []
    for _ in range(6):
        seen.append(quoted.lines.lines["staged"].label.type)
        quoted.tap("t")
    turns = ["stop", "stop-limit", "trailing stop", "trailing stop-limit", "limit", "stop"]
    assert seen == turns
    quoted.click(103)  # tapped six times: one on from stop
    [sent] = quoted.ems.submitted
    assert sent.type == "stop_limit"
    assert sent.limit_price == sent.price + Decimal("0.10")
    assert quoted.line.limit_price == sent.limit_price


def test_a_type_turned_to_is_forgotten_with_the_key(quoted):
    quoted.move(97)
    quoted.hold("f")
    quoted.tap("t")
    assert quoted.lines.lines["staged"].label.type == "limit if touched"
    quoted.let_go("f")
    quoted.hold("f")
    assert quoted.lines.lines["staged"].label.type == "limit"
    quoted.click(97)
    assert [sent.type for sent in quoted.ems.submitted] == ["limit"]


def test_a_trailing_stop_trails_by_its_distance_from_the_last_price(quoted):
    quoted.move(97)
    quoted.hold("d")
    quoted.tap("t")
    quoted.tap("t")
    quoted.click(97)
    [sent] = quoted.ems.submitted
    assert sent.type == "trailing_stop"
    assert sent.trail == Trail(Decimal(100) - sent.price)


@pytest.mark.parametrize(
    ("typed", "trail", "level"),
    [
        ("150 ticks", Trail(Decimal("1.50")), "98.50"),
        ("2 %", Trail(Decimal(2), "percent"), "98.00"),
        ("1.5 atr", Trail(Decimal("3.00")), "97.00"),
    ],
)
@pytest.mark.parametrize("way", ["keys", "menu"])
def test_a_standing_trail_says_where_the_stop_stands_wherever_the_click_is(
    ranged, make_hands, typed, trail, level, way
):
    hands = make_hands(terms=OrderTerms(trail=parse_trail(typed)))
    hands.mode.set_last(100.0)
    hands.mode.set_quote(99.9, 100.1)
    if way == "keys":
        hands.move(93)
        hands.hold("s", "d")
        hands.tap("t")
        hands.tap("t")
        staged = hands.lines.lines["staged"]
        assert staged.price == Decimal(level)
        assert "ticks" in staged.label.distance
        assert staged.label.note == f"{(100 - float(level)) / 2:.1f} ATR"
        hands.click(93)
    else:
        hands.click(93, RIGHT)
        hands.choose("Sell", "trailing stop at", level, "live")
    [sent] = hands.ems.submitted
    assert (sent.type, sent.price, sent.trail) == ("trailing_stop", Decimal(level), trail)


def test_a_standing_trail_in_atr_needs_bars(make_hands):
    hands = make_hands(terms=OrderTerms(type="trailing_stop", trail=parse_trail("2 atr")))
    hands.mode.set_last(100.0)
    hands.mode.set_quote(99.9, 100.1)
    place(hands, ("s", "d"), 97)
    assert hands.ems.submitted == []
    assert "ATR is not known" in hands.notice


@pytest.mark.parametrize(
    ("typed", "trail"),
    [
        ("2.5", Trail(Decimal("2.5"))),
        ("250 ticks", Trail(Decimal("2.50"))),
        ("2%", Trail(Decimal(2), "percent")),
        ("1.25 atr", Trail(Decimal("2.50"))),
    ],
)
def test_the_trail_is_typed_in_price_ticks_per_cent_or_atr(ranged, obedient, until, typed, trail):
    type_trail(trailing_editor(obedient, until), typed)
    [asked] = obedient.ems.modified
    assert asked.trail == trail


@pytest.mark.parametrize("typed", ["", "2 r", "100 %", "far"])
def test_what_is_no_trail_is_said_and_asks_for_nothing(obedient, until, typed):
    editor = trailing_editor(obedient, until)
    type_trail(editor, typed)
    assert "1.5 atr" in editor.fault.text()
    assert obedient.ems.requests == 1


def trailing_editor(hands, until) -> Editor:
    """The editor of a stop at 97 that trails by 3."""
    stop = order(
        action="sell", type="trailing_stop", price=Decimal("97.00"), trail=Trail(Decimal(3))
    )
    hands.ems.submit(stop)
    until(lambda: hands.orders and hands.line.style is LineStyle.SOLID)
    hands.click(97, RIGHT)
    hands.choose("Change price or size")
    return hands.plot.findChild(Editor)


def type_trail(editor: Editor, text: str) -> None:
    editor.fields["Trail"].selectAll()
    QTest.keyClick(editor.fields["Trail"], Qt.Key.Key_Delete)
    QTest.keyClicks(editor.fields["Trail"], text)
    QTest.keyClick(editor.fields["Trail"], Qt.Key.Key_Return)


def test_a_size_typed_while_the_stop_trails_on_leaves_its_trail_alone(obedient, until):
    editor = trailing_editor(obedient, until)
    stop = obedient.ems.submitted[0]
    obedient.ems.say(status(replace(stop, price=Decimal("98.00")), "open"))
    until(lambda: obedient.line.price == Decimal("98.00"))
    editor.fields["Size"].selectAll()
    QTest.keyClicks(editor.fields["Size"], "20")
    QTest.keyClick(editor.fields["Size"], Qt.Key.Key_Return)
    [asked] = obedient.ems.modified
    assert (asked.price, asked.trail) == (Decimal("98.00"), Trail(Decimal(3)))
    assert asked.size == 20


@pytest.fixture
def unable(make_hands, until):
    """A stop that trails at a venue that cannot change how far."""
    hands = make_hands(ScriptedEms(obedient=True, can=replace(ABLE, retrail=False)))
    stop = order(
        action="sell", type="trailing_stop", price=Decimal("97.00"), trail=Trail(Decimal(3)),
        link=Link(group="g", role="stop"),
    )  # fmt: skip
    hands.ems.submit(stop)
    until(lambda: hands.orders and hands.line.style is LineStyle.SOLID)
    hands.drag(97, 96, 95)
    hands.release(95)
    return hands


def test_a_venue_that_cannot_change_the_trail_is_asked_for_a_new_stop_after_a_yes(unable, until):
    card = unable.attachment.port.question
    assert card.isVisible()
    assert "paper cannot change how far a stop trails" in card.text.text()
    assert "nothing stops you out" in card.text.text()
    assert (unable.ems.requests, unable.line.price) == (1, Decimal("97.00"))
    until(card.yes.isEnabled)
    QTest.keyClick(card, Qt.Key.Key_Return)
    [cancel] = unable.ems.canceled
    until(lambda: len(unable.ems.submitted) == 2)
    new = unable.ems.submitted[1]
    assert new.oid != cancel.oid
    assert new.trail == Trail(Decimal(100) - new.price)
    assert new.link == Link(group="g", role="stop")


def test_a_yes_counts_though_the_stop_has_trailed_on_meanwhile(unable, until):
    card = unable.attachment.port.question
    stop = unable.ems.submitted[0]
    unable.ems.say(status(replace(stop, price=Decimal("98.00")), "open"))
    until(lambda: unable.line.price == Decimal("98.00"))
    until(card.yes.isEnabled)
    QTest.keyClick(card, Qt.Key.Key_Return)
    until(lambda: len(unable.ems.canceled) == 1)


def test_after_a_no_the_stop_stays_as_it_is(unable):
    QTest.keyClick(unable.attachment.port.question, Qt.Key.Key_Escape)
    assert (unable.ems.requests, unable.line.label.note) == (1, "")


def test_a_trailing_stop_limit_has_both_and_its_label_says_both(quoted):
    quoted.move(97)
    quoted.hold("s", "d")
    for _ in range(3):
        quoted.tap("t")
    label = quoted.lines.lines["staged"].label
    quoted.click(97)
    [sent] = quoted.ems.submitted
    assert sent.type == "trailing_stop_limit"
    assert sent.trail == Trail(Decimal(100) - sent.price)
    assert sent.limit_price == sent.price - Decimal("0.10")
    assert f"limit {sent.limit_price} trails {sent.trail.amount}" in label.price
    assert quoted.line.limit_price == sent.limit_price


def test_a_market_if_touched_order_waits_where_a_limit_order_would_lie(quoted):
    quoted.move(97)
    quoted.hold("s", "f")
    quoted.tap("t")
    quoted.tap("t")
    assert quoted.lines.lines["staged"].label.type == "market if touched"
    quoted.click(97)
    [sent] = quoted.ems.submitted
    assert (sent.type, sent.limit_price, sent.trail) == ("market_if_touched", None, None)


def test_who_wants_limit_orders_always_gets_them_and_is_told_that_it_fills_at_once(make_hands):
    hands = make_hands(terms=OrderTerms(type="limit"))
    hands.mode.set_last(100.0)
    label = place(hands, ("s", "f"), 103)
    assert [sent.type for sent in hands.ems.submitted] == ["limit"]
    assert label.note == "fills at once"


def test_a_stop_on_the_wrong_side_is_refused_before_the_click_and_never_sent(make_hands):
    hands = make_hands(terms=OrderTerms(type="stop"))
    hands.mode.set_last(100.0)
    label = place(hands, ("s", "d"), 103)
    assert "above the last price 100.00: it would go out at once as a market order" in label.note
    assert hands.ems.requests == 0
    assert "A sell stop at 10" in hands.notice


def test_the_label_says_that_a_venue_without_stops_has_it_held_here(make_hands):
    hands = make_hands(ScriptedEms(can=Abilities()))
    hands.mode.set_last(100.0)
    label = place(hands, ("s", "f"), 103)
    [sent] = hands.ems.submitted
    assert (sent.exec_mode, sent.type, label.mode) == ("live", "stop", "held here")
    assert place(hands, ("s", "f"), 97).mode == "at paper"


def test_terms_go_with_the_orders_that_can_have_them(make_hands):
    terms = OrderTerms(tif="day", post_only=True, reduce_only=True)
    hands = make_hands(terms=terms)
    hands.mode.set_last(100.0)
    label = place(hands, ("s", "f"), 97)
    assert label.terms == "day · post-only · reduce-only"
    place(hands, ("s", "f"), 103)
    limit, stop = hands.ems.submitted
    assert (limit.tif, limit.post_only, limit.reduce_only) == ("day", True, True)
    assert (stop.type, stop.tif, stop.post_only, stop.reduce_only) == ("stop", "day", False, True)


def test_a_venue_without_post_only_is_not_asked_for_it(make_hands):
    hands = make_hands(ScriptedEms(can=Abilities()), terms=OrderTerms(post_only=True))
    hands.mode.set_last(100.0)
    place(hands, ("s", "f"), 97)
    assert hands.ems.requests == 0
    assert "takes no post-only orders" in hands.notice


def test_a_click_as_the_market_jumps_through_the_price_places_nothing_unseen(quoted):
    quoted.move(97)
    quoted.hold("s", "f")
    assert quoted.lines.lines["staged"].label.type == "limit"
    quoted.mode.set_quote(95.0, 95.2)
    quoted.mode.set_last(95.0)
    assert quoted.lines.lines["staged"].label.type == "stop"
    quoted.press(97)
    quoted.release(97)
    assert quoted.ems.requests == 0
    assert "gone through" in quoted.notice
    quoted.move(97.5)
    quoted.move(94)
    quoted.click(97)  # the hand itself went to the other side: it has been seen
    assert [sent.type for sent in quoted.ems.submitted] == ["stop"]


def test_the_menu_offers_the_other_types_and_market_orders(quoted):
    quoted.click(103, RIGHT)
    quoted.choose("Buy 25 stop-limit at", "live")
    [sent] = quoted.ems.submitted
    assert (sent.type, sent.exec_mode) == ("stop_limit", "live")
    quoted.click(103, RIGHT)
    assert "100.10" in quoted.entry("Buy 25 market").text()
    quoted.choose("Sell 25 market at about 99.90")
    market = quoted.ems.submitted[-1]
    assert (market.type, market.action, market.exec_mode) == ("market", "sell", "live")
    assert market.price == Decimal("99.90")


def test_a_dragged_stop_limit_keeps_its_limit_as_far_away(obedient, until):
    stop = order(type="stop_limit", price=Decimal("103.00"), limit_price=Decimal("103.10"))
    obedient.ems.submit(stop)
    until(lambda: "o1" in obedient.orders)
    obedient.drag(103, 104, 105)
    obedient.release(105)
    [asked] = obedient.ems.modified
    assert asked.limit_price - asked.price == Decimal("0.10")
    assert abs(asked.price - 105) < Decimal("0.05")
    until(lambda: obedient.line.style is LineStyle.SOLID)
    assert obedient.line.limit_price == asked.limit_price


def test_a_dragged_trailing_stop_trails_by_the_new_distance(obedient, until):
    stop = order(
        action="sell", type="trailing_stop", price=Decimal("97.00"), trail=Trail(Decimal(3))
    )
    obedient.ems.submit(stop)
    until(lambda: "o1" in obedient.orders)
    obedient.drag(97, 96, 95)
    away = (100 - obedient.line.price) * 100
    assert obedient.line.label.note.startswith(f"{away:.0f} ticks · 5.")
    obedient.release(95)
    [asked] = obedient.ems.modified
    assert asked.trail == Trail(Decimal(100) - asked.price)


def test_a_dragged_trailing_stop_limit_keeps_its_limit_as_far_behind(obedient, until):
    stop = order(
        action="sell",
        type="trailing_stop_limit",
        price=Decimal("97.00"),
        limit_price=Decimal("96.90"),
        trail=Trail(Decimal(3)),
    )
    obedient.ems.submit(stop)
    until(lambda: "o1" in obedient.orders)
    obedient.drag(97, 96, 95)
    obedient.release(95)
    [asked] = obedient.ems.modified
    assert asked.trail == Trail(Decimal(100) - asked.price)
    assert asked.limit_price == asked.price - Decimal("0.10")


@pytest.mark.parametrize(("field", "text", "trail", "behind"), [
    ("Limit", "96.50", "3", "0.50"), ("Trail", "2", "2", "0.10")
])  # fmt: skip
def test_the_editor_changes_the_limit_or_the_trail_of_a_trailing_stop_limit(
    obedient, until, field, text, trail, behind
):
    stop = order(
        action="sell",
        type="trailing_stop_limit",
        price=Decimal("97.00"),
        limit_price=Decimal("96.90"),
        trail=Trail(Decimal(3)),
    )
    obedient.ems.submit(stop)
    until(lambda: obedient.orders and obedient.line.style is LineStyle.SOLID)
    obedient.click(97, RIGHT)
    obedient.choose("Change price or size")
    editor = obedient.plot.findChild(Editor)
    editor.fields[field].selectAll()
    QTest.keyClicks(editor.fields[field], text)
    QTest.keyClick(editor.fields[field], Qt.Key.Key_Return)
    [asked] = obedient.ems.modified
    assert asked.trail == Trail(Decimal(trail))
    assert asked.price - asked.limit_price == Decimal(behind)


def test_the_editor_takes_limit_trail_and_time_in_force(obedient, until):
    stop = order(type="stop_limit", price=Decimal("103.00"), limit_price=Decimal("103.10"))
    obedient.ems.submit(stop)
    until(lambda: obedient.orders and obedient.line.style is LineStyle.SOLID)
    obedient.click(103, RIGHT)
    obedient.choose("Change price or size")
    editor = obedient.plot.findChild(Editor)
    editor.fields["Limit"].selectAll()
    QTest.keyClicks(editor.fields["Limit"], "103.55")
    QTest.keyClick(editor.fields["Limit"], Qt.Key.Key_Return)
    [asked] = obedient.ems.modified
    assert (asked.price, asked.limit_price) == (Decimal("103.00"), Decimal("103.55"))
    assert asked.tif == "gtc"


def test_another_time_in_force_of_a_live_order_is_a_cancel_and_then_an_order_anew(obedient, until):
    obedient.ems.submit(order(price=Decimal("97.00")))
    until(lambda: obedient.orders and obedient.line.style is LineStyle.SOLID)
    obedient.click(97, RIGHT)
    obedient.choose("Change price or size")
    editor = obedient.plot.findChild(Editor)
    QTest.keyClicks(editor.fields["Until (UTC)"], "2h")
    QTest.keyClick(editor.fields["Until (UTC)"], Qt.Key.Key_Return)
    assert [one.oid for one in obedient.ems.canceled] == ["o1"]
    until(lambda: len(obedient.ems.submitted) == 2)
    anew = obedient.ems.submitted[-1]
    assert (anew.tif, anew.size, anew.price) == ("gtd", Decimal(30), Decimal("97.00"))
    assert anew.expires_ns is not None


def test_an_order_that_waits_or_was_triggered_says_so(hands, until):
    waiting = order(
        "w", price=Decimal("105.00"), type="market", link=Link(group="g", role="flatten")
    )
    working = order("t", price=Decimal("95.00"), type="stop", action="sell")
    hands.ems.say(status(waiting, "dark_open", waits=True), status(working, "open", triggered=True))
    until(lambda: len(hands.orders) == 2)
    assert hands.orders["w"].style is LineStyle.WAITING
    assert hands.orders["w"].label.note == "waits for the end of every other order"
    assert hands.orders["t"].label.note == "triggered"


def test_the_type_key_with_nothing_held_is_left_to_the_chart(quoted):
    quoted.move(103)
    quoted.tap("t")
    assert QApplication.activePopupWidget() is None
    assert not quoted.mode.wants_key("t")
    assert quoted.ems.requests == 0


def plain_stop(hands, until):
    stop = order(
        action="sell", type="stop", price=Decimal("95.00"), link=Link(group="g", role="stop")
    )
    hands.mode.set_last(100.0)
    hands.mode.set_quote(99.9, 100.1)
    hands.ems.submit(stop)
    until(lambda: hands.orders and hands.line.style is LineStyle.SOLID)
    hands.click(95, RIGHT)
    hands.choose("Let it trail")
    return hands.plot.findChild(Editor)


@pytest.mark.parametrize(
    ("typed", "trail", "level"),
    [
        ("2 atr", Trail(Decimal("4.00")), "96.00"),  # nearer to the market
        ("10 %", Trail(Decimal(10), "percent"), "95.00"),  # it never goes back
    ],
)
def test_a_stop_is_let_trail_in_its_place_in_its_group(
    ranged, obedient, until, typed, trail, level
):
    type_trail(plain_stop(obedient, until), typed)
    assert [one.oid for one in obedient.ems.canceled] == ["o1"]
    until(lambda: len(obedient.ems.submitted) == 2)
    new = obedient.ems.submitted[1]
    assert (new.type, new.trail, new.price) == ("trailing_stop", trail, Decimal(level))
    assert (new.link, new.size) == (Link(group="g", role="stop"), Decimal(30))


def test_what_is_no_trail_leaves_the_stop_alone(obedient, until):
    editor = plain_stop(obedient, until)
    type_trail(editor, "far")
    assert "1.5 atr" in editor.fault.text()
    assert obedient.ems.requests == 1


def test_a_trailing_stop_is_let_stay_where_it_is(obedient, until):
    trailing_editor(obedient, until).reject()
    obedient.click(97, RIGHT)
    obedient.choose("Let it stay where it is")
    until(lambda: len(obedient.ems.submitted) == 2)
    new = obedient.ems.submitted[1]
    assert (new.type, new.trail, new.price) == ("stop", None, Decimal("97.00"))


def test_the_limit_of_a_stop_limit_goes_along_as_it_is_let_trail_and_stay(obedient, until):
    stop = order(
        action="sell", type="stop_limit", price=Decimal("95.00"), limit_price=Decimal("94.80")
    )
    obedient.mode.set_last(100.0)
    obedient.mode.set_quote(99.9, 100.1)
    obedient.ems.submit(stop)
    until(lambda: obedient.orders and obedient.line.style is LineStyle.SOLID)
    obedient.click(95, RIGHT)
    obedient.choose("Let it trail")
    type_trail(obedient.plot.findChild(Editor), "4 %")
    until(lambda: len(obedient.ems.submitted) == 2)
    new = obedient.ems.submitted[1]
    assert (new.type, new.trail) == ("trailing_stop_limit", Trail(Decimal(4), "percent"))
    assert (new.price, new.limit_price) == (Decimal("96.00"), Decimal("95.80"))
    until(lambda: obedient.line.style is LineStyle.SOLID)
    obedient.click(96, RIGHT)
    obedient.choose("Let it stay where it is")
    until(lambda: len(obedient.ems.submitted) == 3)
    new = obedient.ems.submitted[2]
    assert (new.type, new.price, new.trail) == ("stop_limit", Decimal("96.00"), None)
    assert new.limit_price == Decimal("95.80")
