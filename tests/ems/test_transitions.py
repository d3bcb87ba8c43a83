"""Every pair of state and event does what its row says, or changes nothing."""

import logging
import uuid
from decimal import Decimal

import pytest

from ems.dialog_changes import Fact
from ems.messages import BrokerdCancel, BrokerdFill, BrokerdOrder, BrokerdQuery, Order
from ems.order_dialog import OrderDialog
from ems.transitions import ACTIVE, AT_VENUE, NO_NEWS, OVER, TRANSITIONS, Do, E, S, Tell
from tests.ems.conftest import Bench, make_order
from tests.sims.scripted_venue import FQSN

ALERT_ONLY = {E.RING}


def dialog_in(state: S, bench: Bench) -> OrderDialog:
    """A dialog that stands in the state, as an earlier life would have left it."""
    order = make_order("buy", "100", "2", exec_mode="dark" if state is S.HELD else "live")
    dialog = OrderDialog(order=order, broker="scripted", changed_ns=1, state=state)
    if state in AT_VENUE - {S.SENT, S.UNKNOWN}:
        dialog.reqid = 1
        dialog.works = state is not S.ACKED
    if state is S.CHANGING:
        dialog.change = Order(**{**_fields(order), "price": Decimal(99)})
    if state is S.CANCELING:
        dialog.cancel_called = True
    if state is not S.NEW:
        bench.ems.index.add(dialog)
    return dialog


def _fields(order: Order) -> dict:
    return {name: getattr(order, name) for name in order.__struct_fields__}


def fact_for(event: E, dialog: OrderDialog) -> Fact:
    order = dialog.order
    moved = Order(**{**_fields(order), "price": Decimal(98)})
    fill = BrokerdFill(
        reqid=1, account="scripted", symbol=FQSN, exec_id=str(uuid.uuid4()), action="buy",
        size=Decimal(1), price=Decimal(100), broker_time_ns=1, time_ns=1,
    )  # fmt: skip
    match event:
        case E.MODIFY:
            return Fact(order=moved)
        case E.ACK:
            return Fact(reqid=1)
        case E.FILL:
            return Fact(fill=fill)
        case E.ADOPT:
            return Fact(reqid=1)
        case E.MOVED:
            return Fact(price=Decimal(97), size=Decimal(2))
        case E.CHANGED:
            return Fact(price=Decimal(99), size=Decimal(2))
        case _:
            return Fact()


@pytest.mark.parametrize("state", list(S), ids=lambda s: s.value)
@pytest.mark.parametrize("event", list(E), ids=lambda e: e.name)
async def test_each_pair(bench: Bench, state: S, event: E, caplog) -> None:
    dialog = dialog_in(state, bench)
    row = TRANSITIONS.get((state, event))
    with caplog.at_level(logging.WARNING):
        moved = bench.ems.lifecycle.apply(dialog, event, fact_for(event, dialog))
    told = bench.watcher.statuses(dialog.oid)
    if row is None:
        assert (moved, dialog.state, told, bench.venue.received) == (False, state, [], [])
        logged = any("no row for" in record.message for record in caplog.records)
        assert logged == ((state, event) not in NO_NEWS)
        return
    assert moved
    assert dialog.state is row.state
    sent = [type(r) for r in bench.venue.received]
    expected = {
        Do.SEND: BrokerdOrder,
        Do.SEND_CHANGE: BrokerdOrder,
        Do.SEND_CANCEL: BrokerdCancel,
        Do.ASK: BrokerdQuery,
    }
    assert sent == [expected[do] for do in row.do if do in expected]
    if row.tell is not Tell.NOTHING:
        assert len(told) == 1
        assert told[0].req is not None
    else:
        assert told == []
    assert bench.ems.journal.history(dialog.oid)[-1].state == row.state.value
    if row.state in OVER:
        left = [dialog.cancel_called, dialog.change, dialog.kept, dialog.stale]
        assert not any(left)


def test_states_fall_into_groups() -> None:
    assert ACTIVE | OVER | {S.NEW} == set(S)
    assert not ACTIVE & OVER


def test_a_pair_is_in_the_table_or_no_news_never_both() -> None:
    assert not set(TRANSITIONS) & NO_NEWS


def test_nothing_but_the_venues_own_word_revives_an_order() -> None:
    revived = {event for (state, event), row in TRANSITIONS.items()
               if state in OVER and row.state in ACTIVE}  # fmt: skip
    assert revived == {E.STILL_THERE}


def test_a_new_order_is_sent_from_three_places_only() -> None:
    senders = {pair for pair, row in TRANSITIONS.items() if Do.SEND in row.do}
    assert senders == {(S.NEW, E.SUBMIT), (S.HELD, E.TRIGGER), (S.WAITING, E.RELEASE)}
