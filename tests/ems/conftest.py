"""An EMS with a scripted venue, and a client whose messages a test reads."""

import asyncio
import time
import uuid
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from decimal import Decimal
from pathlib import Path

import pytest

from ems.arming_rules import NO_ARMING, ArmingRules
from ems.embedded import Ems, open_ems
from ems.messages import Cancel, ClientMsg, Notice, Order, Position, Status
from ems.risk_limits import NO_LIMITS, RiskLimits
from tests.sims.scripted_venue import FQSN, PushFeed, ScriptedVenue, backend


def make_order(action: str = "buy", price: str = "100", size: str = "1", **fields: object) -> Order:
    """An order in the scripted market; live unless said otherwise."""
    given = {
        "oid": str(uuid.uuid4()),
        "exec_mode": "live",
        "symbol": FQSN,
        "account": "scripted",
        "price": Decimal(price),
        "size": Decimal(0) if action == "alert" else Decimal(size),
        **fields,
    }
    return Order(action=action, **given)  # type: ignore[arg-type]


class Watcher:
    """A client that remembers what it was told."""

    def __init__(self, ems: Ems, symbols: list[str] | None = None) -> None:
        self.client = ems.connect(symbols)
        self.heard: list[ClientMsg] = []

    def read(self) -> list[ClientMsg]:
        """Take what has arrived: the EMS delivers at once, so nothing is waited for."""
        unread = self.client._unread  # type: ignore[attr-defined]
        fresh = list(unread)
        unread.clear()
        self.heard += fresh
        return fresh

    def statuses(self, oid: str | None = None) -> list[Status]:
        self.read()
        return [m for m in self.heard if isinstance(m, Status) and oid in (None, m.oid)]

    def resps(self, oid: str | None = None) -> list[str]:
        return [status.resp for status in self.statuses(oid)]

    def last(self, oid: str) -> Status:
        return self.statuses(oid)[-1]

    def position(self) -> Position:
        self.read()
        return next(m for m in reversed(self.heard) if isinstance(m, Position))


class Bench:
    """One EMS, its venue and feed, and a client."""

    def __init__(self, ems: Ems, venue: ScriptedVenue, feed: PushFeed) -> None:
        self.ems = ems
        self.venue = venue
        self.feed = feed
        self.watcher = Watcher(ems)

    def submit(self, *args: str, **fields: object) -> Order:
        order = make_order(*args, **fields)  # type: ignore[arg-type]
        self.watcher.client.submit(order)
        return order

    def working(self, *args: str, reqid: int | str = 1, **fields: object) -> Order:
        """Submit, and let the venue accept."""
        order = self.submit(*args, **fields)
        self.venue.works(order.oid, reqid)
        return order

    def cancel(self, order: Order) -> None:
        self.watcher.client.cancel(Cancel(oid=order.oid, symbol=order.symbol))


def notices(bench: Bench) -> list[str]:
    """Return the texts of all notices so far."""
    bench.watcher.read()
    return [msg.text for msg in bench.watcher.heard if isinstance(msg, Notice)]


async def turn_ends() -> None:
    """Let the loop's turn end: what venues said in it is on disk then."""
    await asyncio.sleep(0)


@asynccontextmanager
async def open_bench(
    folder: Path,
    venue: ScriptedVenue | None = None,
    feed: PushFeed | None = None,
    limits: RiskLimits = NO_LIMITS,
    arming: ArmingRules = NO_ARMING,
    clock: Callable[[], int] = time.time_ns,
) -> AsyncIterator[Bench]:
    venue, feed = venue or ScriptedVenue(), feed or PushFeed()
    async with open_ems(
        backend(venue, feed),
        folder / "journal.db",
        clock=clock,
        answer_timeout_s=0.05,
        limits=limits,
        arming=arming,
    ) as ems:
        await ems.hub.market(FQSN)
        yield Bench(ems, venue, feed)


@pytest.fixture
async def bench(tmp_path: Path) -> AsyncIterator[Bench]:
    async with open_bench(tmp_path) as opened:
        yield opened
