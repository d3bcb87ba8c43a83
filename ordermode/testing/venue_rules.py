"""Rules of what a venue says on its own: 7 to 12."""

from collections import Counter

from msgspec.structs import replace

from ems.messages import BrokerdOrderAck, Cancel, Status
from ordermode.testing.desk import Desk
from ordermode.testing.played import rule
from ordermode.testing.request_rules import is_at

WORDS = "the margin is too small"


class VenueRules:
    """Refusals, repetitions, words that nobody knows, orders from elsewhere, ids."""

    @rule(7)
    async def test_rule_07_modify_refused(self, desk: Desk) -> None:
        """The venue refuses another price, and takes the next one."""
        order = await desk.working()
        await desk.hand.refuse_next("modify", WORDS)
        desk.modify(order, -3)
        refused = await desk.until(lambda: refusal(desk, order.oid), "the refusal is told")
        desk.check(refused.refused == "modify", f"it was told as a refused {refused.refused}")
        desk.check(WORDS in refused.reason, f"the reason told is {refused.reason!r}")
        await desk.until(lambda: is_at(desk, order, 0), "the order shows at its old price")
        theirs = await desk.at_venue(order)
        desk.check(theirs.alive and theirs.price == order.price, f"the venue has {theirs}")
        desk.modify(order, -2)
        await desk.until(lambda: is_at(desk, order, -2), "the next modify is confirmed")

    @rule(8)
    async def test_rule_08_order_refused(self, desk: Desk) -> None:
        """The venue refuses a new order, and takes the next one."""
        await desk.hand.refuse_next("new", WORDS)
        order = desk.submit()
        refused = await desk.until(lambda: refusal(desk, order.oid), "the refusal is told")
        desk.check(refused.resp == "error", f"it was told as {refused.resp}")
        desk.check(WORDS in refused.reason, f"the reason told is {refused.reason!r}")
        await desk.settle()
        active = [dialog.oid for dialog in desk.ems.index.active()]
        desk.check(order.oid not in active, "the order is among the active ones")
        alive = [one for one in await desk.all_at_venue(order) if one.alive]
        desk.check(not alive, "the order lives at the venue all the same")
        await desk.working()

    @rule(9)
    async def test_rule_09_all_is_told_twice(self, desk: Desk) -> None:
        """Each word of the venue comes twice; the parts of an order count once."""
        half = desk.venue.size / 2
        desk.tap.echoes = True
        order = await desk.working()
        theirs = await desk.at_venue(order)
        await desk.hand.fill(theirs, half)
        await desk.until(lambda: desk.position() == half, "half of it is in the position")
        await desk.hand.fill(theirs, half)
        await desk.until(lambda: desk.resp(order) == "closed", "the order is told as closed")
        await desk.settle()
        desk.check(desk.position() == desk.venue.size, f"the position is {desk.position()}")
        desk.check(desk.resps(order).count("closed") == 1, "the end was not told once")
        desk.check_fills(order, 2)

    @rule(10)
    async def test_rule_10_unknown_state(self, desk: Desk) -> None:
        """The venue says a word that nobody knows; the order lives on as it was.

        The backend may keep the word to itself or hand it on.
        """
        desk.tap.knows_all_words = False
        order = await desk.working()
        await desk.hand.say_unknown_state(await desk.at_venue(order))
        await desk.settle()
        desk.check(desk.resp(order) == "open", f"the order is told as {desk.resp(order)}")
        desk.modify(order, -1)
        await desk.until(lambda: is_at(desk, order, -1), "the order can still be changed")

    @rule(11)
    async def test_rule_11_order_from_elsewhere(self, desk: Desk) -> None:
        """It appears with its origin, moves when it moves there, and goes when it goes."""
        status = await made_elsewhere(desk)
        desk.check(status.origin, "nothing says where it comes from")
        theirs = next(one for one in await desk.hand.orders() if one.reqid == status.reqid)
        await desk.hand.change(theirs, desk.price(-5))
        await desk.until(lambda: shown_at(desk, status, -5), "the change made there shows here")
        await desk.hand.cancel(theirs)
        await desk.until(lambda: ended(desk, status), "the cancel made there shows here")

    @rule(11)
    async def test_rule_11_order_from_elsewhere_changed_here(self, desk: Desk) -> None:
        """It is changed and cancelled from here, or the venue's refusal is told."""
        status = await made_elsewhere(desk)
        order = status.req
        assert order is not None
        client = desk.listener.client
        client.modify(replace(order, price=desk.price(-6)))
        await desk.until(
            lambda: shown_at(desk, status, -6) or refusal(desk, order.oid, "modify"),
            "the change is confirmed, or refused with a reason",
        )
        client.cancel(Cancel(oid=order.oid, symbol=order.symbol))
        await desk.until(
            lambda: ended(desk, status) or refusal(desk, order.oid, "cancel"),
            "the cancel is confirmed, or refused with a reason",
        )

    @rule(12)
    async def test_rule_12_ids(self, desk: Desk) -> None:
        """Orders have ids of their own, and what is said names an account of the broker."""
        orders = [await desk.working(ticks=-ticks) for ticks in range(3)]
        desk.cancel(orders[0])
        await desk.until(lambda: desk.resp(orders[0]) == "canceled", "the first is canceled")
        for order in orders[1:]:
            desk.check(desk.resp(order) == "open", "an order ended with another one")
        acks = {e.oid: e for e in desk.tap.events if isinstance(e, BrokerdOrderAck)}
        keys = Counter((ack.account, ack.reqid) for ack in acks.values())
        desk.check(len(keys) == 3, f"three orders have the ids {sorted(map(str, keys))}")
        known = set(desk.ems.accounts)
        for event in desk.tap.events:
            account = getattr(event, "account", None)
            desk.check(
                account is None or account in known,
                f"{event!r} names the account {account!r}; the broker has {sorted(known)}",
            )


async def made_elsewhere(desk: Desk) -> Status:
    """Place an order at the venue, past the backend; return how it shows here."""
    await desk.hand.place("buy", desk.price(-4), desk.venue.size)
    return await desk.until(
        lambda: next((s for s in desk.listener.statuses() if s.resp == "open"), None),
        "the order that was made elsewhere shows here",
    )


def refusal(desk: Desk, oid: str, what: str | None = None) -> Status | None:
    """Return the refusal that was told of an order, if one was."""
    said = desk.listener.statuses(oid)
    wanted = [s for s in said if s.reason and (s.refused if what is None else s.refused == what)]
    return wanted[-1] if wanted else None


def shown_at(desk: Desk, status: Status, ticks: int) -> bool:
    """Tell whether an order from elsewhere shows at this price, confirmed."""
    last = desk.listener.statuses(status.oid)[-1]
    there = last.req is not None and last.req.price == desk.price(ticks)
    return there and last.change is None


def ended(desk: Desk, status: Status) -> bool:
    """Tell whether an order from elsewhere is told as canceled."""
    return desk.listener.statuses(status.oid)[-1].resp == "canceled"
