"""A modify gives orders that are there already another place in a group; no venue hears of it."""

import uuid
from collections.abc import AsyncIterator
from decimal import Decimal
from pathlib import Path

import pytest
from msgspec.structs import replace

from ems.messages import Link, Order
from tests.ems.brackets import ALL, Bracket, exit_of, works
from tests.ems.conftest import Bench, Watcher, make_order, open_bench
from tests.ems.test_order_life import until
from tests.sims.scripted_venue import AbleVenue


@pytest.fixture
async def able(tmp_path: Path) -> AsyncIterator[Bench]:
    """A venue that can do everything."""
    async with open_bench(tmp_path, AbleVenue(ALL)) as opened:
        opened.feed.trade(100)
        yield opened


def tie(bench: Bench, *orders: Order, group: str = "") -> str:
    name = group or str(uuid.uuid4())
    for order in orders:
        bench.watcher.client.modify(replace(order, link=Link(group=name, role="peer")))
    return name


def pair(bench: Bench) -> tuple[Order, Order]:
    return bench.working("buy", "98", "4", reqid=1), bench.working("sell", "104", "4", reqid=2)


async def test_two_orders_at_their_venue_are_tied_and_it_hears_nothing_of_it(able: Bench) -> None:
    first, second = pair(able)
    before = len(able.venue.received)
    group = tie(able, first, second)
    assert len(able.venue.received) == before
    told = [able.watcher.last(one.oid) for one in (first, second)]
    assert [(t.resp, t.req.link, t.refused) for t in told] == [
        ("open", Link(group=group, role="peer"), None)
    ] * 2


async def test_the_first_fill_of_one_then_cancels_the_other(able: Bench) -> None:
    first, second = pair(able)
    tie(able, first, second)
    able.venue.fill(1, "1")
    assert [cancel.oid for cancel in able.venue.cancels] == [second.oid]


async def test_a_held_order_and_one_at_its_venue_are_tied(able: Bench) -> None:
    first = able.working("buy", "98", "4", reqid=1)
    dark = able.submit("sell", "104", "4", exec_mode="dark")
    tie(able, first, dark)
    able.venue.fill(1, "4")
    assert able.watcher.last(dark.oid).resp == "canceled"


async def test_a_third_joins_and_one_leaves(able: Bench) -> None:
    first, second = pair(able)
    third = able.working("sell", "106", "4", reqid=3)
    group = tie(able, first, second)
    tie(able, third, group=group)
    able.watcher.client.modify(replace(second, link=Link(group="", role="peer")))
    assert able.watcher.last(second.oid).req.link is None
    able.venue.fill(1, "4")
    assert [cancel.oid for cancel in able.venue.cancels] == [third.oid]


async def test_who_left_for_another_group_is_ended_by_that_one_alone(able: Bench) -> None:
    first, second = pair(able)
    third = able.working("sell", "106", "4", reqid=3)
    tie(able, first, second)
    able.watcher.client.modify(replace(second, link=Link(group="", role="peer")))
    tie(able, second, third)
    able.venue.fill(1, "4")
    assert able.venue.cancels == []
    able.venue.fill(3, "4", exec_id="x3", action="sell")
    assert [cancel.oid for cancel in able.venue.cancels] == [second.oid]


async def test_a_change_of_price_goes_along(able: Bench) -> None:
    first, second = pair(able)
    tie(able, replace(first, price=Decimal(97)), second)
    (change,) = able.venue.changes
    assert (change.oid, change.price) == (first.oid, Decimal(97))


async def test_a_modify_without_a_link_leaves_it_where_it_is(able: Bench) -> None:
    first, second = pair(able)
    group = tie(able, first, second)
    able.watcher.client.modify(replace(first, price=Decimal(97)))
    able.venue.status("open", 1, price="97", size="4")
    assert able.watcher.last(first.oid).req.link.group == group


async def test_a_change_that_is_on_its_way_has_the_place_too(able: Bench) -> None:
    first, second = pair(able)
    lower = replace(first, price=Decimal(97))
    able.watcher.client.modify(lower)
    group = tie(able, lower, second)
    status = able.watcher.last(first.oid)
    assert status.change is not None
    assert status.change.link == status.req.link == Link(group=group, role="peer")


async def test_held_here_again_it_is_still_in_its_group(able: Bench) -> None:
    stop = able.submit("sell", "95", "4", type="stop", exec_mode="dark")
    other = able.working("buy", "90", "4", reqid=2)
    able.feed.trade(94)  # it goes out as a market order, and its venue is silent
    left = able.watcher.last(stop.oid).req
    group = tie(able, left, other)
    await until(lambda: able.venue.queries)
    able.venue.report(stop.oid, found=False, to=able.venue.queries[0])
    status = able.watcher.last(stop.oid)
    assert (status.resp, status.req.type) == ("dark_open", "stop")
    assert status.req.link == Link(group=group, role="peer")


@pytest.mark.parametrize("at", ["open", "changing"])
async def test_it_is_in_its_group_after_a_crash(tmp_path: Path, at: str) -> None:
    async with open_bench(tmp_path, AbleVenue(ALL)) as bench:
        bench.feed.trade(100)
        first, second = pair(bench)
        if at == "changing":
            bench.watcher.client.modify(replace(first, price=Decimal(97)))
        bench.ems.journal.sort()
        tie(bench, first, second)
        bench.ems.journal.sort()  # the tables have it, not only the tail
    venue = AbleVenue(ALL)
    async with open_bench(tmp_path, venue) as again:
        assert again.watcher.last(first.oid).req.link is not None
        group = again.watcher.last(first.oid).req.link.group
        assert set(again.ems.journal.members(group)) == {first.oid, second.oid}
        venue.reconnect(venue.live_order(first, 1), venue.live_order(second, 2))
        venue.fill(1, "1")
        assert [cancel.oid for cancel in venue.cancels] == [second.oid]


@pytest.mark.parametrize(
    ("link", "why"),
    [
        (Link(group=str(uuid.uuid4()), role="target"), "cannot be changed; cancel it"),
        (Link(group=str(uuid.uuid4()), role="after"), "cannot be changed; cancel it"),
    ],
)
async def test_another_place_than_a_peers_is_refused(able: Bench, link: Link, why: str) -> None:
    order = able.working("buy", "98", "4")
    able.watcher.client.modify(replace(order, link=link))
    status = able.watcher.last(order.oid)
    assert (status.resp, status.refused) == ("open", "modify")
    assert why in status.reason


async def test_one_that_is_filled_in_part_is_not_tied(able: Bench) -> None:
    first, second = pair(able)
    able.venue.fill(1, "1")
    tie(able, first, second)
    assert "filled in part" in able.watcher.last(first.oid).reason
    assert able.venue.cancels == []


async def test_an_entry_with_exits_an_exit_and_an_alert_are_no_peers(able: Bench) -> None:
    bracket = Bracket(able)
    works(able, bracket.entry, 1)
    alert = able.submit("alert", "103")
    for order in (bracket.entry, bracket.stop, alert):
        tie(able, order)
        assert able.watcher.last(order.oid).refused == "modify"


async def test_a_stop_in_the_place_of_one_that_was_cancelled_keeps_where_the_first_was(
    able: Bench,
) -> None:
    bracket = Bracket(able)
    works(able, bracket.entry, 1)
    able.cancel(bracket.stop)
    second = exit_of(bracket.entry.oid, "stop", "97", "10")
    able.watcher.client.submit_group([second])
    assert able.watcher.last(second.oid).first_price == 95


# ---- shares of an entry


def share(bench: Bench, order: Order, part: str) -> None:
    link = replace(order.link, share=Decimal(part))
    bench.watcher.client.modify(replace(order, link=link))


async def test_another_share_waits_with_the_exit(able: Bench) -> None:
    bracket = Bracket(able)
    works(able, bracket.entry, 1)
    share(able, bracket.target, "0.5")
    able.venue.fill(1, "10")
    assert {one.oid: one.size for one in able.venue.orders[1:]} == {
        bracket.stop.oid: Decimal(10),
        bracket.target.oid: Decimal(5),
    }


async def test_another_share_makes_a_working_target_smaller_and_leaves_room_for_one_more(
    able: Bench,
) -> None:
    bracket = Bracket(able)
    works(able, bracket.entry, 1)
    able.venue.fill(1, "10")
    works(able, bracket.stop, 2)
    works(able, bracket.target, 3)
    share(able, bracket.target, "0.4")
    (change,) = able.venue.changes
    assert (change.oid, change.size) == (bracket.target.oid, Decimal(4))
    able.venue.status("open", 3, price="110", size="4")
    second = exit_of(bracket.entry.oid, "target", "112", "6", "0.6")
    able.watcher.client.submit_group([second])
    assert able.venue.orders[-1].size == Decimal(6)


async def test_shares_of_more_than_the_whole_are_refused(able: Bench) -> None:
    bracket = Bracket(able, shares=("0.5", "0.5"))
    works(able, bracket.entry, 1)
    share(able, bracket.targets[0], "0.6")
    status = able.watcher.last(bracket.targets[0].oid)
    assert "more than the whole" in status.reason
    assert status.req.link.share == Decimal("0.5")


@pytest.mark.parametrize("part", ["0", "1.5"])
async def test_a_share_is_a_part(able: Bench, part: str) -> None:
    bracket = Bracket(able)
    share(able, bracket.target, part)
    assert "above 0 and up to 1" in able.watcher.last(bracket.target.oid).reason


async def test_an_exit_of_a_position_has_a_size_and_no_share(able: Bench) -> None:
    able.venue.fill("x", "6")
    name = str(uuid.uuid4())
    target = exit_of(name, "target", "110", "6")
    able.watcher.client.submit_group([target])
    share(able, target, "0.5")
    assert "no share" in able.watcher.last(target.oid).reason


async def test_another_client_sees_the_share(able: Bench) -> None:
    bracket, other = Bracket(able), Watcher(able.ems)
    share(able, bracket.target, "0.25")
    assert other.last(bracket.target.oid).req.link.share == Decimal("0.25")


async def test_it_is_said_that_an_order_that_was_never_here_cannot_be_tied(able: Bench) -> None:
    stranger = make_order("buy", "98", "1")
    tie(able, stranger)
    assert "no such order" in able.watcher.last(stranger.oid).reason


async def test_a_group_that_everybody_left_is_forgotten(able: Bench) -> None:
    """Its market has none any more: plain orders pass the gate at a glance there again."""
    first, second = pair(able)
    tie(able, first, second)
    for one in (first, second):
        able.watcher.client.modify(replace(one, link=Link(group="", role="peer")))
    assert able.ems.groups.index.places() == []


async def test_who_moves_to_another_group_is_not_kept_by_the_first(able: Bench) -> None:
    first, second = pair(able)
    there = replace(make_order("buy", "98", "4"), account="scripted.two")
    able.watcher.client.submit(there)
    able.venue.ack(there.oid, 3, account="scripted.two")
    tie(able, first, second, there)
    able.watcher.client.modify(replace(there, link=Link(group="", role="peer")))
    assert able.ems.groups.index.places() == [("scripted", first.symbol)]
    able.venue.fill(1, "4")
    able.venue.status("closed", 1)
    able.venue.status("canceled", 2)
    assert able.ems.groups.index.places() == []


async def test_what_is_done_in_one_account_may_end_the_group_in_the_other(able: Bench) -> None:
    first = able.working("buy", "98", "4", reqid=1)
    there = able.submit("buy", "97", "4", account="scripted.two", exec_mode="dark")
    tie(able, first, there)
    with able.ems.groups.paused():  # as while it is worked out what happened at the venue
        able.venue.fill(1, "4")
        able.venue.status("closed", 1)
    assert able.watcher.last(there.oid).resp == "canceled"
    assert able.ems.groups.index.places() == []
