"""Rules of clients and of triggers: 14 to 16."""

from ems.messages import Order
from ordermode.testing.desk import Desk
from ordermode.testing.played import rule


class TriggerRules:
    """What a client is told, and what fires when."""

    @rule(14)
    async def test_rule_14_clients(self, desk: Desk) -> None:
        """A second client is told of everything at once, and sees what the first one does."""
        half = desk.venue.size / 2
        live = await desk.working()
        await desk.hand.fill(await desk.at_venue(live), half)
        await desk.until(lambda: desk.position() == half, "the fill counts")
        dark = desk.submit(ticks=-20, mode="dark")
        second = await desk.listen()
        await desk.until(lambda: len(second.statuses()) == 2, "the second client is told of both")
        told = {status.oid: status for status in second.statuses()}
        desk.check(told[live.oid].filled == half, f"it is told {told[live.oid].filled} is filled")
        desk.check(told[dark.oid].resp == "dark_open", f"the dark one is {told[dark.oid].resp}")
        sizes = [position.size for position in second.positions().values()]
        desk.check(sizes == [half], f"it is told the positions {sizes}")
        desk.cancel(live)
        await desk.until(
            lambda: second.statuses(live.oid)[-1].resp == "canceled",
            "the second client hears of the first one's cancel",
        )

    @rule(15)
    async def test_rule_15_alert_and_dark_order(self, desk: Desk) -> None:
        """A trade at their level: the alert is told and gone, the dark order goes out."""
        await trades(desk, 5)
        dark = desk.submit(mode="dark")
        alert = desk.submit(action="alert", mode="dark")
        await desk.hand.trade(desk.price())
        await desk.until(lambda: "triggered" in desk.resps(alert), "the alert is told")
        await desk.until(lambda: "triggered" in desk.resps(dark), "the dark order is told")
        await desk.until(lambda: desk.resp(dark) == "open", "the dark order is live")
        theirs = await desk.at_venue(dark)
        desk.check(theirs.price == dark.price, f"the venue has it at {theirs.price}")
        active = {dialog.oid for dialog in desk.ems.index.active()}
        desk.check(active == {dark.oid}, "the alert is still among the active orders")

    @rule(16)
    async def test_rule_16_over_a_gap(self, desk: Desk) -> None:
        """Levels on both sides: a gap over one fires it, the other waits."""
        await trades(desk, 0)
        above = desk.submit(ticks=10, action="alert", mode="dark")
        below = desk.submit(ticks=-10, action="alert", mode="dark")
        await desk.hand.trade(desk.price(9))
        await desk.hand.trade(desk.price(30))
        await desk.until(lambda: "triggered" in desk.resps(above), "the gap fires the alert")
        desk.check(desk.resp(below) == "dark_open", f"the one below is {desk.resp(below)}")
        await desk.hand.trade(desk.price(-30))
        await desk.until(lambda: "triggered" in desk.resps(below), "the way down fires the other")

    @rule(16)
    async def test_rule_16_no_price_known_yet(self, desk: Desk) -> None:
        """The first trade arms, the crossing fires."""
        alert: Order = desk.submit(action="alert", mode="dark")
        known = desk.ems.hub.last(desk.market.fqsn)
        await trades(desk, 10)
        await desk.until(lambda: desk.resps(alert), "the alert is told")
        if known == (None, None):
            desk.check("triggered" not in desk.resps(alert), "the first trade fired it")
        await desk.hand.trade(desk.price(-10))
        await desk.until(lambda: "triggered" in desk.resps(alert), "the crossing fires it")


async def trades(desk: Desk, ticks: int) -> None:
    """Let others trade there, and wait until the EMS has heard of it."""
    price = float(desk.price(ticks))
    await desk.hand.trade(desk.price(ticks))

    def heard() -> bool:
        trade = desk.ems.hub.last(desk.market.fqsn)[1]
        return trade is not None and abs(trade.price - price) < float(desk.market.tick_size) / 2

    await desk.until(heard, "the trade is heard of")
