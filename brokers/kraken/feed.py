"""Kraken's market data, which need no account; see `ems.ports.Feed`."""

import asyncio
import contextlib
import logging
import time
from collections.abc import Callable, Sequence
from typing import Final

import msgspec

from brokers.kraken import parsing, wire
from brokers.kraken.book import DEPTH
from brokers.kraken.books import Books
from brokers.kraken.history import MINUTE_NS, History
from brokers.kraken.pairs import BROKER, PairSource
from brokers.kraken.public_trades import last_trades
from brokers.kraken.reach import reach_public
from brokers.kraken.rest import Rest
from brokers.kraken.socket import Socket, SocketUser
from brokers.kraken.timing import Timing
from ems.market import Market
from ems.ports import Reached, TickSink, Unsubscribe
from ems.ticks import Bars, Depth, Tick, no_bars

log = logging.getLogger(__name__)

_CHANNELS: Final = ("ticker", "trade", "book")
_PARAMS: Final[dict[str, dict[str, object]]] = {
    "ticker": {"event_trigger": "bbo"},
    "trade": {},
    "book": {"depth": DEPTH},
}


class _Subscription:
    """One pair that somebody watches."""

    def __init__(self) -> None:
        self.sinks: dict[object, TickSink] = {}
        self.gap_sinks: dict[object, Callable[[], None]] = {}
        self.last_trade_id: int | None = None

    def deliver(self, ticks: Sequence[Tick]) -> None:
        for sink in tuple(self.sinks.values()):
            sink(ticks)


class KrakenFeed(SocketUser):
    """The feed named ``kraken``. It has a connection only while somebody watches a market.

    Parameters
    ----------
    rest : Rest
        For the history.
    pairs : PairSource
        All markets.
    url : str
        Of the public WebSocket.
    clock
        Now, UTC ns.
    """

    name = BROKER

    def __init__(
        self,
        rest: Rest,
        pairs: PairSource,
        url: str,
        timing: Timing,
        clock: Callable[[], int] = time.time_ns,
    ) -> None:
        self._pairs = pairs
        self._rest = rest
        self._history = History(rest, timing)
        self._clock = clock
        self._subscriptions: dict[str, _Subscription] = {}
        self._symbols: dict[str, str] = {}
        """By fqsn, of what was ever subscribed to."""
        self._socket = Socket("Kraken, market data", url, self, timing)
        self._books = Books(self._begin_book, timing, clock)
        self._task: asyncio.Task[None] | None = None
        self._ending: set[asyncio.Task[None]] = set()

    async def reach(self) -> Reached:
        """See that Kraken answers; as `ems.ports.Reachable`."""
        return await reach_public(self._rest, self._clock)

    # ---- ems.ports.Feed

    async def search(self, text: str) -> list[Market]:
        """Return the markets that have the text in one of their names, old or new."""
        return (await self._pairs.get()).search(text)

    async def market(self, fqsn: str) -> Market:
        """Return the market of ``xbtusd.kraken`` or ``btcusd.kraken``; its fqsn is the first.

        Raises
        ------
        UnknownMarket
            If Kraken has no such pair.
        KrakenError
            If Kraken cannot be asked.
        """
        return (await self._pairs.get()).of_fqsn(fqsn).market

    def period_ns(self, fqsn: str) -> int:
        """Return the shortest period of Kraken's bars, a minute."""
        return MINUTE_NS

    async def bars(
        self, fqsn: str, period_ns: int, *, end_ns: int | None = None, count: int = 1000
    ) -> Bars:
        """Return up to ``count`` bars, none under a minute.

        Those before the last 720, which is all that Kraken tells, are made of its trades: some
        seconds for a piece of them.
        """
        pair = (await self._pairs.get()).of_fqsn(fqsn)
        return await self._history.bars(pair, period_ns, end_ns, count)

    def knows_ticks(self, fqsn: str) -> bool:
        """Return True: Kraken tells its public trades."""
        return True

    async def ticks(self, fqsn: str, *, end_ns: int | None = None, count: int = 1000) -> Bars:
        """Return the last trades, a thousand at most; none before them."""
        if end_ns is not None:
            return no_bars()
        pair = (await self._pairs.get()).of_fqsn(fqsn)
        return await last_trades(self._rest, pair, count)

    async def subscribe(self, fqsn: str, sink: TickSink) -> Unsubscribe:
        """Deliver the ticks of a market from now on; call the result to stop."""
        pair = (await self._pairs.get()).of_fqsn(fqsn)
        symbol = self._symbols[pair.market.fqsn] = pair.symbol
        key = object()
        if symbol not in self._subscriptions:
            self._subscriptions[symbol] = _Subscription()
            self._books.watch(symbol)
            self._ask("subscribe", [symbol])
        self._subscriptions[symbol].sinks[key] = sink
        if self._task is None:
            self._task = self._socket.start()
        return lambda: self._unsubscribe(symbol, key)

    async def aclose(self) -> None:
        """Close the connection."""
        self._subscriptions.clear()
        self._books.stop()
        self._stop()
        await asyncio.gather(*self._ending, return_exceptions=True)

    # ---- ems.ports.TellsGaps

    def watch_gaps(self, fqsn: str, told: Callable[[], None]) -> Unsubscribe:
        """Tell when a break was so long that Kraken does not repeat all trades that were missed."""
        subscription, key = self._subscriptions.get(self._symbols.get(fqsn, "")), object()
        if subscription is None:
            return lambda: None
        sinks = subscription.gap_sinks
        sinks[key] = told

        def stop() -> None:
            sinks.pop(key, None)

        return stop

    # ---- ems.ports.ShowsDepth

    def depth(self, fqsn: str) -> Depth | None:
        """Return the ten best levels a side; None while the book is not verified."""
        symbol = self._symbols.get(fqsn)
        return None if symbol is None else self._books.depth(symbol)

    # ---- SocketUser

    def on_closed(self, reason: str) -> None:
        """What was displayed is old."""
        self._books.line_lost()

    def on_open(self) -> None:
        """Subscribe again to what is watched."""
        self._ask("subscribe", list(self._subscriptions))

    def on_data(self, data: str | bytes) -> None:
        """Take a message; one in an unknown shape is logged and does no harm."""
        try:
            envelope = wire.read_envelope(data)
            match envelope.channel:
                case "book":
                    for symbol, quote in self._books.take(envelope):
                        if (subscription := self._subscriptions.get(symbol)) is not None:
                            subscription.deliver((quote,))
                case "ticker":
                    self._on_tickers(wire.read_as(list[wire.Ticker], envelope.data))
                case "trade":
                    trades = wire.read_as(list[wire.PublicTrade], envelope.data)
                    self._on_trades(trades, first=envelope.type == "snapshot")
                case "":
                    if envelope.success is False:
                        log.error("Kraken refused a subscription: %s", envelope.error)
        except msgspec.DecodeError as error:
            log.error("market data in an unknown shape (%s): %s", error, data[:2000])  # noqa: TRY400

    # ---- inside

    def _unsubscribe(self, symbol: str, key: object) -> None:
        subscription = self._subscriptions.get(symbol)
        if subscription is None:
            return
        subscription.sinks.pop(key, None)
        if not subscription.sinks:
            del self._subscriptions[symbol]
            self._books.forget(symbol)
            self._ask("unsubscribe", [symbol])
        if not self._subscriptions:
            self._stop()

    def _stop(self) -> None:
        if self._task is not None:
            self._task.cancel()
            self._ending.add(self._task)
            self._task.add_done_callback(self._ending.discard)
            self._task = None

    def _begin_book(self, symbol: str) -> None:
        for method in ("unsubscribe", "subscribe"):
            self._ask(method, [symbol], ("book",))

    def _ask(self, method: str, symbols: list[str], channels: tuple[str, ...] = _CHANNELS) -> None:
        if not (symbols and self._socket.is_open):
            return  # `on_open` will
        for channel in channels:
            params = {"channel": channel, "symbol": symbols, **_PARAMS[channel]}
            if method == "subscribe":
                params["snapshot"] = True
            with contextlib.suppress(ConnectionError):
                self._socket.send(wire.write({"method": method, "params": params}))

    def _on_tickers(self, tickers: list[wire.Ticker]) -> None:
        """Deliver best bid and ask where the book does not have them, which is newer."""
        for ticker in tickers:
            subscription = self._subscriptions.get(ticker.symbol)
            if subscription is not None and not self._books.agrees(ticker):
                subscription.deliver((parsing.quote_of(ticker, self._clock()),))

    def _on_trades(self, trades: list[wire.PublicTrade], *, first: bool) -> None:
        """Deliver what is new: a snapshot after a break repeats trades, and brings those missed."""
        by_symbol: dict[str, list[wire.PublicTrade]] = {}
        for trade in sorted(trades, key=lambda trade: trade.trade_id):
            by_symbol.setdefault(trade.symbol, []).append(trade)
        for symbol, its_trades in by_symbol.items():
            if (subscription := self._subscriptions.get(symbol)) is None:
                continue
            last = subscription.last_trade_id
            if last is not None:
                fresh = [trade for trade in its_trades if trade.trade_id > last]
            else:  # the first snapshot is history, which has bars: only its last price is news
                fresh = its_trades[-1:] if first else its_trades
            if fresh:
                subscription.last_trade_id = fresh[-1].trade_id
                subscription.deliver([parsing.trade_of(trade) for trade in fresh])
                if first and last is not None and fresh[0].trade_id > last + 1:
                    log.warning("trades of %s were missed, from %d on", symbol, last + 1)
                    for told in tuple(subscription.gap_sinks.values()):
                        told()
