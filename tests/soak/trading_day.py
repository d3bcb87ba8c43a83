"""Hours of market time at full replay speed, with hands that place, move and cancel at random."""

import asyncio
import gc
import os
import random
import uuid
from collections.abc import Sequence
from decimal import Decimal
from pathlib import Path
from typing import NamedTuple

from ems.embedded import Ems, open_ems
from ems.messages import ZERO, Cancel, Order, Status
from ems.order_dialog import OrderDialog
from ems.risk_limits import Limits, RiskLimits
from ems.ticks import Tick, Trade
from ui.backends import close_backends, open_backends
from ui.config import Config
from ui.state_folder import open_paths

FQSN = "aapl.demo.replay"
HOUR_NS = 3600 * 10**9
LARGEST_POSITION = Decimal(300)
_LIMITS = RiskLimits(base=Limits(largest_position_units=LARGEST_POSITION))
_MOST_ALIVE = 40
_PAUSE_NS = 15 * 60 * 10**9
"""A longer silence is a night."""


class Sample(NamedTuple):
    """What the process had at one moment."""

    hour: float
    rss_mb: float
    tasks: int
    files: int
    orders: int


class Trader:
    """Random hands on one market, and what they know of their orders."""

    def __init__(self, ems: Ems, seed: int, acts: int) -> None:
        self._ems = ems
        self._client = ems.connect([FQSN])
        self._random = random.Random(seed)
        self._acts = acts
        self._now_ns = 0
        self.open_ns = 0
        """How long the market was open, by its own clock; nights do not count."""
        self._tick_size = ems.hub.markets[FQSN].tick_size
        self.alive: dict[str, Order] = {}
        self.placed = 0
        self.refused = 0
        self.largest = ZERO
        self._task = asyncio.create_task(self._listen())

    async def close(self) -> None:
        self._client.close()
        await self._task

    def on_ticks(self, ticks: Sequence[Tick]) -> None:
        """Do so many things at each batch of ticks."""
        now_ns = ticks[-1].time_ns
        if 0 < now_ns - self._now_ns < _PAUSE_NS:
            self.open_ns += now_ns - self._now_ns
        self._now_ns = now_ns
        last = next((tick.price for tick in reversed(ticks) if isinstance(tick, Trade)), None)
        if last is not None:
            for _ in range(self._acts):
                self._act(last)
        size = abs(self._ems.positions.of("paper", FQSN).size)
        self.largest = max(self.largest, size)

    def _act(self, last: float) -> None:
        choose = self._random.random()
        if choose < 0.5 and len(self.alive) < _MOST_ALIVE:
            self._place(last)
        elif self.alive:
            order = self._random.choice(list(self.alive.values()))
            if choose < 0.75:
                price = self._near(last)
                size = Decimal(self._random.randint(1, 30))
                change = {"price": price, "size": size}
                self._client.modify(Order(**{**_fields(order), **change}))
            else:
                self._client.cancel(Cancel(oid=order.oid, symbol=FQSN))

    def _place(self, last: float) -> None:
        order = Order(
            oid=str(uuid.UUID(int=self._random.getrandbits(128), version=4)),
            action=self._random.choice(["buy", "sell"]),  # type: ignore[arg-type]
            exec_mode=self._random.choice(["live", "dark"]),  # type: ignore[arg-type]
            symbol=FQSN,
            account="paper",
            price=self._near(last),
            size=Decimal(self._random.randint(1, 30)),
        )
        self.alive[order.oid] = order
        self.placed += 1
        self._client.submit(order)

    def _near(self, last: float) -> Decimal:
        return self._ems.hub.markets[FQSN].round_price(last) + self._tick_size * (
            self._random.randint(-40, 40)
        )

    async def _listen(self) -> None:
        async for msg in self._client:
            if isinstance(msg, Status):
                self._on_status(msg)

    def _on_status(self, status: Status) -> None:
        if status.resp in ("closed", "canceled", "error"):
            self.refused += status.resp == "error"
            self.alive.pop(status.oid, None)
        elif status.req is not None and status.oid in self.alive:
            self.alive[status.oid] = status.req


def _fields(order: Order) -> dict[str, object]:
    return {name: getattr(order, name) for name in order.__struct_fields__}


async def trade(
    folder: Path, hours: float, *, speed: float = 3600.0, acts: int = 10, seed: int = 1
) -> "Day":
    """Trade for so many hours of market time at a speed; return what was seen.

    Parameters
    ----------
    each
        The hands do something every so many ticks.
    """
    paths, config = open_paths(folder), Config()
    backends = open_backends(config, paths, {"replay": {"speed": speed}})
    day = Day()
    try:
        async with open_ems(backends, paths.journal, limits=_LIMITS) as ems:
            # SQLite's cache grows with the journal up to its own bound; what is measured is ours.
            ems.journal._db.execute("PRAGMA cache_size=-2000")
            await ems.hub.market(FQSN)
            trader = Trader(ems, seed, acts)
            stop = ems.hub.show(FQSN, trader.on_ticks)
            quarter = 0
            while (passed := trader.open_ns / HOUR_NS) < hours:
                await asyncio.sleep(0.05)
                if passed * 4 >= quarter:
                    quarter += 1
                    day.samples.append(_sample(passed, trader))
            stop()
            await _settle(ems, trader)
            day.samples.append(_sample(passed, trader))
            day.read(ems, trader, backends["paper"].broker)
            await trader.close()
    finally:
        await close_backends(backends)
    return day


async def _settle(ems: Ems, trader: Trader) -> None:
    """Cancel what is left, and let the last words come."""
    for oid in list(trader.alive):
        trader._client.cancel(Cancel(oid=oid, symbol=FQSN))
    async with asyncio.timeout(60):
        while any(True for _ in ems.index.active()):
            await asyncio.sleep(0.01)


def _sample(hour: float, trader: Trader) -> Sample:
    gc.collect()
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    files = len(list(Path("/proc/self/fd").iterdir()))
    rss_mb = pages * os.sysconf("SC_PAGE_SIZE") / 1e6
    return Sample(hour, rss_mb, len(asyncio.all_tasks()), files, trader.placed)


class Day:
    """What was seen, and the books at the end."""

    def __init__(self) -> None:
        self.samples: list[Sample] = []
        self.placed = self.refused = self.fills = 0
        self.largest = self.by_ems = self.by_fills = self.by_paper = ZERO
        self.realised_by_ems = self.realised_by_fills = ZERO
        self.left: list[OrderDialog] = []

    def read(self, ems: Ems, trader: Trader, paper: object) -> None:
        """Take the books as they are."""
        record = ems.positions.of("paper", FQSN)
        self.placed, self.refused = trader.placed, trader.refused
        self.largest, self.by_ems = trader.largest, record.size
        cash = ZERO
        for fill in ems.journal.fills(FQSN):
            signed = fill.size if fill.action == "buy" else -fill.size
            self.by_fills += signed
            cash -= signed * fill.price
            self.fills += 1
        self.by_paper = record.venue_size if record.venue_size is not None else ZERO
        self.realised_by_ems = record.realised - record.cost
        self.realised_by_fills = cash
        self.left = list(ems.index.active())
