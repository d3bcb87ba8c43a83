"""What a script, a notebook or a strategy trades with: the EMS from code, without Qt."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Sequence
from contextlib import aclosing
from datetime import timedelta
from decimal import Decimal
from types import TracebackType

from msgspec.structs import replace

from ems.embedded import Ems
from ems.errors import EmsError
from ems.known_orders import KnownOrders, OrderOver, is_over
from ems.market import Market
from ems.messages import (
    Action,
    BrokerdFill,
    Cancel,
    ClientMsg,
    Order,
    Position,
    Resp,
    Status,
)
from ems.new_order import Number, as_price, as_size, new_order
from ems.on_loop import OnLoop
from ems.reader import Reader
from ems.ticks import Bars, Quote, Tick, Trade


class TradingClient:
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
        self._ems = ems
        self._on_loop = OnLoop()
        self._client = ems.connect()
        self._known = KnownOrders()
        self.orders = self._known.orders
        self.positions = self._known.positions
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

    # ---- requests

    def buy(
        self,
        market: Market,
        price: Number,
        size: Number,
        *,
        account: str = "paper",
        dark: bool = False,
    ) -> Order:
        """Send a limit order, or hold it here until its price is touched (``dark``)."""
        return self._place("buy", market, price, size, account, dark=dark)

    def sell(
        self,
        market: Market,
        price: Number,
        size: Number,
        *,
        account: str = "paper",
        dark: bool = False,
    ) -> Order:
        """Send a limit order, or hold it here until its price is touched (``dark``)."""
        return self._place("sell", market, price, size, account, dark=dark)

    def alert(
        self, market: Market, price: Number, note: str = "", *, account: str = "paper"
    ) -> Order:
        """Ring when the price is touched."""
        order = new_order("alert", market, price, Decimal(0), account, dark=True)
        return self.submit(replace(order, note=note))

    def arm(self, account: str) -> None:
        """Let a live account trade for this session; until then its orders are refused.

        Something may end it: see docs/safety.md. Raises `UnknownAccount`.
        """
        with self._on_loop.current():
            self._ems.arm(account)

    def disarm(self, account: str) -> None:
        """Take no more orders of a live account; cancels still pass."""
        with self._on_loop.current():
            self._ems.disarm(account)

    def submit(self, order: Order) -> Order:
        """Send any order as it stands; with a known ``oid`` it modifies that one.

        A status with `Status.asks` says that nothing was sent yet: the same order with these kinds
        in its ``consent`` is taken.
        """
        with self._on_loop.current():
            self._client.submit(order)
        return order

    def modify(
        self,
        order: Order | str,
        *,
        price: Number | None = None,
        size: Number | None = None,
    ) -> Order:
        """Ask for another price or size of an order, its own or anybody's; return it as asked for.

        Raises
        ------
        KeyError
            If no order with this id is active here.
        """
        status = self.orders[_oid(order)]
        now = status.change or status.req
        assert now is not None
        market = self._ems.hub.markets[now.symbol]
        asked = replace(
            now,
            price=now.price if price is None else as_price(market, price),
            size=now.size if size is None else as_size(market, size),
        )
        with self._on_loop.current():
            self._client.modify(asked)
        return asked

    def cancel(self, order: Order | str) -> None:
        """Ask for the end of an order, dark order or alert."""
        status = self.orders.get(_oid(order))
        known = order if isinstance(order, Order) else status.req if status else None
        request = Cancel(oid=_oid(order), symbol=known.symbol if known else "")
        with self._on_loop.current():
            self._client.cancel(request)

    # ---- what happens

    def position(self, market: Market, account: str = "paper") -> Decimal:
        """Return the size of a position: above zero long, below zero short."""
        position = self.positions.get((account, market.fqsn))
        return Decimal(0) if position is None else position.size

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
        oid = None if order is None else _oid(order)
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

    def _place(
        self,
        action: Action,
        market: Market,
        price: Number,
        size: Number,
        account: str,
        *,
        dark: bool,
    ) -> Order:
        return self.submit(new_order(action, market, price, size, account, dark=dark))

    async def _follow(self) -> None:
        async for msg in self._client:
            self._known.take(msg)
            for reader in tuple(self._readers):
                reader.put(msg)
        for reader in tuple(self._readers):
            reader.end()
        for ticks in tuple(self._tick_readers):
            ticks.end()


def _oid(order: Order | str) -> str:
    return order.oid if isinstance(order, Order) else order
