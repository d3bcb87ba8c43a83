"""How far a trailing stop trails is changed where it works, or refused in words."""

from collections.abc import AsyncIterator
from decimal import Decimal
from pathlib import Path

import pytest
from msgspec.structs import replace

from ems.messages import BrokerdStatus, Order, Trail
from tests.ems.brackets import ALL
from tests.ems.conftest import Bench, open_bench
from tests.sims.scripted_venue import AbleVenue


@pytest.fixture
async def able(tmp_path: Path) -> AsyncIterator[Bench]:
    """A venue that can do everything; the market is at 100."""
    async with open_bench(tmp_path, AbleVenue(replace(ALL, retrail=True))) as opened:
        opened.feed.trade(100)
        yield opened


def trailing(bench: Bench) -> Order:
    return bench.working("sell", "98", "2", type="trailing_stop", trail=Trail(Decimal(2)), reqid=1)


def says(bench: Bench, price: str, trail: str, size: str = "2") -> None:
    bench.venue.say(
        BrokerdStatus(
            reqid=1, account="scripted", status="open", time_ns=1, price=Decimal(price),
            size=Decimal(size), trail=Trail(Decimal(trail)),
        )
    )  # fmt: skip


async def test_it_is_asked_for_and_confirmed_by_the_trail(able: Bench) -> None:
    order = trailing(able)
    able.watcher.client.modify(replace(order, price=Decimal(97), trail=Trail(Decimal(3))))
    (change,) = able.venue.changes
    assert (change.price, change.trail) == (Decimal(97), Trail(Decimal(3)))
    says(able, "98.5", "2")  # it moved once more before the change was there
    assert able.watcher.last(order.oid).change is not None
    says(able, "97.5", "3")
    status = able.watcher.last(order.oid)
    assert (status.change, status.req.trail, status.req.price) == (
        None, Trail(Decimal(3)), Decimal("97.5"),
    )  # fmt: skip


async def test_another_trail_that_nobody_here_asked_for_is_told(able: Bench) -> None:
    order = trailing(able)
    says(able, "96", "4")
    assert able.watcher.last(order.oid).req.trail == Trail(Decimal(4))


async def test_a_size_alone_goes_out_with_where_it_stands_now(able: Bench) -> None:
    order = trailing(able)
    says(able, "99", "2")
    able.watcher.client.modify(replace(order, size=Decimal(1)))  # as it was seen before that
    (change,) = able.venue.changes
    assert (change.price, change.size) == (Decimal(99), Decimal(1))


async def test_where_it_stands_cannot_be_asked_for(able: Bench) -> None:
    order = trailing(able)
    able.watcher.client.modify(replace(order, price=Decimal(97)))
    assert able.venue.changes == []
    assert "is up to the price" in able.watcher.last(order.oid).reason


async def test_a_venue_that_cannot_is_named(able: Bench) -> None:
    able.venue.can = ALL
    order = trailing(able)
    able.watcher.client.modify(replace(order, price=Decimal(97), trail=Trail(Decimal(3))))
    assert able.venue.changes == []
    assert able.watcher.last(order.oid).reason.startswith("scripted cannot change how far")


async def test_one_that_would_go_out_at_once_is_refused(able: Bench) -> None:
    order = trailing(able)
    able.watcher.client.modify(replace(order, price=Decimal(101), trail=Trail(Decimal(1))))
    assert "would go out at once" in able.watcher.last(order.oid).reason
