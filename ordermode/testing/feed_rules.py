"""What a feed promises, as tests: markets, history, ticks."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from contextlib import AsyncExitStack, suppress
from pathlib import Path
from typing import Any, Final, TypeAlias

import numpy as np
import pytest

from ems.errors import UnknownMarket
from ems.market import parse_fqsn
from ems.ports import Feed
from ems.ticks import BAR_DTYPE, Bars, Quote, Tick, Trade
from ordermode.testing.desk import close_feed
from ordermode.testing.hand import CannotDo, OpenVenue, Venue

_Play: TypeAlias = Callable[[Any, Venue, Feed], Awaitable[None]]
_Test: TypeAlias = Callable[[Any, OpenVenue, Path], None]

_PAUSE_S: Final = 0.01
MINUTE_NS: Final = 60_000_000_000


def promise(play: _Play) -> _Test:
    """Make a pytest test of a coroutine method that looks at a feed."""

    async def look(self: Any, open_venue: OpenVenue, folder: Path) -> None:
        async with open_venue(folder) as venue, AsyncExitStack() as stack:
            backend = venue.open_backend(folder)
            stack.push_async_callback(close_feed, backend)
            if backend.feed is None:
                raise CannotDo(f"the backend {backend.name} has no feed")
            if backend.broker is not None:  # some share one connection
                await stack.enter_async_context(backend.broker.open_trades(lambda _: None))
            await play(self, venue, backend.feed)

    def test(self: Any, open_venue: OpenVenue, tmp_path: Path) -> None:
        try:
            asyncio.run(look(self, open_venue, tmp_path))
        except CannotDo as cannot:
            pytest.skip(f"feed: {cannot}")

    test.__name__ = test.__qualname__ = getattr(play, "__name__", "test_feed")
    test.__doc__ = play.__doc__
    return test


class FeedRules:
    """The promises of `ems.ports.Feed`; derive a test class from it, as of `OrderLifeRules`."""

    @promise
    async def test_feed_markets(self, venue: Venue, feed: Feed) -> None:
        """A market has the name that it was asked for by, and search finds it."""
        market = await feed.market(venue.market)
        broker = parse_fqsn(market.fqsn).broker
        keeps(broker == feed.name, f"the feed {feed.name} has a market {market.fqsn}")
        keeps(market.tick_size > 0, f"{market.fqsn} has a tick size of {market.tick_size}")
        keeps(market.lot_size > 0, f"{market.fqsn} has a lot size of {market.lot_size}")
        symbol = parse_fqsn(market.fqsn).symbol
        found = [one.fqsn for one in await feed.search(symbol)]
        keeps(market.fqsn in found, f"a search for {symbol!r} finds {found}")

    @promise
    async def test_feed_unknown_market(self, venue: Venue, feed: Feed) -> None:
        """A market that is not there is an `UnknownMarket`, with a sentence."""
        try:
            market = await feed.market(f"no-such-thing.{feed.name}")
        except UnknownMarket as unknown:
            keeps(str(unknown), "UnknownMarket has no text")
        else:
            raise PromiseBroken(f"a market that is not there is answered with {market}")

    @promise
    async def test_feed_history(self, venue: Venue, feed: Feed) -> None:
        """Bars ascend, no time twice, as many as asked for at most, and pages go backwards."""
        fqsn = (await feed.market(venue.market)).fqsn
        period_ns = -(-MINUTE_NS // feed.period_ns(fqsn)) * feed.period_ns(fqsn)
        newest = await feed.bars(fqsn, period_ns)
        _sound(newest, 1000)
        if not len(newest):
            return
        first_ns = int(newest["time"][0])
        older = await feed.bars(fqsn, period_ns, end_ns=first_ns, count=50)
        _sound(older, 50)
        late = older["time"][older["time"] >= first_ns]
        keeps(not len(late), f"{len(late)} bars before {first_ns} start at or after it")

    @promise
    async def test_feed_ticks(self, venue: Venue, feed: Feed) -> None:
        """Ticks come in order of time while somebody is subscribed, and no longer."""
        fqsn = (await feed.market(venue.market)).fqsn
        ticks: list[Tick] = []

        def take(batch: Sequence[Tick]) -> None:
            ticks.extend(batch)

        stop = await feed.subscribe(fqsn, take)
        with suppress(CannotDo):  # then it plays by itself
            await venue.hand.trade(venue.price)
        for _ in range(int(venue.patience_s / _PAUSE_S)):
            if ticks:
                break
            await asyncio.sleep(_PAUSE_S)
        keeps(ticks, f"no tick came within {venue.patience_s:g} s")
        for kind in (Quote, Trade):  # a venue may stamp the one and we the other
            times = [tick.time_ns for tick in ticks if isinstance(tick, kind)]
            keeps(times == sorted(times), f"a {kind.__name__} is older than the one before")
        stop()
        before = len(ticks)
        await asyncio.sleep(0.1)
        keeps(len(ticks) == before, "ticks came after the subscription was ended")


class PromiseBroken(AssertionError):
    """A feed does not keep what `ems.ports.Feed` promises."""


def keeps(holds: object, seen: str) -> None:
    """Break the promise with this sentence unless something holds."""
    if not holds:
        raise PromiseBroken(seen)


def _sound(bars: Bars, count: int) -> None:
    keeps(bars.dtype == BAR_DTYPE, f"bars have the fields {bars.dtype}")
    keeps(len(bars) <= count, f"{len(bars)} bars came, {count} were asked for")
    keeps(bool(np.all(np.diff(bars["time"]) > 0)), "the times of the bars do not ascend")
    low, high = bars["low"], bars["high"]
    for name in ("open", "close"):
        inside = bool(np.all((low <= bars[name]) & (bars[name] <= high)))
        keeps(inside, f"a bar's {name} lies beyond its high or low")
