"""Orders at Kraken through the EMS: placed, moved, cancelled, filled, refused."""

from decimal import Decimal

import pytest

from ems.messages import BrokerdError, BrokerdFill
from tests.brokers.kraken.conftest import ACCOUNT, FQSN, open_desk, until


async def test_an_order_goes_out_once_with_our_id_and_exact_numbers(desk):
    order = await desk.working("buy", "50000.1", "0.01")
    [sent] = desk.sim.named("add_order")
    assert sent["cl_ord_id"] == order.oid
    assert (sent["symbol"], sent["side"], sent["order_type"]) == ("BTC/USD", "buy", "limit")
    [frame] = desk.sim.frames
    assert '"limit_price":50000.1,' in frame
    assert '"order_qty":0.01000000,' in frame
    assert desk.last(order).reqid == desk.sim.engine.live[0].order_id


async def test_a_drag_amends_and_never_edits(desk):
    order = await desk.working("buy", "50000.0", "0.01")
    before = desk.last(order).reqid
    desk.modify(order, "49000.5", "0.02")
    status = await desk.settled(order, "49000.5")
    assert status.reqid == before
    [amend] = desk.sim.named("amend_order")
    assert (amend["order_id"], amend["limit_price"]) == (before, 49000.5)
    assert [name for name, _ in desk.sim.requests] == ["add_order", "amend_order"]


async def test_a_cancel(desk):
    order = await desk.working()
    desk.cancel(order)
    status = await desk.resp(order, "canceled")
    assert status.reason == "User requested"
    assert desk.sim.engine.live == []


async def test_partial_fills_with_fees_then_closed(desk):
    order = await desk.working("buy", "50000.0", "0.03")
    live = desk.sim.engine.order(order.oid)
    desk.sim.engine.fill(live, "0.01", fee="1.25")
    await desk.resp(order, "fill")
    assert desk.last(order).remaining == Decimal("0.02")
    desk.sim.engine.fill(live)
    await desk.resp(order, "closed")
    fills = [s.brokerd_msg for s in desk.watcher.statuses(order.oid) if s.resp == "fill"]
    assert [f.size for f in fills if isinstance(f, BrokerdFill)] == [
        Decimal("0.01"),
        Decimal("0.02"),
    ]
    assert (fills[0].fee, fills[0].fee_currency) == (Decimal("1.25"), "USD")
    position = desk.position()
    assert (position.symbol, position.account) == (FQSN, ACCOUNT)
    assert (position.size, position.fees) == (Decimal("0.03"), Decimal("1.25"))


async def test_an_order_that_crosses_fills_at_once(desk):
    desk.sim.script.answer = "after"
    order = desk.submit("buy", "50000.0", "0.01")
    await until(lambda: desk.sim.engine.live)
    desk.sim.engine.fill(desk.sim.engine.live[0])
    await desk.resp(order, "closed")
    assert desk.resps(order).count("fill") == 1


async def test_answers_before_and_after_the_reports_make_no_difference(desk):
    for when in ("before", "after", "never"):
        desk.sim.script.answer = when
        order = await desk.working()
        desk.modify(order, "49000.0")
        await desk.settled(order, "49000.0")
        desk.cancel(order)
        await desk.resp(order, "canceled")
    assert len(desk.sim.named("add_order")) == 3


async def test_a_refused_order_has_no_id_and_leaves_nothing_behind(desk):
    desk.sim.script.refuse["add_order"] = ["EOrder:Insufficient funds"]
    order = desk.submit("buy", "50000.0", "0.01")
    status = await desk.resp(order, "error")
    assert status.reason == "EOrder:Insufficient funds"
    assert isinstance(status.brokerd_msg, BrokerdError)
    assert status.brokerd_msg.reqid is None
    assert list(desk.ems.index.active()) == []


async def test_a_refused_amend_leaves_the_order_as_it_was(desk):
    order = await desk.working("buy", "50000.0", "0.01")
    desk.sim.script.refuse["amend_order"] = ["EOrder:Invalid price"]
    desk.modify(order, "49000.0")
    await until(lambda: desk.last(order).refused == "modify")
    status = desk.last(order)
    assert (status.resp, status.req.price) == ("open", Decimal("50000.0"))
    assert status.reason == "EOrder:Invalid price"


async def test_a_cancel_that_crosses_the_fill_is_no_error(desk):
    order = await desk.working("buy", "50000.0", "0.01")
    live = desk.sim.engine.order(order.oid)
    desk.sim.script.lose = 2  # the trade and its end are still on their way
    desk.sim.engine.fill(live)
    desk.cancel(order)
    status = await desk.resp(order, "closed")
    assert status.filled == Decimal("0.01")
    assert "error" not in desk.resps(order)


async def test_orders_made_elsewhere_appear_can_be_moved_and_go(desk):
    live = desk.sim.engine.place("sell", "61000.0", "0.5")
    await until(lambda: desk.watcher.statuses())
    [status] = desk.watcher.statuses()
    assert (status.resp, status.req.price, status.req.size) == (
        "open",
        Decimal("61000.0"),
        Decimal("0.5"),
    )
    assert status.origin == "made at Kraken"
    desk.modify(status.req, "62000.0")
    await desk.settled(status.req, "62000.0")
    assert live.price == Decimal("62000.0")
    desk.sim.engine.cancel(live, "from the web")
    assert (await desk.resp(status.req, "canceled")).reason == "from the web"


async def test_an_outside_order_of_a_type_that_is_not_ours_can_only_be_cancelled(desk):
    desk.sim.engine.place("sell", "40000.0", "0.5", order_type="settle-position")
    await until(lambda: desk.watcher.statuses())
    order = desk.watcher.statuses()[0].req
    assert order.price == Decimal("40000.0")
    assert desk.watcher.statuses()[0].origin.startswith("settle-position order")
    desk.modify(order, "41000.0")
    await until(lambda: desk.last(order).refused == "modify")
    assert "settle-position" in desk.last(order).reason
    assert desk.sim.named("amend_order") == []
    desk.cancel(order)
    await desk.resp(order, "canceled")


async def test_an_iceberg_of_others_is_moved_like_a_limit_order(desk):
    live = desk.sim.engine.place("sell", "61000.0", "0.5", order_type="iceberg")
    await until(lambda: desk.watcher.statuses())
    order = desk.watcher.statuses()[0].req
    assert desk.watcher.statuses()[0].origin == "iceberg order made at Kraken"
    desk.modify(order, "62000.0")
    await desk.settled(order, "62000.0")
    [amend] = desk.sim.named("amend_order")
    assert (amend["order_id"], amend["limit_price"]) == (live.order_id, 62000.0)
    assert "trigger_price" not in amend


async def test_an_outside_market_order_is_counted(desk):
    order = desk.sim.engine.place("buy", "0", "0.2", order_type="market", tell=False)
    order.price = Decimal("50000")
    desk.sim.engine.fill(order)
    await until(lambda: [s for s in desk.watcher.statuses() if s.resp == "closed"])
    assert desk.position().size == Decimal("0.2")


async def test_a_change_from_elsewhere_moves_the_order(desk):
    order = await desk.working("buy", "50000.0", "0.01")
    desk.sim.engine.amend(desk.sim.engine.order(order.oid), "48000.0", None)
    await desk.settled(order, "48000.0")


async def test_what_kraken_would_refuse_is_not_sent(desk):
    for price, size, word in (
        ("50000.0", "0.00001", "minimum is 0.00005"),
        ("1.0", "0.0001", "minimum is 0.5 USD"),
    ):
        order = desk.submit("buy", price, size)
        assert word in (await desk.resp(order, "error")).reason
    assert desk.sim.requests == []


async def test_the_engine_status_refuses_before_sending(desk):
    dialogue = desk.ems.venues.dialogues["kraken"]
    for system, word in (
        ("maintenance", "maintenance"),
        ("cancel_only", "only takes cancels"),
        ("post_only", "post-only"),
    ):
        desk.sim.say_system(system)
        await until(lambda s=system: dialogue.entry.system == s)
        order = desk.submit("buy", "50000.0", "0.01")
        assert word in (await desk.resp(order, "error")).reason
    assert desk.sim.requests == []
    desk.sim.say_system("online")
    await until(lambda: dialogue.entry.system == "online")
    await desk.working()


async def test_balances_show_as_positions(desk):
    assert desk.position().venue_size == Decimal("0.5")
    desk.sim.ledger("BTC", "0.75")
    await until(lambda: desk.position().venue_size == Decimal("0.75"))


@pytest.mark.parametrize("channel_only", [True, False])
async def test_a_balance_that_is_named_no_more_is_none(desk, channel_only):
    """Sold elsewhere while nobody listened: a snapshot need not name what is not there."""
    assert desk.position().venue_size == Decimal("0.5")
    del desk.sim.balances["BTC"]
    if channel_only:  # a message is missed, and only the balances begin anew
        [sequences] = desk.sim._private.values()
        sequences["balances"] += 3
        desk.sim._channel("balances", [])
    else:
        desk.sim.cut_private()
    await until(lambda: desk.position().venue_size == 0)


async def test_the_dead_mans_switch_is_fed_by_the_pulse_of_the_ems(sim, tmp_path):
    async with open_desk(sim, tmp_path, cancel_after_s={"kraken.spot": 60}) as desk:
        await until(lambda: sim.switch_s == 60)
        order = await desk.working()
        sim.fire_switch()
        await until(lambda: desk.watcher.last(order.oid).resp == "canceled")
        assert "Dead man" in desk.watcher.last(order.oid).reason


async def test_closing_turns_the_switch_off_and_orders_stay(sim, tmp_path):
    async with open_desk(sim, tmp_path, cancel_after_s={"kraken.spot": 60}) as desk:
        await until(lambda: sim.switch_s == 60)
        await desk.working()
    assert sim.switch_s == 0
    sim.fire_switch()
    assert len(sim.engine.live) == 1


async def test_without_the_option_there_is_no_switch(desk):
    await desk.working()
    assert desk.sim.named("cancel_all_orders_after") == []
