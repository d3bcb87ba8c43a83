"""Brackets, exits of a position and OCO peers, through the EMS's public face."""

import uuid
from collections.abc import AsyncIterator
from decimal import Decimal
from pathlib import Path

import pytest
from msgspec.structs import replace

from ems.messages import Link, Notice, Order
from ems.ports import Abilities
from tests.ems.brackets import ALL, Bracket, exit_of, sent, works
from tests.ems.conftest import Bench, make_order, open_bench
from tests.sims.scripted_venue import AbleVenue


@pytest.fixture
async def able(tmp_path: Path) -> AsyncIterator[Bench]:
    """A venue that can do everything."""
    async with open_bench(tmp_path, AbleVenue(ALL)) as opened:
        opened.feed.trade(100)
        yield opened


class TestBracket:
    async def test_exits_wait_for_the_entry_and_are_told_so(self, bench: Bench) -> None:
        group = Bracket(bench)
        assert [r.oid for r in bench.venue.orders] == [group.entry.oid]
        status = bench.watcher.last(group.stop.oid)
        assert (status.resp, status.waits) == ("dark_open", True)
        bench.feed.trade(94)
        assert len(bench.venue.orders) == 1

    async def test_a_fill_of_the_entry_lets_the_exits_go_for_what_is_filled(
        self, able: Bench
    ) -> None:
        group = Bracket(able)
        works(able, group.entry, 1)
        able.venue.fill(1, "4", exec_id="e1")
        assert [(r.oid, r.type, r.size) for r in able.venue.orders[1:]] == [
            (group.stop.oid, "stop", 4),
            (group.target.oid, "limit", 4),
        ]
        works(able, group.stop, 2)
        works(able, group.target, 3)
        able.venue.fill(1, "6", exec_id="e2")
        assert {(c.oid, c.size) for c in able.venue.changes} == {
            (group.stop.oid, 10),
            (group.target.oid, 10),
        }

    async def test_a_fill_of_one_exit_shrinks_the_other(self, able: Bench) -> None:
        group = Bracket(able)
        works(able, group.entry, 1)
        able.venue.fill(1, "10", exec_id="e1")
        works(able, group.stop, 2)
        works(able, group.target, 3)
        able.venue.fill(3, "4", "110", exec_id="t1", action="sell")
        assert [(c.oid, c.size) for c in able.venue.changes] == [(group.stop.oid, 6)]
        able.venue.status("open", 2, price="95", size="6")
        able.venue.fill(3, "6", "110", exec_id="t2", action="sell")
        assert [c.oid for c in able.venue.cancels] == [group.stop.oid]

    async def test_held_here_the_stop_goes_out_as_a_market_order_when_a_trade_touches_it(
        self, tmp_path: Path
    ) -> None:
        venue = AbleVenue(Abilities(types=frozenset({"limit", "market"})))
        async with open_bench(tmp_path, venue) as bench:
            group = Bracket(bench)
            assert bench.watcher.last(group.stop.oid).req.exec_mode == "dark"
            works(bench, group.entry, 1)
            bench.venue.fill(1, "10", exec_id="e1")
            bench.feed.quote(94, 94.5)  # a quote alone touches no stop
            assert sent(bench, group.stop) == []
            bench.feed.trade(95)
            (gone,) = sent(bench, group.stop)
            assert (gone.type, gone.size) == ("market", 10)
            assert bench.watcher.last(group.stop.oid).resp in ("triggered", "pending")

    async def test_a_stop_that_is_through_when_the_entry_fills_goes_out_at_once(
        self, tmp_path: Path
    ) -> None:
        venue = AbleVenue(Abilities(types=frozenset({"limit", "market"})))
        async with open_bench(tmp_path, venue) as bench:
            group = Bracket(bench)
            works(bench, group.entry, 1)
            bench.feed.trade(94)
            bench.venue.fill(1, "10", exec_id="e1")
            assert [r.type for r in sent(bench, group.stop)] == ["market"]

    async def test_entry_cancelled_without_a_fill_takes_its_exits_along(self, bench: Bench) -> None:
        group = Bracket(bench)
        works(bench, group.entry, 1)
        bench.cancel(group.entry)
        bench.venue.status("canceled", 1)
        for one in (group.stop, group.target):
            assert bench.watcher.last(one.oid).resp == "canceled"

    async def test_entry_cancelled_after_a_part_leaves_exits_for_the_part(
        self, able: Bench
    ) -> None:
        group = Bracket(able)
        works(able, group.entry, 1)
        able.venue.fill(1, "4", exec_id="e1")
        able.venue.status("canceled", 1)
        assert [r.size for r in sent(able, group.stop)] == [4]
        assert able.watcher.last(group.stop.oid).resp == "pending"

    async def test_a_stop_that_closed_all_ends_the_rest_of_the_entry(self, able: Bench) -> None:
        group = Bracket(able)
        works(able, group.entry, 1)
        able.venue.fill(1, "4", exec_id="e1")
        works(able, group.stop, 2)
        works(able, group.target, 3)
        able.venue.fill(2, "4", "95", exec_id="s1", action="sell")
        assert {c.oid for c in able.venue.cancels} == {group.entry.oid, group.target.oid}

    async def test_targets_share_what_is_filled_in_whole_lots(self, able: Bench) -> None:
        group = Bracket(able, "10", shares=("0.5", "0.3", "0.2"))
        works(able, group.entry, 1)
        able.venue.fill(1, "7", exec_id="e1")
        sizes = [sent(able, one)[0].size for one in group.targets]
        assert sizes == [3, 2, 2]
        assert sum(sizes) == 7

    async def test_one_refused_all_refused(self, bench: Bench) -> None:
        entry = make_order("buy", "100", "10")
        wrong = exit_of(entry.oid, "stop", "101", "10")
        target = exit_of(entry.oid, "target", "110", "10")
        bench.watcher.client.submit_group([entry, wrong, target])
        assert bench.venue.received == []
        told = {s.oid: s for s in bench.watcher.statuses()}
        assert {s.resp for s in told.values()} == {"error"}
        assert "at or above the price of its entry" in told[wrong.oid].reason
        assert "another order of its group" in told[entry.oid].reason

    async def test_a_dragged_stop_keeps_its_size(self, able: Bench) -> None:
        group = Bracket(able)
        works(able, group.entry, 1)
        able.venue.fill(1, "4", exec_id="e1")
        works(able, group.stop, 2)
        able.watcher.client.modify(replace(group.stop, price=Decimal(96)))
        assert [(c.price, c.size) for c in able.venue.changes] == [(96, 4)]

    async def test_a_stop_that_was_taken_back_can_be_put_again(self, able: Bench) -> None:
        group = Bracket(able)
        works(able, group.entry, 1)
        able.venue.fill(1, "10", exec_id="e1")
        works(able, group.stop, 2)
        again = exit_of(group.entry.oid, "stop", "96", "10")
        able.watcher.client.submit(again)
        assert "add up to 2" in able.watcher.last(again.oid).reason
        able.cancel(group.stop)
        able.venue.status("canceled", 2)
        another = exit_of(group.entry.oid, "stop", "96", "10")
        able.watcher.client.submit(another)
        assert [r.size for r in sent(able, another)] == [10]

    async def test_a_stop_for_what_filled_after_the_first_one_closed(self, able: Bench) -> None:
        group = Bracket(able)
        works(able, group.entry, 1)
        able.venue.fill(1, "4", exec_id="e1")
        works(able, group.stop, 2)
        able.venue.fill(2, "4", "95", exec_id="s1", action="sell")
        able.venue.status("closed", 2)
        able.venue.fill(1, "3", exec_id="e2")  # crosses the cancel of the entry's rest
        able.venue.status("canceled", 1)
        another = exit_of(group.entry.oid, "stop", "94", "10")
        able.watcher.client.submit(another)
        assert [r.size for r in sent(able, another)] == [3]

    async def test_a_wide_stop_at_the_venue_behind_one_that_is_held(self, able: Bench) -> None:
        entry = make_order("buy", "100", "10")
        near = exit_of(entry.oid, "stop", "97", "10", exec_mode="dark")
        wide = exit_of(entry.oid, "stop", "90", "10")
        able.watcher.client.submit_group([entry, near, wide])
        works(able, entry, 1)
        able.venue.fill(1, "10", exec_id="e1")
        assert [(r.oid, r.size) for r in able.venue.orders[1:]] == [(wide.oid, 10)]
        works(able, wide, 2)
        able.feed.trade(97)
        assert [r.type for r in sent(able, near)] == ["market"]
        assert [c.oid for c in able.venue.cancels] == [wide.oid]

    async def test_an_entry_that_reduces_another_position_is_not_stopped(self, able: Bench) -> None:
        able.submit("sell", "100", "6")
        works(able, able.watcher.statuses()[-1].req, 9)
        able.venue.fill(9, "6", exec_id="short", action="sell")
        able.venue.status("closed", 9)
        group = Bracket(able)
        works(able, group.entry, 1)
        able.venue.fill(1, "4", exec_id="e1")
        assert able.venue.cancels == []
        assert sent(able, group.stop) == []  # there is no long position yet
        able.venue.fill(1, "6", exec_id="e2")
        assert [r.size for r in sent(able, group.stop)] == [4]

    async def test_the_word_that_a_target_is_filled_is_enough_to_end_the_stop(
        self, able: Bench
    ) -> None:
        group = Bracket(able)
        works(able, group.entry, 1)
        able.venue.fill(1, "10", exec_id="e1")
        works(able, group.stop, 2)
        works(able, group.target, 3)
        able.venue.status("closed", 3)
        assert [c.oid for c in able.venue.cancels] == [group.stop.oid]


class TestExitsOfAPosition:
    async def test_attached_later_they_leave_at_once_and_end_with_the_position(
        self, able: Bench
    ) -> None:
        able.working("buy", "100", "10")
        able.venue.fill(1, "10", exec_id="e1")
        able.venue.status("closed", 1)
        group = str(uuid.uuid4())
        stop, target = (
            exit_of(group, "stop", "95", "10"),
            exit_of(group, "target", "110", "10"),
        )
        able.watcher.client.submit_group([stop, target])
        works(able, stop, 2)
        works(able, target, 3)
        assert [r.size for r in able.venue.orders[1:]] == [10, 10]
        other = able.submit("sell", "101", "10")
        works(able, other, 4)
        able.venue.fill(4, "10", "101", exec_id="o1", action="sell")
        assert {c.oid for c in able.venue.cancels} == {stop.oid, target.oid}

    async def test_without_a_position_there_is_nothing_to_exit(self, able: Bench) -> None:
        stop = exit_of(str(uuid.uuid4()), "stop", "95", "10")
        able.watcher.client.submit(stop)
        assert "no position" in able.watcher.last(stop.oid).reason

    async def test_a_smaller_position_shrinks_its_exits(self, able: Bench) -> None:
        able.working("buy", "100", "10")
        able.venue.fill(1, "10", exec_id="e1")
        able.venue.status("closed", 1)
        stop = exit_of(str(uuid.uuid4()), "stop", "95", "10")
        able.watcher.client.submit(stop)
        works(able, stop, 2)
        other = able.submit("sell", "101", "3")
        works(able, other, 4)
        able.venue.fill(4, "3", "101", exec_id="o1", action="sell")
        assert [(c.oid, c.size) for c in able.venue.changes] == [(stop.oid, 7)]


def peers() -> tuple[Order, Order]:
    link = Link(group=str(uuid.uuid4()), role="peer")
    return make_order("buy", "90", "5", link=link), make_order("buy", "91", "5", link=link)


class TestPeers:
    async def test_the_first_fill_cancels_the_others(self, bench: Bench) -> None:
        group = str(uuid.uuid4())
        one, two = (
            make_order("buy", p, "5", link=Link(group=group, role="peer")) for p in ("90", "91")
        )
        bench.watcher.client.submit_group([one, two])
        works(bench, one, 1)
        works(bench, two, 2)
        bench.venue.fill(1, "1", "90", exec_id="p1")
        assert [c.oid for c in bench.venue.cancels] == [two.oid]

    async def test_a_cancelled_peer_leaves_the_others(self, bench: Bench) -> None:
        group = str(uuid.uuid4())
        one, two = (
            make_order("buy", p, "5", link=Link(group=group, role="peer")) for p in ("90", "91")
        )
        bench.watcher.client.submit_group([one, two])
        works(bench, one, 1)
        bench.cancel(one)
        bench.venue.status("canceled", 1)
        assert bench.venue.cancels[-1].oid == one.oid
        assert bench.watcher.last(two.oid).resp == "pending"

    async def test_peers_of_two_accounts(self, bench: Bench) -> None:
        link = Link(group=str(uuid.uuid4()), role="peer")
        one = make_order("buy", "90", "5", link=link)
        two = make_order("buy", "91", "5", link=link, account="scripted.two")
        bench.watcher.client.submit_group([one, two])
        works(bench, one, 1)
        bench.venue.ack(two.oid, 1, account="scripted.two")
        bench.venue.fill(1, "5", "90", exec_id="p1")
        bench.venue.status("closed", 1)
        assert [(c.oid, c.account) for c in bench.venue.cancels] == [(two.oid, "scripted.two")]
        bench.venue.status("canceled", 1, account="scripted.two")
        assert bench.watcher.last(two.oid).reason == "Another order of its group was filled."
        bench.venue.fill(1, "1", "91", exec_id="late", account="scripted.two")
        bench.watcher.read()
        said = [m.text for m in bench.watcher.heard if isinstance(m, Notice)]
        assert any("More than one order of an OCO group" in text for text in said)


async def test_one_order_named_twice_in_a_group_is_not_sent_twice(bench: Bench) -> None:
    one, other = make_order("buy", "100", "2"), make_order("buy", "99", "2")
    bench.watcher.client.submit_group([one, other, one])
    assert bench.venue.orders == []
    assert [s.resp for s in bench.watcher.statuses()] == ["error", "error"]
    assert f"The order {one.oid} is there already" in bench.watcher.last(other.oid).reason
