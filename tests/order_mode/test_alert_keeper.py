from decimal import Decimal

import pytest

from ems.errors import JournalWriteError
from order_mode.alert_keeper import AlertKeeper
from tests.sims.scripted_ems import ScriptedEms, order, status

ALERT = order("a1", action="alert", exec_mode="dark", size=Decimal(0), repeats=True, note="hey")
HOUR_NS = 3_600 * 10**9


class Desk:
    def __init__(self):
        self.ems = ScriptedEms()
        self.last = 100.0
        self.now = 0
        self.told = []
        self.keeper = AlertKeeper(self.ems, lambda _: self.last, self.told.append, lambda: self.now)

    def ring(self, alert):
        self.keeper.on_msg(status(alert, "dark_open"))
        self.keeper.on_msg(status(alert, "triggered"))


@pytest.fixture
def desk():
    return Desk()


def test_an_alert_that_repeats_is_armed_anew_once_the_price_has_left_it(desk):
    desk.ring(ALERT)
    for _ in range(3):
        desk.keeper.look()
    assert desk.ems.submitted == []  # the market stands at the level
    desk.last = 100.01
    for _ in range(3):
        desk.keeper.look()
    [sent] = desk.ems.submitted
    assert sent.oid != "a1"
    assert (sent.note, sent.repeats, sent.price) == ("hey", True, ALERT.price)


def test_one_that_rang_in_an_earlier_run_is_armed_once_and_waits_for_the_price_too(desk):
    desk.keeper.restore([ALERT], lambda oid: False)
    assert desk.keeper.waiting_symbols == {ALERT.symbol}
    desk.keeper.look()
    assert desk.ems.submitted == []
    desk.last = 100.01
    desk.keeper.look()
    [sent] = desk.ems.submitted
    assert sent.repeats

    again = Desk()
    again.last = 100.01
    again.keeper.restore([ALERT], lambda oid: oid == sent.oid)  # as the journal has it now
    again.keeper.look()
    assert again.ems.submitted == []


def test_the_next_id_follows_from_the_one_that_rang(desk):
    desk.ring(ALERT)
    desk.last = 100.01
    desk.keeper.look()
    other = Desk()
    other.keeper.restore([ALERT], lambda oid: False)
    other.last = 100.01
    other.keeper.look()
    assert [one.oid for one in other.ems.submitted] == [one.oid for one in desk.ems.submitted]


def test_an_alert_that_rings_once_stays_silent(desk):
    desk.ring(order("a1", action="alert", exec_mode="dark", size=Decimal(0)))
    desk.last = 105.0
    desk.keeper.look()
    assert desk.ems.requests == 0


def test_a_repeating_alert_that_is_cancelled_stays_away(desk):
    desk.keeper.on_msg(status(ALERT, "dark_open"))
    desk.keeper.on_msg(status(ALERT, "canceled"))
    desk.keeper.look()
    assert desk.ems.requests == 0


def test_an_alert_is_taken_back_once_when_its_time_is_up(desk):
    short = order("a1", action="alert", exec_mode="dark", size=Decimal(0), expires_ns=HOUR_NS)
    desk.keeper.on_msg(status(short, "dark_open"))
    desk.now = HOUR_NS - 1
    desk.keeper.look()
    assert desk.ems.requests == 0
    desk.now = HOUR_NS
    desk.keeper.look()
    desk.keeper.look()
    assert [sent.oid for sent in desk.ems.canceled] == ["a1"]
    assert "has expired" in desk.told[0]


def test_a_repeating_alert_whose_time_is_up_is_not_armed_anew(desk):
    desk.ring(
        order(
            "a1",
            action="alert",
            exec_mode="dark",
            size=Decimal(0),
            repeats=True,
            expires_ns=HOUR_NS,
        )
    )
    desk.now, desk.last = HOUR_NS, 105.0
    desk.keeper.look()
    assert desk.ems.requests == 0


def test_dark_orders_are_none_of_its_business(desk):
    desk.ring(order("o1", exec_mode="dark"))
    desk.last = 105.0
    desk.keeper.look()
    assert desk.ems.requests == 0


def test_an_ems_that_cannot_take_it_is_told_of(desk):
    def full() -> None:
        raise JournalWriteError("disk full")

    desk.ring(ALERT)
    desk.last = 105.0
    desk.ems.refuse = full
    desk.keeper.look()
    assert "disk full" in desk.told[0]
