"""Groups over restarts and reconnects: what happened meanwhile is put right first thing."""

from decimal import Decimal
from pathlib import Path

import pytest
from msgspec.structs import replace

from ems.messages import BrokerdFill, Order
from ems.ports import Opening
from tests.ems.brackets import ALL, Bracket, sent, works
from tests.ems.conftest import notices, open_bench
from tests.ems.test_order_life import until
from tests.sims.scripted_venue import FQSN, AbleVenue


def fill_of(order: Order, reqid: int, size: str, exec_id: str) -> BrokerdFill:
    return BrokerdFill(
        reqid=reqid, account="scripted", symbol=FQSN, exec_id=exec_id,
        action=order.action,  # type: ignore[arg-type]
        size=Decimal(size), price=order.price, broker_time_ns=1, time_ns=1,
    )  # fmt: skip


@pytest.fixture
def venue() -> AbleVenue:
    return AbleVenue(ALL)


class TestRestart:
    async def test_exits_that_wait_wait_again(self, tmp_path: Path, venue: AbleVenue) -> None:
        async with open_bench(tmp_path, venue) as bench:
            group = Bracket(bench)
            works(bench, group.entry, 1)
        venue.opening = Opening(accounts=venue.accounts, orders=(venue.live_order(group.entry, 1),))
        async with open_bench(tmp_path, venue) as bench:
            assert bench.watcher.last(group.stop.oid).waits
            bench.venue.fill(1, "10", exec_id="e1")
            assert [r.size for r in sent(bench, group.stop)] == [10]

    async def test_where_a_stop_was_placed_first_is_known_again(
        self, tmp_path: Path, venue: AbleVenue
    ) -> None:
        async with open_bench(tmp_path, venue) as bench:
            group = Bracket(bench)
            works(bench, group.entry, 1)
            bench.watcher.client.modify(replace(group.stop, price=Decimal(97)))
        async with open_bench(tmp_path, venue) as bench:
            told = [bench.watcher.last(one.oid) for one in (group.stop, group.target)]
            assert told[0].req is not None
            assert (told[0].req.price, told[0].first_price) == (Decimal(97), Decimal(95))
            assert told[1].first_price is None

    async def test_an_entry_filled_while_closed_lets_its_exits_go(
        self, tmp_path: Path, venue: AbleVenue
    ) -> None:
        async with open_bench(tmp_path, venue) as bench:
            group = Bracket(bench)
            works(bench, group.entry, 1)
        fill = fill_of(group.entry, 1, "10", "e1")
        venue.opening = Opening(accounts=venue.accounts, fills=(fill,))
        async with open_bench(tmp_path, venue) as bench:
            assert [r.size for r in sent(bench, group.stop)] == [10]
            assert [r.size for r in sent(bench, group.target)] == [10]

    async def test_an_exit_filled_while_closed_takes_the_other_with_it(
        self, tmp_path: Path, venue: AbleVenue
    ) -> None:
        async with open_bench(tmp_path, venue) as bench:
            group = Bracket(bench)
            group.enter()
            venue.status("closed", 1)
            group.exits_work()
        venue.opening = Opening(
            accounts=venue.accounts,
            orders=(venue.live_order(group.stop, 2),),
            fills=(fill_of(group.target, 3, "10", "t1"),),
        )
        venue.received.clear()
        async with open_bench(tmp_path, venue) as bench:
            assert [c.oid for c in venue.cancels] == [group.stop.oid]

    async def test_a_dark_stop_is_armed_again_for_what_is_left(
        self, tmp_path: Path, venue: AbleVenue
    ) -> None:
        async with open_bench(tmp_path, venue) as bench:
            group = Bracket(bench, exec_mode="dark")
            group.enter()
            venue.status("closed", 1)
        async with open_bench(tmp_path, venue) as bench:
            bench.feed.trade(94)
            (gone,) = sent(bench, group.stop)
            assert (gone.type, gone.size) == ("market", 10)
            assert sent(bench, group.target) == []
            assert bench.watcher.last(group.target.oid).resp == "canceled"

    async def test_an_exit_whose_ack_was_lost_is_not_sent_twice(
        self, tmp_path: Path, venue: AbleVenue
    ) -> None:
        async with open_bench(tmp_path, venue) as bench:
            group = Bracket(bench)
            group.enter()
            assert len(sent(bench, group.stop)) == 1
        async with open_bench(tmp_path, venue) as bench:
            assert len(sent(bench, group.stop)) == 1
            assert group.stop.oid in [q.oid for q in venue.queries]
            query = next(q for q in reversed(venue.queries) if q.oid == group.stop.oid)
            venue.report(group.stop.oid, found=False, to=query)
            assert len(sent(bench, group.stop)) == 2  # it is not there, for sure

    async def test_both_exits_filled_while_closed_is_said(
        self, tmp_path: Path, venue: AbleVenue
    ) -> None:
        async with open_bench(tmp_path, venue) as bench:
            group = Bracket(bench)
            group.enter()
            venue.status("closed", 1)
            group.exits_work()
        fills = (fill_of(group.target, 3, "10", "t1"), fill_of(group.stop, 2, "10", "s1"))
        venue.opening = Opening(accounts=venue.accounts, fills=fills)
        async with open_bench(tmp_path, venue) as bench:
            assert any("filled by 10 more than their entry" in text for text in notices(bench))


class TestReconnect:
    async def test_nothing_leaves_while_the_line_is_down(
        self, tmp_path: Path, venue: AbleVenue
    ) -> None:
        async with open_bench(tmp_path, venue) as bench:
            group = Bracket(bench)
            works(bench, group.entry, 1)
            venue.lose_connection()
            assert sent(bench, group.stop) == []
            venue.reconnect(fills=(fill_of(group.entry, 1, "10", "e1"),))
            assert [r.size for r in sent(bench, group.stop)] == [10]

    async def test_an_exit_that_did_not_leave_is_let_go_anew(
        self, tmp_path: Path, venue: AbleVenue
    ) -> None:
        async with open_bench(tmp_path, venue) as bench:
            group = Bracket(bench)
            works(bench, group.entry, 1)
            venue.refuses_to_send = True
            venue.fill(1, "10", exec_id="e1")
            last = bench.watcher.last(group.stop.oid)
            assert (last.waits, last.refused) == (True, "new")
            venue.refuses_to_send = False
            await until(lambda: bool(sent(bench, group.stop)))

    async def test_a_stop_that_the_venue_refused_is_said_to_be_missing(
        self, tmp_path: Path, venue: AbleVenue
    ) -> None:
        async with open_bench(tmp_path, venue) as bench:
            group = Bracket(bench)
            group.enter()
            venue.refuse("no stops today", oid=group.stop.oid)
            assert any(
                "A position of 10" in text and "no stops today" in text for text in notices(bench)
            )

    async def test_a_stop_that_its_owner_took_back_is_not(
        self, tmp_path: Path, venue: AbleVenue
    ) -> None:
        async with open_bench(tmp_path, venue) as bench:
            group = Bracket(bench)
            group.enter()
            works(bench, group.stop, 2)
            bench.cancel(group.stop)
            venue.status("canceled", 2, reason="cancelled by its owner, says the venue")
            assert notices(bench) == []

    async def test_one_that_the_venue_cancelled_is(self, tmp_path: Path, venue: AbleVenue) -> None:
        async with open_bench(tmp_path, venue) as bench:
            group = Bracket(bench)
            group.enter()
            works(bench, group.stop, 2)
            venue.status("canceled", 2)
            assert any("A position of 10" in text for text in notices(bench))


class TestRefusedChanges:
    async def test_a_stop_that_cannot_be_made_smaller_is_cancelled_and_said(
        self, tmp_path: Path, venue: AbleVenue
    ) -> None:
        async with open_bench(tmp_path, venue) as bench:
            group = Bracket(bench)
            group.enter()
            group.exits_work()
            venue.fill(3, "4", "110", exec_id="t1", action="sell")
            venue.refuse("no changes", reqid=2, request="modify")
            assert [c.reqid for c in venue.cancels] == [2]
            venue.status("canceled", 2)
            assert any("A position of 6" in text for text in notices(bench))

    async def test_a_cancel_that_was_refused_is_asked_for_again(
        self, tmp_path: Path, venue: AbleVenue
    ) -> None:
        async with open_bench(tmp_path, venue) as bench:
            group = Bracket(bench)
            group.enter()
            group.exits_work()
            venue.fill(3, "10", "110", exec_id="t1", action="sell")
            venue.refuse("busy", reqid=2, request="cancel")
            venue.report(
                group.stop.oid, found=True, reqid=2, status="open", price="95", size="10",
                to=venue.queries[-1],
            )  # fmt: skip
            await until(lambda: len(venue.cancels) > 1)
