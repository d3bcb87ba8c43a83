"""Day, GTD, IOC, post-only and reduce-only: at the venue if it can, else here or not at all."""

from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

from msgspec.structs import replace

from ems.expiry import ends_ns
from ems.ports import Abilities
from tests.ems.brackets import ALL
from tests.ems.conftest import Bench, make_order, open_bench
from tests.ems.test_order_life import until
from tests.sims.scripted_venue import MARKET, AbleVenue, PushFeed, ScriptedVenue

NEW_YORK = replace(MARKET, timezone="America/New_York")


class Clock:
    """Shows the time that a test sets."""

    def __init__(self, text: str) -> None:
        self.now_ns = at(text)

    def __call__(self) -> int:
        return self.now_ns


def at(text: str) -> int:
    return int(datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp()) * 1_000_000_000


def soon(bench: Bench) -> int:
    return bench.ems._clock() + 50_000_000


class TestHeldHere:
    async def test_a_day_order_for_a_venue_without_them_is_held_and_ends(
        self, tmp_path: Path
    ) -> None:
        clock = Clock("2026-11-20 20:00:00")
        async with open_bench(tmp_path, feed=PushFeed(NEW_YORK), clock=clock) as bench:
            bench.feed.trade(101)
            order = bench.submit("buy", "100", tif="day")
            assert bench.watcher.last(order.oid).resp == "dark_open"
            clock.now_ns = at("2026-11-21 04:59:59")  # a second before midnight in New York
            bench.ems.expiry.end_now()
            assert bench.watcher.last(order.oid).resp == "dark_open"
            clock.now_ns = at("2026-11-21 05:00:00")
            bench.ems.expiry.end_now()
            last = bench.watcher.last(order.oid)
            assert (last.resp, last.reason) == ("canceled", "Its day was over.")

    async def test_a_gtd_order_ends_by_itself(self, bench: Bench) -> None:
        order = bench.submit("buy", "90", tif="gtd", expires_ns=soon(bench))
        assert bench.watcher.last(order.oid).resp == "dark_open"
        await until(lambda: bench.watcher.last(order.oid).resp == "canceled")

    async def test_one_whose_time_passed_while_closed_never_fires(self, tmp_path: Path) -> None:
        clock = Clock("2026-11-20 20:00:00")
        async with open_bench(tmp_path, clock=clock) as bench:
            bench.feed.trade(101)
            order = bench.submit("buy", "100", tif="gtd", expires_ns=at("2026-11-21 00:00:00"))
        clock.now_ns = at("2026-11-22 00:00:00")
        async with open_bench(tmp_path, clock=clock) as bench:
            bench.feed.trade(99)
            assert bench.venue.orders == []
            story = bench.ems.journal.history(order.oid)
            assert (story[-1].event, story[-1].reason) == ("CANCEL", "Its time was over.")

    async def test_once_out_as_gtc_its_end_is_asked_of_the_venue(self, bench: Bench) -> None:
        bench.feed.trade(101)
        order = bench.submit("buy", "100", tif="gtd", expires_ns=soon(bench))
        bench.feed.trade(100)
        assert bench.venue.orders[0].tif == "gtc"
        bench.venue.works(order.oid, 1)
        await until(lambda: bool(bench.venue.cancels))
        bench.venue.status("canceled", 1)
        assert bench.watcher.last(order.oid).reason == "Its time was over."

    async def test_a_time_that_is_over_is_refused(self, bench: Bench) -> None:
        order = bench.submit("buy", "90", tif="gtd", expires_ns=1)
        assert bench.watcher.last(order.oid).reason == "Its time is over already."


class TestAtTheVenue:
    async def test_what_it_can_do_goes_there_as_it_is(self, tmp_path: Path) -> None:
        async with open_bench(tmp_path, AbleVenue(ALL)) as bench:
            when = soon(bench)
            bench.submit("buy", "100", tif="gtd", expires_ns=when, post_only=True)
            bench.submit("buy", "99", tif="day", reduce_only=True)
            bench.submit("buy", "98", tif="ioc")
            first, second, third = bench.venue.orders
            assert (first.tif, first.expires_ns, first.post_only) == ("gtd", when, True)
            assert (second.tif, second.reduce_only) == ("day", True)
            assert third.tif == "ioc"

    async def test_what_it_cannot_is_refused_in_words(self, bench: Bench) -> None:
        for fields, words in (({"post_only": True}, "post-only"), ({"tif": "ioc"}, "immediate")):
            order = bench.submit("buy", "100", **fields)
            assert words in bench.watcher.last(order.oid).reason
        assert bench.venue.received == []

    async def test_reduce_only_is_cut_to_the_position_as_it_leaves(self, tmp_path: Path) -> None:
        async with open_bench(tmp_path, ScriptedVenue()) as bench:
            none = bench.submit("sell", "101", "5", reduce_only=True)
            assert "no position" in bench.watcher.last(none.oid).reason
            bench.working("buy", "100", "3")
            bench.venue.fill(1, "3")
            dark = bench.submit("sell", "101", "5", reduce_only=True, exec_mode="dark")
            bench.feed.trade(100)
            bench.feed.trade(101)
            assert [(o.oid, o.size) for o in bench.venue.orders[1:]] == [(dark.oid, 3)]


async def test_abilities_are_those_of_the_accounts_broker(tmp_path: Path) -> None:
    can = Abilities(types=frozenset({"limit", "stop"}))
    async with open_bench(tmp_path, AbleVenue(can)) as bench:
        assert bench.watcher.client.abilities("scripted", MARKET.fqsn) == can
        assert bench.watcher.client.abilities("nobody", MARKET.fqsn) == Abilities()


def test_a_day_ends_at_midnight_of_the_market_also_when_clocks_change() -> None:
    order = make_order("buy", "1", tif="day")
    for made, ends in (
        ("2026-11-01 03:00:00", "2026-11-01 04:00:00"),  # still Saturday there, summer time
        ("2026-11-01 12:00:00", "2026-11-02 05:00:00"),  # clocks went back that day
    ):
        assert ends_ns(order, NEW_YORK, at(made)) == at(ends)
    assert ends_ns(replace(order, tif="gtc"), NEW_YORK, 0) is None
    assert order.price == Decimal(1)
