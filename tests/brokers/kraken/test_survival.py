"""What must not cost an order: cut and silent lines, lost messages, sessions, rates, downtime."""

import asyncio
import logging
import time
from dataclasses import replace
from datetime import datetime
from decimal import Decimal

import aiohttp
import pytest

from brokers.kraken.parsing import rfc3339
from brokers.kraken.rate import Counter
from brokers.kraken.socket import Socket, SocketUser
from ems.messages import Connection
from tests.brokers.kraken.conftest import open_desk, until
from tests.sims.kraken import KEY, SECRET, TIMING

SOON = replace(TIMING, silence_s=0.6)


# ---- the line


async def test_the_line_comes_back_by_itself_with_a_new_token(desk):
    order = await desk.working()
    desk.sim.cut_private()
    await until(lambda: not desk.up, "the news of the break")
    assert desk.last(order).stale
    await desk.back(2)
    assert desk.sim.tokens == 2
    await until(lambda: not desk.last(order).stale)
    assert desk.last(order).resp == "open"
    desk.modify(order, "49000.0")
    await desk.settled(order, "49000.0")


async def test_a_half_open_line_is_found_by_its_silence(sim, tmp_path):
    async with open_desk(sim, tmp_path, timing=SOON) as desk:
        sim.script.deaf = True
        await until(lambda: not desk.up, "the silence")
        assert "silent" in desk.connections()[-1].reason
        sim.script.deaf = False
        await desk.back(2)


async def test_an_end_in_the_moment_of_connecting_is_an_end(sim, monkeypatch):
    connecting, go_on = asyncio.Event(), asyncio.Event()
    connect = aiohttp.ClientSession.ws_connect

    async def slow(*args, **options):
        socket = await connect(*args, **options)
        connecting.set()
        await go_on.wait()
        return socket

    monkeypatch.setattr(aiohttp.ClientSession, "ws_connect", slow)
    socket = Socket("test", f"ws://127.0.0.1:{sim.port}/public", SocketUser(), TIMING)
    task = socket.start()
    await connecting.wait()
    go_on.set()
    await asyncio.sleep(0)  # the connection stands, and in the same turn we are to end
    task.cancel()
    await asyncio.wait([task], timeout=10)
    assert task.cancelled()


async def test_an_order_sent_into_a_half_open_line_is_asked_for_not_sent_again(sim, tmp_path):
    async with open_desk(sim, tmp_path, timing=SOON) as desk:
        sim.script.deaf = True
        order = desk.submit("buy", "50000.0", "0.01")
        await until(lambda: any(s.outcome_unknown for s in desk.watcher.statuses(order.oid)))
        sim.script.deaf = False
        status = await desk.resp(order, "error")
        assert "no such order" in status.reason
        assert sim.engine.orders == {}
        assert sim.named("add_order") == []


async def test_cut_after_the_add_the_order_is_found_by_our_id(desk):
    desk.sim.script.cut = "after"
    order = desk.submit("buy", "50000.0", "0.01")
    status = await desk.resp(order, "open")
    assert status.reqid == desk.sim.engine.live[0].order_id
    assert len(desk.sim.named("add_order")) == 1
    assert len(desk.sim.engine.orders) == 1


async def test_cut_before_the_add_nothing_is_sent_again(desk):
    desk.sim.script.cut = "before"
    order = desk.submit("buy", "50000.0", "0.01")
    assert "no such order" in (await desk.resp(order, "error")).reason
    assert len(desk.sim.named("add_order")) == 1
    assert desk.sim.engine.orders == {}
    asked = [(name, form.get("cl_ord_id")) for name, form in desk.sim.rest_calls]
    assert ("OpenOrders", None) in asked
    assert ("ClosedOrders", order.oid) in asked


async def test_an_order_that_arrives_late_is_waited_for_until_its_deadline(sim, tmp_path):
    async with open_desk(sim, tmp_path, timing=replace(TIMING, deadline_s=1.0)) as desk:
        sim.script.cut = "late"
        order = desk.submit("buy", "50000.0", "0.01")
        await desk.resp(order, "open")
        assert "error" not in desk.resps(order)
        assert len(sim.engine.orders) == 1


async def test_what_is_found_out_answers_the_newest_question(sim, tmp_path):
    """The EMS asks again while the order may still turn up, and takes no answer to the first."""
    async with open_desk(sim, tmp_path, timing=replace(TIMING, deadline_s=1.0)) as desk:
        sim.script.refuse["add_order"], sim.script.answer = ["EOrder:Lost"], "never"
        order = desk.submit("buy", "50000.0", "0.01")
        await desk.resp(order, "error")
        looks = [name for name, _ in sim.rest_calls if name == "OpenOrders"]
        assert len(looks) <= 2  # as soon as it was asked for, and once its deadline was over


async def test_an_order_that_filled_between_add_and_answer_is_found_among_the_closed(desk):
    desk.sim.script.cut = "after"
    desk.sim.script.down = True
    order = desk.submit("buy", "50000.0", "0.01")
    await until(lambda: not desk.up)
    desk.sim.engine.fill(desk.sim.engine.live[0], fee="0.8")
    desk.sim.script.down = False
    status = await desk.resp(order, "closed")
    assert status.filled == Decimal("0.01")
    assert (desk.position().size, desk.position().fees) == (Decimal("0.01"), Decimal("0.8"))


async def test_cut_after_an_amend_the_new_price_is_taken(desk):
    order = await desk.working()
    desk.sim.script.cut = "after"
    desk.modify(order, "49000.0")
    await desk.back(2)
    await desk.settled(order, "49000.0")
    assert len(desk.sim.named("amend_order")) == 1


async def test_cut_before_an_amend_the_line_goes_back(desk):
    order = await desk.working()
    desk.sim.script.cut = "before"
    desk.modify(order, "49000.0")
    await desk.back(2)
    await desk.settled(order, "50000.0")
    assert len(desk.sim.named("amend_order")) == 1


async def test_cut_after_a_cancel(desk):
    order = await desk.working()
    desk.sim.script.cut = "after"
    desk.cancel(order)
    await desk.resp(order, "canceled")
    assert len(desk.sim.named("cancel_order")) == 1


async def test_no_answer_at_all_means_ask(desk):
    desk.sim.script.answer = "never"
    desk.sim.script.lose = 2
    order = desk.submit("buy", "50000.0", "0.01")
    status = await desk.resp(order, "open")
    assert status.reqid == desk.sim.engine.live[0].order_id
    assert len(desk.sim.engine.orders) == 1


async def test_what_was_asked_while_the_line_was_down_was_not_sent(desk):
    desk.sim.script.down = True
    desk.sim.cut_private()
    await until(lambda: not desk.up)
    order = desk.submit("buy", "50000.0", "0.01")
    assert "Not sent" in (await desk.resp(order, "error")).reason
    desk.sim.script.down = False
    await desk.back(2)
    assert desk.sim.requests == []


# ---- while away


async def test_filled_cancelled_and_new_orders_while_away(desk):
    filled, cancelled = await desk.working(), await desk.working("buy", "48000.0")
    partly = await desk.working("buy", "47000.0", "0.02")
    desk.sim.script.down = True
    desk.sim.cut_private()
    await until(lambda: not desk.up)
    engine = desk.sim.engine
    engine.fill(engine.order(filled.oid))
    engine.cancel(engine.order(cancelled.oid), "by hand")
    engine.fill(engine.order(partly.oid), "0.005")
    engine.place("sell", "70000.0", "0.1")
    desk.sim.script.down = False
    await desk.back(2)
    assert (await desk.resp(filled, "closed")).filled == Decimal("0.01")
    assert (await desk.resp(cancelled, "canceled")).reason == "User requested"
    await until(lambda: desk.last(partly).filled == Decimal("0.005"))
    await until(lambda: any(s.origin == "made at Kraken" for s in desk.watcher.statuses()))
    assert desk.position().size == Decimal("0.015")


async def test_many_orders_that_ended_while_away_cost_few_calls(desk):
    orders = [await desk.working("buy", f"{40_000 + step}.0") for step in range(12)]
    desk.sim.script.down = True
    desk.sim.cut_private()
    await until(lambda: not desk.up)
    for order in orders[:6]:
        desk.sim.engine.fill(desk.sim.engine.order(order.oid))
    for order in orders[6:11]:
        desk.sim.engine.cancel(desk.sim.engine.order(order.oid))
    del desk.sim.engine.orders[desk.sim.engine.order(orders[11].oid).order_id]
    before = len(desk.sim.rest_calls)
    desk.sim.script.down = False
    await desk.back(2)
    for order in orders[:6]:
        assert (await desk.resp(order, "closed")).filled == Decimal("0.01")
    for order in orders[6:]:
        await desk.resp(order, "canceled")
    asked = [name for name, _ in desk.sim.rest_calls[before:]]
    assert asked.count("QueryOrders") <= 9  # one is unknown, which costs some of them
    assert asked.count("QueryTrades") == 1
    assert desk.position().size == Decimal("0.06")


async def test_fills_told_twice_count_once(desk):
    order = await desk.working("buy", "50000.0", "0.02")
    desk.sim.engine.fill(desk.sim.engine.order(order.oid), "0.01")
    await until(lambda: desk.position().size == Decimal("0.01"))
    for times in (2, 3):
        desk.sim.cut_private()
        await desk.back(times)
    assert desk.position().size == Decimal("0.01")
    assert desk.resps(order).count("fill") == 1


async def test_after_a_restart_the_orders_are_ours_again(sim, tmp_path):
    async with open_desk(sim, tmp_path) as desk:
        order = await desk.working()
    async with open_desk(sim, tmp_path) as desk:
        await until(lambda: desk.last(order).resp == "open" and not desk.last(order).stale)
        assert desk.last(order).origin == ""
        assert len(list(desk.ems.index.active())) == 1
        desk.cancel(order)
        await desk.resp(order, "canceled")


async def test_a_snapshot_in_two_parts(sim, tmp_path):
    sim.script.apart = True
    async with open_desk(sim, tmp_path) as desk:
        order = await desk.working("buy", "50000.0", "0.02")
        sim.engine.fill(sim.engine.order(order.oid), "0.01")
        await until(lambda: desk.last(order).filled == Decimal("0.01"))
        sim.cut_private()
        await until(lambda: not desk.up)
        live = sim.engine.place("sell", "70000.0", "0.1")
        await desk.back(2)
        await until(lambda: any(s.reqid == live.order_id for s in desk.watcher.statuses()))
        await until(lambda: not desk.last(order).stale)
        assert desk.last(order).resp == "open"
        desk.modify(order, "49000.0")
        await desk.settled(order, "49000.0")
        assert desk.position().size == Decimal("0.01")


@pytest.mark.parametrize("ahead_s", [3_600, 0, -3_600])
async def test_first_use_is_by_krakens_clock(sim, tmp_path, monkeypatch, ahead_s):
    now = [0]

    def stamp() -> str:
        return rfc3339(time.time_ns() + (ahead_s + now[0]) * 10**9)

    monkeypatch.setattr("tests.sims.kraken.stamp", stamp)
    monkeypatch.setattr("tests.sims.kraken_engine.stamp", stamp)
    now[0] = -600  # ten minutes before we came
    old = sim.engine.place("buy", "40000.0", "0.3", tell=False)
    sim.engine.fill(old)
    now[0] = 0
    async with open_desk(sim, tmp_path) as desk:
        assert desk.position().size == 0
        sim.script.down = True
        sim.cut_private()
        await until(lambda: not desk.up)
        now[0] = 60
        fresh = sim.engine.place("buy", "40000.0", "0.1", tell=False)
        sim.engine.fill(fresh)
        sim.script.down = False
        await until(lambda: desk.position().size == Decimal("0.1"))


async def test_what_was_traded_before_the_first_use_is_in_the_balance_only(sim, tmp_path):
    old = sim.engine.place("buy", "40000.0", "0.3", tell=False)
    sim.engine.fill(old)
    async with open_desk(sim, tmp_path) as desk:
        assert desk.position().size == 0
        assert desk.position().venue_size == Decimal("0.5")


# ---- lost and strange messages


async def test_a_gap_in_the_sequence_subscribes_again(desk):
    order = await desk.working()
    desk.sim.script.lose = 1
    desk.sim.engine.amend(desk.sim.engine.order(order.oid), "48000.0", None)
    desk.sim.engine.place("sell", "70000.0", "0.1")
    await desk.settled(order, "48000.0")
    await until(lambda: len(list(desk.ems.index.active())) == 2)
    await until(lambda: desk.up)
    assert (desk.sim.logins, desk.sim.tokens) == (1, 1)
    ups = [c.up for c in desk.connections()]
    assert ups[-2:] == [False, True]


async def test_a_gap_in_the_balances_costs_no_connection(desk):
    desk.sim._channel("nothing", [])
    [sequences] = desk.sim._private.values()
    sequences["balances"] += 3
    desk.sim.ledger("BTC", "0.9")
    await until(lambda: desk.position().venue_size == Decimal("0.9"))
    assert desk.up
    assert [c.up for c in desk.connections()].count(False) <= 1


@pytest.mark.parametrize(
    "data",
    [
        b"not json",
        b"[1,2,3]",
        b'{"channel":"executions","type":"update","sequence":"x","data":7}',
        b'{"channel":"surprise","data":[{"a":1}]}',
        b'{"method":"surprise","success":true,"req_id":99}',
    ],
)
async def test_an_unknown_shape_is_logged_and_harms_nothing(desk, caplog, data):
    desk.sim.say_raw(data)
    order = await desk.working()
    desk.cancel(order)
    await desk.resp(order, "canceled")
    assert desk.sim.tokens == 1


async def test_one_report_in_an_unknown_shape_does_not_hide_the_others(desk, caplog):
    order = await desk.working()
    live = desk.sim.engine.order(order.oid)
    strange = {"order_id": 17, "exec_type": "new"}
    amended = live.whole("amended", "new") | {"limit_price": Decimal("48000.0")}
    desk.sim._tell([strange, amended])
    await desk.settled(order, "48000.0")
    assert "unknown shape" in caplog.text
    assert '"order_id":17' in caplog.text


# ---- sessions, nonces, services, rates


async def test_an_ended_session_gets_a_new_token_and_the_order_goes_out_once(desk):
    desk.sim.expire_tokens()
    await desk.working()
    assert desk.sim.tokens == 2
    assert len(desk.sim.engine.orders) == 1


async def test_what_waited_for_a_token_when_the_line_broke_is_not_sent_later(desk):
    """By then the EMS has asked for it, and told that it was not placed."""
    sim = desk.sim
    sim.expire_tokens()
    sim.script.hold = {"token"}
    order = desk.submit("buy", "50000.0", "0.01")
    await until(lambda: sim.token_held)
    sim.cut_private()
    await desk.back(2)
    assert "no such order" in (await desk.resp(order, "error")).reason
    sim.let_go("token")
    await desk.working("buy", "49000.0")  # what would be sent with it has left by now
    assert [live.price for live in sim.engine.orders.values()] == [Decimal("49000.0")]
    assert [sent["cl_ord_id"] for sent in sim.named("add_order")].count(order.oid) == 1


async def test_a_session_refused_twice_is_told(desk):
    desk.sim.script.refuse["add_order"] = ["ESession:Invalid session"] * 2
    order = desk.submit("buy", "50000.0", "0.01")
    assert "ESession" in (await desk.resp(order, "error")).reason


async def test_a_refused_subscription_means_a_new_connection(sim, tmp_path):
    async with open_desk(sim, tmp_path) as desk:
        sim.expire_tokens()
        sim.script.lose = 1
        sim.engine.place("sell", "70000.0", "0.1", tell=False)
        sim.engine.report(sim.engine.live[0], "new", "new")
        sim.engine.report(sim.engine.live[0], "new", "new")
        await desk.back(2)
        assert sim.tokens == 2


async def test_two_processes_on_one_key(sim, tmp_path):
    sim.script.rest_errors["GetWebSocketsToken"] = ["EAPI:Invalid nonce", "EAPI:Invalid nonce"]
    async with open_desk(sim, tmp_path) as desk:
        await desk.working()
        assert [c.up for c in desk.connections()][-1]


async def test_two_programs_trade_with_one_key_at_once(sim, tmp_path):
    """Each signs with its own clock; the simulator takes rising nonces only."""
    (tmp_path / "a").mkdir()
    (tmp_path / "b").mkdir()
    async with open_desk(sim, tmp_path / "a") as one, open_desk(sim, tmp_path / "b") as two:
        for round_ in range(3):
            orders = [await desk.working("buy", f"{40_000 + round_}.0") for desk in (one, two)]
            sim.cut_private()  # both need a token, and look things up
            await one.back(2 * round_ + 3)
            await two.back(2 * round_ + 4)
            for desk, order in zip((one, two), orders, strict=True):
                await until(lambda d=desk, o=order: not d.last(o).stale)
                assert desk.last(order).resp == "open"
        assert len(sim.engine.live) == 6
        for desk in (one, two):
            await until(lambda d=desk: len(list(d.ems.index.active())) == 6)


async def test_the_counter_is_krakens_own_where_it_says_one(desk):
    order = await desk.working()
    live = desk.sim.engine.order(order.oid)
    desk.sim.engine.report(live, "status", "new", ratecount=41)
    counter = desk.ems.venues.dialogues["kraken"].entry.rate.of("BTC/USD")
    await until(lambda: 40 < counter.level <= 41)


async def test_rest_away_for_a_while(sim, tmp_path):
    sim.script.rest_errors["AssetPairs"] = []
    sim.script.rest_errors["GetWebSocketsToken"] = [503, 520, "EService:Unavailable"]
    async with open_desk(sim, tmp_path) as desk:
        await desk.working()
    reasons = [c.reason for c in desk.connections() if not c.up]
    assert any("503" in reason for reason in reasons)


async def test_a_key_that_is_not_valid_says_so(sim, tmp_path):
    sim.script.rest_errors["GetWebSocketsToken"] = ["EAPI:Invalid key"] * 3
    async with open_desk(sim, tmp_path, connected=False) as desk:
        await until(lambda: any("EAPI:Invalid key" in c.reason for c in desk.connections()))
        await until(lambda: desk.up)


async def test_a_look_up_that_fails_is_made_again(desk):
    desk.sim.script.rest_errors["OpenOrders"] = [502]
    desk.sim.script.cut = "after"
    order = desk.submit("buy", "50000.0", "0.01")
    desk.sim.script.down = True
    await until(lambda: not desk.up)
    desk.sim.engine.cancel(desk.sim.engine.live[0])
    desk.sim.script.down = False
    await desk.resp(order, "canceled")


@pytest.mark.parametrize("error", ["EService:Unavailable", "EGeneral:Internal error"])
async def test_an_answer_that_does_not_say_what_happened_is_no_refusal(desk, error):
    desk.sim.script.refuse["add_order"] = [error]
    order = desk.submit("buy", "50000.0", "0.01")
    await until(lambda: any(s.outcome_unknown for s in desk.watcher.statuses(order.oid)))
    status = await desk.resp(order, "error")
    assert status.reason == f"{error}: it was not placed."


async def test_our_own_count_stops_before_kraken_does(desk):
    order = await desk.working()
    dialogue = desk.ems.venues.dialogues["kraken"]
    dialogue.entry.rate.of("BTC/USD").set(59)
    desk.modify(order, "49000.0")
    await until(lambda: desk.last(order).refused == "modify")
    assert "rate counter for BTC/USD is at" in desk.last(order).reason
    assert desk.sim.named("amend_order") == []
    desk.cancel(order)  # the way out is never barred
    await desk.resp(order, "canceled")


async def test_when_kraken_complains_our_count_follows(desk):
    desk.sim.script.refuse["add_order"] = ["EOrder:Rate limit exceeded"]
    order = desk.submit("buy", "50000.0", "0.01")
    await desk.resp(order, "error")
    second = desk.submit("buy", "50000.0", "0.01")
    assert "rate counter" in (await desk.resp(second, "error")).reason
    assert len(desk.sim.named("add_order")) == 1


async def test_the_limit_is_that_of_the_account(sim, tmp_path):
    sim.max_rate = 180
    async with open_desk(sim, tmp_path) as desk:
        counter: Counter = desk.ems.venues.dialogues["kraken"].entry.rate.of("BTC/USD")
        assert (counter.limit, counter.decay) == (180, 3.75)


# ---- clocks and secrets


async def test_the_deadline_is_by_krakens_clock(desk):
    requests = desk.ems.venues.dialogues["kraken"]._requests
    requests.clock_offset_ns = 3_600 * 10**9
    await desk.working()
    [sent] = desk.sim.named("add_order")
    order = desk.sim.engine.live[0]
    ahead_s = datetime.fromisoformat(sent["deadline"]).timestamp() - float(order.opened_s)
    assert 3590 < ahead_s < 3610
    assert abs(requests.clock_offset_ns) < 10**9  # and the answer has put it right


async def test_with_a_clock_that_is_an_hour_slow_orders_go_out_and_come_back(
    sim, tmp_path, monkeypatch
):
    def ahead() -> str:
        return rfc3339(time.time_ns() + 3_600 * 10**9)

    monkeypatch.setattr("tests.sims.kraken.stamp", ahead)
    monkeypatch.setattr("tests.sims.kraken_engine.stamp", ahead)
    async with open_desk(sim, tmp_path) as desk:
        order = await desk.working()
        [sent] = sim.named("add_order")
        ahead_s = datetime.fromisoformat(sent["deadline"]).timestamp() - time.time()
        assert 3590 < ahead_s < 3610
        desk.modify(order, "49000.0")
        await desk.settled(order, "49000.0")
        sim.script.down = True
        sim.cut_private()
        await until(lambda: not desk.up)
        sim.engine.fill(sim.engine.order(order.oid))
        sim.script.down = False
        assert (await desk.resp(order, "closed")).filled == Decimal("0.01")


async def test_the_key_is_in_no_log_and_no_message(sim, tmp_path, caplog):
    caplog.set_level(logging.DEBUG)
    sim.script.rest_errors["GetWebSocketsToken"] = ["EAPI:Invalid signature", 500]
    async with open_desk(sim, tmp_path) as desk:
        await desk.working()
        desk.sim.cut()
        await desk.back(2)
        told = repr(desk.watcher.heard)
        dialogue = desk.ems.venues.dialogues["kraken"]
        shown = told + caplog.text + repr(vars(dialogue)) + repr(vars(dialogue._rest))
    for secret in (KEY, SECRET, "token-1", "token-2"):
        assert secret not in shown


async def test_leaving_is_quick_and_says_nothing(sim, tmp_path):
    sim.script.deaf = False
    async with open_desk(sim, tmp_path) as desk:
        order = await desk.working()
        loop = asyncio.get_running_loop()
        started = loop.time()
    assert loop.time() - started < 3
    said = [m for m in desk.watcher.heard if isinstance(m, Connection)]
    assert said[-1].up
    assert desk.last(order).resp == "open"
