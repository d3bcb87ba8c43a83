"""Rules of requests that cross what the venue says: 1 to 6."""

from ems.messages import (
    BrokerdCancel,
    BrokerdError,
    BrokerdFill,
    BrokerdOrder,
    BrokerdOrderAck,
    Order,
)
from ordermode.testing.desk import Desk
from ordermode.testing.played import rule


class RequestRules:
    """Cancels and modifies before the ack, words before it, fills after the end."""

    @rule(1)
    async def test_rule_01_cancel_before_ack(self, desk: Desk) -> None:
        """The ack is held back until the cancel was asked for."""
        desk.tap.hold()
        order = desk.submit()
        await desk.until(lambda: desk.acked(order), "the backend acknowledges the order")
        await cancelled_before_its_ack(desk, order)

    @rule(2)
    async def test_rule_02_modify_before_ack(self, desk: Desk) -> None:
        """Three modifies wait for the ack; one goes out, the last."""
        desk.tap.hold()
        order = desk.submit()
        await desk.until(lambda: desk.acked(order), "the backend acknowledges the order")
        for ticks in (-1, -2, -3):
            desk.modify(order, ticks)
        early = desk.tap.sent(order.oid, BrokerdOrder, new=False)
        desk.check(not early, "a modify went out before the ack")
        desk.tap.release()
        await desk.until(lambda: is_at(desk, order, -3), "the order is confirmed at the last price")
        theirs = await desk.at_venue(order)
        desk.check(theirs.price == desk.price(-3), f"the venue has the order at {theirs.price}")
        changes = desk.tap.sent(order.oid, BrokerdOrder, new=False)
        desk.check(len(changes) == 1, f"{len(changes)} modifies went out")

    @rule(3)
    async def test_rule_03_cancel_of_a_triggered_dark_order(self, desk: Desk) -> None:
        """The price fires a dark order, and the cancel is there before its ack."""
        await desk.hand.trade(desk.price(5))
        await desk.until(lambda: desk.ems.hub.last(desk.market.fqsn)[1], "the trade is heard of")
        order = desk.submit(mode="dark")
        await desk.until(lambda: desk.resp(order) == "dark_open", "the dark order is held")
        desk.tap.hold()
        await desk.hand.trade(desk.price())
        await desk.until(lambda: desk.acked(order), "the backend acknowledges the triggered order")
        await cancelled_before_its_ack(desk, order)

    @rule(4)
    async def test_rule_04_status_and_fill_before_the_ack(self, desk: Desk) -> None:
        """All that the venue says of an order that fills comes first, and its ack last."""
        desk.tap.hold()
        order = desk.submit()
        await desk.until(lambda: desk.acked(order), "the backend acknowledges the order")
        theirs = await desk.at_venue(order)
        await desk.hand.fill(theirs, desk.venue.size)
        await desk.until(lambda: held(desk, BrokerdFill), "the backend tells of the fill")
        desk.tap.release(last=BrokerdOrderAck)
        await desk.until(lambda: desk.resp(order) == "closed", "the order is told as closed")
        desk.check_fills(order, 1)
        desk.check(desk.position() == desk.venue.size, f"the position is {desk.position()}")

    @rule(5)
    async def test_rule_05_late_fill(self, desk: Desk) -> None:
        """Half of an order fills, and the news of it come after its cancel was confirmed."""
        half = desk.venue.size / 2
        order = await desk.working()
        desk.tap.hold(lambda event: isinstance(event, BrokerdFill))
        await desk.hand.fill(await desk.at_venue(order), half)
        await desk.until(lambda: held(desk, BrokerdFill), "the backend tells of the fill")
        desk.cancel(order)
        await desk.until(lambda: desk.resp(order) == "canceled", "the cancel is confirmed")
        desk.tap.release()
        await desk.until(lambda: desk.position() == half, "the late fill counts in the position")
        desk.check(desk.resp(order) == "canceled", f"the order is {desk.resp(order)} again")
        desk.check(not list(desk.ems.index.active()), "the order is among the active ones again")

    @rule(6)
    async def test_rule_06_cancel_crosses_the_fill(self, desk: Desk) -> None:
        """The venue has filled the order when the cancel arrives; its words come as they may."""
        await crossed_by_the_fill(desk, refusal_first=False)

    @rule(6)
    async def test_rule_06_refused_cancel_is_heard_before_the_fill(self, desk: Desk) -> None:
        """The same, and 'cannot cancel' overtakes the fill."""
        await crossed_by_the_fill(desk, refusal_first=True)


async def cancelled_before_its_ack(desk: Desk, order: Order) -> None:
    """Cancel an order whose ack is held, let the ack come, and judge what became of it."""
    desk.cancel(order)
    early = desk.tap.sent(order.oid, BrokerdCancel)
    desk.check(not early, "a cancel went out before the ack, with no reqid to name the order by")
    desk.tap.release()
    await desk.until(lambda: desk.resp(order) == "canceled", "the order is told as canceled")
    await desk.settle()
    cancels = desk.tap.sent(order.oid, BrokerdCancel)
    desk.check(len(cancels) == 1, f"{len(cancels)} cancels went out")
    told = desk.resps(order).count("canceled")
    desk.check(told == 1, f"'canceled' was told {told} times")
    theirs = await desk.at_venue(order)
    desk.check(not theirs.alive, "the order still lives at the venue")


async def crossed_by_the_fill(desk: Desk, *, refusal_first: bool) -> None:
    """Fill an order unheard, cancel it, and judge what the client was told."""
    order = await desk.working()
    desk.tap.hold()
    await desk.hand.fill(await desk.at_venue(order), desk.venue.size)
    await desk.until(lambda: held(desk, BrokerdFill), "the backend tells of the fill")
    desk.cancel(order)
    if refusal_first:
        await desk.until(lambda: held(desk, BrokerdError), "the backend tells of the refusal")
        desk.tap.release(first=BrokerdError)
    else:
        desk.tap.release()
    await desk.until(lambda: desk.resp(order) == "closed", "the order is told as closed")
    await desk.settle()
    statuses = desk.listener.statuses(order.oid)
    desk.check(
        not any(s.refused or s.resp == "error" for s in statuses),
        "the user was shown an error, though the order is filled",
    )
    desk.check(desk.position() == desk.venue.size, f"the position is {desk.position()}")


def held(desk: Desk, kind: type) -> bool:
    """Tell whether an event of this kind is held."""
    return any(isinstance(event, kind) for event in desk.tap.held)


def is_at(desk: Desk, order: Order, ticks: int) -> bool:
    """Tell whether the order was confirmed to work at this price."""
    said = desk.listener.statuses(order.oid)
    if not said:
        return False
    status = said[-1]
    shown = status.req is not None and status.req.price == desk.price(ticks)
    return status.resp == "open" and shown and status.change is None
