"""Two gateways at once: each has its own markets, accounts and orders, and none of the other's."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from decimal import Decimal
from pathlib import Path

import pytest

from brokers.ib.backend import open_configured
from ems.arming_rules import NO_ARMING
from ems.embedded import open_ems
from ems.messages import Connection
from ems.risk_limits import NO_LIMITS
from tests.brokers.ib.session import QUICK, IbBench, options, until
from tests.sims.tws import Tws

OTHER_ACCOUNT = "U7654321"


@pytest.fixture
async def other() -> AsyncIterator[Tws]:
    """A second TWS, with another login; its order numbers are those of the first."""
    tws = Tws()
    tws.accounts = [OTHER_ACCOUNT]
    await tws.start()
    yield tws
    await tws.stop()


@asynccontextmanager
async def both(first: Tws, second: Tws, folder: Path) -> AsyncIterator[tuple[IbBench, IbBench]]:
    given = {"ib": options(first), "ib2": options(second, accounts={"main": OTHER_ACCOUNT})}
    backends = {}
    for name, own in given.items():
        state = folder / name
        state.mkdir(exist_ok=True)
        backends[name] = open_configured(own, state, QUICK, name=name)
    async with open_ems(
        backends, folder / "journal.db", answer_timeout_s=0.3, limits=NO_LIMITS, arming=NO_ARMING
    ) as ems:
        desks = tuple(
            IbBench(ems, tws, backends[name])
            for name, tws in zip(backends, (first, second), strict=True)
        )
        for desk in desks:
            await ems.hub.market(desk.fqsn)
        yield desks  # type: ignore[misc]


async def test_each_order_goes_to_its_own(tws: Tws, other: Tws, tmp_path: Path) -> None:
    async with both(tws, other, tmp_path) as (one, two):
        first, sim = await one.working(price=Decimal("99.00"))
        second, twin = await two.working(price=Decimal("98.00"))
        assert (sim.order_id, sim.perm_id) == (twin.order_id, twin.perm_id)
        assert (len(tws.placed), len(other.placed)) == (1, 1)
        assert (sim.account, twin.account) == (tws.accounts[0], OTHER_ACCOUNT)
        assert (sim.ref, twin.ref) == (first.oid, second.oid)

        one.submit(oid=first.oid, price=Decimal("99.50"))
        await one.until_told(
            first.oid, lambda said: said.req and said.req.price == Decimal("99.50"), "it moved"
        )
        assert (sim.price, twin.price) == ("99.50", "98.00")

        two.cancel(second.oid)
        await two.until_resp(second.oid, "canceled")
        assert one.last(first.oid).resp == "open"
        assert (len(tws.cancels), len(other.cancels)) == (0, 1)


async def test_a_fill_with_the_same_ids_is_counted_at_both(
    tws: Tws, other: Tws, tmp_path: Path
) -> None:
    async with both(tws, other, tmp_path) as (one, two):
        first, sim = await one.working()
        second, twin = await two.working(size=Decimal(4))
        tws.fill(sim, "10", "100.25", "e.1.01")
        other.fill(twin, "4", "100.25", "e.1.01")
        await one.until_resp(first.oid, "closed")
        await two.until_resp(second.oid, "closed")
        held = {record.account: record.size for record in one.ems.positions.known()}
        assert held == {"ib.main": 10, "ib2.main": 4}


async def test_one_that_is_down_does_not_touch_the_other(
    tws: Tws, other: Tws, tmp_path: Path
) -> None:
    async with both(tws, other, tmp_path) as (one, two):
        first, _ = await one.working()
        second, _ = await two.working()
        await other.stop()
        await until(lambda: _down(one) == {"ib2"}, "the second is down")
        assert two.last(second.oid).stale
        assert not one.last(first.oid).stale
        third, _ = await one.working()
        fourth = two.submit()
        await two.until_resp(fourth.oid, "error")
        assert len(other.placed) == 1

        await other.start(other.port)
        await until(lambda: not _down(one), "the second is up again")
        await two.until_told(second.oid, lambda said: not said.stale, "its order is known again")
        assert one.resps(third.oid)[-1] == "open"


async def test_both_are_reloaded_under_their_own_ids(tws: Tws, other: Tws, tmp_path: Path) -> None:
    async with both(tws, other, tmp_path) as (one, two):
        first, _ = await one.working()
        second, _ = await two.working()
    foreign = other.put(action="SELL", price="105.00", account=OTHER_ACCOUNT)
    async with both(tws, other, tmp_path) as (one, two):
        live = {dialog.oid: dialog for dialog in one.ems.index.active()}
        assert live[first.oid].order.account == "ib.main"
        assert live[first.oid].order.symbol == "qqq.nasdaq.ib"
        assert live[second.oid].order.account == "ib2.main"
        [made_in_tws] = [d for oid, d in live.items() if oid not in (first.oid, second.oid)]
        assert made_in_tws.order.symbol == "qqq.nasdaq.ib2"
        assert made_in_tws.order.price == Decimal(foreign.price)
        assert len(tws.placed) == len(other.placed) == 1


def _down(bench: IbBench) -> set[str]:
    last = {said.broker: said.up for said in bench.heard if isinstance(said, Connection)}
    return {broker for broker, up in last.items() if not up}
