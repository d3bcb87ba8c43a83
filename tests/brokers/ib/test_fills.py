"""Fills: from execution details alone, each once, with commissions, corrections and any order."""

from decimal import Decimal

from brokers.ib.executions import Executions
from ems.messages import BrokerdFill
from tests.brokers.ib.session import FQSN, IbBench, open_bench, until
from tests.sims.tws import Tws
from tests.sims.tws_layout import UNSET


async def test_a_partial_fill(bench: IbBench) -> None:
    order, sim = await bench.working()
    bench.tws.fill(sim, "4", "100.20", "e.1.01")
    status = await bench.until_told(order.oid, lambda s: s.resp == "fill", "a fill")
    assert (status.filled, status.remaining, status.avg_price) == (4, 6, Decimal("100.2"))
    assert status.brokerd_msg.symbol == FQSN
    assert status.brokerd_msg.broker_time_ns == 1_795_195_710 * 10**9  # 12:28:30 in New York
    assert bench.position().size == 4


async def test_a_commission_that_is_unset_is_none(bench: IbBench) -> None:
    """IB writes the largest float for what it does not say."""
    order, sim = await bench.working()
    bench.tws.execute(sim, "10", "100.20", "e.1.01")
    bench.tws.commission("e.1.01", UNSET)
    bench.tws.tell(sim, "Filled")
    await bench.until_resp(order.oid, "closed")
    await bench.settled()
    assert (bench.position().size, bench.position().fees) == (10, 0)


async def test_before_the_first_status(bench: IbBench) -> None:
    bench.tws.silent_orders = True
    order, sim = await bench.placed()
    bench.tws.execute(sim, "4", "100.25", "e.1.01")
    await bench.until_told(order.oid, lambda s: s.resp == "fill", "a fill")
    bench.tws.works(sim)
    status = await bench.until_resp(order.oid, "open")
    assert (status.filled, status.reqid) == (4, sim.perm_id)


async def test_a_market_that_tells_only_the_execution(bench: IbBench) -> None:
    bench.tws.silent_orders = True
    order, sim = await bench.placed()
    bench.tws.execute(sim, "10", "100.25", "e.1.01")
    status = await bench.until_resp(order.oid, "closed")
    assert status.filled == 10


async def test_after_filled(bench: IbBench) -> None:
    order, sim = await bench.working()
    sim.filled = 10
    bench.tws.tell(sim, "Filled")
    await bench.until_resp(order.oid, "closed")
    sim.filled = 0
    bench.tws.execute(sim, "10", "100.25", "e.1.01")
    await bench.until_told(order.oid, lambda s: s.resp == "fill", "the late fill")
    assert bench.position().size == 10
    assert await bench.until_resp(order.oid, "closed")


async def test_after_cancelled(bench: IbBench) -> None:
    order, sim = await bench.working()
    bench.tws.tell_status(sim, "Cancelled")
    await bench.until_resp(order.oid, "canceled")
    bench.tws.execute(sim, "3", "100.25", "e.1.01")
    await until(lambda: bench.position() and bench.position().size == 3, "it is counted")
    assert await bench.until_resp(order.oid, "canceled")


async def test_twice(bench: IbBench) -> None:
    order, sim = await bench.working()
    bench.tws.fill(sim, "4", "100.25", "e.1.01")
    sim.filled = 0
    bench.tws.execute(sim, "4", "100.25", "e.1.01")
    await bench.settled()
    assert bench.last(order.oid).filled == 4
    assert bench.position().size == 4


async def test_never_from_the_status(bench: IbBench) -> None:
    order, sim = await bench.working()
    sim.filled = 4
    bench.tws.tell(sim)
    await bench.settled()
    assert bench.last(order.oid).filled == 0
    assert bench.position() is None


async def test_the_commission_after_and_before(bench: IbBench) -> None:
    _, sim = await bench.working()
    bench.tws.execute(sim, "4", "100.25", "e.1.01")
    bench.tws.commission("e.1.01", "1.25")
    await until(lambda: bench.position() and bench.position().fees == Decimal("1.25"), "a fee")
    bench.tws.commission("e.2.01", "0.75")
    bench.tws.execute(sim, "4", "100.25", "e.2.01")
    await until(lambda: bench.position().fees == Decimal("2.00"), "the fee of the second")
    assert bench.position().size == 8


async def test_a_correction_replaces(bench: IbBench) -> None:
    order, sim = await bench.working()
    bench.tws.execute(sim, "4", "100.25", "0000e0d5.67fe667b.01.01")
    bench.tws.execute(sim, "3", "100.00", "0000e0d5.67fe667b.01.02")
    await until(lambda: bench.position() and bench.position().size == 3, "it is corrected")
    assert bench.position().avg_price == 100
    assert bench.last(order.oid).filled == 3
    fills = await bench.client.fills()
    assert [fill.exec_id for fill in fills] == ["0000e0d5.67fe667b.01.02"]


async def test_what_was_executed_while_away_is_counted_once(tws: Tws, tmp_path) -> None:
    async with open_bench(tmp_path, tws) as bench:
        order, sim = await bench.working()
    tws.execute(sim, "10", "100.25", "e.1.01")
    tws.commission("e.1.01", "1.25")
    sim.status, sim.completed_status = "Filled", "Filled Size: 10"
    for _ in range(2):
        async with open_bench(tmp_path, tws) as bench:
            await until(lambda bench=bench: bench.position(), "the position is known")
            await until(lambda bench=bench: not [*bench.ems.index.active()], "it is over")
            position = bench.position()
            assert (position.size, position.fees) == (10, Decimal("1.25"))
            assert bench.ems.index.by_oid(order.oid).filled == 10


def test_executions_keep_a_commission_until_its_fill_comes() -> None:
    executions = Executions()
    assert executions.commission("x.01", Decimal(2), "USD") is None
    fill = BrokerdFill(
        reqid=1, account="ib.main", symbol=FQSN, exec_id="x.01", action="buy", size=Decimal(1),
        price=Decimal(5), broker_time_ns=1, time_ns=1,
    )  # fmt: skip
    told = executions.add(fill)
    assert told is not None
    assert (told.fee, told.fee_currency) == (2, "USD")
    assert executions.add(fill) is None
