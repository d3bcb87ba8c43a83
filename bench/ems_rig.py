"""What the benches of the EMS share: an EMS, a quick venue, an order, a clock."""

import gc
import itertools
import os
import statistics
import tempfile
import time
import uuid
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from decimal import Decimal
from pathlib import Path
from typing import Any, NamedTuple
from unittest.mock import patch

from msgspec.structs import replace

from ems.arming_rules import NO_ARMING
from ems.embedded import Ems, open_ems
from ems.embedded_client import EmbeddedClient
from ems.journal import Counted, Journal
from ems.market import Market
from ems.messages import BrokerdFill, BrokerdOrder, BrokerdOrderAck, BrokerdStatus, Order
from ems.order_dialog import OrderDialog
from ems.ports import Backend
from ems.positions import PositionRecord
from ems.risk_limits import LIVE_DEFAULTS, RiskLimits
from tests.sims.scripted_venue import FQSN, PushFeed, ScriptedVenue

ROUNDS = 3
ROOMY = RiskLimits(
    base=replace(
        LIVE_DEFAULTS,
        largest_order_money=Decimal(10**9),
        largest_position_money=Decimal(10**15),
        ask_order_money=Decimal(10**9),
        ask_position_money=Decimal(10**15),
        quote_age_s=3600.0,
        requests_per_second=10**9,
        working_orders=10**9,
        daily_loss=Decimal(10**15),
    )
)
"""Every limit that a live account has by default is looked at; none is met."""


class Row(NamedTuple):
    """One line of the table."""

    what: str
    value: float
    unit: str
    """``us``, ``ms`` and ``s`` are processor time unless the line says otherwise; ``x`` a ratio."""
    wanted: float | None = None
    at_least: bool = False
    """More is better."""
    kept: bool = True
    """Compared with the committed figure by `make nightly`."""

    @property
    def met(self) -> bool:
        """True unless the figure misses what is wanted of it."""
        if self.wanted is None:
            return True
        return self.value >= self.wanted if self.at_least else self.value <= self.wanted


def reference_us() -> float:
    """How long this machine takes for a thousand small things that Python programs do."""
    book: dict[int, tuple[int, Decimal]] = {}
    one = Decimal(1)

    class Sum:
        total = Decimal(0)

        def add(self, number: int, size: Decimal) -> None:
            if number & 1:
                self.total += size

    def work() -> int:
        running = Sum()
        for number in range(20_000):
            running.add(number, one)
            book[number & 1023] = (number, running.total)
        return 20

    return median_us(work, 5)


def median_us(work: Callable[[], int], rounds: int = ROUNDS) -> float:
    """Median time of one piece of work, in microseconds; ``work`` returns how many it did."""
    times = []
    for _ in range(rounds):
        gc.collect()
        begin = time.process_time_ns()
        done = work()
        times.append((time.process_time_ns() - begin) / done / 1000)
    return statistics.median(times)


class NoJournal(Journal):
    """A journal that writes nothing: what the rest costs."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._execs: set[tuple[str, str]] = set()

    waiting = 0
    unsorted = 0
    is_large = False

    def close(self) -> None: ...

    def active_dialogs(self) -> Iterator[OrderDialog]:
        return iter(())

    def markets(self) -> dict[str, Market]:
        return {}

    def positions(self) -> list[PositionRecord]:
        return []

    def positions_seq(self) -> int:
        return 0

    def fills(self, symbol: str | None = None, after_seq: int = 0) -> Iterator[BrokerdFill]:
        return iter(())

    def record_event(self, dialog: OrderDialog, event: str, msg: object) -> None: ...

    def record_fill(self, fill: BrokerdFill) -> Counted:
        key = (fill.account, fill.exec_id)
        if key in self._execs:
            return Counted.KNOWN
        self._execs.add(key)
        return Counted.NEW

    def record_market(self, market: Market) -> None: ...

    def snapshot_positions(self, records: object) -> None: ...

    def mark(self, oid: str) -> Any: ...

    def commit(self) -> None: ...

    def sort(self) -> None: ...

    def learn(self) -> bool:
        return False

    def dialog(self, oid: str) -> None: ...

    def dialog_of_reqid(self, *_: object) -> None: ...


class QuickVenue(ScriptedVenue):
    """Acknowledges, opens, fills and closes each order from within ``send``."""

    fills = True
    number = 0

    def send(self, request: Any) -> None:
        if type(request) is not BrokerdOrder or self._sink is None:
            return
        self.number = reqid = self.number + 1
        account, now_ns, say = request.account, time.time_ns(), self._sink
        say(BrokerdOrderAck(oid=request.oid, reqid=reqid, account=account, time_ns=now_ns))
        say(BrokerdStatus(reqid=reqid, account=account, status="open", time_ns=now_ns))
        if self.fills:
            say(
                BrokerdFill(
                    reqid=reqid, account=account, symbol=request.symbol, exec_id=f"x{reqid}",
                    action=request.action, size=request.size, price=request.price,
                    broker_time_ns=now_ns, time_ns=now_ns, oid=request.oid,
                )
            )  # fmt: skip
            say(BrokerdStatus(reqid=reqid, account=account, status="closed", time_ns=now_ns))


@asynccontextmanager
async def an_ems(
    venue: ScriptedVenue, feed: PushFeed, journal: type[Journal] = Journal
) -> AsyncIterator[Ems]:
    with (
        tempfile.TemporaryDirectory(dir=os.environ.get("BENCH_DIR")) as folder,
        patch("ems.embedded.Journal", journal),
    ):
        backends = {"scripted": Backend(name="scripted", feed=feed, broker=venue)}
        async with open_ems(
            backends,
            Path(folder) / "journal.db",
            answer_timeout_s=600,
            limits=ROOMY,
            arming=NO_ARMING,
        ) as ems:
            await ems.hub.market(FQSN)
            feed.quote(100.0, 100.01)
            yield ems


_sizes = itertools.cycle(range(1, 100_000))


def an_order(price: str = "100", action: str = "buy", mode: str = "live") -> Order:
    """An order of a size of its own: it is no duplicate of the one before."""
    return Order(
        oid=str(uuid.uuid4()),
        action=action,  # type: ignore[arg-type]
        exec_mode=mode,  # type: ignore[arg-type]
        symbol=FQSN,
        account="scripted",
        price=Decimal(price),
        size=Decimal(next(_sizes)),
    )


def drained(client: EmbeddedClient) -> None:
    """Throw away what the client has not read."""
    client._unread.clear()
