"""The markets that the EMS watches."""

import asyncio
from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ems.market import Market
from ems.market_hub import MarketHub
from ems.ticks import Quote, Tick, Trade
from tests.ems.conftest import make_order
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


async def test_one_that_could_not_be_made_known_is_watched_at_the_next_try():
    """As when the disk is full as paper writes the market down: else no tick would ever come."""
    feed, known = PushFeed(), []

    def on_market(market: Market) -> None:
        known.append(market)
        if len(known) == 1:
            raise OSError("the disk is full")

    hub = MarketHub({"scripted": feed}, (), lambda *_: None, lambda *_: None, on_market)
    with pytest.raises(OSError, match="full"):
        await hub.market(FQSN)
    assert not hub.markets
    await hub.market(FQSN)
    feed.push(Trade(1, 100.0, 1.0))
    assert hub.last(FQSN)[1] == Trade(1, 100.0, 1.0)
    hub.close()


class Matcher:
    """Sees each tick, as paper does."""

    def __init__(self) -> None:
        self.seen: list[Tick] = []

    def watch(self, market: Market) -> None: ...

    def on_tick(self, fqsn: str, tick: Tick) -> None:
        self.seen.append(tick)


levels = st.sampled_from(["98", "99", "100", "101", "102"])
prices = st.sampled_from([97.0, 98.5, 99.0, 100.0, 100.5, 101.0, 103.0, 0.0, -1.0, float("nan")])
ticks = st.lists(
    st.builds(Trade, st.just(1), prices) | st.builds(Quote, st.just(1), prices, prices), max_size=30
)


def played(
    batches: Sequence[Sequence[Tick]], armed: list[tuple[str, str]], matcher: Matcher | None = None
) -> tuple[object, ...]:
    """All that comes of ticks: what fires, in which order, and what is last."""
    fired: list[tuple[str, str]] = []

    async def play() -> tuple[object, ...]:
        feed = PushFeed()
        hub = MarketHub(
            {"scripted": feed},
            () if matcher is None else (matcher,),
            lambda oid, why: fired.append((oid, why)),
            lambda oid, sides: fired.append((oid, str(sides))),
            lambda _: None,
        )
        await hub.market(FQSN)
        for number, (side, price) in enumerate(armed):
            hub.arm(make_order(side, price, exec_mode="dark", oid=f"{number}"), {})
        for batch in batches:
            feed.push(*batch)
        faults = hub.faults(FQSN)
        return (repr(hub.last(FQSN)), hub.crossed(FQSN), faults.crossed, faults.not_a_price)

    return (*asyncio.run(play()), fired)


@given(
    some=ticks,
    armed=st.lists(st.tuples(st.sampled_from(["buy", "sell", "alert"]), levels), max_size=4),
)
def test_ticks_do_the_same_one_by_one_and_in_a_batch(some, armed):
    together = played([some], armed)
    assert played([[tick] for tick in some], armed) == together
    matcher = Matcher()
    assert played([some], armed, matcher) == together
    fit = [t for t in some if isinstance(t, Trade) and t.price > 0]
    assert [t for t in matcher.seen if isinstance(t, Trade)] == fit


async def test_closed_while_a_market_is_subscribed_to_its_end_is_the_end():
    class Silent(PushFeed):
        async def subscribe(self, fqsn, sink):
            await asyncio.Event().wait()

    hub = MarketHub({"scripted": Silent()}, (), lambda *_: None, lambda *_: None, lambda _: None)
    asking = asyncio.create_task(hub.market(FQSN))
    await asyncio.sleep(0)
    assert hub.markets
    hub.close()
    asking.cancel()
    await asyncio.wait({asking})
    assert asking.cancelled()
