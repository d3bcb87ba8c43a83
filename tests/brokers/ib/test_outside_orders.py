"""Orders that others made: whose they are, what may be done to them, and how they are followed."""

from decimal import Decimal
from pathlib import Path

import pytest
from msgspec.structs import replace

from brokers.ib.timing import Timing
from ems.messages import Status
from tests.brokers.ib.session import FQSN, QUICK, IbBench, open_bench, until
from tests.sims.tws import ACCOUNT, Tws

POLLING = Timing(poll_s=0.02, answer_s=0.5, first_pause_s=0.02)


async def the_order(bench: IbBench) -> Status:
    """Return the status of the one order that is shown."""
    return await until(
        lambda: next((m for m in reversed(bench.heard) if isinstance(m, Status)), None),
        "an order is shown",
    )


async def test_made_in_tws_by_hand(tws: Tws, tmp_path: Path) -> None:
    sim = tws.put(price="98.5", size="5", action="SELL")
    async with open_bench(tmp_path, tws) as bench:
        status = await the_order(bench)
        assert status.origin == "made in TWS; change or cancel it there"
        assert (status.resp, status.reqid) == ("open", sim.perm_id)
        order = status.req
        assert (order.action, order.price, order.size) == ("sell", Decimal("98.5"), 5)
        assert (order.symbol, order.account) == (FQSN, "ib.main")

        bench.cancel(status.oid)
        refused = await bench.until_told(status.oid, lambda s: s.refused == "cancel", "refused")
        assert "Only a program with client id 0" in refused.reason
        assert refused.resp == "open"
        assert tws.cancels == []

        bench.client.modify(replace(order, price=Decimal(97)))
        refused = await bench.until_told(status.oid, lambda s: s.refused == "modify", "refused")
        assert "client id 0" in refused.reason
        assert refused.req.price == Decimal("98.5")
        assert tws.placed == []


async def test_client_zero_binds_what_was_made_in_tws(tws: Tws, tmp_path: Path) -> None:
    sim = tws.put(price="98.5")
    async with open_bench(tmp_path, tws, client_id=0) as bench:
        status = await the_order(bench)
        assert status.origin == "made in TWS"
        assert tws.of_kind(15), "later ones are to be bound too"
        bench.client.modify(replace(status.req, price=Decimal(97)))
        await bench.until_told(status.oid, lambda s: s.req.price == 97, "it is moved")
        assert tws.placed[0][1] == str(sim.order_id)
        assert sim.order_id < 0
        bench.cancel(status.oid)
        await bench.until_resp(status.oid, "canceled")


async def test_made_by_another_client(tws: Tws, tmp_path: Path) -> None:
    tws.put(client_id=5, order_id=33, ref="my robot")
    async with open_bench(tmp_path, tws) as bench:
        status = await the_order(bench)
        assert status.origin == "made by the API client 5; change or cancel it there"
        bench.cancel(status.oid)
        refused = await bench.until_told(status.oid, lambda s: s.refused == "cancel", "refused")
        assert "API client 5" in refused.reason
        assert tws.cancels == []


async def test_a_stop_made_elsewhere_is_shown_at_its_trigger(tws: Tws, tmp_path: Path) -> None:
    tws.put(action="SELL", kind="STP", price="0.0", aux="95.5", client_id=7, order_id=3)
    async with open_bench(tmp_path, tws) as bench:
        status = await the_order(bench)
        assert status.req.price == Decimal("95.5")
        assert status.origin.startswith("made by another program")
        assert status.req.type == "stop"
        await bench.priced("100.0")
        bench.client.modify(replace(status.req, price=Decimal(95)))
        await bench.until_told(status.oid, lambda s: s.req.price == 95, "it moved")
        assert tws.placed[-1][18:21] == ["STP", "", "95"]
        bench.cancel(status.oid)
        await bench.until_resp(status.oid, "canceled")


async def test_an_order_of_a_type_that_is_not_ours_cannot_be_moved(
    tws: Tws, tmp_path: Path
) -> None:
    tws.put(kind="REL", price="95.5", client_id=7, order_id=3)
    async with open_bench(tmp_path, tws) as bench:
        status = await the_order(bench)
        assert status.origin.startswith("REL order, made by another program")
        bench.client.modify(replace(status.req, price=Decimal(95)))
        refused = await bench.until_told(status.oid, lambda s: s.refused == "modify", "refused")
        assert "cannot be moved from here" in refused.reason


async def test_an_order_without_a_price_is_told_of(tws: Tws, tmp_path: Path) -> None:
    tws.put(kind="MKT", price="0.0", aux="0.0")
    async with open_bench(tmp_path, tws) as bench:
        await until(lambda: any("MKT order" in text for text in bench.notices()), "a remark")
        assert not [m for m in bench.heard if isinstance(m, Status)]


async def test_one_that_turns_up_later_and_goes(tws: Tws, tmp_path: Path) -> None:
    async with open_bench(tmp_path, tws, timing=POLLING) as bench:
        sim = tws.put(price="98.5")
        status = await the_order(bench)
        assert (status.resp, status.req.price) == ("open", Decimal("98.5"))
        sim.price = "98.75"
        await bench.until_told(status.oid, lambda s: s.req.price == Decimal("98.75"), "it moved")
        sim.status, sim.completed_status = "Cancelled", "Cancelled by Trader"
        ended = await bench.until_resp(status.oid, "canceled")
        assert "Cancelled by Trader" in ended.reason


async def test_one_that_fills(tws: Tws, tmp_path: Path) -> None:
    sim = tws.put(price="98.5", size="10")
    async with open_bench(tmp_path, tws, timing=POLLING) as bench:
        status = await the_order(bench)
        tws.executions.append((sim, "e.1.01", "4", "98.5", "20261120 12:28:30 US/Eastern"))
        sim.filled = 4
        await bench.until_told(status.oid, lambda s: s.filled == 4, "a part is filled")
        tws.executions.append((sim, "e.2.01", "6", "98.5", "20261120 12:29:30 US/Eastern"))
        sim.filled, sim.status = 10, "Filled"
        ended = await bench.until_resp(status.oid, "closed")
        assert ended.filled == 10
        assert bench.position().size == 10


async def test_one_that_vanishes(tws: Tws, tmp_path: Path) -> None:
    sim = tws.put(price="98.5")
    async with open_bench(tmp_path, tws, timing=POLLING) as bench:
        status = await the_order(bench)
        tws.orders.remove(sim)
        assert "no longer lists" in (await bench.until_resp(status.oid, "canceled")).reason


async def test_an_execution_of_an_order_never_seen(tws: Tws, tmp_path: Path) -> None:
    async with open_bench(tmp_path, tws, client_id=0) as bench:
        sim = tws.put(price="98.5", size="3", status="Filled")
        tws.execute(sim, "3", "98.5", "e.1.01")
        await until(lambda: bench.position() and bench.position().size == 3, "it is counted")
        await until(lambda: not [*bench.ems.index.active()], "and its order is over")


async def test_other_accounts_are_left_out(tws: Tws, tmp_path: Path) -> None:
    tws.accounts = [ACCOUNT, "DU777"]
    other = tws.put(account="DU777")
    async with open_bench(tmp_path, tws) as bench:
        tws.tell(other, "Submitted")
        await bench.settled()
        assert not [m for m in bench.heard if isinstance(m, Status)]


async def test_its_id_stays_the_same_over_restarts(tws: Tws, tmp_path: Path) -> None:
    tws.put(price="98.5")
    oids = set()
    for _ in range(2):
        async with open_bench(tmp_path, tws) as bench:
            oids.add((await the_order(bench)).oid)
    assert len(oids) == 1


@pytest.mark.parametrize("status", ["Inactive", "PreSubmitted", "PendingSubmit"])
async def test_what_does_not_work_yet_is_there_too(tws: Tws, tmp_path: Path, status: str) -> None:
    tws.put(status=status)
    async with open_bench(tmp_path, tws, timing=QUICK) as bench:
        assert (await the_order(bench)).resp == "open"


async def test_a_copy_of_an_order_of_ours_is_an_order_of_its_own(bench: IbBench) -> None:
    """TWS may copy the order's reference with it."""
    order, sim = await bench.working()
    copy = bench.tws.put(ref=order.oid, price="99.00", client_id=0, order_id=0)
    bench.tws.say(copy.open_order())
    bench.tws.say(copy.order_status())
    found = await until(
        lambda: [d for d in bench.ems.index.active() if d.reqid == copy.perm_id], "it is shown"
    )
    assert found[0].oid != order.oid
    assert found[0].order.price == Decimal("99")
    bench.tws.fill(sim, "10", "100.25", "e.1.01")
    await bench.until_resp(order.oid, "closed")
    bench.tws.tell_status(copy, "Cancelled")
    bench.tws.say(copy.order_status())
    await bench.until_resp(found[0].oid, "canceled")


async def test_how_a_copy_of_an_order_ended_is_not_how_the_order_did(bench: IbBench) -> None:
    order, sim = await bench.working()
    copy = bench.tws.put(ref=order.oid, client_id=0, order_id=0, status="Cancelled")
    bench.tws.orders.remove(copy)
    bench.tws.orders.insert(0, copy)  # IB tells of it first
    await bench.tws.stop()
    await bench.until_down()
    bench.tws.execute(sim, "10", "100.20", "e.1.01")
    sim.status = "Filled"
    await bench.tws.start(bench.tws.port)
    status = await bench.until_resp(order.oid, "closed")
    assert (status.reqid, status.filled) == (sim.perm_id, 10)
    assert "canceled" not in bench.resps(order.oid)
