"""An exit whose change could not even be sent lives on: nobody has refused to make it smaller."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from msgspec.structs import replace

from ems.arming_rules import NO_ARMING
from ems.embedded import open_ems
from ems.errors import UnknownMarket
from ems.market import Market
from ems.ports import Abilities, Opening
from ems.risk_limits import NO_LIMITS
from tests.ems.conftest import Bench, open_bench
from tests.ems.test_groups import ALL, Bracket
from tests.ems.test_native_groups import TIED, heirs, in_the_market
from tests.sims.scripted_venue import AbleVenue, PushFeed, backend

RIGID = replace(TIED, changes_tied=False)


class SilentFeed(PushFeed):
    """It does not know its markets today."""

    async def market(self, fqsn: str) -> Market:
        raise UnknownMarket(f"{fqsn} is not told of today")


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


@pytest.mark.parametrize("can", [ALL, TIED, RIGID])
async def test_exits_in_a_market_that_nobody_watches_live_on(
    tmp_path: Path, can: Abilities
) -> None:
    venue = AbleVenue(can)
    await reduced_while_closed(tmp_path, venue)
    async with open_ems(
        backend(venue, SilentFeed()),
        tmp_path / "journal.db",
        limits=NO_LIMITS,
        arming=NO_ARMING,
    ) as ems:
        ems.groups.settle_all()
        assert venue.cancels == venue.changes == []


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
