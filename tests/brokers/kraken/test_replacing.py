"""An order that Kraken would not amend: the user is asked, and the new order is followed."""

from dataclasses import replace
from decimal import Decimal

import msgspec
import pytest

from brokers.kraken.rate import edit_cost
from tests.brokers.kraken.conftest import open_desk, until
from tests.sims.kraken import TIMING

NOT_AMENDABLE = "EOrder:Amend is not supported for this order"
SOON = replace(TIMING, sync_s=1.0)
"""So soon nobody waits for the answer to an edit any more."""


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


async def test_a_late_fill_of_the_old_order_takes_nobody_back_to_it(desk):
    """It was filled before it was replaced, and the report comes after the answer."""
    order = await desk.working()
    old = desk.sim.engine.order(order.oid)
    await replaced(desk, order)
    [new] = desk.sim.engine.live
    await until(lambda: desk.last(order).reqid == new.order_id)
    desk.sim.engine.fill(old, "0.004")
    await until(lambda: desk.position().size == Decimal("0.004"))
    assert desk.last(order).reqid == new.order_id
    [told] = [notice for notice in desk.notices() if notice.level == "error"]
    assert "0.004 of the order" in told.text  # the new one is as large as the old one was
    desk.modify(order, "48000.0")
    await desk.settled(order, "48000.0")
    assert desk.sim.named("amend_order")[-1]["order_id"] == new.order_id
    desk.cancel(order)
    await desk.resp(order, "canceled")
    assert desk.sim.engine.live == []


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


@pytest.mark.parametrize("answer", ["before", "after"])
async def test_a_cancel_while_it_is_being_replaced_ends_the_new_one(desk, answer):
    """It is sent for the old one, which is gone by then: who wants out is to get out."""
    desk.sim.script.answer = answer
    order = await desk.working()
    await offered(desk, order)
    desk.modify(order, "49000.0")
    desk.cancel(order)
    await desk.resp(order, "canceled")
    assert desk.sim.engine.live == []
    assert len(desk.sim.named("edit_order")) == 1
    assert len(desk.sim.engine.orders) == 2


async def test_a_cancel_of_one_that_was_not_replaced_after_all_is_sent_once(desk):
    order = await desk.working()
    await offered(desk, order)
    desk.sim.script.refuse["edit_order"] = ["EOrder:Insufficient funds"]
    desk.modify(order, "49000.0")
    desk.cancel(order)
    await desk.resp(order, "canceled")
    assert len(desk.sim.named("cancel_order")) == 1


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


async def until_shown(desk, new):
    """Wait until an order of the venue is one that works here, and return it."""

    def found():
        return [d for d in desk.ems.index.active() if d.reqid == new.order_id]

    await until(found, "the new order")
    [dialog] = found()
    await until(lambda: desk.watcher.last(dialog.oid).resp == "open")
    return dialog.order


async def test_an_answer_that_comes_too_late_joins_no_two_orders(sim, tmp_path):
    """By then the old one was told to be over, and the new one is an order of its own."""
    async with open_desk(sim, tmp_path, timing=SOON) as desk:
        order = await desk.working()
        await offered(desk, order)
        sim.script.hold = {"answers"}
        desk.modify(order, "49000.0")
        await desk.resp(order, "canceled")
        [new] = sim.engine.live
        stranger = await until_shown(desk, new)
        sim.let_go("answers")
        await until(lambda: any("by one at 49000.0" in n.text for n in desk.notices()))
        sim.engine.fill(new, "0.004")
        await until(lambda: desk.last(stranger).filled == Decimal("0.004"))
        desk.cancel(stranger)
        await desk.resp(stranger, "canceled")
        assert desk.last(order).filled == 0
        assert sim.engine.live == []


async def test_an_answer_that_comes_too_late_hides_no_order(sim, tmp_path):
    """REST has told that the old one is over; the socket tells of the new one after its answer."""
    async with open_desk(sim, tmp_path, timing=SOON) as desk:
        order = await desk.working()
        await offered(desk, order)
        sim.script.hold = {"answers", "reports"}
        desk.modify(order, "49000.0")
        await desk.resp(order, "canceled")
        sim.let_go("answers")
        sim.let_go("reports")
        [new] = sim.engine.live
        assert (await until_shown(desk, new)).price == Decimal("49000.0")
        assert desk.last(order).resp == "canceled"


async def test_an_answer_that_comes_too_late_is_none_to_the_next_edit(sim, tmp_path):
    async with open_desk(sim, tmp_path, timing=SOON) as desk:
        one, two = await desk.working(), await desk.working("buy", "51000.0")
        await offered(desk, one)
        sim.script.hold = {"answers"}
        desk.modify(one, "49000.0")
        await desk.resp(one, "canceled")
        stranger = await until_shown(desk, sim.engine.live[-1])
        sim.script.hold.clear()
        await offered(desk, two, "48000.0")
        sim.script.hold = {"answers"}
        desk.modify(two, "48000.0")
        await until(lambda: len(sim.named("edit_order")) == 2)
        sim.let_go("answers")
        await desk.settled(two, "48000.0")
        await until(lambda: desk.last(two).reqid == sim.engine.live[-1].order_id)
        assert {dialog.oid for dialog in desk.ems.index.active()} == {two.oid, stranger.oid}


async def test_nobody_is_told_the_end_of_an_order_that_is_just_being_replaced(desk):
    """REST knows the old one as cancelled before the answer says that it lives on as another."""
    order, other = await desk.working(), await desk.working("buy", "51000.0")
    await offered(desk, order)
    desk.sim.script.hold = {"answers"}
    desk.modify(order, "49000.0")
    desk.sim.script.refuse["amend_order"] = ["EOrder:Lost"]
    desk.modify(other, "50500.0")
    await until(lambda: desk.last(other).refused == "modify")  # told by REST, which both are asked
    desk.sim.let_go("answers")
    await desk.settled(order, "49000.0")
    [new] = [live for live in desk.sim.engine.live if live.price == Decimal("49000.0")]
    await until(lambda: desk.last(order).reqid == new.order_id)
    assert "canceled" not in desk.resps(order)


async def test_messages_missed_meanwhile_leave_one_line_an_order(desk):
    order = await desk.working()
    await offered(desk, order)
    desk.sim.script.hold = {"answers"}
    desk.sim.script.lose = 1
    desk.modify(order, "49000.0")  # its first report is lost: the channel begins anew
    await desk.resp(order, "canceled")
    [new] = desk.sim.engine.live
    stranger = await until_shown(desk, new)
    desk.sim.let_go("answers")
    await until(lambda: any("by one at 49000.0" in n.text for n in desk.notices()))
    desk.sim.engine.fill(new)
    await desk.resp(stranger, "closed")
    assert list(desk.ems.index.active()) == []


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
