"""The rules of an order's life (DESIGN 1-18), each through the EMS's public face."""

import asyncio
from decimal import Decimal
from pathlib import Path

import pytest
from msgspec.structs import replace

from ems.messages import BrokerdFill, BrokerdStatus, Cancel, Connection, Order, Status
from ems.ports import Opening
from tests.ems.conftest import Bench, Watcher, make_order, open_bench
from tests.sims.scripted_venue import FQSN, PushFeed, ScriptedVenue


async def until(condition, timeout_s: float = 20) -> None:
    """Let the loop run until the condition holds."""
    async with asyncio.timeout(timeout_s):
        while not condition():
            await asyncio.sleep(0.005)


class TestPlainLife:
    async def test_submit_ack_open_fill_closed(self, bench: Bench) -> None:
        order = bench.submit("buy", "100", "2")
        assert [r.oid for r in bench.venue.orders] == [order.oid]
        bench.venue.works(order.oid)
        bench.venue.fill(size="2")
        bench.venue.status("closed")
        assert bench.watcher.resps(order.oid) == ["pending", "pending", "open", "fill", "closed"]
        last = bench.watcher.last(order.oid)
        assert (last.filled, last.remaining, last.avg_price) == (2, 0, 100)
        assert all(s.req is not None and s.req.oid == order.oid for s in bench.watcher.statuses())

    async def test_partial_fill_leaves_it_open(self, bench: Bench) -> None:
        order = bench.working("buy", "100", "3")
        bench.venue.fill(size="1")
        assert bench.watcher.last(order.oid).remaining == 2
        bench.watcher.client.modify(replace(order, price=Decimal("99")))
        bench.cancel(order)
        assert [c.price for c in bench.venue.changes] == [99]
        assert [c.oid for c in bench.venue.cancels] == [order.oid]

    async def test_modify_shows_as_asked_for_until_the_venue_agrees(self, bench: Bench) -> None:
        order = bench.working()
        bench.watcher.client.modify(replace(order, price=Decimal("99.5")))
        asked = bench.watcher.last(order.oid)
        assert asked.req is not None
        assert asked.change is not None
        assert (asked.req.price, asked.change.price) == (100, Decimal("99.5"))
        bench.venue.status("open", price="99.5", size="1")
        done = bench.watcher.last(order.oid)
        assert done.req is not None
        assert (done.req.price, done.change) == (Decimal("99.5"), None)


class TestBeforeTheAck:
    async def test_rule_1_cancel_before_ack(self, bench: Bench) -> None:
        order = bench.submit(account="scripted.two")
        bench.cancel(order)
        bench.cancel(order)
        assert bench.watcher.last(order.oid).cancel_called
        assert bench.venue.cancels == []
        bench.venue.ack(order.oid, 7, account="scripted.two")
        (cancel,) = bench.venue.cancels
        assert (cancel.reqid, cancel.account) == (7, "scripted.two")
        bench.venue.status("canceled", 7, account="scripted.two")
        bench.venue.status("canceled", 7, account="scripted.two")
        assert bench.watcher.resps(order.oid).count("canceled") == 1

    async def test_rule_2_modify_before_ack_newest_wins(self, bench: Bench) -> None:
        order = bench.submit()
        for price in ("99", "98", "97"):
            bench.watcher.client.modify(replace(order, price=Decimal(price)))
        assert (len(bench.venue.orders), bench.venue.changes) == (1, [])
        bench.venue.ack(order.oid, 7)
        assert [(c.reqid, c.price) for c in bench.venue.changes] == [(7, 97)]
        assert len(bench.venue.orders) == 1

    async def test_cancel_beats_a_kept_modify(self, bench: Bench) -> None:
        order = bench.submit()
        bench.watcher.client.modify(replace(order, price=Decimal("99")))
        bench.cancel(order)
        bench.venue.ack(order.oid)
        assert (bench.venue.changes, len(bench.venue.cancels)) == ([], 1)

    async def test_rule_3_cancel_after_trigger_before_ack(self, bench: Bench) -> None:
        bench.feed.trade(101)
        order = bench.submit("buy", "100", exec_mode="dark")
        bench.feed.trade(100)
        bench.cancel(order)
        assert bench.venue.cancels == []
        bench.venue.ack(order.oid)
        assert len(bench.venue.cancels) == 1

    async def test_rule_4_status_and_fill_before_the_ack(self, bench: Bench) -> None:
        order = bench.submit("buy", "100", "2")
        bench.venue.status("open", 9)
        bench.venue.fill(9, size="2")
        bench.venue.status("closed", 9)
        assert bench.watcher.resps(order.oid) == ["pending"]
        bench.venue.ack(order.oid, 9)
        assert bench.watcher.resps(order.oid) == ["pending", "pending", "open", "fill", "closed"]

    async def test_a_second_modify_waits_for_the_answer_to_the_first(self, bench: Bench) -> None:
        order = bench.working()
        for price in ("99", "98", "97"):
            bench.watcher.client.modify(replace(order, price=Decimal(price)))
        assert [c.price for c in bench.venue.changes] == [99]
        bench.venue.status("open", price="99", size="1")
        assert [c.price for c in bench.venue.changes] == [99, 97]


class TestRefusals:
    async def test_rule_7_modify_refused_leaves_the_order(self, bench: Bench) -> None:
        order = bench.working()
        bench.watcher.client.modify(replace(order, price=Decimal("90")))
        bench.venue.refuse("price too far", reqid=1, request="modify")
        last = bench.watcher.last(order.oid)
        assert (last.resp, last.refused, last.reason) == ("open", "modify", "price too far")
        assert last.req is not None
        assert (last.req.price, last.change) == (100, None)

    @pytest.mark.parametrize("said", [None, "new"])
    async def test_rule_8_order_refused_without_a_reqid(self, bench: Bench, said) -> None:
        order = bench.submit()
        bench.venue.refuse("EOrder:Insufficient funds", oid=order.oid, request=said)
        last = bench.watcher.last(order.oid)
        assert (last.resp, last.reason) == ("error", "EOrder:Insufficient funds")
        assert Watcher(bench.ems).statuses() == []

    async def test_refusal_that_names_no_order_reaches_everyone(self, bench: Bench) -> None:
        bench.venue.refuse("maintenance")
        assert any("maintenance" in getattr(m, "text", "") for m in bench.watcher.read())

    async def test_rule_6_cannot_cancel_because_it_was_filled(self, bench: Bench) -> None:
        order = bench.working()
        bench.cancel(order)
        bench.venue.refuse("cannot cancel: filled", reqid=1, request="cancel")
        assert len(bench.venue.queries) == 1
        bench.venue.fill()
        bench.venue.status("closed")
        assert bench.watcher.last(order.oid).resp == "closed"
        assert not any(s.refused or s.resp == "error" for s in bench.watcher.statuses(order.oid))

    async def test_cancel_refused_and_the_order_lives(self, bench: Bench) -> None:
        order = bench.working()
        bench.cancel(order)
        bench.venue.refuse("auction: no cancels", reqid=1, request="cancel")
        bench.venue.report(order.oid, found=True, reqid=1, status="open", price="100", size="1")
        last = bench.watcher.last(order.oid)
        assert (last.resp, last.cancel_called, last.refused) == ("open", False, "cancel")
        assert last.reason == "auction: no cancels"

    async def test_nothing_was_sent(self, bench: Bench) -> None:
        bench.venue.refuses_to_send = True
        order = bench.submit()
        last = bench.watcher.last(order.oid)
        assert last.resp == "error"
        assert "the line is cut" in last.reason

    @pytest.mark.parametrize(
        ("fields", "words"),
        [
            ({"price": Decimal("100.005")}, "tick size"),
            ({"price": Decimal("-1")}, "tick size"),
            ({"size": Decimal("0.5")}, "lot size"),
            ({"size": Decimal("0")}, "lot size"),
            ({"account": "ib.main"}, "No broker"),
            ({"account": "scripted.three"}, "no account"),
            ({"symbol": "xyz.test.scripted"}, "not open"),
            ({"oid": "1"}, "uuid"),
            ({"brokers": ("ib",)}, "cannot trade"),
        ],
    )
    async def test_the_gate_stops_what_cannot_be_meant(self, bench: Bench, fields, words) -> None:
        order = replace(make_order(), **fields)
        bench.watcher.client.submit(order)
        last = bench.watcher.last(order.oid)
        assert (last.resp, last.refused) == ("error", "new")
        assert words in last.reason
        assert bench.venue.received == []

    async def test_change_of_side_is_refused_here(self, bench: Bench) -> None:
        order = bench.working()
        bench.watcher.client.modify(replace(order, action="sell"))
        last = bench.watcher.last(order.oid)
        assert (last.resp, last.refused) == ("open", "modify")
        assert bench.venue.changes == []

    async def test_cancel_and_modify_of_nothing(self, bench: Bench) -> None:
        order = make_order()
        bench.watcher.client.modify(order)
        bench.cancel(order)
        assert [s.refused for s in bench.watcher.statuses(order.oid)] == ["modify", "cancel"]
        assert bench.venue.received == []


class TestLateAndTwice:
    @pytest.mark.parametrize("end", ["canceled", "closed"])
    async def test_rule_5_late_fill_counts_and_revives_nothing(self, bench: Bench, end) -> None:
        order = bench.working("buy", "100", "2")
        bench.venue.status(end)
        bench.venue.fill(size="1")
        assert bench.watcher.resps(order.oid)[-2:] == [end, "fill"]
        assert bench.watcher.position().size == 1
        assert Watcher(bench.ems).statuses() == []

    async def test_rule_9_duplicates_have_no_effect(self, bench: Bench) -> None:
        order = bench.working("buy", "100", "3")
        bench.venue.works(order.oid)
        bench.venue.fill()
        heard = len(bench.watcher.statuses(order.oid))
        bench.venue.works(order.oid)
        bench.venue.fill()
        assert len(bench.watcher.statuses(order.oid)) == heard
        assert bench.watcher.position().size == 1

    async def test_overtaken_status_does_not_move_the_line_back(self, bench: Bench) -> None:
        order = bench.working()
        bench.watcher.client.modify(replace(order, price=Decimal("99")))
        bench.venue.status("open", price="99", size="1", seq=2)
        bench.venue.status("open", price="100", size="1", seq=1)
        last = bench.watcher.last(order.oid)
        assert last.req is not None
        assert last.req.price == 99

    async def test_rule_10_unknown_status_is_logged_whole(self, bench: Bench, caplog) -> None:
        order = bench.working()
        heard = len(bench.watcher.statuses(order.oid))
        bench.venue.status("teleported", reason="why not")
        assert len(bench.watcher.statuses(order.oid)) == heard
        assert "teleported" in caplog.text
        assert "why not" in caplog.text

    async def test_rule_12_reqid_is_only_unique_within_an_account(self, bench: Bench) -> None:
        one = bench.submit()
        two = bench.submit(account="scripted.two")
        bench.venue.ack(one.oid, 5)
        bench.venue.ack(two.oid, 5, account="scripted.two")
        bench.venue.status("canceled", 5, account="scripted.two")
        assert bench.watcher.last(one.oid).resp == "pending"
        assert bench.watcher.last(two.oid).resp == "canceled"


class TestOutsideOrders:
    async def test_rule_11_appears_is_moved_cancelled_and_goes(self, bench: Bench) -> None:
        order = make_order()
        bench.venue.say(bench.venue.live_order(order, 77))
        shown = bench.watcher.last(order.oid)
        assert (shown.resp, shown.reqid, bool(shown.origin)) == ("open", 77, True)
        bench.watcher.client.modify(replace(order, price=Decimal("98")))
        bench.venue.status("open", 77, price="98", size="1")
        bench.cancel(order)
        bench.venue.status("canceled", 77)
        assert [(c.reqid, c.price) for c in bench.venue.changes] == [(77, 98)]
        assert [c.reqid for c in bench.venue.cancels] == [77]
        assert bench.watcher.last(order.oid).resp == "canceled"

    async def test_moved_in_the_venues_own_app(self, bench: Bench) -> None:
        order = bench.working()
        bench.venue.status("open", price="95", size="4")
        last = bench.watcher.last(order.oid)
        assert last.req is not None
        assert (last.req.price, last.req.size) == (95, 4)


class TestConnection:
    async def test_rule_13_stale_then_reconciled(self, bench: Bench) -> None:
        kept = bench.working(reqid=1)
        gone = bench.working(reqid=2)
        new = make_order()
        bench.venue.lose_connection()
        assert all(bench.watcher.last(o.oid).stale for o in (kept, gone))
        bench.venue.reconnect(
            bench.venue.live_order(replace(kept, price=Decimal("97")), 1),
            bench.venue.live_order(new, 3),
        )
        assert [q.oid for q in bench.venue.queries] == [gone.oid]
        bench.venue.report(gone.oid, found=False)
        last = bench.watcher.last(kept.oid)
        assert last.req is not None
        assert (last.req.price, last.stale) == (97, False)
        assert bench.watcher.last(new.oid).resp == "open"
        ended = bench.watcher.last(gone.oid)
        assert (ended.resp, bool(ended.reason)) == ("canceled", True)

    async def test_filled_while_away_is_counted_once(self, bench: Bench) -> None:
        order = bench.working()
        bench.venue.lose_connection()
        bench.venue.reconnect()
        fill = BrokerdFill(
            reqid=1, account="scripted", symbol=FQSN, exec_id="f", action="buy",
            size=Decimal(1), price=Decimal(100), broker_time_ns=1, time_ns=1,
        )  # fmt: skip
        for _ in range(2):
            bench.venue.report(order.oid, found=True, reqid=1, status="closed", fills=(fill,))
        assert bench.watcher.resps(order.oid)[-2:] == ["fill", "closed"]
        assert bench.watcher.position().size == 1

    async def test_a_fill_of_an_order_that_never_got_its_ack_belongs_to_the_order(
        self, bench: Bench
    ) -> None:
        order = bench.submit()
        bench.venue.lose_connection()
        fill = BrokerdFill(
            reqid=1, account="scripted", symbol=FQSN, exec_id="f", action="buy", oid=order.oid,
            size=Decimal(1), price=Decimal(100), broker_time_ns=1, time_ns=1,
        )  # fmt: skip
        bench.venue.reconnect(fills=(fill,))
        bench.venue.report(order.oid, found=True, reqid=1, status="closed", fills=(fill,))
        assert bench.watcher.resps(order.oid)[-2:] == ["fill", "closed"]
        assert (bench.watcher.last(order.oid).filled, bench.watcher.position().size) == (1, 1)

    async def test_dark_order_waits_for_the_line(self, bench: Bench) -> None:
        bench.feed.trade(101)
        order = bench.submit("buy", "100", exec_mode="dark")
        bench.venue.refuses_to_send = True
        bench.feed.trade(100)
        held = bench.watcher.last(order.oid)
        assert held.resp == "dark_open"
        assert "Not sent" in held.reason
        bench.venue.refuses_to_send = False
        bench.venue.lose_connection()
        bench.venue.reconnect()
        bench.feed.trade(99)
        assert [o.oid for o in bench.venue.orders] == [order.oid]


class TestOutcomeUnknown:
    async def test_rule_18_silence_is_no_answer_and_nothing_is_resent(self, bench: Bench) -> None:
        order = bench.submit()
        await until(lambda: bench.venue.queries)
        shown = bench.watcher.last(order.oid)
        assert (shown.resp, shown.outcome_unknown) == ("pending", True)
        assert len(bench.venue.orders) == 1
        bench.venue.report(order.oid, found=True, reqid=4, status="open", price="100", size="1")
        shown = bench.watcher.last(order.oid)
        assert (shown.resp, shown.reqid, shown.outcome_unknown) == ("open", 4, False)

    async def test_the_venue_never_had_it(self, bench: Bench) -> None:
        order = bench.submit()
        await until(lambda: bench.venue.queries)
        bench.venue.report(order.oid, found=False)
        assert bench.watcher.last(order.oid).resp == "error"

    async def test_asked_again_while_silent(self, bench: Bench) -> None:
        bench.submit()
        await until(lambda: len(bench.venue.queries) >= 3)
        assert len(bench.venue.orders) == 1

    async def test_request_kept_while_unknown_goes_out_once_known(self, bench: Bench) -> None:
        order = bench.submit()
        await until(lambda: bench.venue.queries)
        bench.watcher.client.modify(replace(order, price=Decimal("99")))
        bench.venue.report(order.oid, found=True, reqid=4, status="open", price="100", size="1")
        assert [(c.reqid, c.price) for c in bench.venue.changes] == [(4, 99)]
        bench.venue.status("open", 4, price="99", size="1")
        last = bench.watcher.last(order.oid)
        assert last.req is not None
        assert (last.req.price, last.change) == (99, None)

    async def test_silent_modify(self, bench: Bench) -> None:
        order = bench.working()
        bench.watcher.client.modify(replace(order, price=Decimal("99")))
        await until(lambda: bench.venue.queries)
        assert bench.watcher.last(order.oid).outcome_unknown
        bench.venue.report(order.oid, found=True, reqid=1, status="open", price="100", size="1")
        last = bench.watcher.last(order.oid)
        assert (last.resp, last.refused, last.change) == ("open", "modify", None)

    async def test_acked_late_after_it_was_given_up(self, bench: Bench) -> None:
        order = bench.submit()
        await until(lambda: bench.venue.queries)
        bench.venue.report(order.oid, found=False)
        asked = len(bench.venue.queries)
        bench.venue.ack(order.oid, 6)
        assert len(bench.venue.queries) == asked + 1
        bench.venue.report(order.oid, found=True, reqid=6, status="open", price="100", size="1")
        assert bench.watcher.last(order.oid).resp == "open"
        assert [s.oid for s in Watcher(bench.ems).statuses()] == [order.oid]


class TestClients:
    async def test_rule_14_everything_at_once_then_every_change(self, bench: Bench) -> None:
        bench.feed.trade(101)
        live = bench.working("buy", "100", "3")
        bench.venue.fill(size="1")
        dark = bench.submit("sell", "110", exec_mode="dark")
        alert = bench.submit("alert", "105", exec_mode="dark")
        second = Watcher(bench.ems)
        first_look = {s.oid: s.resp for s in second.statuses()}
        assert first_look == {live.oid: "open", dark.oid: "dark_open", alert.oid: "dark_open"}
        assert second.last(live.oid).filled == 1
        assert second.position().size == 1
        second.client.cancel(Cancel(oid=dark.oid, symbol=FQSN))
        assert bench.watcher.last(dark.oid).resp == "canceled"
        assert second.resps(dark.oid) == ["dark_open", "canceled"]

    async def test_client_hears_only_of_its_markets(self, bench: Bench) -> None:
        other = Watcher(bench.ems, ["other.test.scripted"])
        bench.working()
        assert other.statuses() == []

    async def test_stream_ends_when_closed(self, bench: Bench) -> None:
        client = bench.ems.connect()
        bench.submit()
        client.close()
        heard = [msg async for msg in client]
        assert [type(m) for m in heard] == [Connection, Status]


class TestTriggers:
    async def test_rule_15_alert_rings_once_and_is_gone(self, bench: Bench) -> None:
        bench.feed.trade(101)
        alert = bench.submit("alert", "100", exec_mode="dark")
        bench.feed.trade(99.5)
        bench.feed.trade(100.5)
        bench.feed.trade(99.5)
        assert bench.watcher.resps(alert.oid) == ["dark_open", "triggered"]
        assert Watcher(bench.ems).statuses() == []
        assert bench.venue.received == []

    async def test_dark_order_becomes_a_live_one(self, bench: Bench) -> None:
        bench.feed.quote(100.9, 101.0)
        order = bench.submit("buy", "100", "2", exec_mode="dark")
        bench.feed.quote(99.9, 100.0)
        (sent,) = bench.venue.orders
        assert (sent.oid, sent.price, sent.size) == (order.oid, 100, 2)
        bench.venue.works(order.oid)
        assert bench.watcher.resps(order.oid) == ["dark_open", "triggered", "pending", "open"]

    async def test_moved_dark_order_fires_at_its_new_price_only(self, bench: Bench) -> None:
        bench.feed.trade(101)
        order = bench.submit("buy", "100", exec_mode="dark")
        bench.watcher.client.modify(replace(order, price=Decimal("98")))
        bench.feed.trade(99)
        assert bench.venue.orders == []
        bench.feed.trade(97)  # a gap over the level
        assert [o.price for o in bench.venue.orders] == [98]

    async def test_crossed_quote_triggers_nothing(self, bench: Bench) -> None:
        bench.feed.quote(101.0, 101.1)
        bench.submit("buy", "100", exec_mode="dark")
        bench.feed.quote(101.0, 99.0)
        assert bench.venue.orders == []
        assert bench.ems.hub.faults(FQSN).crossed == 1


class TestRestart:
    async def test_rule_17_what_was_accepted_is_there(self, tmp_path: Path) -> None:
        async with open_bench(tmp_path) as bench:
            bench.feed.trade(101)
            dark = bench.submit("buy", "100", exec_mode="dark")
            bench.watcher.client.modify(replace(dark, price=Decimal("99")))
            alert = bench.submit("alert", "105", exec_mode="dark")
            live = bench.working("buy", "98", "5", reqid=3)
            bench.venue.fill(3, size="2", price="98")
        venue = ScriptedVenue()
        async with open_bench(tmp_path, venue) as again:
            seen = {s.oid: s for s in again.watcher.statuses()}
            assert set(seen) == {dark.oid, alert.oid, live.oid}
            assert seen[live.oid].stale
            assert [q.oid for q in venue.queries] == [live.oid]
            assert again.watcher.position().size == 2
            again.feed.trade(99)  # fires from the side that it was armed from
            assert [o.oid for o in venue.orders] == [dark.oid]

    async def test_price_went_over_the_level_while_we_were_away(self, tmp_path: Path) -> None:
        async with open_bench(tmp_path) as bench:
            bench.feed.trade(101)
            bench.submit("buy", "100", exec_mode="dark")
        async with open_bench(tmp_path) as again:
            again.feed.trade(95)
            assert len(again.venue.orders) == 1

    async def test_sent_but_not_acked_is_looked_up_and_not_sent_again(self, tmp_path: Path) -> None:
        async with open_bench(tmp_path) as bench:
            order = bench.submit()
        venue = ScriptedVenue()
        venue.opening = replace(venue.opening, orders=(venue.live_order(order, 12),))
        async with open_bench(tmp_path, venue) as again:
            assert venue.orders == []
            last = again.watcher.last(order.oid)
            assert (last.resp, last.reqid, last.stale) == ("open", 12, False)

    async def test_dark_order_that_was_on_its_way_out_goes_back(self, tmp_path: Path) -> None:
        async with open_bench(tmp_path) as bench:
            bench.feed.trade(101)
            order = bench.submit("buy", "100", exec_mode="dark")
            bench.feed.trade(100)
        venue, feed = ScriptedVenue(), PushFeed()
        async with open_bench(tmp_path, venue, feed) as again:
            assert [q.oid for q in venue.queries] == [order.oid]
            venue.report(order.oid, found=False)
            assert again.watcher.last(order.oid).resp == "dark_open"
            feed.trade(100.5)
            assert venue.orders == []
            feed.trade(99.5)
            assert [o.oid for o in venue.orders] == [order.oid]

    async def test_late_fill_finds_an_order_of_the_last_run(self, tmp_path: Path) -> None:
        async with open_bench(tmp_path) as bench:
            bench.working(reqid=8)
            bench.venue.status("canceled", 8)
        async with open_bench(tmp_path) as again:
            again.venue.fill(8)
            assert again.watcher.position().size == 1

    async def test_unread_order_keeps_its_shape(self, tmp_path: Path) -> None:
        async with open_bench(tmp_path) as bench:
            order: Order = bench.submit("sell", "110.25", "3", exec_mode="dark")
        async with open_bench(tmp_path) as again:
            assert again.watcher.last(order.oid).req == order


async def test_a_cancel_that_the_venue_tells_of_is_shown_and_sends_nothing(bench):
    order = bench.working()
    bench.venue.say(
        BrokerdStatus(reqid=1, account="scripted", status="open", time_ns=1, cancel_called=True)
    )
    assert bench.watcher.last(order.oid).cancel_called
    bench.venue.status("open")
    assert not bench.watcher.last(order.oid).cancel_called
    assert bench.venue.cancels == []


async def test_fills_while_away_of_an_order_that_was_never_acknowledged_are_its_own(bench):
    order = bench.submit(size="10")
    bench.venue.lose_connection()
    fill = BrokerdFill(
        reqid=5, account="scripted", symbol=FQSN, exec_id="x1", action="buy", size=Decimal(1),
        price=Decimal(100), broker_time_ns=2, time_ns=3, oid=order.oid,
    )  # fmt: skip
    bench.venue.opening = Opening(accounts=bench.venue.accounts, fills=(fill,))
    bench.venue.say(Connection(broker="scripted", up=True, time_ns=1))
    bench.venue.report(order.oid, found=True, reqid=5, status="canceled", fills=(fill,))
    status = bench.watcher.last(order.oid)
    assert (status.resp, status.filled) == ("canceled", 1)
    assert bench.watcher.position().size == 1


async def test_a_cancel_that_was_kept_ends_what_never_arrived(bench: Bench) -> None:
    """It is not held here again: nobody who connects hears of it."""
    bench.feed.trade(101)
    dark = bench.submit("buy", "100", exec_mode="dark")
    bench.feed.trade(100)
    await until(lambda: bool(bench.venue.queries))
    bench.cancel(dark)
    for _ in range(2):  # the first answer is older than the cancel
        bench.venue.report(dark.oid, found=False, to=bench.venue.queries[-1])
    assert bench.watcher.last(dark.oid).resp == "canceled"
    assert list(bench.ems.index.active()) == []
    assert Watcher(bench.ems).statuses(dark.oid) == []
