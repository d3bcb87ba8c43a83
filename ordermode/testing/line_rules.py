"""Rules of lines that break, programs that die, clients that come, and triggers: 13 to 18."""

from ems.messages import BrokerdOrder, BrokerdQuery, BrokerRequest, Connection, Order
from ordermode.testing.desk import Desk
from ordermode.testing.played import IMPATIENT_S, rule


class LineRules:
    """Reconnects, restarts, silence."""

    @rule(13)
    async def test_rule_13_reconnect(self, desk: Desk) -> None:
        """While the line is cut one order fills, one is cancelled, one is made, one stays."""
        filled, cancelled, kept = [await desk.working(ticks=-ticks) for ticks in range(3)]
        there = {order.oid: await desk.at_venue(order) for order in (filled, cancelled, kept)}
        await desk.hand.cut()
        await desk.until(lambda: not desk.connected, "the backend says that the line is cut")
        for order in (filled, cancelled, kept):
            desk.check(desk.last(order).stale, "an order does not show as stale")
        await desk.hand.fill(there[filled.oid], desk.venue.size)
        await desk.hand.cancel(there[cancelled.oid])
        await desk.hand.place("buy", desk.price(-7), desk.venue.size)
        await desk.hand.mend()
        await desk.until(lambda: desk.connected, "the backend says that it is connected again")
        await desk.until(lambda: desk.resp(filled) == "closed", "the fill of meanwhile is told")
        await desk.until(lambda: desk.resp(cancelled) == "canceled", "the cancel is told")
        await desk.until(lambda: not desk.last(kept).stale, "the order that stayed is fresh again")
        desk.check(desk.resp(kept) == "open", f"the order that stayed is {desk.resp(kept)}")
        ours = {filled.oid, cancelled.oid, kept.oid}
        await desk.until(
            lambda: [s for s in desk.listener.statuses() if s.oid not in ours and s.origin],
            "the order that was made meanwhile shows",
        )
        await desk.settle()
        desk.check(desk.position() == desk.venue.size, f"the position is {desk.position()}")
        desk.check_fills(filled, 1)

    @rule(13)
    async def test_rule_13_fills_are_told_again_after_a_reconnect(self, desk: Desk) -> None:
        """What was counted before the line broke is not counted again after it."""
        half = desk.venue.size / 2
        order = await desk.working()
        await desk.hand.fill(await desk.at_venue(order), half)
        await desk.until(lambda: desk.position() == half, "the fill counts")
        await desk.hand.cut()
        await desk.until(lambda: not desk.connected, "the backend says that the line is cut")
        await desk.hand.mend()
        await desk.until(lambda: desk.connected, "the backend says that it is connected again")
        await desk.until(lambda: not desk.last(order).stale, "the order is fresh again")
        await desk.settle()
        desk.check(desk.position() == half, f"the position is {desk.position()}")
        desk.check_fills(order, 1)

    @rule(17)
    async def test_rule_17_restart(self, desk: Desk) -> None:
        """A dark order, an alert and a live order, half filled, are there after a restart."""
        half = desk.venue.size / 2
        live = await desk.working()
        await desk.hand.fill(await desk.at_venue(live), half)
        await desk.until(lambda: desk.position() == half, "the fill counts")
        dark = desk.submit(ticks=-20, mode="dark")
        alert = desk.submit(ticks=90, action="alert", mode="dark")
        await desk.until(lambda: desk.resp(alert) == "dark_open", "the alert is held")
        sent = len(desk.tap.requests)
        await desk.restart()
        for order, resp in ((live, "open"), (dark, "dark_open"), (alert, "dark_open")):
            await desk.until(lambda: desk.resp(order), "an order is told after the restart")  # noqa: B023
            told = desk.resp(order)
            desk.check(told == resp, f"after the restart an order is {told}, it was {resp}")
        await desk.until(lambda: not desk.last(live).stale, "the live order is fresh")
        desk.check(desk.last(live).filled == half, f"{desk.last(live).filled} of it is filled")
        desk.check(desk.position() == half, f"the position is {desk.position()}")
        again = [r for r in desk.tap.requests[sent:] if isinstance(r, BrokerdOrder)]
        desk.check(not again, "an order was sent again")

    @rule(17)
    async def test_rule_17_crash_before_the_ack(self, desk: Desk) -> None:
        """The venue has the order, its words are lost, and the program starts again."""
        desk.tap.hold()
        order = desk.submit()
        await desk.until(lambda: desk.acked(order), "the backend acknowledges the order")
        await desk.at_venue(order)
        await desk.restart()
        await desk.until(lambda: desk.resp(order) == "open", "the order is found by our own id")
        await desk.at_venue(order)
        sent = desk.tap.sent(order.oid, BrokerdOrder, new=True)
        desk.check(len(sent) == 1, f"the order was sent {len(sent)} times")
        desk.cancel(order)
        await desk.until(lambda: desk.resp(order) == "canceled", "it can be cancelled")

    @rule(18, answer_timeout_s=IMPATIENT_S)
    async def test_rule_18_the_answer_is_lost(self, desk: Desk) -> None:
        """The venue takes the order and its words are lost; asked, it says so."""
        desk.tap.hold()
        order = desk.submit()
        await desk.until(lambda: desk.acked(order), "the backend acknowledges the order")
        await unknown(desk, order)
        desk.tap.drop()
        await desk.until(lambda: desk.resp(order) == "open", "the venue's answer is told")
        await asked_not_sent_again(desk, order)
        await desk.at_venue(order)

    @rule(18, answer_timeout_s=IMPATIENT_S)
    async def test_rule_18_the_order_never_arrives(self, desk: Desk) -> None:
        """The order is lost on its way; asked, the venue does not know it."""
        desk.tap.swallow = lambda request: isinstance(request, BrokerdOrder)
        order = desk.submit()
        await unknown(desk, order)
        await desk.until(lambda: desk.resp(order) == "error", "the order is told as not there")
        desk.check(desk.last(order).reason, "no reason was told")
        await asked_not_sent_again(desk, order)
        theirs = await desk.all_at_venue(order)
        desk.check(not theirs, "the venue has the order all the same")

    @rule(18, answer_timeout_s=IMPATIENT_S)
    async def test_rule_18_a_lost_cancel(self, desk: Desk) -> None:
        """A cancel is lost on its way; asked, the venue says that the order lives."""
        order = await desk.working()
        lost: list[BrokerRequest] = []

        def swallow(request: BrokerRequest) -> bool:
            if isinstance(request, BrokerdQuery | BrokerdOrder) or lost:
                return False
            lost.append(request)
            return True

        desk.tap.swallow = swallow
        desk.cancel(order)
        await desk.until(
            lambda: desk.tap.sent(order.oid, BrokerdQuery), "the venue is asked about the order"
        )
        await desk.until(lambda: decided(desk, order), "the venue's answer decides")
        theirs = await desk.at_venue(order)
        desk.check(
            theirs.alive == (desk.resp(order) == "open"),
            f"the order is told as {desk.resp(order)}, the venue has {theirs}",
        )

    @rule(18)
    async def test_rule_18_the_line_breaks_with_an_order_on_it(self, desk: Desk) -> None:
        """The venue has the order, and the line breaks before a word of it is heard."""
        desk.tap.hold(lambda event: not isinstance(event, Connection))
        order = desk.submit()
        await desk.at_venue(order)
        await desk.hand.cut()
        await desk.until(lambda: not desk.connected, "the backend says that the line is cut")
        desk.tap.drop()
        desk.check(desk.last(order).outcome_unknown, "the order does not show as unknown")
        await desk.hand.mend()
        await desk.until(lambda: desk.resp(order) == "open", "the order is found after the break")
        await desk.until(lambda: not desk.last(order).outcome_unknown, "its outcome is known")
        await desk.at_venue(order)
        sent = desk.tap.sent(order.oid, BrokerdOrder, new=True)
        desk.check(len(sent) == 1, f"the order was sent {len(sent)} times")


async def unknown(desk: Desk, order: Order) -> None:
    """Wait until the order shows that nobody knows what became of it."""
    await desk.until(
        lambda: any(s.outcome_unknown for s in desk.listener.statuses(order.oid)),
        "the order shows that its outcome is unknown",
    )


async def asked_not_sent_again(desk: Desk, order: Order) -> None:
    """Judge that the venue was asked by our id, and the order sent once."""
    sent = desk.tap.sent(order.oid, BrokerdOrder, new=True)
    desk.check(len(sent) == 1, f"the order was sent {len(sent)} times")
    desk.check(desk.tap.sent(order.oid, BrokerdQuery), "the venue was not asked by our own id")


def decided(desk: Desk, order: Order) -> bool:
    """Tell whether nothing about the order is open any more."""
    last = desk.last(order)
    return not last.outcome_unknown and not (last.resp == "open" and last.cancel_called)
