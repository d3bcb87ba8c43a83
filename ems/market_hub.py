"""The markets that the EMS watches: each tick goes to paper, to the triggers, then to charts."""

import asyncio
import logging
from collections import defaultdict
from collections.abc import Awaitable, Callable, Mapping, Sequence
from decimal import Decimal
from functools import partial
from typing import Final

from ems.dark_book import DarkBook
from ems.errors import UnknownMarket
from ems.market import Market, parse_fqsn
from ems.messages import Order
from ems.order_dialog import Direction, Series
from ems.ports import Feed, MatchesTicks, ShowsDepth, TellsHours, TickSink, Unsubscribe, UsesDepth
from ems.ticks import Quote, Tick, Trade
from ems.touch_rules import touch_of
from ems.trading_hours import TradingHours

log = logging.getLogger(__name__)


_NOWHERE: Final = (float("inf"), float("-inf"))
"""No price is between these."""


class MarketFaults:
    """How many ticks of a market were not fit to trade on."""

    def __init__(self) -> None:
        self.crossed = 0
        """Quotes with the bid above the ask: shown, but they fill and trigger nothing."""
        self.not_a_price = 0
        """Ticks with a price that is not above zero."""


class LastPrices:
    """The last ticks of a market, as they come."""

    def __init__(self) -> None:
        self.quote: Quote | None = None
        """The last one that was not crossed."""
        self.trade: Trade | None = None
        self.crossed = False
        """The newest quote is crossed, and so is no quote."""


class _Watched(LastPrices):
    """One market that is watched."""

    def __init__(self, market: Market, book: DarkBook) -> None:
        super().__init__()
        self.market: Final = market
        self.book: Final = book
        self.faults: Final = MarketFaults()
        self.displays: list[TickSink] = []
        self.unsubscribe: Unsubscribe = lambda: None

    def note(self, trade: Trade) -> None:
        """Take a trade that is nothing to anybody."""
        self.trade, self.book.trades.price = trade, trade.price


class MarketHub:
    """Finds markets, hands on their ticks, and holds the triggers of each.

    Each tick passes paper first and the triggers second, one by one, so that what happens
    does not depend on how a feed batches its ticks. Charts get whole batches.

    Parameters
    ----------
    feeds
        By name, which is the last part of their fqsns.
    matchers
        Brokers that trade against the feed.
    on_fire
        Called with the oid and a sentence when a trigger's price is reached.
    on_armed
        Called when a trigger that waited for its first price is armed.
    on_market
        Called once for each market when it becomes known, before its first tick.
    on_trailed
        Called when there is something new in `levels`.
    ready
        Waits until a feed, by its name, can be asked; None = each can at any time.
    """

    def __init__(
        self,
        feeds: Mapping[str, Feed],
        matchers: Sequence[MatchesTicks],
        on_fire: Callable[[str, str], None],
        on_armed: Callable[[str, dict[Series, Direction]], None],
        on_market: Callable[[Market], None],
        on_trailed: Callable[[], None] = lambda: None,
        ready: Callable[[str], Awaitable[None]] | None = None,
    ) -> None:
        self.levels: dict[str, Decimal] = {}
        """By oid, where trailing stops have come to since anybody asked; whoever asks takes it."""
        self._on_trailed = on_trailed
        self.feeds = feeds
        self.markets: dict[str, Market] = {}
        self._matchers = matchers
        self._on_fire = on_fire
        self._on_armed = on_armed
        self._on_market = on_market
        self._watched: dict[str, _Watched] = {}
        self._other_names: dict[str, str] = {}
        self._ready = ready
        self._locks: defaultdict[str, asyncio.Lock] = defaultdict(asyncio.Lock)
        """By feed: what one does not answer holds up no other."""

    async def market(self, fqsn: str) -> Market:
        """Return the market, and watch it from now on.

        A feed may know a market by several names; the one in the answer is the market's own,
        and the only one that anything else here takes.

        Raises
        ------
        UnknownMarket
            If no feed of ours has it.
        """
        async with self._locks[parse_fqsn(fqsn).broker]:
            own_name = self._other_names.get(fqsn, fqsn)
            if own_name not in self._watched:
                own_name = await self._watch(fqsn)
                self._other_names[fqsn] = own_name
        return self.markets[own_name]

    def feed(self, fqsn: str) -> Feed:
        """Return the feed that the market belongs to; raises `UnknownMarket`."""
        name = parse_fqsn(fqsn).broker
        feed = self.feeds.get(name)
        if feed is None:
            names = ", ".join(sorted(self.feeds)) or "none"
            raise UnknownMarket(
                f"no backend {name!r} for the market {fqsn}; there is market data from: {names}"
            )
        return feed

    def show(self, fqsn: str, display: TickSink) -> Unsubscribe:
        """Hand each batch of the market's ticks to a chart; call the result to stop.

        Raises
        ------
        UnknownMarket
            If the market is not watched: ask for `market` first.
        """
        if fqsn not in self._watched:
            raise UnknownMarket(f"the market {fqsn} is not watched yet")
        displays = self._watched[fqsn].displays
        displays.append(display)
        return lambda: displays.remove(display)

    def faults(self, fqsn: str) -> MarketFaults:
        """Return the counts of a watched market's unfit ticks."""
        return self._watched[fqsn].faults

    def crossed(self, fqsn: str) -> bool:
        """Tell whether the newest quote of the market is crossed, and so is no quote."""
        watched = self._watched.get(fqsn)
        return watched is not None and watched.crossed

    def last(self, fqsn: str) -> tuple[Quote | None, Trade | None]:
        """Return the last quote that was not crossed, and the last trade."""
        watched = self._watched.get(fqsn)
        return (watched.quote, watched.trade) if watched else (None, None)

    def prices(self, fqsn: str) -> LastPrices:
        """Return the last ticks of a watched market, which change as ticks come."""
        return self._watched[fqsn]

    def hours(self, fqsn: str) -> TradingHours | None:
        """Return when the market trades around now; None if its venue does not say."""
        feed = self.feeds.get(parse_fqsn(fqsn).broker)
        return feed.hours(fqsn) if isinstance(feed, TellsHours) else None

    def close(self) -> None:
        """Stop every feed."""
        for watched in self._watched.values():
            watched.unsubscribe()
        self._watched.clear()

    # ---- triggers

    def arm(self, order: Order, known: dict[Series, Direction]) -> dict[Series, Direction] | None:
        """Arm the trigger of a dark order or alert; None if its market is not watched.

        One that was armed before goes on from where its level has come to.
        """
        watched = self._watched.get(order.symbol)
        if watched is None:
            return None
        if not known:
            self.levels.pop(order.oid, None)
        level = float(self.levels.get(order.oid, order.price))
        only = touch_of(order, watched.market)
        return watched.book.arm(order.oid, order.action, level, known, only)

    def disarm(self, order: Order) -> None:
        """Remove the trigger of an order, if there is one."""
        self.levels.pop(order.oid, None)
        if watched := self._watched.get(order.symbol):
            watched.book.disarm(order.oid)

    def fire_reached(self, symbol: str) -> None:
        """Fire every trigger of a market whose price is reached already."""
        if watched := self._watched.get(symbol):
            watched.book.fire_reached()

    # ---- inside

    async def _watch(self, fqsn: str) -> str:
        """Watch a market from now on; return its own name."""
        feed = self.feed(fqsn)
        if self._ready is not None:
            await self._ready(feed.name)
        market = await feed.market(fqsn)
        fqsn = market.fqsn
        if fqsn in self._watched:
            return fqsn

        def on_fire(oid: str, series: Series, price: float) -> None:
            self._on_fire(oid, f"The {series} reached {market.format_price(price)}.")

        def on_trailed(oid: str, level: float) -> None:
            self.levels[oid] = market.round_price(level)
            self._on_trailed()

        book = DarkBook(
            float(market.tick_size),
            on_fire,
            self._on_armed,
            "trade" if market.chart_price == "trade" else "bid",
            on_trailed,
        )
        watched = _Watched(market, book)
        self.markets[fqsn] = market
        self._watched[fqsn] = watched
        try:
            for matcher in self._matchers:
                if isinstance(feed, ShowsDepth) and isinstance(matcher, UsesDepth):
                    matcher.use_depth(fqsn, partial(feed.depth, fqsn))
                matcher.watch(market)
            self._on_market(market)
            watched.unsubscribe = await feed.subscribe(
                fqsn, lambda ticks: self._on_ticks(watched, ticks)
            )
        except BaseException:  # no tick will come: whoever asks again tries again
            self._watched.pop(fqsn, None)  # it may be closed by now
            self.markets.pop(fqsn, None)
            raise
        return fqsn

    def _on_ticks(self, watched: _Watched, ticks: Sequence[Tick]) -> None:
        """Take a batch. Of trades that are nothing to anybody only the last has to be noted."""
        quiet: Trade | None = None
        low, high = self._quiet(watched)
        for tick in ticks:
            if type(tick) is Trade and low < tick.price < high:
                quiet = tick
                continue
            if quiet is not None:
                watched.note(quiet)
                quiet = None
            if type(tick) is Trade:
                self._on_trade(watched, tick)
            elif type(tick) is Quote:
                self._on_quote(watched, tick)
            if not self._matchers:  # they see each one: nothing is quiet
                low, high = self._quiet(watched)
        if quiet is not None:
            watched.note(quiet)
        for display in tuple(watched.displays):
            display(ticks)

    def _quiet(self, watched: _Watched) -> tuple[float, float]:
        """Return the prices between which a trade only has to be noted; they are above zero."""
        if self._matchers:
            return _NOWHERE
        trades = watched.book.trades
        return max(trades.low, 0.0), trades.high

    def _on_trade(self, watched: _Watched, trade: Trade) -> None:
        if not trade.price > 0:
            watched.faults.not_a_price += 1
            return
        watched.trade = trade
        for matcher in self._matchers:
            matcher.on_tick(watched.market.fqsn, trade)
        watched.book.on_trade(trade)

    def _on_quote(self, watched: _Watched, quote: Quote) -> None:
        if not (quote.bid > 0 and quote.ask > 0):
            watched.faults.not_a_price += 1
            return
        if quote.bid > quote.ask:
            watched.faults.crossed += 1
            watched.crossed = True
            return
        watched.quote, watched.crossed = quote, False
        for matcher in self._matchers:
            matcher.on_tick(watched.market.fqsn, quote)
        watched.book.on_quote(quote)
