"""Dark to live and back, where something comes between the cancel and its confirmation."""

from decimal import Decimal

import pytest

from ems.errors import JournalWriteError
from tests.order_mode.test_order_mode import Desk
from tests.sims.scripted_ems import fill, order, status

LIVE = order()


@pytest.fixture
def turning():
    """A live order that is on its way to being dark."""
    desk = Desk()
    desk.mode.on_msg(status(LIVE, "open"))
    desk.mode.changes.convert("o1", "dark")
    assert [sent.oid for sent in desk.ems.canceled] == ["o1"]
    desk.mode.on_msg(status(LIVE, "open", cancel_called=True))
    return desk


def test_it_is_placed_once_however_often_the_cancel_is_told(turning):
    for _ in range(3):
        turning.mode.on_msg(status(LIVE, "canceled", cancel_called=True))
    [sent] = turning.ems.submitted
    assert (sent.exec_mode, sent.size) == ("dark", Decimal(30))


@pytest.mark.parametrize(
    ("told", "words"),
    [
        (status(LIVE, "closed", filled=Decimal(30), brokerd_msg=fill(LIVE, size=30)), "ended"),
        (status(LIVE, "open", refused="cancel", reason="too late"), "refused"),
        (status(LIVE, "open", cancel_called=True, stale=True), "connection was lost"),
        (status(LIVE, "open", cancel_called=True, outcome_unknown=True), "connection was lost"),
        (status(LIVE, "canceled", cancel_called=True, filled=Decimal(30)), "nothing"),
    ],
)
def test_what_comes_between_leaves_no_second_order(turning, told, words):
    turning.mode.on_msg(told)
    turning.mode.on_msg(status(LIVE, "canceled", cancel_called=True, filled=told.filled))
    assert turning.ems.submitted == []
    assert "Not made dark" in turning.chart.told
    assert words in turning.chart.told


def test_a_cancel_key_in_between_means_cancel(turning):
    turning.mode.cancel("o1")
    assert turning.chart.lines["o1"].label.note == "cancel asked for"
    turning.mode.on_msg(status(LIVE, "canceled", cancel_called=True))
    assert turning.ems.submitted == []


def test_the_end_of_the_ems_in_between_places_nothing(turning):
    turning.mode.lose("gone")
    turning.mode.on_msg(status(LIVE, "canceled", cancel_called=True))
    assert turning.ems.submitted == []


def test_twice_asked_is_one_cancel_and_one_order(turning):
    turning.mode.changes.convert("o1", "dark")
    turning.mode.on_msg(status(LIVE, "canceled", cancel_called=True))
    assert len(turning.ems.canceled) == len(turning.ems.submitted) == 1


@pytest.mark.parametrize(
    "told", [status(LIVE, "pending"), status(LIVE, "open", stale=True), status(LIVE, "error")]
)
def test_an_order_that_is_not_at_rest_is_not_turned(told):
    desk = Desk()
    desk.mode.on_msg(status(LIVE, "pending"))
    desk.mode.on_msg(told)
    desk.mode.changes.convert("o1", "dark")
    assert desk.ems.requests == 0


def test_a_cancel_that_cannot_be_sent_turns_nothing():
    desk = Desk()
    desk.mode.on_msg(status(LIVE, "open"))

    def full() -> None:
        raise JournalWriteError("disk full")

    desk.ems.refuse = full
    desk.mode.changes.convert("o1", "dark")
    desk.ems.refuse = lambda: None
    desk.mode.on_msg(status(LIVE, "canceled"))
    assert desk.ems.submitted == []
