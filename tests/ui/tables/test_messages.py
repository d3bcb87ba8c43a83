"""The table of messages: one sentence for what happened, none for what is plain to see."""

from decimal import Decimal

import pytest

from ems.messages import Connection, Notice
from tests.ui.tables.made_messages import MARKETS, make_fill, make_order, make_status
from ui.tables import messages
from ui.tables.messages import MessagesModel

BUY = make_order()
ALERT = make_order("alert", action="alert", exec_mode="dark", size=Decimal(0))
WORDS = "buy 100 aapl.demo.replay at 187.50 (paper)"


@pytest.fixture
def model(qapp):
    return MessagesModel(MARKETS)


@pytest.mark.parametrize(
    ("msg", "level", "text"),
    [
        (make_fill(BUY, 40), "fill", f"Filled: 40 at 187.49 of {WORDS}, 60 left"),
        (make_fill(BUY, 100), "fill", f"Filled: 100 at 187.49 of {WORDS}"),
        (
            make_status(BUY, "closed", avg_price=Decimal("187.49")),
            "info",
            f"Filled completely: {WORDS}, average price 187.49",
        ),
        (make_status(BUY, "canceled"), "info", f"Cancelled: {WORDS}"),
        (
            make_status(BUY, "canceled", reason="expired"),
            "info",
            f"Cancelled: {WORDS}: expired",
        ),
        (
            make_status(BUY, "error", reason="insufficient funds"),
            "error",
            f"Refused: {WORDS}: insufficient funds",
        ),
        (
            make_status(BUY, refused="modify", reason="too late"),
            "error",
            f"Refused: change of {WORDS}: too late",
        ),
        (
            make_status(BUY, refused="cancel", reason="no"),
            "error",
            f"Refused: cancel of {WORDS}: no",
        ),
        (
            make_status(BUY, "pending", outcome_unknown=True, reason="no answer in 5 s"),
            "warning",
            f"Outcome unknown, the venue is being asked: {WORDS}: no answer in 5 s",
        ),
        (make_status(BUY, stale=True, reason="line down"), "warning", f"{WORDS}: line down"),
        (make_status(ALERT, "canceled"), "info", "Cancelled: alert aapl.demo.replay at 187.50"),
        (make_status(ALERT, "triggered"), "alert", "Reached: alert aapl.demo.replay at 187.50"),
        (make_status(BUY, "triggered"), "info", f"Triggered: {WORDS}"),
        (Notice(time_ns=1, level="warning", text="Mind the gap."), "warning", "Mind the gap."),
        (Connection(broker="ib", up=True, time_ns=1), "info", "Connected to ib."),
        (
            Connection(broker="ib", up=False, time_ns=1, reason="reset"),
            "warning",
            "Connection to ib lost: reset",
        ),
    ],
)
def test_what_happened_is_one_sentence(model, msg, level, text):
    model.on_msg(msg)
    assert [(row.level, row.text) for row in model.rows()] == [(level, text)]


@pytest.mark.parametrize("resp", ["pending", "open", "dark_open"])
def test_an_order_that_does_as_asked_is_not_worth_a_message(model, resp):
    model.on_msg(make_status(BUY, resp))
    assert model.rowCount() == 0


def test_the_same_thing_twice_is_two_rows(model):
    notice = Notice(time_ns=1, level="info", text="Again.")
    model.on_msg(notice)
    model.on_msg(notice)
    assert model.rowCount() == 2


def test_the_oldest_leave_when_there_are_too_many(model, monkeypatch):
    monkeypatch.setattr(messages, "LONGEST", 20)
    for number in range(50):
        model.add("info", str(number), number)
    assert model.rowCount() <= 20
    assert model.rows()[-1].text == "49"
