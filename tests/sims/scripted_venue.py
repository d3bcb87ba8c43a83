"""A venue that does exactly what a test tells it to, and a feed that a test pushes ticks into."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from decimal import Decimal

from ems.errors import UnknownMarket
from ems.market import Market
from ems.messages import (
    BrokerdCancel,
    BrokerdError,
    BrokerdFill,
    BrokerdOrder,
    BrokerdOrderAck,
    BrokerdPosition,
    BrokerdQuery,
    BrokerdReport,
    BrokerdStatus,
    BrokerEvent,
    BrokerRequest,
    Connection,
    Order,
    Request,
    Status,
)
from ems.ports import Abilities, Backend, EventSink, Opening, TickSink, Unsubscribe
from ems.ticks import Bars, Quote, Tick, Trade, no_bars

FQSN = "abc.test.scripted"
MARKET = Market(
    fqsn=FQSN, tick_size=Decimal("0.01"), lot_size=Decimal(1), currency="USD", description="ABC"
)


class PushFeed:
    """A feed named ``scripted`` with one market; ticks come when a test pushes them."""

    name = "scripted"

    def __init__(self, market: Market = MARKET) -> None:
        self._market = market
        self._sinks: list[TickSink] = []

    async def search(self, text: str) -> list[Market]:
        return [self._market] if text in self._market.fqsn else []

    async def market(self, fqsn: str) -> Market:
        if fqsn != self._market.fqsn:
            raise UnknownMarket(f"the test's feed has no market {fqsn}")
        return self._market

    def period_ns(self, fqsn: str) -> int:
        return 1

    async def bars(
        self, fqsn: str, period_ns: int, *, end_ns: int | None = None, count: int = 1000
    ) -> Bars:
        return no_bars()

    async def subscribe(self, fqsn: str, sink: TickSink) -> Unsubscribe:
        self._sinks.append(sink)
        return lambda: self._sinks.remove(sink)

    def push(self, *ticks: Tick) -> None:
        batch: Sequence[Tick] = ticks
        for sink in tuple(self._sinks):
            sink(batch)

    def trade(self, price: float, time_ns: int = 1) -> None:
        self.push(Trade(time_ns, price, 100.0))

    def quote(self, bid: float, ask: float, time_ns: int = 1) -> None:
        self.push(Quote(time_ns, bid, ask, 100.0, 100.0))


class ScriptedVenue:
    """A broker named ``scripted``: records each request, and says what the test makes it say."""

    name = "scripted"
    accounts: tuple[str, ...] = ("scripted", "scripted.two")

    def __init__(self) -> None:
        self.received: list[BrokerRequest] = []
        self.opening: Opening | None = Opening(accounts=self.accounts)
        self.refuses_to_send = False
        self._sink: EventSink | None = None

    @asynccontextmanager
    async def open_trades(self, sink: EventSink) -> AsyncIterator["ScriptedVenue"]:
        self._sink = sink
        yield self
        self._sink = None

    def send(self, request: BrokerRequest) -> None:
        if self.refuses_to_send:
            raise ConnectionError("the line is cut")
        self.received.append(request)

    # ---- what it received

    @property
    def orders(self) -> list[BrokerdOrder]:
        """The new orders."""
        return [r for r in self.received if isinstance(r, BrokerdOrder) and r.reqid is None]

    @property
    def changes(self) -> list[BrokerdOrder]:
        return [r for r in self.received if isinstance(r, BrokerdOrder) and r.reqid is not None]

    @property
    def cancels(self) -> list[BrokerdCancel]:
        return [r for r in self.received if isinstance(r, BrokerdCancel)]

    @property
    def queries(self) -> list[BrokerdQuery]:
        return [r for r in self.received if isinstance(r, BrokerdQuery)]

    # ---- what it says

    def say(self, event: BrokerEvent) -> None:
        assert self._sink is not None, "the dialogue is not open"
        self._sink(event)

    def ack(self, oid: str, reqid: int | str = 1, account: str = "scripted") -> None:
        self.say(BrokerdOrderAck(oid=oid, reqid=reqid, account=account, time_ns=1))

    def status(
        self,
        status: str,
        reqid: int | str = 1,
        *,
        price: str | None = None,
        size: str | None = None,
        account: str = "scripted",
        reason: str = "",
        seq: int | None = None,
        filled: str | None = None,
        triggered: bool = False,
    ) -> None:
        self.say(
            BrokerdStatus(
                reqid=reqid,
                account=account,
                status=status,
                time_ns=1,
                price=None if price is None else Decimal(price),
                size=None if size is None else Decimal(size),
                reason=reason,
                seq=seq,
                filled=None if filled is None else Decimal(filled),
                triggered=triggered,
            )
        )

    def works(self, oid: str, reqid: int | str = 1) -> None:
        """Acknowledge and call open."""
        self.ack(oid, reqid)
        self.status("open", reqid)

    def fill(
        self,
        reqid: int | str = 1,
        size: str = "1",
        price: str = "100",
        exec_id: str = "x1",
        account: str = "scripted",
        action: str = "buy",
    ) -> None:
        self.say(self.made_fill(reqid, size, price, exec_id, account, action))

    def made_fill(
        self,
        reqid: int | str = 1,
        size: str = "1",
        price: str = "100",
        exec_id: str = "x1",
        account: str = "scripted",
        action: str = "buy",
    ) -> BrokerdFill:
        """An execution, as `Opening.fills` has it."""
        return BrokerdFill(
            reqid=reqid,
            account=account,
            symbol=FQSN,
            exec_id=exec_id,
            action=action,  # type: ignore[arg-type]
            size=Decimal(size),
            price=Decimal(price),
            broker_time_ns=2,
            time_ns=3,
        )

    def position(self, size: str, account: str = "scripted") -> None:
        """Name its own figure."""
        said = BrokerdPosition(account=account, symbol=FQSN, size=Decimal(size), time_ns=1)
        self.say(said)

    def refuse(
        self,
        reason: str,
        *,
        oid: str | None = None,
        reqid: int | str | None = None,
        request: Request | None = None,
    ) -> None:
        self.say(
            BrokerdError(
                account="scripted", reason=reason, time_ns=1, oid=oid, reqid=reqid, request=request
            )
        )

    def report(
        self,
        oid: str,
        *,
        found: bool,
        reqid: int | str | None = None,
        status: str = "",
        price: str | None = None,
        size: str | None = None,
        fills: tuple[BrokerdFill, ...] = (),
        to: BrokerdQuery | None = None,
    ) -> None:
        self.say(
            BrokerdReport(
                asked_ns=None if to is None else to.time_ns,
                oid=oid,
                account="scripted",
                time_ns=1,
                found=found,
                reqid=reqid,
                status=status,
                price=None if price is None else Decimal(price),
                size=None if size is None else Decimal(size),
                fills=fills,
            )
        )

    def lose_connection(self, reason: str = "cut") -> None:
        self.opening = None
        self.say(Connection(broker=self.name, up=False, time_ns=1, reason=reason))

    def reconnect(
        self,
        *live: Status,
        fills: tuple[BrokerdFill, ...] = (),
        positions: tuple[BrokerdPosition, ...] = (),
    ) -> None:
        self.opening = Opening(
            accounts=self.accounts, orders=live, fills=fills, positions=positions
        )
        self.say(Connection(broker=self.name, up=True, time_ns=1))

    def live_order(self, order: Order, reqid: int | str, filled: str = "0") -> Status:
        """An order that lives here, as `Opening.orders` has it."""
        return Status(
            oid=order.oid,
            time_ns=1,
            resp="open",
            reqid=reqid,
            req=order,
            src=self.name,
            filled=Decimal(filled),
            remaining=order.size - Decimal(filled),
        )


class AbleVenue(ScriptedVenue):
    """A scripted venue that says what it can do; a test may change it."""

    def __init__(self, can: Abilities) -> None:
        super().__init__()
        self.can = can

    def abilities(self, market: Market) -> Abilities:
        return self.can


def backend(venue: ScriptedVenue, feed: PushFeed) -> dict[str, Backend]:
    """The two as `open_ems` takes them."""
    return {"scripted": Backend(name="scripted", feed=feed, broker=venue)}
