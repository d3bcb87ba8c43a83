"""An order that Kraken would not amend: the user is asked, and the new order is followed."""

from decimal import Decimal

import msgspec
import pytest

from brokers.kraken.rate import edit_cost
from tests.brokers.kraken.conftest import open_desk, until

NOT_AMENDABLE = "EOrder:Amend is not supported for this order"


async def offered(desk, order, price="49000.0"):
    """Ask for a change that Kraken does not amend; return what the user reads."""
    desk.sim.script.refuse["amend_order"] = [NOT_AMENDABLE]
    desk.modify(order, price)
    await until(lambda: desk.last(order).refused == "modify")
    return desk.last(order).reason


async def replaced(desk, order, price="49000.0"):
    await offered(desk, order, price)
    desk.modify(order, price)
    await desk.settled(order, price)


@pytest.mark.parametrize("answer", ["before", "after"])
async def test_asked_for_once_more_it_is_replaced_and_the_new_id_is_followed(desk, answer):
    desk.sim.script.answer = answer
    order = await desk.working()
    old = desk.sim.engine.order(order.oid)
    said = await offered(desk, order)
    assert said.startswith(NOT_AMENDABLE)
    assert "loses its place in the queue" in said
    assert desk.sim.named("edit_order") == []
    assert desk.last(order).req.price == Decimal("50000.0")
    desk.modify(order, "49000.0")
    status = await desk.settled(order, "49000.0")
    [edit] = desk.sim.named("edit_order")
    assert (edit["order_id"], edit["symbol"], edit["limit_price"]) == (
        old.order_id, "BTC/USD", 49000.0
    )  # fmt: skip
    [new] = desk.sim.engine.live
    assert status.resp == "open"
    await until(lambda: desk.last(order).reqid == new.order_id)
    assert "canceled" not in desk.resps(order)
    assert {s.oid for s in desk.watcher.statuses()} == {order.oid}  # no stranger was heard of
    assert any("last place in the queue" in notice.text for notice in desk.notices())
    desk.sim.engine.fill(new, "0.004")
    desk.sim.engine.fill(new, "0.006")
    assert (await desk.resp(order, "closed")).filled == Decimal("0.01")
    assert desk.position().size == Decimal("0.01")
    assert desk.resps(order).count("fill") == 2


async def test_the_new_order_is_amended_and_cancelled_by_its_own_id(desk):
    order = await desk.working()
    await replaced(desk, order)
    [new] = desk.sim.engine.live
    desk.modify(order, "48000.0")
    await desk.settled(order, "48000.0")
    assert desk.sim.named("amend_order")[-1]["order_id"] == new.order_id
    desk.cancel(order)
    await desk.resp(order, "canceled")
    assert desk.sim.named("cancel_order")[-1]["order_id"] == [new.order_id]


async def test_it_is_ours_after_a_restart_and_a_break(sim, tmp_path):
    async with open_desk(sim, tmp_path) as desk:
        order = await desk.working()
        await replaced(desk, order)
        sim.cut_private()
        await desk.back(2)
        await until(lambda: not desk.last(order).stale)
    async with open_desk(sim, tmp_path) as desk:
        await until(lambda: desk.last(order).resp == "open" and not desk.last(order).stale)
        assert [dialog.oid for dialog in desk.ems.index.active()] == [order.oid]
        desk.cancel(order)
        await desk.resp(order, "canceled")
    assert sim.engine.live == []


async def test_a_stop_is_replaced_with_what_touches_it_off(desk):
    desk.sim.quote("49999.9", "50000.0")
    desk.sim.trade("50000.0")
    await until(lambda: all(desk.ems.hub.last("xbtusd.kraken")))
    order = desk.submit("sell", "49000.0", "0.01", type="stop")
    await desk.resp(order, "open")
    desk.sim.script.refuse["amend_order"] = [NOT_AMENDABLE]
    for _ in range(2):
        changed = msgspec.structs.replace(desk.last(order).req, price=Decimal("48500.0"))
        desk.watcher.client.modify(changed)
        await until(lambda: desk.last(order).change is None)
    await desk.settled(order, "48500.0")
    [edit] = desk.sim.named("edit_order")
    assert edit["triggers"] == {"price": 48500.0, "price_type": "static", "reference": "last"}


async def test_a_size_is_no_answer_however_often_it_is_asked_for(desk):
    """An exit follows its entry by itself, and what was refused is asked for again."""
    order = await desk.working("buy", "50000.0", "0.04")
    for size in ("0.03", "0.02", "0.02", "0.02"):
        desk.sim.script.refuse["amend_order"] = [NOT_AMENDABLE]
        desk.modify(order, "50000.0", size)
        await until(lambda: not desk.sim.script.refuse["amend_order"])
        await until(lambda: desk.last(order).change is None)
        assert "replaced" not in desk.last(order).reason
    assert desk.sim.named("edit_order") == []


async def test_an_offer_does_not_stand_for_ever(desk, monkeypatch):
    monkeypatch.setattr("brokers.kraken.replacing.OFFERED_S", 0.0)
    order = await desk.working()
    await offered(desk, order)
    desk.modify(order, "49000.0")
    await desk.settled(order, "49000.0")
    assert desk.sim.named("edit_order") == []


async def test_one_that_is_filled_in_part_is_not_replaced(desk):
    order = await desk.working("buy", "50000.0", "0.02")
    desk.sim.engine.fill(desk.sim.engine.order(order.oid), "0.01")
    await until(lambda: desk.last(order).filled)
    assert "filled in part" in await offered(desk, order)
    desk.modify(order, "49000.0", "0.02")
    await desk.settled(order, "49000.0")
    assert desk.sim.named("edit_order") == []


@pytest.mark.parametrize("told_again", [True, False])
async def test_one_of_which_rest_was_first_to_tell_a_fill_is_not_replaced_either(desk, told_again):
    """Its new order would be as large as the old one was: more than was ever asked for."""
    order = await desk.working("buy", "50000.0", "0.02")
    desk.sim.script.hold = {"reports"}
    desk.sim.engine.fill(desk.sim.engine.order(order.oid), "0.01")
    desk.sim.script.answer, desk.sim.script.refuse["amend_order"] = "never", ["EOrder:Lost"]
    desk.modify(order, "49500.0")  # nobody answers that, so REST is asked
    await until(lambda: desk.last(order).filled and desk.last(order).change is None)
    if told_again:
        desk.sim.let_go("reports")
    desk.sim.script.answer = "after"
    assert "filled in part" in await offered(desk, order)
    desk.modify(order, "49000.0", "0.02")
    desk.sim.let_go("reports")
    await desk.settled(order, "49000.0")
    assert desk.sim.named("edit_order") == []


@pytest.mark.parametrize("error", ["EOrder:Insufficient funds", "EOrder:Invalid price"])
async def test_what_an_edit_would_meet_too_is_only_refused(desk, error):
    order = await desk.working()
    desk.sim.script.refuse["amend_order"] = [error]
    desk.modify(order, "49000.0")
    await until(lambda: desk.last(order).refused == "modify")
    assert desk.last(order).reason == error
    desk.modify(order, "49000.0")
    await desk.settled(order, "49000.0")
    assert desk.sim.named("edit_order") == []


async def test_a_refused_edit_leaves_the_order_as_it_was(desk):
    order = await desk.working()
    await offered(desk, order)
    desk.sim.script.refuse["edit_order"] = ["EOrder:Insufficient funds"]
    desk.modify(order, "49000.0")
    await until(lambda: "was not replaced" in desk.last(order).reason)
    assert (desk.last(order).resp, desk.last(order).req.price) == ("open", Decimal("50000.0"))
    desk.sim.engine.fill(desk.sim.engine.order(order.oid))
    await desk.resp(order, "closed")


async def test_cut_after_an_edit_nothing_is_sent_again_and_both_show_as_they_are(desk):
    order = await desk.working()
    await offered(desk, order)
    desk.sim.script.cut = "after"
    desk.modify(order, "49000.0")
    await desk.back(2)
    await desk.resp(order, "canceled")
    [new] = desk.sim.engine.live
    await until(lambda: any(s.reqid == new.order_id for s in desk.watcher.statuses()))
    assert len(desk.sim.named("edit_order")) == 1


async def test_orders_of_others_are_heard_of_while_one_is_being_replaced(desk):
    order = await desk.working()
    await offered(desk, order)
    desk.sim.script.delay_s = 0.2
    desk.modify(order, "49000.0")
    await until(lambda: desk.sim.named("edit_order"))
    stranger = desk.sim.engine.place("sell", "70000.0", "0.3")
    await desk.settled(order, "49000.0")
    await until(lambda: any(s.reqid == stranger.order_id for s in desk.watcher.statuses()))
    assert desk.last(order).reqid != stranger.order_id


@pytest.mark.parametrize(("age_s", "cost"), [(0, 7), (5, 6), (10, 5), (15, 3), (45, 2), (90, 1)])
def test_what_it_costs(age_s, cost):
    assert edit_cost(age_s) == cost
