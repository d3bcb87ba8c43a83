"""What a script, a notebook or a strategy trades with: the EMS from code, without Qt."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Sequence
from contextlib import aclosing
from datetime import timedelta
from types import TracebackType

from ems.client_requests import ClientRequests, oid_of
from ems.embedded import Ems
from ems.errors import EmsError
from ems.known_orders import KnownOrders, OrderOver, is_over
from ems.market import Market
from ems.messages import (
    BrokerdFill,
    ClientMsg,
    Order,
    Position,
    Resp,
    Status,
)
from ems.ports import Abilities
from ems.reader import Reader
from ems.ticks import Bars, Quote, Tick, Trade


class TradingClient(ClientRequests):
    """One client of an EMS, with what it was told kept at hand.

    Requests are plain calls that never wait, from anywhere on the thread of the EMS; what becomes
    of them comes with `statuses`. Make it on the loop of the EMS, by ``ordermode.connect()`` or in
    a program that has an `Ems`.

    Attributes
    ----------
    orders : dict of str to Status
        Every active order, dark order and alert by its oid, whoever made it, as told last.
    positions : dict of (account, fqsn) to Position
        As told last.
    """

    def __init__(self, ems: Ems) -> None:
        self._known = KnownOrders()
        super().__init__(ems, self._known)
        self._readers: set[Reader[ClientMsg]] = set()
        self._tick_readers: set[Reader[Tick]] = set()
        self._task = asyncio.get_running_loop().create_task(self._follow())

    async def __aenter__(self) -> "TradingClient":
        await self.ready()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self.aclose()

    async def ready(self) -> None:
        """Wait until `orders` and `positions` show how things were at the connect."""
        await asyncio.sleep(0)

    async def aclose(self) -> None:
        """End the connection; orders live on. Every ``async for`` of it ends."""
        self._client.close()
        await self._task

    # ---- markets

    @property
    def accounts(self) -> tuple[str, ...]:
        """Every account that can be traded on."""
        return self._ems.accounts

    async def market(self, fqsn: str) -> Market:
        """Return a market, and watch its prices from now on; raises `UnknownMarket`."""
        return await self._client.market(fqsn)

    def abilities(self, market: Market, account: str = "paper") -> Abilities:
        """Return what the account's broker can do with an order in a market.

        What it cannot is held here, or refused: see docs/order-types.md.
        """
        return self._client.abilities(account, market.fqsn)

    async def bars(
        self, market: Market, period: timedelta, *, count: int = 1000, end_ns: int | None = None
    ) -> Bars:
        """Return up to ``count`` bars that start before ``end_ns`` (UTC; None = up to now).

        They are an array of `ems.ticks.BAR_DTYPE`, oldest first; ``bars["close"]`` is a column.
        """
        feed = self._ems.hub.feed(market.fqsn)
        period_ns = period // timedelta(microseconds=1) * 1000
        return await feed.bars(market.fqsn, period_ns, end_ns=end_ns, count=count)

    def last(self, market: Market) -> tuple[Quote | None, Trade | None]:
        """Return the last quote and the last trade; None before the first."""
        return self._ems.hub.last(market.fqsn)

    async def next_price(self, market: Market) -> float:
        """Wait for the next price that bars are made of: a trade, or a bid where there are none."""
        async with aclosing(self.ticks(market)) as ticks:
            async for tick in ticks:
                if isinstance(tick, Trade) and market.chart_price == "trade":
                    return tick.price
                if isinstance(tick, Quote) and market.chart_price == "bid":
                    return tick.bid
        raise EmsError("the connection to the EMS has ended")

    async def ticks(self, market: Market) -> AsyncGenerator[Tick, None]:
        """Yield each quote and trade from now on."""
        reader: Reader[Tick] = Reader([])

        def take(ticks: Sequence[Tick]) -> None:
            for tick in ticks:
                reader.put(tick)

        stop = self._ems.hub.show(market.fqsn, take)
        self._tick_readers.add(reader)
        if self._task.done():
            reader.end()
        try:
            async for tick in reader.items():
                yield tick
        finally:
            self._tick_readers.discard(reader)
            stop()

    # ---- what happens

    async def messages(self) -> AsyncIterator[ClientMsg]:
        """Yield how everything is now, then every message."""
        reader: Reader[ClientMsg] = Reader([*self.orders.values(), *self.positions.values()])
        self._readers.add(reader)
        if self._task.done():
            reader.end()
        try:
            async for msg in reader.items():
                yield msg
        finally:
            self._readers.discard(reader)

    async def statuses(self, order: Order | str | None = None) -> AsyncIterator[Status]:
        """Yield what is told of an order until it has ended, or of every order, for ever."""
        oid = None if order is None else oid_of(order)
        if oid is not None and oid in self._known.ended:
            yield self._known.ended[oid]
            return
        async for msg in self.messages():
            if isinstance(msg, Status) and oid in (None, msg.oid):
                yield msg
                if oid is not None and is_over(msg):
                    return

    async def position_changes(self, market: Market | None = None) -> AsyncIterator[Position]:
        """Yield the positions, of one market or of all, as they are now and as they change."""
        async for msg in self.messages():
            if isinstance(msg, Position) and (market is None or msg.symbol == market.fqsn):
                yield msg

    async def until(self, order: Order | str, *resps: Resp) -> Status:
        """Wait until one of these is told of an order, and return it.

        Raises
        ------
        OrderOver
            If the order ends before that: refused, cancelled or filled.
        """
        last: Status | None = None
        async for last in self.statuses(order):
            if last.resp in resps:
                return last
        if last is None:
            raise EmsError("the connection to the EMS has ended")
        raise OrderOver(last)

    async def fills(self, market: Market | None = None) -> list[BrokerdFill]:
        """Return every execution in the journal, oldest first."""
        return await self._client.fills(None if market is None else market.fqsn)

    # ---- inside

    async def _follow(self) -> None:
        async for msg in self._client:
            self._known.take(msg)
            for reader in tuple(self._readers):
                reader.put(msg)
        for reader in tuple(self._readers):
            reader.end()
        for ticks in tuple(self._tick_readers):
            ticks.end()
