"""The limits and order types, groups: what each is judged by."""

from decimal import Decimal

import pytest

from ems.messages import Link, Trail
from tests.ems.conftest import make_order
from tests.ems.test_risk import clock, gated, hold, refused

__all__ = ["clock", "gated"]  # fixtures


@pytest.mark.parametrize(("size", "passes"), [("4", True), ("5", True), ("6", False)])
async def test_orders_that_are_sent_together_are_counted_together(gated, size, passes):
    async with gated(largest_position_units=Decimal(10)) as bench:
        group = [make_order("buy", "90", "5"), make_order("buy", "91", size)]
        bench.watcher.client.submit_group(group)
        assert [bool(refused(bench, order)) for order in group] == [not passes] * 2
        assert len(bench.venue.orders) == (2 if passes else 0)


async def test_orders_that_are_sent_together_count_as_working_orders(gated):
    async with gated(working_orders=1) as bench:
        group = [make_order("buy", "90", "1"), make_order("buy", "91", "1")]
        bench.watcher.client.submit_group(group)
        assert "working_orders" in refused(bench, group[1])
        assert bench.venue.orders == []


async def test_a_group_that_was_refused_can_be_sent_again_at_once(gated):
    async with gated(duplicate_s=1.0, largest_order_units=Decimal(5)) as bench:
        bench.watcher.client.submit_group(
            [make_order("buy", "90", "1"), make_order("buy", "91", "6")]
        )
        again = [make_order("buy", "90", "1"), make_order("buy", "91", "5")]
        bench.watcher.client.submit_group(again)
        assert not any(refused(bench, order) for order in again)


async def test_exits_of_a_bracket_take_no_room(gated):
    async with gated(largest_position_units=Decimal(5), largest_order_units=Decimal(5)) as bench:
        entry = make_order("buy", "99", "5")
        exits = [
            make_order("sell", "90", "5", type="stop", link=Link(group=entry.oid, role="stop")),
            make_order("sell", "110", "5", link=Link(group=entry.oid, role="target")),
        ]
        bench.watcher.client.submit_group([entry, *exits])
        assert not any(refused(bench, order) for order in (entry, *exits))


async def test_a_stop_may_be_far_from_the_market_and_its_limit_not_far_from_it(gated):
    async with gated(collar_percent=Decimal(1), quote_age_s=5.0) as bench:
        bench.feed.trade(100)
        hold(bench, "10")
        stop = bench.submit("sell", "80", "1", type="stop")
        trailing = bench.submit("sell", "80", "2", type="trailing_stop", trail=Trail(Decimal(20)))
        near = bench.submit("sell", "80", "3", type="stop_limit", limit_price=Decimal("79.2"))
        far = bench.submit("sell", "80", "4", type="stop_limit", limit_price=Decimal("79.19"))
        assert not any(refused(bench, order) for order in (stop, trailing, near))
        bench.feed.quote(79.5, 79.6, time_ns=2)
        bench.feed.trade(80)
        assert "too far below the trigger of 80.00" in refused(bench, far)


@pytest.mark.parametrize(("size", "passes"), [("9", True), ("10", False)])
async def test_a_market_order_is_worth_what_it_meets(gated, size, passes):
    async with gated(largest_order_money=Decimal(1000)) as bench:
        order = bench.submit("buy", "1", size, type="market")
        assert bool(refused(bench, order)) is not passes


async def test_reduce_only_is_judged_by_what_is_there_to_reduce(gated):
    async with gated(largest_order_units=Decimal(5)) as bench:
        bench.working("buy", "100", "5")
        bench.venue.fill(size="5")
        bench.venue.status("closed")
        order = bench.submit("sell", "101", "50", reduce_only=True)
        assert not refused(bench, order)
        assert bench.venue.orders[-1].size == 5
