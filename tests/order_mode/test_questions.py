"""Questions of the EMS on the chart, and an account that is not armed."""

from decimal import Decimal

import pytest
from msgspec.structs import replace

from ems.messages import ArmState, BrokerdError, Link, Question
from order_mode.line import LineStyle
from tests.order_mode.test_order_mode import Desk, desk
from tests.sims.scripted_ems import order, status

__all__ = ["desk"]  # a fixture

LIVE = order(account="ib.main")
ASKS = (Question("confirm", "Place it?"), Question("ask_order_money", "Worth a lot."))


def arm_state(armed: bool, account: str = "ib.main") -> ArmState:
    return ArmState(account=account, armed=armed, mode="armed", time_ns=1)


def asked_new(desk: Desk):
    """Place an order about which the EMS asks; return it."""
    desk.hold("f", "s", at=100)
    desk.mode.clicked(100)
    desk.let_go("s", "f")
    sent = desk.ems.submitted[-1]
    desk.mode.on_msg(
        status(sent, "error", refused="new", reason="Place it? Worth a lot.", asks=ASKS)
    )
    return sent


def asked_change(desk: Desk, price: float = 101.0):
    """Drag the line of an order, about which the EMS asks; return the change."""
    desk.mode.drag_started("o1")
    desk.mode.drag_dropped(price)
    asked = desk.ems.modified[-1]
    resting = status(order(), "open", refused="modify", reason="Change it?", asks=ASKS[:1])
    desk.mode.on_msg(resting)
    return asked


def test_a_yes_sends_the_same_order_again_with_its_consent(desk):
    sent = asked_new(desk)
    question = desk.chart.questions[sent.oid]
    assert question.title == "buy 25 at 100.00 (PAPER)"
    assert question.text == "Place it? Worth a lot."
    assert desk.line.style is LineStyle.DOTTED, "it is asked for, and not refused"
    assert not desk.line.refused
    desk.chart.answer(sent.oid, True)
    [_, again] = desk.ems.submitted
    assert again == replace(sent, consent=("confirm", "ask_order_money"))
    desk.mode.on_msg(status(sent, "open"))
    assert desk.line.style is LineStyle.SOLID


def test_a_no_takes_the_line_away_and_sends_nothing(desk):
    sent = asked_new(desk)
    desk.chart.answer(sent.oid, False)
    assert desk.ems.requests == 1
    assert desk.chart.orders == {}


def test_a_change_stays_beside_the_line_until_the_answer(desk):
    desk.mode.on_msg(status(order(), "open"))
    asked = asked_change(desk)
    assert (desk.line.price, desk.line.ghost_price) == (101, 100)
    desk.chart.answer("o1", True)
    assert desk.ems.modified[-1] == replace(asked, consent=("confirm",))


def test_a_no_puts_the_line_back(desk):
    desk.mode.on_msg(status(order(), "open"))
    asked_change(desk)
    desk.chart.answer("o1", False)
    assert len(desk.ems.modified) == 1
    assert (desk.line.price, desk.line.ghost_price) == (100, None)


def test_a_second_drag_takes_the_first_question_back(desk):
    desk.mode.on_msg(status(order(), "open"))
    asked_change(desk)
    second = asked_change(desk, 102.0)
    assert desk.line.price == 102
    desk.chart.answer("o1", True)
    assert [sent.price for sent in desk.ems.modified] == [101, 102, 102]
    assert desk.ems.modified[-1].price == second.price


@pytest.mark.parametrize("end", ["canceled", "closed"])
def test_a_yes_to_what_is_over_sends_nothing(desk, end):
    desk.mode.on_msg(status(order(), "open"))
    asked_change(desk)
    desk.mode.on_msg(status(order(), end))
    desk.chart.answer("o1", True)
    assert len(desk.ems.modified) == 1


@pytest.mark.parametrize("meanwhile", [None, "99.00"])
def test_a_yes_to_an_offer_asks_once_more_or_says_why_not(desk, meanwhile):
    desk.mode.on_msg(status(order(), "open"))
    desk.mode.drag_started("o1")
    desk.mode.drag_dropped(101.0)
    [asked] = desk.ems.modified
    offer = BrokerdError(account="paper", reason="No.", time_ns=1, offer="Replace it?")
    desk.mode.on_msg(status(order(), "open", refused="modify", reason="No.", brokerd_msg=offer))
    assert desk.chart.questions["o1"].text == "Replace it?"
    if meanwhile is not None:  # another client was faster
        desk.mode.on_msg(status(order(price=Decimal(meanwhile)), "open"))
    desk.chart.answer("o1", True)
    if meanwhile is None:
        assert desk.ems.modified == [asked, asked]
    else:
        assert desk.ems.modified == [asked]
        assert "changed meanwhile" in desk.chart.notices[-1][0]


def test_a_yes_that_cannot_be_sent_gives_up(desk):
    sent = asked_new(desk)
    desk.mode.lose("the EMS is gone")
    desk.chart.answer(sent.oid, True)
    assert desk.ems.requests == 1
    assert desk.chart.orders == {}


def test_a_group_is_asked_about_once_and_sent_again_as_a_group(desk):
    entry = order("e1")
    stop = order("s1", action="sell", type="stop", link=Link(group="e1", role="stop"))
    for answer in (False, True):
        desk.mode._requests.place_group([entry, stop])
        assert len(desk.chart.orders) == 2
        for one in (entry, stop):
            desk.mode.on_msg(status(one, "error", refused="new", reason="Both?", asks=ASKS[:1]))
        assert list(desk.chart.questions) == ["e1"]
        desk.chart.answer("e1", answer)
        if not answer:
            assert desk.chart.orders == {}
    assert desk.ems.groups[-1] == tuple(replace(o, consent=("confirm",)) for o in (entry, stop))


# ---- disarmed


def test_a_disarmed_account_shows_it_before_the_click_and_places_nothing(desk):
    desk.mode.set_account("ib.main")
    desk.mode.on_msg(arm_state(False))
    desk.hold("f", "s", at=100)
    staged = desk.chart.lines["staged"]
    assert staged.label.account == "LIVE ib.main"
    assert "DISARMED" in staged.label.note
    assert staged.refused
    desk.mode.clicked(100)
    assert desk.ems.requests == 0
    assert "Not sent: ib.main is LIVE and disarmed; arm it first." in desk.chart.told
    desk.mode.on_msg(arm_state(True))
    assert "DISARMED" not in desk.chart.lines["staged"].label.note
    desk.mode.clicked(100)
    assert len(desk.ems.submitted) == 1


def test_its_lines_cannot_be_taken_in_hand_nor_made_live(desk):
    desk.mode.on_msg(status(LIVE, "open"))
    desk.mode.on_msg(arm_state(False))
    assert not desk.mode.drag_started("o1")
    desk.mode.changes.convert("o1", "dark")
    assert desk.ems.requests == 0, "no cancel either: there would be nothing after it"
    desk.mode.cancel("o1")
    assert len(desk.ems.canceled) == 1


def test_alerts_and_other_accounts_are_free(desk):
    desk.mode.on_msg(arm_state(False))
    desk.mode.set_account("ib.main")
    desk.hold("a", at=100)
    desk.mode.clicked(100)
    desk.let_go("a")
    desk.mode.set_account("paper")
    desk.hold("f", at=100)
    desk.mode.clicked(100)
    assert [sent.account for sent in desk.ems.submitted] == ["ib.main", "paper"]
    assert desk.ems.submitted[0].price == Decimal(100)
