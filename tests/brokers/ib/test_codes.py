"""Each code of the table, said over the wire of an order, a modify, a cancel or the connection."""

import logging
from decimal import Decimal

import pytest
from msgspec.structs import replace

from brokers.ib.codes import CODES, Effect
from tests.brokers.ib.session import IbBench, until


def codes(*effects: Effect) -> list[int]:
    return [code for code, row in CODES.items() if row.effect in effects]


ABOUT_ORDERS = (
    Effect.REFUSES,
    Effect.REFUSES_CHANGE,
    Effect.REFUSES_CANCEL,
    Effect.ENDS,
    Effect.WARNS,
)


def test_every_row_names_its_source() -> None:
    assert all(row.source for row in CODES.values())


@pytest.mark.parametrize("code", codes(Effect.REFUSES))
async def test_refuses_a_new_order(bench: IbBench, code: int) -> None:
    bench.tws.on_order = lambda sim, _: bench.tws.error(sim.order_id, code, "Because.")
    order, _ = await bench.placed()
    status = await bench.until_resp(order.oid, "error")
    assert f"Because. (IB {code})" in status.reason
    assert status.refused == "new"


@pytest.mark.parametrize("code", codes(Effect.REFUSES, Effect.REFUSES_CHANGE))
async def test_refuses_a_modify_and_the_order_lives(bench: IbBench, code: int) -> None:
    order, sim = await bench.working()

    def refuse(asked, _) -> None:
        bench.tws.error(asked.order_id, code, "Because.")
        asked.status = "as it was"

    bench.tws.on_order = refuse
    bench.client.modify(replace(order, price=Decimal("99.75")))
    status = await bench.until_told(order.oid, lambda s: s.refused == "modify", "it is refused")
    assert f"Because. (IB {code})" in status.reason
    await until(lambda: len(bench.tws.of_kind(16)) >= 2, "IB is asked for its open orders")
    await bench.settled()
    assert bench.last(order.oid).resp == "open"
    assert bench.last(order.oid).req.price == Decimal("100.25")
    assert sim.status == "Submitted"


@pytest.mark.parametrize("code", codes(Effect.REFUSES_CANCEL))
async def test_refuses_a_cancel_and_ib_is_asked(bench: IbBench, code: int) -> None:
    order, _ = await bench.working()
    bench.tws.on_cancel = lambda sim: bench.tws.error(sim.order_id, code, "Because.")
    bench.cancel(order.oid)
    status = await bench.until_told(order.oid, lambda s: s.refused == "cancel", "it is refused")
    assert status.resp == "open"
    assert f"(IB {code})" in status.reason


@pytest.mark.parametrize("code", codes(Effect.ENDS))
async def test_ends_an_order(bench: IbBench, code: int) -> None:
    order, sim = await bench.working()
    bench.tws.error(sim.order_id, code, "Order Canceled - reason:expired")
    assert "expired" in (await bench.until_resp(order.oid, "canceled")).reason


@pytest.mark.parametrize("code", codes(Effect.WARNS))
async def test_warns_of_a_working_order_that_lives_on(bench: IbBench, code: int) -> None:
    order, sim = await bench.working()
    bench.tws.error(sim.order_id, code, "Take care.")
    await bench.settled()
    assert bench.last(order.oid).resp == "open"
    bench.cancel(order.oid)
    await bench.until_resp(order.oid, "canceled")


async def test_a_warning_is_on_the_line_of_a_waiting_order(bench: IbBench) -> None:
    bench.tws.on_order = lambda sim, _: bench.tws.tell(sim, "PendingSubmit")
    order, sim = await bench.placed()
    await bench.until_told(order.oid, lambda s: s.reqid, "it is acknowledged")
    bench.tws.error(sim.order_id, 399, "Your order will not be placed until 2026-11-23 09:30")
    status = await bench.until_told(order.oid, lambda s: "09:30" in s.reason, "the warning")
    assert status.resp == "pending"


async def test_a_refusal_of_what_ib_works_does_not_end_it(bench: IbBench) -> None:
    """The code says refused, the state says working: IB's open orders decide."""
    order, sim = await bench.working()
    asked = len(bench.tws.of_kind(16))
    bench.tws.error(sim.order_id, 201, "Order rejected - reason:strange")
    await until(lambda: len(bench.tws.of_kind(16)) > asked, "IB is asked for its open orders")
    await bench.settled()
    assert bench.last(order.oid).resp == "open"


async def test_a_refusal_that_the_completed_orders_confirm_ends_it(bench: IbBench) -> None:
    order, sim = await bench.working()
    sim.status = "Cancelled"
    bench.tws.error(sim.order_id, 201, "Order rejected - reason:no margin")
    assert "no margin" in (await bench.until_resp(order.oid, "error")).reason


async def test_read_only_api_says_what_to_do(bench: IbBench) -> None:
    text = "Error validating request.-'bI' : cause - The API interface is in Read-Only mode."
    bench.tws.on_order = lambda sim, _: bench.tws.error(sim.order_id, 321, text)
    order, _ = await bench.placed()
    status = await bench.until_resp(order.oid, "error")
    assert "Read-Only mode" in status.reason
    assert "switch Read-Only API off" in status.reason


async def test_an_unknown_code_is_logged_and_changes_nothing(
    bench: IbBench, caplog: pytest.LogCaptureFixture
) -> None:
    order, sim = await bench.working()
    with caplog.at_level(logging.WARNING):
        bench.tws.error(sim.order_id, 98_765, "Something new.")
        await bench.settled()
    assert bench.resps(order.oid)[-1] == "open"
    assert "98765" in caplog.text
    assert order.oid in caplog.text


async def test_codes_of_no_order_change_no_order(bench: IbBench) -> None:
    order, _ = await bench.working()
    before = bench.statuses(order.oid)
    for code in codes(*ABOUT_ORDERS):
        bench.tws.error(-1, code, "of nothing")
    bench.tws.error(999_999, 201, "of an order that is not here")
    await bench.settled()
    assert bench.statuses(order.oid) == before
