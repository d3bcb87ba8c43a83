"""An exit whose change could not even be sent lives on: nobody has refused to make it smaller."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

import pytest
from msgspec.structs import replace

from ems.arming_rules import NO_ARMING
from ems.embedded import Ems, open_ems
from ems.errors import UnknownMarket
from ems.market import Market
from ems.messages import Notice
from ems.ports import Abilities, Opening, TickSink, Unsubscribe
from ems.risk_limits import NO_LIMITS
from tests.ems.brackets import ALL, Bracket
from tests.ems.conftest import Bench, Watcher, open_bench
from tests.ems.test_native_groups import TIED, heirs, in_the_market
from tests.ems.test_order_life_machine import StoppedClockLoop
from tests.sims.scripted_venue import AbleVenue, PushFeed, backend

RIGID = replace(TIED, changes_tied=False)


class SilentFeed(PushFeed):
    """It cannot tell of its markets today."""

    def __init__(self, unable_to: str = "market") -> None:
        super().__init__()
        self.unable_to = unable_to

    async def market(self, fqsn: str) -> Market:
        if self.unable_to == "market":
            raise UnknownMarket(f"{fqsn} is not told of today")
        return await super().market(fqsn)

    async def subscribe(self, fqsn: str, sink: TickSink) -> Unsubscribe:
        if self.unable_to == "subscribe":
            raise UnknownMarket(f"{fqsn} is not told of today")
        return await super().subscribe(fqsn, sink)


async def reduced_while_closed(folder: Path, venue: AbleVenue) -> Bracket:
    """Run once: a bracket of 10 at the venue, of which 4 were sold while nobody ran."""
    async with open_bench(folder, venue) as bench:
        bench.feed.trade(100)
        group = in_the_market(bench)
    venue.received.clear()
    venue.opening = Opening(
        accounts=venue.accounts,
        orders=(venue.live_order(group.stop, 2), venue.live_order(group.target, 3)),
        fills=(venue.made_fill(77, "4", "100", "x1", action="sell"),),
    )
    return group


@pytest.fixture
async def bench(tmp_path: Path) -> AsyncIterator[Bench]:
    async with open_bench(tmp_path, AbleVenue(ALL)) as opened:
        opened.feed.trade(100)
        yield opened


async def test_after_a_start_exits_are_made_smaller_and_live(tmp_path: Path) -> None:
    """The venue is heard before the markets are watched: then nothing can be changed yet."""
    venue = AbleVenue(ALL)
    group = await reduced_while_closed(tmp_path, venue)
    async with open_bench(tmp_path, venue):
        assert venue.cancels == []
        assert {(c.oid, c.size) for c in venue.changes} == {
            (group.stop.oid, 6),
            (group.target.oid, 6),
        }


async def test_after_a_start_tied_exits_are_put_anew_once_they_can_leave(tmp_path: Path) -> None:
    venue = AbleVenue(RIGID)
    group = await reduced_while_closed(tmp_path, venue)
    async with open_bench(tmp_path, venue) as bench:
        assert {c.oid for c in venue.cancels} == {group.stop.oid, group.target.oid}
        venue.status("canceled", 2)
        venue.status("canceled", 3)
        (stop,), (target,) = heirs(bench, group.stop), heirs(bench, group.target)
        assert {(o.oid, o.size) for o in venue.orders} == {(stop.oid, 6), (target.oid, 6)}


@asynccontextmanager
async def open_silent(
    folder: Path, venue: AbleVenue, feed: SilentFeed
) -> AsyncIterator[tuple[Ems, Watcher]]:
    async with open_ems(
        backend(venue, feed), folder / "journal.db", limits=NO_LIMITS, arming=NO_ARMING
    ) as ems:
        yield ems, Watcher(ems)


@pytest.mark.parametrize("can", [ALL, TIED])
async def test_exits_in_a_market_that_cannot_be_watched_are_made_smaller(
    tmp_path: Path, can: Abilities
) -> None:
    """Larger than the position they would open another one."""
    venue = AbleVenue(can)
    group = await reduced_while_closed(tmp_path, venue)
    async with open_silent(tmp_path, venue, SilentFeed()) as (ems, watcher):
        assert venue.cancels == []
        both = {(group.stop.oid, 6), (group.target.oid, 6)}
        assert {(c.oid, c.size) for c in venue.changes} == both
        venue.status("open", 2, price="95", size="6")
        venue.status("open", 3, price="110", size="6")
        ems.groups.settle_all()
        assert len(venue.changes) == 2
        assert all(s.refused is None for s in watcher.statuses())


async def test_where_they_would_be_put_anew_their_owner_is_told(tmp_path: Path) -> None:
    venue = AbleVenue(RIGID)
    await reduced_while_closed(tmp_path, venue)
    async with open_silent(tmp_path, venue, SilentFeed()) as (ems, watcher):
        ems.groups.settle_all()
        assert venue.cancels == venue.changes == []
        watcher.read()
        told = [m.text for m in watcher.heard if isinstance(m, Notice) and "yourself" in m.text]
        assert len(told) == 2, told
        assert "closes 10 and should close 6" in told[0]


@pytest.mark.parametrize("unable_to", ["market", "subscribe"])
def test_a_market_that_cannot_be_watched_at_the_start_is_tried_again(
    tmp_path: Path, unable_to: str
) -> None:
    """The network comes after the program: held orders go out all the same."""

    loop, stack = StoppedClockLoop(), AsyncExitStack()

    async def held() -> str:
        async with open_bench(tmp_path) as bench:
            bench.feed.trade(100)
            return bench.submit("buy", "95", exec_mode="dark").oid

    try:
        oid, feed = loop.run_until_complete(held()), SilentFeed(unable_to)
        opened = stack.enter_async_context(open_silent(tmp_path, AbleVenue(ALL), feed))
        _, watcher = loop.run_until_complete(opened)
        loop.pass_time(3.0)
        assert [m.text for m in notices(watcher) if "are not watched" in m.text]
        feed.unable_to = ""
        loop.pass_time(60.0)
        assert "are watched now" in notices(watcher)[-1].text
        feed.trade(94)
        assert watcher.last(oid).resp == "triggered"
        loop.run_until_complete(stack.aclose())
    finally:
        loop.close()


def notices(watcher: Watcher) -> list[Notice]:
    watcher.read()
    return [m for m in watcher.heard if isinstance(m, Notice)]


async def test_a_stop_that_was_not_made_smaller_as_the_line_was_cut(bench: Bench) -> None:
    group = in_the_market(bench)
    bench.venue.refuses_to_send = True
    bench.venue.fill(3, "4", "110", exec_id="t1", action="sell")
    bench.venue.refuses_to_send = False
    bench.ems.groups.settle_all()
    assert bench.venue.cancels == []
    with bench.ems.groups.paused():
        pass  # as a connect does: what did not leave is tried again
    assert bench.venue.cancels == []
    assert [(c.oid, c.size) for c in bench.venue.changes] == [(group.stop.oid, 6)]


async def test_one_that_its_venue_does_not_make_smaller_is_still_cancelled(bench: Bench) -> None:
    group = in_the_market(bench)
    bench.venue.fill(3, "4", "110", exec_id="t1", action="sell")
    bench.venue.refuse("no", reqid=2, request="modify")
    assert [c.oid for c in bench.venue.cancels] == [group.stop.oid]
