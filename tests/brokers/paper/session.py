"""A paper broker in use: what is sent to it, and every event that came."""

from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from decimal import Decimal
from itertools import count
from pathlib import Path
from typing import Any
from uuid import uuid4

from brokers.paper.broker import PaperBroker
from brokers.paper.options import read_options
from ems.market import Market
from ems.messages import (
    BrokerdCancel,
    BrokerdFill,
    BrokerdOrder,
    BrokerdOrderAck,
    BrokerdQuery,
    BrokerdReport,
    BrokerEvent,
    BrokerRequest,
)
from ems.ports import TradesDialogue
from ems.ticks import Quote, Trade

FQSN = "aapl.demo.replay"
MARKET = Market(fqsn=FQSN, tick_size=Decimal("0.01"), lot_size=Decimal(1), currency="USD")
OUR_TIME_NS = 7_000_000_000


class Session:
    def __init__(self, broker: PaperBroker, trades: TradesDialogue) -> None:
        self.broker = broker
        self.trades = trades
        self.events: list[BrokerEvent] = []
        self.on_event: Callable[[BrokerEvent], None] = lambda event: None

    def sink(self, event: BrokerEvent) -> None:
        self.events.append(event)
        self.on_event(event)

    def send(self, request: BrokerRequest) -> list[Any]:
        """Send and return the events that came of it."""
        before = len(self.events)
        self.trades.send(request)
        return self.events[before:]

    def buy(self, price: str, /, size: int = 5, **changes: Any) -> list[Any]:
        return self.send(new_order(price, size, **changes))

    def quote(self, time_ns: int, bid: float, ask: float, *sizes: float) -> list[Any]:
        before = len(self.events)
        self.broker.on_tick(FQSN, Quote(time_ns, bid, ask, *sizes))
        return self.events[before:]

    def trade(self, time_ns: int, price: float, size: float | None = None) -> list[Any]:
        before = len(self.events)
        self.broker.on_tick(FQSN, Trade(time_ns, price, size))
        return self.events[before:]

    def ask(self, **of: Any) -> BrokerdReport:
        (report,) = self.send(query(**of))
        assert isinstance(report, BrokerdReport)
        return report

    def of(self, kind: type) -> Iterator[Any]:
        return (event for event in self.events if isinstance(event, kind))

    @property
    def fills(self) -> list[tuple[Any, ...]]:
        """Id, size, price and market time of each fill."""
        return [(f.exec_id, f.size, f.price, f.broker_time_ns) for f in self.of(BrokerdFill)]

    @property
    def reqids(self) -> list[Any]:
        return [ack.reqid for ack in self.of(BrokerdOrderAck)]


def new_order(price: str, /, size: int = 5, **changes: Any) -> BrokerdOrder:
    """A buy, new unless a ``reqid`` is given."""
    fields: dict[str, Any] = {
        "oid": str(uuid4()),
        "account": "paper",
        "symbol": FQSN,
        "action": "buy",
        "price": Decimal(price),
        "size": Decimal(size),
        "time_ns": 1,
    }
    return BrokerdOrder(**(fields | changes))


def cancel(reqid: Any, account: str = "paper") -> BrokerdCancel:
    return BrokerdCancel(oid="?", reqid=reqid, account=account, time_ns=1)


def query(**of: Any) -> BrokerdQuery:
    fields: dict[str, Any] = {"oid": "?", "account": "paper", "symbol": FQSN, "time_ns": 1}
    return BrokerdQuery(**(fields | of))


def make_broker(folder: Path, our_time_ns: int = OUR_TIME_NS, **options: Any) -> PaperBroker:
    ticking = count(our_time_ns)
    return PaperBroker(read_options(options), folder, clock=lambda: next(ticking))


@asynccontextmanager
async def paper(
    folder: Path, *, watched: tuple[Market, ...] = (MARKET,), **options: Any
) -> AsyncIterator[Session]:
    """Open the broker of this folder, as a start of the program does."""
    broker = make_broker(folder, **options)
    for market in watched:
        broker.watch(market)
    events: list[BrokerEvent] = []
    async with broker.open_trades(lambda event: session.sink(event)) as trades:
        session = Session(broker, trades)
        session.events = events
        yield session
