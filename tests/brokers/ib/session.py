"""An EMS with the IB backend, connected over loopback to a simulated TWS."""

import asyncio
import time
import uuid
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from decimal import Decimal
from pathlib import Path
from typing import Any

from brokers.ib.backend import open_configured
from brokers.ib.timing import Timing
from ems.arming_rules import NO_ARMING
from ems.embedded import Ems, open_ems
from ems.messages import Cancel, ClientMsg, Connection, Notice, Order, Position, Status
from ems.ports import Backend
from ems.risk_limits import NO_LIMITS
from tests.sims.tws import ACCOUNT, Tws
from tests.sims.tws_layout import SimOrder

FQSN = "qqq.nasdaq.ib"
TIMEOUT_S = 8.0
CLIENT_ID = 7
QUICK = Timing(
    connect_s=1.0,
    answer_s=0.5,
    start_s=5.0,
    first_pause_s=0.02,
    longest_pause_s=0.1,
    poll_s=60.0,
    silence_s=60.0,
    again_s=0.05,
    first_cancel_s=0.02,
    cancels=3,
)


async def until(condition: Callable[[], Any], what: str) -> Any:
    """Return what the condition returns as soon as that is true."""
    deadline = asyncio.get_running_loop().time() + TIMEOUT_S
    while not (found := condition()):
        assert asyncio.get_running_loop().time() < deadline, f"never: {what}"
        await asyncio.sleep(0.002)
    return found


def options(tws: Tws, **given: Any) -> dict[str, Any]:
    return {
        "port": tws.port,
        "client_id": CLIENT_ID,
        "accounts": {"main": ACCOUNT},
        **given,
    }


class IbBench:
    """The EMS, the simulator, and a client that remembers what it was told."""

    def __init__(self, ems: Ems, tws: Tws, backend: Backend) -> None:
        self.fqsn = FQSN.replace(".ib", f".{backend.name}")
        self.account = f"{backend.name}.main"
        self.ems = ems
        self.tws = tws
        self.backend = backend
        self.client = ems.connect()
        self._heard: list[ClientMsg] = []

    @property
    def heard(self) -> list[ClientMsg]:
        unread = self.client._unread  # type: ignore[attr-defined]
        self._heard += unread
        unread.clear()
        return self._heard

    # ---- asking

    def submit(self, **fields: Any) -> Order:
        given = {
            "oid": str(uuid.uuid4()),
            "action": "buy",
            "exec_mode": "live",
            "symbol": self.fqsn,
            "account": self.account,
            "price": Decimal("100.25"),
            "size": Decimal(10),
            **fields,
        }
        order = Order(**given)
        self.client.submit(order)
        return order

    def cancel(self, oid: str) -> None:
        self.client.cancel(Cancel(oid=oid, symbol=self.fqsn))

    async def placed(self, **fields: Any) -> tuple[Order, SimOrder]:
        """Submit an order and wait until TWS has it."""
        count = len(self.tws.placed)
        order = self.submit(**fields)
        await until(lambda: len(self.tws.placed) > count, "the order is on the wire")
        return order, self.tws.order(order.oid)

    async def working(self, **fields: Any) -> tuple[Order, SimOrder]:
        """Submit an order and wait until it works."""
        order, sim = await self.placed(**fields)
        await self.until_resp(order.oid, "open")
        return order, sim

    async def priced(self, price: str) -> None:
        """Let there be a trade: a stop is taken on its own side of it only."""
        self.tws.trade(self.tws.data_request(), float(price), 100, int(time.time() * 1000))
        await until(lambda: self.ems.hub.last(self.fqsn)[1], "the trade")

    # ---- hearing

    def statuses(self, oid: str) -> list[Status]:
        return [m for m in self.heard if isinstance(m, Status) and m.oid == oid]

    def resps(self, oid: str) -> list[str]:
        return [status.resp for status in self.statuses(oid)]

    def last(self, oid: str) -> Status:
        return self.statuses(oid)[-1]

    def notices(self) -> list[str]:
        return [m.text for m in self.heard if isinstance(m, Notice)]

    def connections(self) -> list[Connection]:
        return [m for m in self.heard if isinstance(m, Connection)]

    def position(self) -> Position | None:
        return next((m for m in reversed(self.heard) if isinstance(m, Position)), None)

    async def until_resp(self, oid: str, resp: str) -> Status:
        """Wait until the state of an order is this; fills are events, not states."""

        def found() -> Status | None:
            said = [s for s in self.statuses(oid) if s.resp != "fill"]
            return said[-1] if said and said[-1].resp == resp else None

        status: Status = await until(found, f"{oid} is {resp}")
        return status

    async def until_told(self, oid: str, condition: Callable[[Status], Any], what: str) -> Status:
        status: Status = await until(
            lambda: next((s for s in self.statuses(oid) if condition(s)), None), what
        )
        return status

    async def until_down(self) -> Connection:
        await until(lambda: self.connections() and not self.connections()[-1].up, "it is down")
        return self.connections()[-1]

    async def until_up(self) -> Connection:
        await until(lambda: self.connections() and self.connections()[-1].up, "it is up")
        return self.connections()[-1]

    async def settled(self) -> None:
        """Wait until all that was said so far has arrived: TWS answers in order."""
        asked = len(self.tws.of_kind(49))
        link = self.backend.broker._link  # type: ignore[union-attr]
        await link.wire.ask("time", link.client.reqCurrentTime, TIMEOUT_S)
        assert len(self.tws.of_kind(49)) == asked + 1


@asynccontextmanager
async def open_bench(
    folder: Path,
    tws: Tws,
    *,
    timing: Timing = QUICK,
    market: bool = True,
    answer_timeout_s: float = 0.3,
    **given: Any,
) -> AsyncIterator[IbBench]:
    """Open an EMS with the backend against a simulator that may or may not be there."""
    state = folder / "ib"
    state.mkdir(exist_ok=True)
    backend = open_configured(options(tws, **given), state, timing)
    async with open_ems(
        {"ib": backend},
        folder / "journal.db",
        answer_timeout_s=answer_timeout_s,
        limits=NO_LIMITS,
        arming=NO_ARMING,
    ) as ems:
        if market:
            await ems.hub.market(FQSN)
            if tws.running:
                await until(lambda: tws.of_kind(1), "its ticks are asked for")
        yield IbBench(ems, tws, backend)
