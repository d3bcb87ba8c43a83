"""The mouse way, and the same from the keyboard: menus at a price and on a line, typed changes."""

import time
from decimal import Decimal

import pyqtgraph as pg
import pytest
from PyQt6.QtCore import QEvent, QPoint, Qt
from PyQt6.QtTest import QTest
from PyQt6.QtWidgets import QApplication, QDialogButtonBox, QLabel

from ems.messages import Position
from order_mode.line import LineStyle
from tests.gui.conftest import LEFT, RIGHT
from tests.sims.scripted_ems import FQSN, ScriptedEms, fill, order, status
from ui.line_choices import LineChoices
from ui.order_editor import Editor

ORDER = order()


@pytest.fixture
def working(hands, until):
    """A plot with one live buy of 30 that works at 100."""
    hands.ems.say(status(ORDER, "open"))
    until(lambda: "o1" in hands.orders)
    return hands


def hold_position(hands, until, size, **facts):
    position = Position(account="paper", symbol=FQSN, size=Decimal(size), time_ns=1, **facts)
    hands.ems.say(position)
    until(lambda: hands.mode.position is not None)


# ---- the menu at a price


@pytest.mark.parametrize("action", ["buy", "sell"])
@pytest.mark.parametrize("mode", ["dark", "live"])
def test_a_right_click_and_a_choice_place_one_order_there(hands, action, mode):
    hands.click(104, RIGHT)
    entry = hands.entry(action.capitalize(), mode)
    assert "25 at 10" in entry.text()
    assert "PAPER" in entry.text()
    assert hands.ems.requests == 0
    hands.choose(action.capitalize(), mode)
    [sent] = hands.ems.submitted
    assert (sent.action, sent.exec_mode, sent.size) == (action, mode, Decimal(25))
    assert f" {sent.price} " in entry.text().replace(",", " ")
    assert abs(sent.price - 104) < Decimal("0.05")


def test_an_alert_from_the_menu(hands):
    hands.click(104, RIGHT)
    hands.choose("Alert at")
    [sent] = hands.ems.submitted
    assert (sent.action, sent.size) == ("alert", 0)


def test_closing_the_menu_places_nothing_and_leaves_nothing(hands):
    hands.click(104, RIGHT)
    hands.menu.setActiveAction(hands.entry("Buy", "live"))
    assert hands.lines.lines["staged"].label.mode == "at paper"
    QTest.keyClick(hands.menu, Qt.Key.Key_Escape)
    assert hands.ems.requests == 0
    assert "staged" not in hands.lines.lines
    hands.click(101)
    assert hands.ems.requests == 0


def test_what_the_menu_points_at_shows_its_whole_story_at_the_price_of_the_menu(hands):
    hands.mode.set_last(100.0)
    hands.click(104, RIGHT)
    hands.menu.setActiveAction(hands.entry("Sell", "live"))
    line = hands.lines.lines["staged"]
    assert line.style is LineStyle.STAGED
    assert str(line.price) in hands.entry("Sell", "live").text()
    label = line.label
    assert all((label.notional, label.distance, label.account, label.type, label.after))


def test_a_choice_that_the_limit_refuses_cannot_be_chosen_and_says_why(hands, until):
    full = order("o7", size=Decimal(100), price=Decimal("95.00"))
    hands.ems.say(status(full, "open"))
    until(lambda: "o7" in hands.orders)
    hands.click(104, RIGHT)
    entry = hands.entry("Buy", "live")
    assert not entry.isEnabled()
    assert "limit of 100" in entry.text()
    entry.trigger()
    assert hands.ems.requests == 0


def test_a_size_that_changed_behind_the_open_menu_is_not_placed(hands, until):
    hands.click(104, RIGHT)
    hold_position(hands, until, 90)  # only 10 more fit below the limit of 100
    hands.choose("Buy", "live")
    assert hands.ems.requests == 0
    assert "Not placed" in hands.notice


def test_exits_of_half_and_all_are_offered_against_a_position(hands, until):
    hold_position(hands, until, 50, avg_price=Decimal("100.00"))
    hands.click(104, RIGHT)
    hands.choose("Close half: sell 25", "live")
    assert [(sent.action, sent.size) for sent in hands.ems.submitted] == [("sell", Decimal(25))]
    hands.click(105, RIGHT)
    assert "exits for 25 are at work" not in hands.entry("Close all", "dark").text()
    assert "sell 25" in hands.entry("Close all", "dark").text()  # the rest of it, never more


def test_the_right_drag_is_the_plots_own_and_opens_no_menu(hands, monkeypatch):
    monkeypatch.setitem(pg.CONFIG_OPTIONS, "mouseRateLimit", -1)
    before = hands.plot.viewRange()
    hands.move(100)
    hands.press(100, RIGHT)
    for price in (101, 102, 103):
        point = hands.at(price)
        QTest.mouseMove(hands.viewport, point)
    hands.release(103, RIGHT)
    assert hands.plot.viewRange() != before
    assert QApplication.activePopupWidget() is None
    assert hands.ems.requests == 0


def test_the_plots_own_menu_is_a_part_of_ours_and_not_a_second_one(hands):
    clicks = []
    hands.plot.scene().sigMouseClicked.connect(clicks.append)
    hands.click(104, RIGHT)
    assert clicks == []
    assert "Plot" in [action.text() for action in hands.menu.actions()]
    menu = hands.menu
    menu.close()
    hands.click(104, RIGHT)
    assert "Plot" in [action.text() for action in hands.menu.actions()]


def test_a_right_click_while_an_order_is_staged_opens_no_menu(hands):
    hands.move(104)
    hands.hold("f")
    hands.click(104, RIGHT)
    assert QApplication.activePopupWidget() is None
    assert hands.ems.requests == 0


def test_focus_loss_between_press_and_release_opens_no_menu(hands):
    hands.move(104)
    hands.press(104, RIGHT)
    QApplication.sendEvent(hands.viewport, QEvent(QEvent.Type.Leave))
    hands.typing.setFocus()
    hands.release(104, RIGHT)
    assert QApplication.activePopupWidget() is None


# ---- the plus at the axis


def at_plus(hands):
    box = hands.plot.plotItem.vb
    return hands.plot.mapFromScene(box.mapToScene(hands.attachment.port.plus.rect.center()))


def test_the_plus_opens_the_menu_of_its_price(hands):
    hands.move(104)
    QTest.mouseMove(hands.viewport, at_plus(hands))
    QTest.mouseClick(hands.viewport, LEFT, pos=at_plus(hands))
    hands.choose("Buy", "dark")
    [sent] = hands.ems.submitted
    assert abs(sent.price - 104) < Decimal("0.1")


def test_the_plus_is_away_while_an_order_is_staged_and_without_the_cursor(hands):
    plus = hands.attachment.port.plus
    hands.move(104)
    assert not plus.rect.isEmpty()
    hands.hold("f")
    assert plus.rect.isEmpty()
    hands.let_go("f")
    QApplication.sendEvent(hands.viewport, QEvent(QEvent.Type.Leave))
    assert plus.rect.isEmpty()


def test_a_press_on_the_plus_that_is_let_go_elsewhere_opens_nothing(hands):
    hands.move(104)
    point = at_plus(hands)
    QTest.mouseMove(hands.viewport, point)
    QTest.mousePress(hands.viewport, LEFT, pos=point)
    QTest.mouseMove(hands.viewport, point - QPoint(80, 0))
    QTest.mouseRelease(hands.viewport, LEFT, pos=point - QPoint(80, 0))
    assert QApplication.activePopupWidget() is None


# ---- the same from the keyboard


@pytest.mark.parametrize("key", ["m", "menu"])
def test_the_menu_key_opens_the_menu_and_arrows_and_return_place(hands, key):
    hands.move(104)
    hands.tap(key)
    assert hands.ems.requests == 0
    QTest.keyClick(hands.menu, Qt.Key.Key_Down)
    QTest.keyClick(hands.menu, Qt.Key.Key_Return)
    [sent] = hands.ems.submitted
    assert (sent.action, sent.exec_mode) == ("buy", "dark")


def test_without_the_mouse_a_price_is_typed(hands, until):
    QApplication.sendEvent(hands.viewport, QEvent(QEvent.Type.Leave))
    hands.mode.set_last(100.0)
    hands.tap("m")
    hands.choose("Another price")
    editor = hands.plot.findChild(Editor)
    QTest.keyClicks(editor.fields["Price"], "97.255")
    QTest.keyClick(editor.fields["Price"], Qt.Key.Key_Return)
    assert "the tick size there is 0.01" in editor.fault.text()
    editor.fields["Price"].selectAll()
    QTest.keyClicks(editor.fields["Price"], "97.25")
    QTest.keyClick(editor.fields["Price"], Qt.Key.Key_Return)
    until(lambda: QApplication.activePopupWidget() is not None)
    hands.choose("Sell", "live")
    assert [sent.price for sent in hands.ems.submitted] == [Decimal("97.25")]


def test_the_menu_key_without_the_focus_is_not_ours(hands):
    hands.move(104)
    hands.typing.setFocus()
    QTest.keyClick(hands.plot, "m")
    assert QApplication.activePopupWidget() is None


def test_a_key_held_while_a_menu_opens_is_disarmed(hands):
    hands.move(104)
    hands.hold("s")
    hands.tap("m")
    menu = hands.menu
    menu.close()
    hands.hold("f")
    assert hands.mode.staged is None or hands.mode.staged.order.exec_mode == "dark"


# ---- the menu of a line


def test_the_menu_of_a_line_cancels(working):
    working.click(100, RIGHT)
    working.choose("Cancel buy 30 at 100.00 (PAPER)")
    assert [sent.oid for sent in working.ems.canceled] == ["o1"]


def test_price_and_size_are_typed_and_one_change_goes_out(working):
    editor = open_editor(working)
    type_in(editor, "Price", "101.5")
    type_in(editor, "Size", "20")
    QTest.keyClick(editor.fields["Size"], Qt.Key.Key_Return)
    [sent] = working.ems.modified
    assert (sent.oid, sent.price, sent.size) == ("o1", Decimal("101.50"), Decimal(20))
    assert working.line.style is LineStyle.DOTTED  # until the venue agrees
    assert working.line.ghost_price == Decimal("100.00")
    assert working.ems.requests == 1


@pytest.mark.parametrize(
    ("name", "text", "words"),
    [
        ("Price", "100.005", "the tick size there is 0.01"),
        ("Price", "0", "above zero"),
        ("Price", "1,005", "is no price"),
        ("Price", "", "is no price"),
        ("Price", "-5", "is no price"),
        ("Price", "1e5", "is no price"),
        ("Size", "2.5", "lot size is 1"),
        ("Size", "0", "above zero"),
        ("Size", "5", "filled"),
        ("Size", "500", "limit leaves room for 100"),
    ],
)
def test_what_cannot_be_asked_for_is_said_and_not_sent(hands, until, name, text, words):
    hands.ems.say(status(ORDER, "open", filled=Decimal(10)))
    until(lambda: "o1" in hands.orders)
    editor = open_editor(hands)
    type_in(editor, name, text)
    QTest.keyClick(editor.fields[name], Qt.Key.Key_Return)
    assert words in editor.fault.text()
    assert editor.isVisible()
    assert hands.ems.requests == 0


def test_nothing_changed_sends_nothing(working):
    editor = open_editor(working)
    QTest.keyClick(editor.fields["Price"], Qt.Key.Key_Return)
    assert working.ems.requests == 0


def test_escape_leaves_the_editor_without_a_request(working):
    editor = open_editor(working)
    type_in(editor, "Price", "101")
    QTest.keyClick(editor.fields["Price"], Qt.Key.Key_Escape)
    assert not editor.isVisible()
    assert working.ems.requests == 0


def test_an_order_that_fills_while_its_editor_is_open_is_not_changed(working, until):
    editor = open_editor(working)
    type_in(editor, "Price", "101")
    filled = status(ORDER, "closed", filled=Decimal(30), brokerd_msg=fill(ORDER, size=30))
    working.ems.say(filled)
    until(lambda: working.orders == {})
    editor.findChild(QDialogButtonBox).accepted.emit()
    assert "no such order any more" in editor.fault.text()
    assert working.ems.requests == 0


def test_the_chart_goes_on_while_the_editor_is_open(working, until):
    open_editor(working)
    working.ems.say(status(order("o2", price=Decimal("95.00")), "open"))
    until(lambda: "o2" in working.orders)


def open_editor(hands) -> Editor:
    hands.click(100, RIGHT)
    hands.choose("Change price or size")
    editor = hands.plot.findChild(Editor)
    assert editor.isVisible()
    assert "buy 30 at 100.00" in editor.findChild(QLabel).text()
    return editor


def type_in(editor: Editor, name: str, text: str) -> None:
    editor.fields[name].selectAll()
    QTest.keyClick(editor.fields[name], Qt.Key.Key_Delete)
    QTest.keyClicks(editor.fields[name], text)


# ---- alerts


def test_an_alert_with_a_note_that_repeats_until_it_expires(hands):
    hands.click(104, RIGHT)
    hands.choose("Alert with a note")
    editor = hands.plot.findChild(Editor)
    QTest.keyClicks(editor.fields["Note"], "sell the news")
    editor.choices["Rings"].setCurrentText("every time")
    QTest.keyClicks(editor.fields["Expires (UTC)"], "soon")
    QTest.keyClick(editor.fields["Note"], Qt.Key.Key_Return)
    assert "'soon' is no expiry" in editor.fault.text()
    assert hands.ems.requests == 0
    type_in(editor, "Expires (UTC)", "2h")
    QTest.keyClick(editor.fields["Note"], Qt.Key.Key_Return)
    [sent] = hands.ems.submitted
    assert (sent.action, sent.note, sent.repeats) == ("alert", "sell the news", True)
    assert abs(sent.expires_ns - time.time_ns() - 7_200 * 10**9) < 600 * 10**9
    assert hands.line.label.note == "sell the news · repeats · asked for"


def test_the_terms_of_an_alert_change_by_a_cancel_and_a_new_one(hands, until):
    alert = order("o1", action="alert", exec_mode="dark", size=Decimal(0), note="old")
    hands.ems.say(status(alert, "dark_open"))
    until(lambda: "o1" in hands.orders)
    hands.click(100, RIGHT)
    hands.choose("Note, repeat")
    editor = hands.plot.findChild(Editor)
    type_in(editor, "Note", "new")
    QTest.keyClick(editor.fields["Note"], Qt.Key.Key_Return)
    assert [sent.oid for sent in hands.ems.canceled] == ["o1"]
    assert hands.ems.submitted == []
    hands.ems.say(status(alert, "canceled", cancel_called=True))
    until(lambda: hands.ems.submitted)
    [sent] = hands.ems.submitted
    assert (sent.note, sent.action, sent.size, sent.price) == ("new", "alert", 0, alert.price)


# ---- dark to live, and back


@pytest.mark.parametrize(
    ("before", "after", "resp"), [("dark", "live", "dark_open"), ("live", "dark", "open")]
)
def test_an_order_is_turned_by_a_cancel_and_then_a_new_one(hands, until, before, after, resp):
    one = order(exec_mode=before)
    hands.ems.say(status(one, resp))
    until(lambda: "o1" in hands.orders)
    hands.click(100, RIGHT)
    hands.choose(f"Make it {after}")
    assert [sent.oid for sent in hands.ems.canceled] == ["o1"]
    assert hands.ems.submitted == []  # not before the cancel is confirmed
    assert hands.line.label.note == f"becoming {after}"
    hands.ems.say(status(one, "canceled", cancel_called=True, filled=Decimal(10)))
    until(lambda: hands.ems.submitted)
    [sent] = hands.ems.submitted
    assert sent.oid != "o1"
    assert (sent.exec_mode, sent.size, sent.price) == (after, Decimal(20), one.price)
    assert list(hands.orders) == [sent.oid]
    assert hands.line.style is LineStyle.DOTTED


# ---- several under the cursor


@pytest.fixture
def crowd(working, until):
    """Three orders within the reach of one cursor."""
    for key, price in (("o2", "100.05"), ("o3", "99.95")):
        working.ems.say(status(order(key, price=Decimal(price)), "open"))
    until(lambda: len(working.orders) == 3)
    working.move(100)
    return working


def test_tab_goes_to_the_next_line_and_that_one_is_acted_on(crowd):
    seen = [crowd.lines.line_at_cursor()]
    for _ in range(2):
        crowd.tap("tab")
        seen.append(crowd.lines.line_at_cursor())
    assert sorted(seen) == ["o1", "o2", "o3"]
    crowd.tap("c")
    assert [sent.oid for sent in crowd.ems.canceled] == [seen[-1]]
    assert crowd.plot.hasFocus()


def test_tab_decides_what_is_dragged(crowd):
    crowd.tap("tab")
    marked = crowd.lines.line_at_cursor()
    crowd.press(100)
    crowd.move(103)
    crowd.release(103)
    assert [sent.oid for sent in crowd.ems.modified] == [marked]


def test_moving_away_forgets_the_choice(crowd):
    crowd.tap("tab")
    crowd.move(105)
    crowd.move(99.95)
    assert crowd.lines.line_at_cursor() == "o3"


def test_tab_over_one_line_is_not_ours(working):
    working.move(100)
    working.tap("tab")
    assert working.ems.requests == 0
    assert not working.plot.hasFocus()  # it went on to the next widget, as it does anywhere


# ---- the position and the fills


def test_the_position_has_a_line_that_is_no_order(hands, until):
    hold_position(hands, until, 50, avg_price=Decimal("100.00"))
    until(lambda: "position" in hands.lines.lines)
    hands.mode.set_last(101.0)
    label = hands.lines.lines["position"].label
    assert (label.side, label.size, label.price) == ("LONG", "50", "100.00")
    assert label.profit == "+50.00 USD +1.00% +100 ticks"
    hands.move(100)
    hands.tap("c")
    hands.drag(100, 103)
    hands.release(103)
    assert hands.ems.requests == 0
    assert hands.lines.lines["position"].price == Decimal("100.00")


def test_the_line_goes_when_the_position_is_flat(hands, until):
    hold_position(hands, until, 50, avg_price=Decimal("100.00"))
    until(lambda: "position" in hands.lines.lines)
    hands.ems.say(Position(account="paper", symbol=FQSN, size=Decimal(0), time_ns=2))
    until(lambda: "position" not in hands.lines.lines)


def test_the_menu_of_the_position_exits_where_it_breaks_even(hands, until):
    bought = order(size=Decimal(50))
    paid = fill(bought, size=50, fee=Decimal("5.00"), fee_currency="USD")
    hands.ems.say(status(bought, "closed", filled=Decimal(50), brokerd_msg=paid))
    hold_position(hands, until, 50, avg_price=Decimal("100.00"))
    until(lambda: "position" in hands.lines.lines)
    hands.click(100, RIGHT)
    hands.choose("At break-even", "live")
    [sent] = hands.ems.submitted
    assert (sent.action, sent.size, sent.price) == ("sell", Decimal(50), Decimal("100.21"))


def test_a_fill_has_a_card_under_the_cursor_and_a_key_hides_them(make_hands):
    one = fill(ORDER, broker_time_ns=10 * 10**9, fee=Decimal("0.25"), fee_currency="USD")
    hands = make_hands(ScriptedEms(journal=(one,)))
    port = hands.attachment.port
    hands.move(104)
    assert not port.fill_card.isVisible()
    hands.move(99.95, 10)
    assert port.fill_card.isVisible()
    assert "BUY 10 at 100.00" in port.fill_card.text()
    assert "0.25 USD" in port.fill_card.text()
    hands.tap("v")
    assert not port.arrows.isVisible()
    assert not port.fill_card.isVisible()
    hands.move(99.95, 10)
    assert not port.fill_card.isVisible()
    hands.tap("v")
    assert port.arrows.isVisible()


# ---- what the user chose


def test_the_fields_of_labels_at_rest_are_the_users_choice(make_hands, until):
    hands = make_hands(lines=LineChoices(labels=("distance", "type")))
    hands.ems.say(status(ORDER, "open"))
    until(lambda: "o1" in hands.orders)
    hands.mode.set_last(101.0)
    label = hands.line.label
    assert (label.distance, label.type) == ("-100 ticks (-0.99%)", "limit")
    assert (label.price, label.account, label.mode) == ("", "", "")
    hands.drag(100, 103)
    assert hands.line.label.account == "PAPER"  # in the hand it tells everything
    hands.tap("escape")


@pytest.mark.parametrize("side", ["left", "right"])
def test_labels_stand_at_the_side_that_the_user_chose(make_hands, until, side):
    hands = make_hands(lines=LineChoices(side=side))
    for number in range(80):
        one = order(f"n{number}", price=Decimal(f"{95 + number / 10:.2f}"))
        hands.ems.say(status(one, "open"))
    until(lambda: len(hands.orders) == 80)
    hands.plot.grab()
    pane = hands.plot.plotItem.vb.rect()
    rects = [hands.lines.label_rect(key) for key in hands.orders]
    assert all(pane.contains(rect) for rect in rects)
    for index, rect in enumerate(rects):
        assert not any(rect.intersects(other) for other in rects[index + 1 :])
    middle = pane.center().x()
    assert all((rect.center().x() < middle) == (side == "left") for rect in rects)


def test_a_line_is_dragged_with_the_modifier_that_the_user_chose_and_not_without(make_hands, until):
    hands = make_hands(lines=LineChoices(drag_with="shift"))
    hands.ems.say(status(ORDER, "open"))
    until(lambda: "o1" in hands.orders)
    hands.drag(100, 103)
    hands.release(103)
    assert hands.ems.requests == 0
    hands.modifiers = Qt.KeyboardModifier.ShiftModifier
    hands.plot.setYRange(90, 110, padding=0)  # the drag without it panned the plot
    hands.plot.setXRange(0, 20, padding=0)
    hands.drag(100, 103)
    hands.release(103)
    assert len(hands.ems.modified) == 1
