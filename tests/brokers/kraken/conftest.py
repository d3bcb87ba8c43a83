"""The simulated Kraken, with the real client and an EMS on it."""

import asyncio
import time
import uuid
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from decimal import Decimal
from pathlib import Path

import pytest

from brokers.kraken.backend import open_backend
from brokers.kraken.timing import Timing
from ems.arming_rules import NO_ARMING
from ems.embedded import Ems, open_ems
from ems.messages import Cancel, Connection, Notice, Order, Position, Status
from ems.risk_limits import NO_LIMITS
from tests.ems.conftest import Watcher
from tests.sims.kraken import TIMING, KrakenSim, open_sim

FQSN = "xbtusd.kraken"
ACCOUNT = "kraken.spot"
TIMEOUT_S = 15.0


async def until(condition: Callable[[], object], what: str = "") -> None:
    """Wait until something is true."""
    end = time.monotonic() + TIMEOUT_S
    while not condition():
        assert time.monotonic() < end, f"waited {TIMEOUT_S} s for {what or condition}"
        await asyncio.sleep(0.005)


class Desk:
    """An EMS that trades at the simulated Kraken, and a client of it."""

    def __init__(self, ems: Ems, sim: KrakenSim) -> None:
        self.ems = ems
        self.sim = sim
        self.watcher = Watcher(ems)

    def submit(self, action: str, price: str, size: str, **fields: object) -> Order:
        order = Order(
            oid=str(uuid.uuid4()),
            action=action,  # type: ignore[arg-type]
            exec_mode="live",
            symbol=FQSN,
            price=Decimal(price),
            size=Decimal(size),
            **{"account": ACCOUNT, **fields},  # type: ignore[arg-type]
        )
        self.watcher.client.submit(order)
        return order

    async def working(
        self, action: str = "buy", price: str = "50000.0", size: str = "0.01"
    ) -> Order:
        order = self.submit(action, price, size)
        await self.resp(order, "open")
        return order

    def modify(self, order: Order, price: str, size: str | None = None) -> None:
        changed = Order(
            oid=order.oid,
            action=order.action,
            exec_mode="live",
            symbol=FQSN,
            account=ACCOUNT,
            price=Decimal(price),
            size=Decimal(size) if size else order.size,
        )
        self.watcher.client.modify(changed)

    def cancel(self, order: Order) -> None:
        self.watcher.client.cancel(Cancel(oid=order.oid, symbol=FQSN))

    def last(self, order: Order) -> Status:
        return self.watcher.last(order.oid)

    def resps(self, order: Order) -> list[str]:
        return self.watcher.resps(order.oid)

    async def resp(self, order: Order, resp: str) -> Status:
        """Wait until the order's last status has this key."""
        await until(lambda: self.resps(order)[-1:] == [resp], f"{resp}: {self.resps(order)}")
        return self.last(order)

    async def settled(self, order: Order, price: str) -> Status:
        """Wait until the order works at this price, confirmed, with nothing under way."""

        def there() -> bool:
            status = self.last(order)
            return bool(status.req and status.req.price == Decimal(price) and status.change is None)

        await until(there, f"the order at {price}")
        return self.last(order)

    def connections(self) -> list[Connection]:
        self.watcher.read()
        return [m for m in self.watcher.heard if isinstance(m, Connection) and m.broker == "kraken"]

    @property
    def up(self) -> bool:
        connections = self.connections()
        return bool(connections) and connections[-1].up

    async def back(self, logins: int) -> None:
        """Wait until the sim has had so many private connections, and we are up on the last."""
        await until(lambda: self.sim.logins >= logins and self.up, "the way back")

    def notices(self) -> list[Notice]:
        self.watcher.read()
        return [m for m in self.watcher.heard if isinstance(m, Notice)]

    def position(self) -> Position:
        return self.watcher.position()


@asynccontextmanager
async def open_desk(
    sim: KrakenSim,
    folder: Path,
    *,
    timing: Timing = TIMING,
    answer_timeout_s: float = 0.3,
    connected: bool = True,
    cancel_after_s: Mapping[str, int] | None = None,
    **options: object,
) -> AsyncIterator[Desk]:
    backend = open_backend({**sim.options(folder), **options}, folder / "state", timing)
    assert backend.feed is not None
    try:
        async with open_ems(
            {"kraken": backend},
            folder / "journal.db",
            answer_timeout_s=answer_timeout_s,
            limits=NO_LIMITS,
            arming=NO_ARMING,
            cancel_after_s=cancel_after_s,
        ) as ems:
            await ems.hub.market(FQSN)
            desk = Desk(ems, sim)
            if connected:
                await until(lambda: desk.up, "the connection")
            yield desk
    finally:
        await backend.feed.aclose()  # type: ignore[attr-defined]


@pytest.fixture
async def sim() -> AsyncIterator[KrakenSim]:
    async with open_sim() as opened:
        yield opened


@pytest.fixture
async def desk(sim: KrakenSim, tmp_path: Path) -> AsyncIterator[Desk]:
    async with open_desk(sim, tmp_path) as opened:
        yield opened
