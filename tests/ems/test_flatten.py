"""Closing a position, and turning it round, through the EMS's public face."""

import uuid
from collections.abc import AsyncIterator
from decimal import Decimal
from pathlib import Path

import pytest

from ems.messages import Link, Order
from ems.ports import Abilities
from tests.ems.brackets import ALL, Bracket, exit_of, works
from tests.ems.conftest import Bench, make_order, notices, open_bench
from tests.sims.scripted_venue import AbleVenue


@pytest.fixture
async def able(tmp_path: Path) -> AsyncIterator[Bench]:
    """A venue that can do everything, and a long position of ten."""
    async with open_bench(tmp_path, AbleVenue(ALL)) as bench:
        bench.feed.trade(100)
        hold(bench)
        yield bench


def hold(bench: Bench, size: str = "10") -> None:
    bench.working("buy", "100", size, reqid=1)
    bench.venue.fill(1, size, exec_id="e1")
    bench.venue.status("closed", 1)
    bench.venue.received.clear()


def flatten(bench: Bench, *then: Order, group: str = "") -> Order:
    group = group or str(uuid.uuid4())
    order = make_order(
        "sell", "100", "1", type="market", reduce_only=True, link=Link(group=group, role="flatten")
    )
    bench.watcher.client.submit_group([order, *then])
    return order


async def test_without_orders_it_closes_what_is_there_at_once(able: Bench) -> None:
    order = flatten(able)
    (sent,) = able.venue.orders
    assert (sent.oid, sent.action, sent.size, sent.type) == (order.oid, "sell", 10, "market")
    assert sent.reduce_only


async def test_it_waits_until_every_working_order_is_gone(able: Bench) -> None:
    dark = able.submit("buy", "90", "3", exec_mode="dark")
    alert = able.submit("alert", "120")
    working = able.submit("buy", "95", "4")
    works(able, working, 2)
    order = flatten(able)
    assert able.watcher.last(dark.oid).resp == "canceled"
    assert able.watcher.last(alert.oid).resp == "dark_open"
    assert [c.oid for c in able.venue.cancels] == [working.oid]
    assert able.watcher.last(order.oid).waits
    able.venue.fill(2, "3", "95", exec_id="f2")  # crosses the cancel
    assert [o.oid for o in able.venue.orders] == [working.oid]
    able.venue.status("canceled", 2, reason="as asked")
    assert [(o.oid, o.size) for o in able.venue.orders[1:]] == [(order.oid, 13)]


async def test_the_exits_of_a_bracket_end_and_do_not_come_back(able: Bench) -> None:
    group = Bracket(able, "5")
    works(able, group.entry, 2)
    able.venue.fill(2, "2", exec_id="b1")
    works(able, group.stop, 3)
    works(able, group.target, 4)
    order = flatten(able)
    assert {c.reqid for c in able.venue.cancels} == {2, 3, 4}
    able.venue.fill(2, "1", exec_id="b2")
    for reqid in (3, 4, 2):
        able.venue.status("canceled", reqid)
    assert (able.venue.orders[-1].oid, able.venue.orders[-1].size) == (order.oid, 13)
    assert able.venue.changes == []


async def test_a_cancel_whose_outcome_is_unknown_holds_it_up(able: Bench) -> None:
    working = able.submit("sell", "120", "4")
    order = flatten(able)
    assert able.watcher.last(order.oid).waits
    works(able, working, 2)  # the ack comes late; the cancel goes out with it
    assert [c.reqid for c in able.venue.cancels] == [2]
    able.venue.refuse("cannot cancel: filled", reqid=2, request="cancel")
    able.venue.fill(2, "4", "120", exec_id="f2", action="sell")
    able.venue.status("closed", 2)
    assert (able.venue.orders[-1].oid, able.venue.orders[-1].size) == (order.oid, 6)


async def test_flat_already(able: Bench) -> None:
    working = able.submit("sell", "101", "10")
    works(able, working, 2)
    order = flatten(able)
    able.venue.fill(2, "10", "101", exec_id="f2", action="sell")
    able.venue.status("closed", 2)
    last = able.watcher.last(order.oid)
    assert (last.resp, last.reason) == ("canceled", "The position was flat already.")


async def test_meanwhile_new_orders_are_refused_and_alerts_are_not(able: Bench) -> None:
    works(able, able.submit("buy", "95", "4"), 2)
    flatten(able)
    refused = able.submit("buy", "96", "1")
    assert "is being closed" in able.watcher.last(refused.oid).reason
    assert able.watcher.last(able.submit("alert", "120").oid).resp == "dark_open"
    elsewhere = able.submit("buy", "96", "1", account="scripted.two")
    assert able.watcher.last(elsewhere.oid).resp == "pending"


async def test_it_can_be_taken_back_while_it_waits(able: Bench) -> None:
    works(able, able.submit("buy", "95", "4"), 2)
    order = flatten(able)
    able.cancel(order)
    able.venue.status("canceled", 2)
    assert len(able.venue.orders) == 1
    assert able.watcher.last(able.submit("buy", "96", "1").oid).resp == "pending"


async def test_a_late_fill_after_it_is_said_with_what_is_left(able: Bench) -> None:
    working = able.submit("buy", "95", "4")
    works(able, working, 2)
    order = flatten(able)
    able.venue.status("canceled", 2)
    works(able, order, 3)
    able.venue.fill(3, "10", "100", exec_id="x3", action="sell")
    able.venue.status("closed", 3)
    assert notices(able) == []
    able.venue.fill(2, "4", "95", exec_id="late")
    assert any("a late fill has opened one: long 4" in text for text in notices(able))


async def test_where_the_venue_has_no_market_orders_a_limit_through_the_market(
    tmp_path: Path,
) -> None:
    async with open_bench(tmp_path, AbleVenue(Abilities())) as bench:
        hold(bench)
        bench.feed.quote(99.50, 99.60)
        order = flatten(bench)
        (sent,) = bench.venue.orders
        assert (sent.type, sent.price, sent.size) == ("limit", Decimal("98.50"), 10)
        assert not sent.reduce_only
        last = bench.watcher.last(order.oid)
        assert last.resp == "pending"
        assert last.reason.endswith("has no market orders: it went out as a limit order at 98.50.")


async def test_the_venues_own_figure_counts_what_was_there_before(able: Bench) -> None:
    able.venue.position("25")
    flatten(able)
    assert able.venue.orders[-1].size == 25


async def test_it_goes_on_after_a_restart(tmp_path: Path) -> None:
    venue = AbleVenue(ALL)
    async with open_bench(tmp_path, venue) as bench:
        hold(bench)
        working = bench.submit("buy", "95", "4")
        works(bench, working, 2)
        order = flatten(bench)
    live = venue.live_order(working, 2)
    venue.received.clear()
    venue.opening = type(venue.opening)(accounts=venue.accounts, orders=(live,))
    async with open_bench(tmp_path, venue) as bench:
        assert [c.reqid for c in venue.cancels] == [2]
        venue.status("canceled", 2)
        assert [(o.oid, o.size) for o in venue.orders] == [(order.oid, 10)]


class TestReverse:
    def reverse(self, bench: Bench) -> tuple[Order, Order]:
        group = str(uuid.uuid4())
        after = make_order("sell", "100", "10", type="market", link=Link(group=group, role="after"))
        return flatten(bench, after, group=group), after

    async def test_the_new_position_is_opened_once_the_old_one_is_closed(self, able: Bench) -> None:
        first, after = self.reverse(able)
        works(able, first, 2)
        able.venue.status("closed", 2)  # before its fill is told
        assert able.watcher.last(after.oid).waits
        able.venue.fill(2, "10", "100", exec_id="f2", action="sell")
        assert [(o.oid, o.size) for o in able.venue.orders[1:]] == [(after.oid, 10)]

    async def test_flat_already_lets_it_go_at_once(self, tmp_path: Path) -> None:
        async with open_bench(tmp_path, AbleVenue(ALL)) as bench:
            _, after = self.reverse(bench)
            assert [o.oid for o in bench.venue.orders] == [after.oid]

    async def test_a_close_that_fails_ends_it(self, able: Bench) -> None:
        first, after = self.reverse(able)
        able.venue.refuse("market closed", oid=first.oid)
        last = able.watcher.last(after.oid)
        assert last.resp == "canceled"
        assert "10 is left" in last.reason

    async def test_a_close_that_is_taken_back_ends_it(self, able: Bench) -> None:
        works(able, able.submit("buy", "95", "4"), 2)
        first, after = self.reverse(able)
        able.cancel(first)
        assert able.watcher.last(after.oid).resp == "canceled"


async def test_an_exit_that_is_held_cannot_fire_while_the_position_is_closed(
    tmp_path: Path,
) -> None:
    async with open_bench(
        tmp_path, AbleVenue(Abilities(types=frozenset({"limit", "market"})))
    ) as b:
        b.feed.trade(100)
        hold(b)
        stop = exit_of(str(uuid.uuid4()), "stop", "95", "10")
        b.watcher.client.submit(stop)
        assert b.watcher.last(stop.oid).resp == "dark_open"
        order = flatten(b)
        b.feed.trade(90)
        assert [o.oid for o in b.venue.orders] == [order.oid]
