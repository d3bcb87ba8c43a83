"""What comes late, twice, or about an order that nobody knows yet: found by hostile venues."""

from decimal import Decimal
from pathlib import Path

from msgspec.structs import replace

from ems.messages import BrokerdFill, BrokerdPosition, Order
from ems.ports import Opening
from tests.ems.conftest import Bench, Watcher, make_order, open_bench
from tests.ems.test_order_life import until
from tests.sims.scripted_venue import FQSN, ScriptedVenue


def a_fill(reqid: int, exec_id: str = "f") -> BrokerdFill:
    return BrokerdFill(
        reqid=reqid, account="scripted", symbol=FQSN, exec_id=exec_id, action="buy",
        size=Decimal(1), price=Decimal(100), broker_time_ns=1, time_ns=1,
    )  # fmt: skip


async def held_again(bench: Bench) -> Order:
    """A dark order that went out, and that the venue then said it does not know."""
    bench.feed.trade(101)
    order = bench.submit("buy", "100", exec_mode="dark")
    bench.feed.trade(100)
    bench.venue.lose_connection()
    bench.venue.reconnect()
    bench.venue.report(order.oid, found=False)
    assert bench.watcher.last(order.oid).resp == "dark_open"
    return order


class TestADarkOrderThatCountsAsNeverArrived:
    async def test_it_does_not_show_as_stale(self, bench: Bench) -> None:
        order = await held_again(bench)
        assert not bench.watcher.last(order.oid).stale

    async def test_its_late_ack_keeps_it_from_going_out_twice(self, bench: Bench) -> None:
        order = await held_again(bench)
        bench.venue.ack(order.oid, 5)
        bench.feed.trade(101)
        bench.feed.trade(99)
        assert [o.oid for o in bench.venue.orders] == [order.oid]
        bench.venue.report(order.oid, found=True, reqid=5, status="open", price="100", size="1")
        last = bench.watcher.last(order.oid)
        assert last.req is not None
        assert (last.resp, last.req.exec_mode, last.reqid) == ("open", "live", 5)

    async def test_found_alive_at_a_reconnect_it_is_live(self, bench: Bench) -> None:
        order = await held_again(bench)
        bench.venue.lose_connection()
        bench.venue.reconnect(bench.venue.live_order(replace(order, exec_mode="live"), 5))
        bench.feed.trade(99)
        assert [o.oid for o in bench.venue.orders] == [order.oid]
        assert bench.watcher.last(order.oid).resp == "open"

    async def test_cancelled_meanwhile_its_late_ack_is_asked_about(self, bench: Bench) -> None:
        order = await held_again(bench)
        bench.cancel(order)
        asked = len(bench.venue.queries)
        bench.venue.ack(order.oid, 5)
        assert len(bench.venue.queries) == asked + 1
        bench.venue.report(order.oid, found=True, reqid=5, status="open", price="100", size="1")
        assert bench.watcher.last(order.oid).resp == "open", "alive there is alive here"


class TestReports:
    async def asked(self, bench: Bench) -> Order:
        """An order that works, and that a reconnect did not show."""
        order = bench.working()
        bench.venue.lose_connection()
        bench.venue.reconnect()
        return order

    async def test_one_that_comes_twice_ends_nothing(self, bench: Bench) -> None:
        order = await self.asked(bench)
        (query,) = bench.venue.queries
        bench.venue.report(
            order.oid, found=True, reqid=1, status="open", price="100", size="1", to=query
        )
        bench.venue.report(order.oid, found=False, to=query)
        assert bench.watcher.last(order.oid).resp == "open"

    async def test_one_that_was_overtaken_is_asked_for_again(self, bench: Bench) -> None:
        order = await self.asked(bench)
        (query,) = bench.venue.queries
        bench.venue.status("open", price="97", size="1")
        bench.venue.report(order.oid, found=False, to=query)
        assert bench.watcher.last(order.oid).resp == "open"
        assert len(bench.venue.queries) == 2
        bench.venue.report(order.oid, found=False, to=bench.venue.queries[1])
        assert bench.watcher.last(order.oid).resp == "canceled"

    async def test_one_that_is_lost_is_asked_for_again(self, bench: Bench) -> None:
        order = await self.asked(bench)
        await until(lambda: len(bench.venue.queries) >= 3)
        assert bench.watcher.last(order.oid).stale
        bench.venue.report(order.oid, found=True, reqid=1, status="open", price="100", size="1",
                           to=bench.venue.queries[-1])  # fmt: skip
        assert not bench.watcher.last(order.oid).stale
        assert bench.watcher.last(order.oid).resp == "open"

    async def test_one_from_before_the_cancel_does_not_revive(self, bench: Bench) -> None:
        order = await self.asked(bench)
        (query,) = bench.venue.queries
        bench.venue.status("canceled")
        bench.venue.report(
            order.oid, found=True, reqid=1, status="open", price="100", size="1", to=query
        )
        assert bench.watcher.last(order.oid).resp == "canceled"

    async def test_its_fills_count_though_it_is_old(self, bench: Bench) -> None:
        order = await self.asked(bench)
        (query,) = bench.venue.queries
        bench.venue.status("canceled")
        bench.venue.report(order.oid, found=True, reqid=1, status="open", price="100", size="1",
                           fills=(a_fill(1),), to=query)  # fmt: skip
        assert bench.watcher.position().size == 1


class TestFillsOfOrdersThatNobodyKnowsYet:
    async def test_they_count_at_once_and_then_for_their_order(self, bench: Bench) -> None:
        order = make_order("buy", "100", "3")
        bench.venue.fill(77, exec_id="a")
        assert bench.watcher.position().size == 1
        bench.venue.say(bench.venue.live_order(order, 77, filled="1"))
        assert bench.watcher.last(order.oid).filled == 1
        bench.venue.fill(77, exec_id="a")
        assert (bench.watcher.last(order.oid).filled, bench.watcher.position().size) == (1, 1)

    async def test_a_fill_that_names_the_order_is_an_ack(self, bench: Bench) -> None:
        order = bench.submit("buy", "100", "2")
        bench.venue.say(replace(a_fill(9), oid=order.oid))
        last = bench.watcher.last(order.oid)
        assert (last.reqid, last.filled) == (9, 1)


class TestWordsThatWereLost:
    async def test_a_fill_that_the_status_counts_is_asked_for(self, bench: Bench) -> None:
        order = bench.working("buy", "100", "2")
        bench.venue.status("open", filled="1", price="100", size="2")
        await until(lambda: bench.venue.queries)
        bench.venue.report(order.oid, found=True, reqid=1, status="open", price="100", size="2",
                           fills=(a_fill(1),), to=bench.venue.queries[-1])  # fmt: skip
        assert bench.watcher.position().size == 1

    async def test_a_filled_order_does_not_stay_open(self, bench: Bench) -> None:
        order = bench.working()
        bench.venue.fill()
        await until(lambda: bench.venue.queries)
        bench.venue.report(order.oid, found=True, reqid=1, status="closed",
                           fills=(a_fill(1, "x1"),), to=bench.venue.queries[-1])  # fmt: skip
        assert bench.watcher.last(order.oid).resp == "closed"
        assert bench.watcher.position().size == 1


class TestIds:
    async def test_a_new_reqid_is_kept_over_a_restart(self, tmp_path: Path) -> None:
        async with open_bench(tmp_path) as bench:
            order = bench.working(reqid=1)
            bench.venue.ack(order.oid, 2)
            bench.venue.ack(order.oid, 1)  # late, and old news
        venue = ScriptedVenue()
        async with open_bench(tmp_path, venue) as again:
            again.cancel(order)
            assert [c.reqid for c in venue.cancels] == [2]

    async def test_a_venue_that_counts_anew_does_not_mix_orders_up(self, tmp_path: Path) -> None:
        async with open_bench(tmp_path) as bench:
            old = bench.working(reqid=1)
            bench.venue.status("canceled")
            new = bench.submit()
            bench.venue.ack(new.oid, 1)
        venue = ScriptedVenue()
        venue.opening = Opening(accounts=venue.accounts, orders=(venue.live_order(new, 1),))
        async with open_bench(tmp_path, venue) as again:
            assert again.watcher.resps() == ["open"]
            venue.fill(1)
            assert again.watcher.last(new.oid).filled == 1
            assert again.ems.index.by_oid(old.oid).filled == 0


async def test_a_live_order_told_late_does_not_revive_it(bench: Bench) -> None:
    order = bench.working()
    told = bench.venue.live_order(order, 1)
    bench.venue.status("canceled")
    bench.venue.say(told)
    assert bench.watcher.last(order.oid).resp == "canceled"
    assert len(bench.venue.queries) == 1


async def test_what_was_said_before_the_line_broke_is_older_than_the_opening(
    bench: Bench,
) -> None:
    order = bench.submit()
    bench.venue.status("open", 3, price="100", size="1")
    bench.venue.lose_connection()
    bench.venue.reconnect(bench.venue.live_order(replace(order, price=Decimal(98)), 3))
    last = bench.watcher.last(order.oid)
    assert last.req is not None
    assert last.req.price == 98


async def test_a_refusal_of_what_the_venue_took_is_asked_about(bench: Bench) -> None:
    order = bench.working()
    bench.venue.refuse("duplicate client id", oid=order.oid, request="new")
    assert bench.watcher.last(order.oid).resp == "open"
    assert len(bench.venue.queries) == 1


async def test_a_position_that_the_venue_does_not_name_any_more_is_flat_there(
    bench: Bench,
) -> None:
    bench.working()
    bench.venue.fill()
    bench.venue.say(BrokerdPosition(account="scripted", symbol=FQSN, size=Decimal(1), time_ns=1))
    assert bench.watcher.position().venue_size == 1
    bench.venue.lose_connection()
    bench.venue.reconnect()
    position = Watcher(bench.ems).position()
    assert (position.size, position.venue_size) == (1, 0), "a difference is shown"
