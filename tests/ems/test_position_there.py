"""What is really there, where a venue's figure and its fills come in any order."""

import uuid
from collections.abc import AsyncIterator
from decimal import Decimal
from pathlib import Path

import pytest
from msgspec.structs import replace

from ems.messages import BrokerdPosition, Connection, Link
from ems.ports import Opening
from tests.ems.brackets import ALL
from tests.ems.conftest import Bench, make_order, open_bench
from tests.sims.scripted_venue import FQSN, AbleVenue

ACCOUNT = "scripted"


def figure(size: str) -> BrokerdPosition:
    return BrokerdPosition(account=ACCOUNT, symbol=FQSN, size=Decimal(size), time_ns=1)


@pytest.fixture
async def bench(tmp_path: Path) -> AsyncIterator[Bench]:
    """A venue where ten were bought before this program came."""
    venue = AbleVenue(replace(ALL, reduce_only=False))
    venue.opening = Opening(accounts=venue.accounts, positions=(figure("10"),))
    async with open_bench(tmp_path, venue) as opened:
        opened.feed.trade(100)
        yield opened


def there(bench: Bench) -> Decimal:
    return bench.ems.positions.there(ACCOUNT, FQSN)


def flattened(bench: Bench) -> Decimal:
    """How much a flatten sends."""
    order = make_order(
        "sell", "100", "1", type="market", reduce_only=True,
        link=Link(group=str(uuid.uuid4()), role="flatten"),
    )  # fmt: skip
    bench.watcher.client.submit_group([order])
    return bench.venue.orders[-1].size


async def test_what_was_filled_while_the_line_was_down_is_in_the_figure_of_the_reconnect(
    bench: Bench,
) -> None:
    bench.working("buy", "100", "5")
    bench.venue.lose_connection()
    bench.venue.reconnect(
        positions=(figure("15"),), fills=(bench.venue.made_fill(1, "5", exec_id="x1"),)
    )
    bench.venue.report(
        bench.venue.queries[-1].oid, found=True, reqid=1, status="closed",
        to=bench.venue.queries[-1],
    )  # fmt: skip
    assert there(bench) == 15
    assert flattened(bench) == 15


async def test_after_a_restart_too(tmp_path: Path) -> None:
    venue = AbleVenue(ALL)
    venue.opening = Opening(accounts=venue.accounts, positions=(figure("10"),))
    async with open_bench(tmp_path, venue) as first:
        first.working("buy", "100", "5")
    venue.opening = Opening(
        accounts=venue.accounts,
        positions=(figure("15"),),
        fills=(venue.made_fill(1, "5", exec_id="x1"),),
    )
    async with open_bench(tmp_path, venue) as again:
        assert there(again) == 15


async def test_a_figure_may_come_before_the_fill_that_it_counts(bench: Bench) -> None:
    bench.working("buy", "100", "5")
    bench.venue.position("12")
    bench.venue.fill(1, "2", exec_id="x1")
    assert there(bench) == 12
    bench.venue.position("15")
    bench.venue.fill(1, "3", exec_id="x2")
    bench.venue.status("closed", 1)
    assert there(bench) == 15
    assert flattened(bench) == 15


async def test_a_figure_may_lag_behind_the_fills(bench: Bench) -> None:
    bench.working("buy", "100", "5")
    bench.venue.fill(1, "2", exec_id="x1")
    bench.venue.fill(1, "2", exec_id="x2")
    bench.venue.position("12")
    bench.venue.position("14")
    bench.venue.fill(1, "1", exec_id="x3")
    assert there(bench) == 15, "the two figures are of the fills before"
    bench.venue.position("15")
    assert there(bench) == 15


async def test_what_was_traded_elsewhere_long_ago_explains_no_fill(bench: Bench) -> None:
    bench.venue.position("15")
    bench.working("buy", "100", "5")
    late = replace(bench.venue.made_fill(1, "5", exec_id="x1"), time_ns=60_000_000_000)
    bench.venue.say(late)
    assert there(bench) == 20


async def test_an_answer_may_bring_a_fill_that_the_figure_of_the_restart_has(
    tmp_path: Path,
) -> None:
    venue = AbleVenue(ALL)
    venue.opening = Opening(accounts=venue.accounts, positions=(figure("10"),))
    async with open_bench(tmp_path, venue) as first:
        order = first.working("buy", "100", "5")
        venue.fill(1, "1", exec_id="x0")
    venue.opening = Opening(accounts=venue.accounts, positions=(figure("15"),))
    async with open_bench(tmp_path, venue) as again:
        fills = tuple(venue.made_fill(1, "1", exec_id=f"x{n}") for n in range(5))
        query = venue.queries[-1]
        venue.report(order.oid, found=True, reqid=1, status="closed", fills=fills, to=query)
        assert again.watcher.last(order.oid).filled == 5
        assert there(again) == 15


async def test_one_that_was_closed_elsewhere_while_nobody_ran_is_flat_there(tmp_path: Path) -> None:
    venue = AbleVenue(ALL)
    async with open_bench(tmp_path, venue) as first:
        first.working("buy", "100", "5")
        venue.fill(1, "5", exec_id="x1")
        venue.position("5")
    venue.opening = Opening(accounts=venue.accounts)
    async with open_bench(tmp_path, venue) as again:
        position = again.watcher.position()
        assert (position.size, position.venue_size) == (5, 0), "a difference is shown"


async def test_a_clock_that_is_set_back_does_not_hold_up_a_flatten(tmp_path: Path) -> None:
    """After a fill the venue's figure gets some seconds to follow; they are over one day."""
    now_ns = 10**18
    venue = AbleVenue(replace(ALL, reduce_only=False))
    venue.opening = Opening(accounts=venue.accounts, positions=(figure("10"),))
    async with open_bench(tmp_path, venue, clock=lambda: now_ns) as bench:
        bench.feed.trade(100)
        bench.working("buy", "100", "5")
        venue.say(replace(venue.made_fill(1, "5", exec_id="x1"), time_ns=now_ns))
        venue.status("closed", 1)
        now_ns -= 3600 * 10**9
        assert flattened(bench) == 15


async def test_a_figure_may_come_before_the_correction_that_it_counts(bench: Bench) -> None:
    bench.working("buy", "100", "5")
    done = bench.venue.made_fill(1, "5", exec_id="x1")
    bench.venue.say(done)
    bench.venue.position("15")
    bench.venue.position("13")
    bench.venue.say(replace(done, exec_id="x2", replaces="x1", size=Decimal(3)))
    assert there(bench) == 13


@pytest.mark.parametrize("figures", [(), ("0",)])
async def test_a_fill_may_come_after_the_reconnect_that_finds_its_position_gone(
    bench: Bench, figures: tuple[str, ...]
) -> None:
    """Whether its venue names what is flat or not."""
    minute_ns, venue = 60 * 10**9, bench.venue
    bench.working("sell", "100", "10")
    venue.lose_connection()
    said = tuple(replace(figure(size), time_ns=minute_ns) for size in figures)
    venue.opening = Opening(accounts=venue.accounts, positions=said)
    venue.say(Connection(broker=venue.name, up=True, time_ns=minute_ns))
    venue.say(replace(venue.made_fill(1, "10", action="sell"), time_ns=minute_ns + 10**9))
    assert there(bench) == 0
