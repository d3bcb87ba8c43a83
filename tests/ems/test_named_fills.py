"""An execution that names our id tells that the order arrived, whatever else is said of it."""

from pathlib import Path

import pytest
from msgspec.structs import replace

from ems.messages import BrokerdFill
from ems.ports import Opening
from tests.ems.conftest import Bench, open_bench
from tests.sims.scripted_venue import ScriptedVenue


async def sent_and_killed(folder: Path, venue: ScriptedVenue, mode: str) -> str:
    """An order that left, and nobody heard what became of it."""
    async with open_bench(folder, venue) as bench:
        bench.feed.trade(101)
        order = bench.submit("buy", "100", "2", exec_mode=mode)
        bench.feed.trade(100)
    assert [one.oid for one in venue.orders] == [order.oid]
    venue.received.clear()
    return order.oid


def filled(venue: ScriptedVenue, oid: str, size: str) -> BrokerdFill:
    return replace(venue.made_fill(7, size, exec_id="x1"), oid=oid)


@pytest.mark.parametrize("mode", ["live", "dark"])
@pytest.mark.parametrize(("size", "ends"), [("2", "closed"), ("1", "canceled")])
async def test_one_that_the_venue_has_filled_and_does_not_find_is_neither_lost_nor_sent_again(
    tmp_path: Path, mode: str, size: str, ends: str
) -> None:
    venue = ScriptedVenue()
    oid = await sent_and_killed(tmp_path, venue, mode)
    venue.opening = Opening(accounts=venue.accounts, fills=(filled(venue, oid, size),))
    async with open_bench(tmp_path, venue) as again:
        venue.report(oid, found=False, to=venue.queries[-1])
        status = again.watcher.last(oid)
        assert (status.resp, str(status.filled)) == (ends, size)
        assert str(again.watcher.position().size) == size
        again.feed.trade(99)
        assert venue.orders == []


async def test_a_fill_of_an_unknown_order_counts_for_the_account(tmp_path: Path) -> None:
    venue = ScriptedVenue()
    fill = filled(venue, "00000000-0000-4000-8000-000000000000", "2")
    venue.opening = Opening(accounts=venue.accounts, fills=(fill,))
    async with open_bench(tmp_path, venue) as bench:
        assert bench.watcher.position().size == 2
        venue.lose_connection()
        venue.reconnect(fills=(fill,))
        assert bench.watcher.position().size == 2


async def test_it_counts_for_a_dark_order_that_was_held_here_again(tmp_path: Path) -> None:
    """The venue did not find it first; then it tells of its fill."""
    venue = ScriptedVenue()
    oid = await sent_and_killed(tmp_path, venue, "dark")
    async with open_bench(tmp_path, venue) as again:
        venue.report(oid, found=False, to=venue.queries[-1])
        assert again.watcher.last(oid).resp == "dark_open"
        venue.lose_connection()
        venue.reconnect(fills=(filled(venue, oid, "2"),))
        again.feed.trade(99)
        assert venue.orders == []
        assert_counted(again, oid)


def assert_counted(bench: Bench, oid: str) -> None:
    assert bench.watcher.last(oid).filled == 2
    assert bench.watcher.position().size == 2


async def test_one_under_an_older_id_of_the_venue_leaves_the_order_its_newer_one(
    tmp_path: Path,
) -> None:
    """A venue that has replaced the order by another one tells of the fills of both."""
    venue = ScriptedVenue()
    async with open_bench(tmp_path, venue) as bench:
        order = bench.working("buy", "100", "5", reqid="old")
        venue.ack(order.oid, "new")
    older = replace(venue.made_fill("old", "2"), oid=order.oid)
    live = replace(venue.live_order(order, "new", filled="2"), oid="theirs")
    venue.opening = Opening(accounts=venue.accounts, orders=(live,), fills=(older,))
    async with open_bench(tmp_path, venue) as again:
        assert_counted(again, order.oid)
        assert again.watcher.last(order.oid).reqid == "new"
        again.cancel(order)
        assert [cancel.reqid for cancel in venue.cancels] == ["new"]


async def test_one_that_was_taken_for_lost_is_asked_for(tmp_path: Path) -> None:
    """It was not there, said the venue, and now a part of it is filled: the rest may live."""
    venue = ScriptedVenue()
    oid = await sent_and_killed(tmp_path, venue, "live")
    async with open_bench(tmp_path, venue) as again:
        venue.report(oid, found=False, to=venue.queries[-1])
        assert again.watcher.last(oid).resp == "error"
        venue.received.clear()
        venue.say(filled(venue, oid, "1"))
        [query] = venue.queries
        venue.report(oid, found=True, reqid=7, status="open", price="100", size="2", to=query)
        assert again.watcher.last(oid).resp == "open"
        assert again.watcher.last(oid).filled == 1
