"""Each word of IB's status table, said over the wire, and what the EMS and its clients hear."""

import logging
from decimal import Decimal

import pytest

from brokers.ib.status import STATUS, Meaning, told
from tests.brokers.ib.session import IbBench, until

_KEPT = {  # the word, and the status that a working order has after it
    "PendingSubmit": ("open", ""),
    "ApiPending": ("open", ""),
    "PreSubmitted": ("open", ""),
    "Submitted": ("open", ""),
    "PendingCancel": ("open", ""),
    "ApiCancelled": ("canceled", ""),
    "Cancelled": ("canceled", ""),
    "Inactive": ("open", "inactive at IB"),
    "ValidationError": ("open", ""),
    "ApiUpdate": ("open", ""),
}
_FRESH = {  # the same, as the first word of a new order
    "PendingSubmit": "pending",
    "ApiPending": "pending",
    "PreSubmitted": "open",
    "Submitted": "open",
    "PendingCancel": "pending",
    "ApiCancelled": "canceled",
    "Cancelled": "canceled",
    "Inactive": "pending",
}


def test_the_tests_know_every_word() -> None:
    assert set(STATUS) == set(_KEPT) | {"Filled"}


def test_every_row_names_its_source() -> None:
    assert all(row.source for row in STATUS.values())


@pytest.mark.parametrize("word", _FRESH)
async def test_as_the_first_word(bench: IbBench, word: str) -> None:
    bench.tws.on_order = lambda sim, _: bench.tws.tell(sim, word)
    order, sim = await bench.placed()
    status = await bench.until_told(order.oid, lambda s: s.reqid, "it is acknowledged")
    await bench.settled()
    assert bench.last(order.oid).resp == _FRESH[word]
    assert status.reqid == sim.perm_id


@pytest.mark.parametrize("word", _KEPT)
async def test_of_a_working_order(bench: IbBench, word: str) -> None:
    order, sim = await bench.working()
    bench.tws.tell_status(sim, word)
    await bench.settled()
    resp, reason = _KEPT[word]
    assert bench.last(order.oid).resp == resp
    assert reason in bench.last(order.oid).reason


async def test_filled_with_nothing_left_closes(bench: IbBench) -> None:
    order, sim = await bench.working()
    bench.tws.fill(sim, "10", "100.25", "e.1.01")
    status = await bench.until_resp(order.oid, "closed")
    assert (status.filled, status.remaining) == (10, 0)


async def test_filled_with_a_rest_does_not(bench: IbBench) -> None:
    order, sim = await bench.working()
    bench.tws.execute(sim, "4", "100.25", "e.1.01")
    bench.tws.tell_status(sim, "Filled")
    await bench.settled()
    assert bench.last(order.oid).resp == "fill"
    assert bench.last(order.oid).remaining == 6


async def test_pending_cancel_can_still_fill(bench: IbBench) -> None:
    bench.tws.on_cancel = lambda sim: bench.tws.tell_status(sim, "PendingCancel")
    order, sim = await bench.working()
    bench.cancel(order.oid)
    await until(lambda: bench.tws.cancels, "the cancel is on the wire")
    await bench.settled()
    assert (bench.last(order.oid).resp, bench.last(order.oid).cancel_called) == ("open", True)
    bench.tws.fill(sim, "10", "100.25", "e.1.01")
    assert (await bench.until_resp(order.oid, "closed")).filled == 10


async def test_a_cancel_from_elsewhere_is_shown_on_its_way(bench: IbBench) -> None:
    order, sim = await bench.working()
    bench.tws.tell_status(sim, "PendingCancel")
    await bench.until_told(order.oid, lambda s: s.cancel_called, "a cancel is on its way")
    assert bench.tws.cancels == []
    bench.tws.tell_status(sim, "Submitted")
    await bench.until_told(order.oid, lambda s: s is bench.last(order.oid) and not s.cancel_called, "and is not any more")  # fmt: skip # noqa: E501
    bench.tws.tell_status(sim, "Cancelled")
    await bench.until_resp(order.oid, "canceled")


async def test_inactive_with_a_refusal_is_over_whichever_comes_first(bench: IbBench) -> None:
    for code_first in (True, False):
        bench.tws.on_order = lambda sim, _: bench.tws.tell(sim, "PendingSubmit")
        order, sim = await bench.placed()
        await bench.until_told(order.oid, lambda s: s.reqid, "it is acknowledged")
        text = "Order rejected - reason:no margin"
        if code_first:
            bench.tws.refuse(sim, 201, text)
        else:
            bench.tws.tell_status(sim, "Inactive")
            bench.tws.error(sim.order_id, 201, text)
        status = await bench.until_resp(order.oid, "error")
        assert "no margin (IB 201)" in status.reason


async def test_held_for_shares_comes_alive(bench: IbBench) -> None:
    bench.tws.on_order = lambda sim, _: bench.tws.tell(sim, "Inactive", "locate")
    order, sim = await bench.placed(action="sell")
    held = await bench.until_told(order.oid, lambda s: "borrow" in s.reason, "why it is held")
    assert held.resp == "pending"
    bench.tws.works(sim)
    await bench.until_resp(order.oid, "open")


async def test_a_refused_order_that_ib_works_after_all(bench: IbBench) -> None:
    bench.tws.on_order = lambda sim, _: bench.tws.tell(sim, "PendingSubmit")
    order, sim = await bench.placed()
    await bench.until_told(order.oid, lambda s: s.reqid, "it is acknowledged")
    bench.tws.refuse(sim, 201, "Order rejected - reason:no margin")
    await bench.until_resp(order.oid, "error")
    bench.tws.works(sim)
    await bench.until_resp(order.oid, "open")


async def test_an_unknown_word_is_logged_and_changes_nothing(
    bench: IbBench, caplog: pytest.LogCaptureFixture
) -> None:
    order, sim = await bench.working()
    before = bench.last(order.oid)
    with caplog.at_level(logging.WARNING):
        bench.tws.tell_status(sim, "Levitating")
        await bench.settled()
    assert bench.last(order.oid) == before
    assert "Levitating" in caplog.text
    assert order.oid in caplog.text


async def test_a_status_before_its_order_does_no_harm(bench: IbBench) -> None:
    order, sim = await bench.working()
    foreign = bench.tws.put(client_id=7, order_id=0, size="5")
    foreign.filled = 2
    bench.tws.say(foreign.order_status())
    bench.tws.say(foreign.open_order())
    await bench.settled()
    assert bench.last(order.oid).resp == "open"
    assert sim.status == "Submitted"


def test_a_partly_filled_order_is_open() -> None:
    answer = told("Submitted", before="open", remaining=Decimal(3))
    assert answer is not None
    assert answer.status == "open"
    assert STATUS["Submitted"].meaning is Meaning.OPEN
