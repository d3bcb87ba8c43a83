"""The markets that the EMS watches."""

from ems.market import Market
from ems.market_hub import MarketHub
from ems.ticks import Trade
from tests.sims.scripted_venue import FQSN, PushFeed


class TwoNames(PushFeed):
    """A feed that knows its market by a second name."""

    def __init__(self) -> None:
        super().__init__()
        self.watched: list[str] = []

    async def market(self, fqsn: str) -> Market:
        return await super().market(FQSN if fqsn == "cba.test.scripted" else fqsn)

    async def subscribe(self, fqsn, sink):
        self.watched.append(fqsn)
        return await super().subscribe(fqsn, sink)


async def test_a_market_of_two_names_is_one_market():
    feed = TwoNames()
    known = []
    hub = MarketHub({"scripted": feed}, (), lambda *_: None, lambda *_: None, known.append)
    market = await hub.market("cba.test.scripted")
    assert market.fqsn == FQSN
    assert await hub.market(FQSN) is market
    assert await hub.market("cba.test.scripted") is market
    seen = []
    hub.show(FQSN, seen.extend)
    feed.push(Trade(1, 100.0, 1.0))
    assert seen == [Trade(1, 100.0, 1.0)]
    assert (feed.watched, len(known), list(hub.markets)) == ([FQSN], 1, [FQSN])
    hub.close()
