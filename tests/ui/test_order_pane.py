"""The order pane: what one has in this market, and how large the next order is."""

import math
from decimal import Decimal

import pytest
from PyQt6.QtCore import QPoint, QPointF, Qt
from PyQt6.QtGui import QGuiApplication, QWheelEvent

from ems.market import Market
from ems.messages import Position
from order_mode.bracket import DEFAULT_PRESETS
from order_mode.trail_distance import parse_trail
from ui.order_pane import OrderPane

AAPL = Market(
    fqsn="aapl.demo.replay", tick_size=Decimal("0.01"), lot_size=Decimal(1), currency="USD"
)
XBT = Market(
    fqsn="xbtusd.kraken", tick_size=Decimal("0.1"), lot_size=Decimal("0.0001"), currency="EUR"
)


@pytest.fixture
def pane(qtbot):
    pane = OrderPane(AAPL)
    qtbot.addWidget(pane)
    pane.set_accounts(["paper", "ib.main"], "paper")
    pane.set_sizing(Decimal(10_000), "money", 4)
    pane.show()
    qtbot.waitExposed(pane)
    return pane


def position(size: int, **more: object) -> Position:
    fields = {"account": "paper", "symbol": AAPL.fqsn, "size": Decimal(size), "time_ns": 1}
    return Position(**(fields | more))  # type: ignore[arg-type]


def type_into(qtbot, field, text: str) -> None:
    field.setFocus()
    field.selectAll()
    qtbot.keyClicks(field, text)


def test_the_trail_is_typed_in_its_units_and_enter_gives_the_keyboard_back(pane, qtbot):
    field = pane.terms.trail_field
    type_into(qtbot, field, "2 atr")
    with (
        qtbot.waitSignal(pane.terms_changed, timeout=5000) as changed,
        qtbot.waitSignal(pane.editing_done, timeout=5000),
    ):
        qtbot.keyClick(field, Qt.Key.Key_Return)
    assert changed.args[0].trail == parse_trail("2 atr")


def test_what_is_no_trail_is_said_below_it_and_counts_not(pane, qtbot):
    field = pane.terms.trail_field
    type_into(qtbot, field, "2 r")
    with qtbot.assertNotEmitted(pane.terms_changed):
        qtbot.keyClick(field, Qt.Key.Key_Return)
    assert "no trail" in pane.terms.trail_fault.text()
    assert pane.terms.trail_fault.isVisible()
    qtbot.keyClick(field, Qt.Key.Key_Escape)
    assert (field.text(), pane.terms.trail_fault.isVisible()) == ("", False)


def test_paper_and_live_cannot_be_mixed_up(pane, qtbot):
    assert (pane.badge.text(), pane.badge.property("live")) == ("PAPER", False)
    pane.set_accounts(["ib.main"], "ib.main")
    assert (pane.badge.text(), pane.badge.property("live")) == ("LIVE", True)
    assert not pane.account_choice.isEnabled()


def test_choosing_another_account_tells_and_changes_the_badge(pane, qtbot):
    choice = pane.account_choice
    with qtbot.waitSignal(pane.account_chosen, timeout=5000) as chosen:
        choice.showPopup()
        qtbot.keyClick(choice.view(), Qt.Key.Key_Down)
        qtbot.keyClick(choice.view(), Qt.Key.Key_Return)
    assert chosen.args == ["ib.main"]
    assert pane.badge.text() == "LIVE"


def test_prices_have_the_digits_of_the_market(pane):
    pane.set_quote(187.4, 187.45)
    pane.set_last(187.4)
    figures = (pane.bid, pane.ask, pane.spread, pane.last)
    assert [figure.text() for figure in figures] == ["187.40", "187.45", "0.05", "187.40"]


@pytest.mark.parametrize("missing", [None, math.nan])
def test_a_price_that_is_not_there_is_a_dash(pane, missing):
    pane.set_quote(187.4, missing)
    pane.set_last(missing)
    figures = (pane.bid, pane.ask, pane.spread, pane.last)
    assert [figure.text() for figure in figures] == ["187.40", "—", "—", "—"]


def test_crossed_quotes_stand_out(pane):
    pane.set_quote(187.5, 187.4)
    assert pane.spread.property("tone") == "warning"
    pane.set_quote(187.4, 187.5)
    assert pane.spread.property("tone") == ""


def test_a_position_is_valued_at_the_last_price(pane):
    pane.set_position(
        position(-30, avg_price=Decimal("187.5"), realised=Decimal(-7), fees=Decimal("1.2"))
    )
    assert pane.unrealised.text() == "—"
    pane.set_last(186.5)
    assert pane.position_size.text() == "-30"
    assert pane.avg_price.text() == "187.50"
    assert (pane.unrealised.text(), pane.unrealised.property("tone")) == ("+30.00 USD", "gain")
    assert (pane.realised.text(), pane.realised.property("tone")) == ("-7.00 USD", "loss")
    assert pane.fees.text() == "-1.20 USD"
    pane.set_last(188.5)
    assert (pane.unrealised.text(), pane.unrealised.property("tone")) == ("-30.00 USD", "loss")


def test_flat_is_said_in_words(pane):
    assert pane.position_size.text() == "flat"
    pane.set_position(position(10, avg_price=Decimal(1)))
    assert pane.position_size.text() == "+10"
    pane.set_position(position(0, realised=Decimal(5)))
    assert pane.position_size.text() == "flat"
    assert pane.realised.text() == "+5.00 USD"


def test_another_market_begins_empty_and_writes_its_own_digits(pane):
    pane.set_quote(187.4, 187.45)
    pane.set_last(187.4)
    pane.set_position(position(10, avg_price=Decimal(1)))
    pane.set_market(XBT)
    assert pane.bid.text() == pane.last.text() == pane.unrealised.text() == "—"
    pane.set_last(64000.0)
    pane.set_next_size(Decimal("0.0512"))
    assert (pane.last.text(), pane.next_size.text()) == ("64,000.0", "0.0512")
    assert pane.sizing.unit_choice.itemText(1) == "EUR"


def test_a_next_size_of_none_says_why(pane):
    pane.set_next_size(Decimal(13))
    assert (pane.next_size.text(), pane.why.text()) == ("13", "")
    pane.set_next_size(Decimal(0), "No order: it would pass the limit.")
    assert pane.why.text() == "No order: it would pass the limit."
    assert pane.next_size.property("tone") == "warning"


def test_showing_a_sizing_announces_nothing(pane, qtbot):
    with qtbot.assertNotEmitted(pane.sizing_changed):
        pane.set_sizing(Decimal("0.5"), "units", 7)


def test_a_limit_counts_once_it_is_entered_whole(pane, qtbot):
    heard: list[tuple[object, ...]] = []
    pane.sizing_changed.connect(lambda *args: heard.append(args))
    type_into(qtbot, pane.sizing.limit_field, "2500.50")
    assert heard == []
    qtbot.keyClick(pane.sizing.limit_field, Qt.Key.Key_Return)
    assert heard == [(Decimal("2500.50"), "money", 4)]
    assert isinstance(heard[0][0], Decimal)


@pytest.mark.parametrize(
    ("typed", "shown"),
    [("2500.50", "2,500.50"), ("10000", "10,000"), ("1000000", "1,000,000"), ("70.00", "70")],
)
def test_a_limit_is_shown_with_every_digit_that_says_something(pane, qtbot, typed, shown):
    field = pane.sizing.limit_field
    type_into(qtbot, field, typed)
    qtbot.keyClick(field, Qt.Key.Key_Return)
    assert field.text() == shown
    assert field.toolTip().endswith(f": {shown} {pane.sizing.unit_choice.currentText()}")
    edit = field.lineEdit()
    assert edit is not None
    pane.show()
    assert edit.fontMetrics().horizontalAdvance(shown) <= edit.width()


def test_enter_and_esc_hand_the_focus_back(pane, qtbot):
    field = pane.sizing.slots_field
    type_into(qtbot, field, "9")
    with qtbot.waitSignal(pane.editing_done, timeout=5000):
        qtbot.keyClick(field, Qt.Key.Key_Return)
    assert field.value() == 9


def test_esc_forgets_what_was_typed(pane, qtbot):
    field = pane.sizing.slots_field
    type_into(qtbot, field, "9")
    with (
        qtbot.assertNotEmitted(pane.sizing_changed),
        qtbot.waitSignal(pane.editing_done, timeout=5000),
    ):
        qtbot.keyClick(field, Qt.Key.Key_Escape)
        field.clearFocus()
    assert field.value() == 4


def test_a_change_of_slots_keeps_a_limit_that_the_field_cannot_show(pane, qtbot):
    pane.set_sizing(Decimal("0.123456789"), "money", 4)
    with qtbot.waitSignal(pane.sizing_changed, timeout=5000) as changed:
        qtbot.keyClick(pane.sizing.slots_field, Qt.Key.Key_Up)
    assert changed.args == [Decimal("0.123456789"), "money", 5]


def test_another_unit_is_announced(pane, qtbot):
    choice = pane.sizing.unit_choice
    with qtbot.waitSignal(pane.sizing_changed, timeout=5000) as changed:
        choice.showPopup()
        qtbot.keyClick(choice.view(), Qt.Key.Key_Up)
        qtbot.keyClick(choice.view(), Qt.Key.Key_Return)
    assert changed.args == [Decimal(10_000), "units", 4]


def test_the_wheel_in_passing_changes_nothing(pane, qtbot):
    sizing = pane.sizing
    with qtbot.assertNotEmitted(pane.sizing_changed):
        for field in (sizing.limit_field, sizing.slots_field, sizing.unit_choice):
            field.clearFocus()
            turn_wheel(field)
    assert sizing.slots_field.value() == 4


def test_the_wheel_over_the_field_with_the_focus_changes_it(pane, qtbot):
    pane.activateWindow()
    field = pane.sizing.slots_field
    field.setFocus()
    qtbot.waitUntil(field.hasFocus, timeout=5000)
    turn_wheel(field)
    assert field.value() != 4


def turn_wheel(field) -> None:
    middle = QPointF(field.rect().center())
    event = QWheelEvent(
        middle,
        QPointF(field.mapToGlobal(field.rect().center())),
        QPoint(),
        QPoint(0, 120),
        Qt.MouseButton.NoButton,
        Qt.KeyboardModifier.NoModifier,
        Qt.ScrollPhase.NoScrollPhase,
        False,
    )
    QGuiApplication.sendEvent(field, event)


def test_the_terms_of_orders_are_chosen_with_the_mouse(pane, qtbot):
    told = []
    pane.terms_changed.connect(told.append)
    choice = pane.terms.type_choice
    choice.showPopup()
    qtbot.keyClick(choice.view(), Qt.Key.Key_Down)
    qtbot.keyClick(choice.view(), Qt.Key.Key_Return)
    qtbot.mouseClick(pane.terms.post_only, Qt.MouseButton.LeftButton, pos=QPoint(8, 8))
    assert [(terms.type, terms.post_only) for terms in told] == [("limit", False), ("limit", True)]
    assert not any(choice.itemText(row) == "Market" for row in range(choice.count()))


def test_a_risk_is_typed_and_zero_is_off(pane, qtbot):
    told = []
    pane.risk_changed.connect(lambda *risk: told.append(risk))
    field = pane.risk.amount_field
    assert field.text() == "off"
    type_into(qtbot, field, "150")
    qtbot.keyClick(field, Qt.Key.Key_Return)
    type_into(qtbot, field, "0")
    qtbot.keyClick(field, Qt.Key.Key_Return)
    assert told == [(Decimal(150), "money"), (None, "money")]


def test_the_buttons_of_the_position_are_there_when_there_is_one(pane, qtbot):
    told = []
    pane.deed_asked.connect(told.append)
    flatten = pane.deeds.buttons["flatten"]
    assert not flatten.isEnabled()
    pane.set_position(position(10, avg_price=Decimal(100)))
    qtbot.mouseClick(flatten, Qt.MouseButton.LeftButton)
    assert told == ["flatten"]
    pane.set_position(position(0))
    assert not flatten.isEnabled()


def test_a_bracket_is_chosen_by_its_name(pane, qtbot):
    pane.bracket.set_presets(DEFAULT_PRESETS)
    told = []
    pane.preset_chosen.connect(told.append)
    choice = pane.bracket.choice
    for _ in range(2):
        choice.showPopup()
        qtbot.keyClick(choice.view(), Qt.Key.Key_Down)
        qtbot.keyClick(choice.view(), Qt.Key.Key_Return)
    pane.bracket.set_preset(None)
    assert told == list(DEFAULT_PRESETS[:2])
    assert choice.currentText() == "none"
