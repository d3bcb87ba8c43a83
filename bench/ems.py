"""How fast the EMS is: ``.venv/bin/python bench/ems.py [PART ...]`` prints one table.

Each figure is the median of at least three rounds in one process. Costs are processor time, so
that another program on a shared machine does not count; what says so is by the clock.
"""

import asyncio
import gc
import itertools
import os
import sqlite3
import statistics
import sys
import tempfile
import time
import tracemalloc
import uuid
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from decimal import Decimal
from pathlib import Path
from typing import Any
from unittest.mock import patch

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from msgspec.structs import replace

from brokers.paper import open_backend as open_paper
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
from ems.ticks import Quote, Trade
from ems.transitions import S
from tests.sims.scripted_venue import FQSN, MARKET, PushFeed, ScriptedVenue

ROUNDS = 3
ROOMY = RiskLimits(
    base=replace(
        LIVE_DEFAULTS,
        largest_order_money=Decimal(10**9),
        largest_position_money=Decimal(10**15),
        quote_age_s=3600.0,
        requests_per_second=10**9,
        working_orders=10**9,
        daily_loss=Decimal(10**15),
    )
)
"""Every limit that a live account has by default is looked at; none is met."""
Row = tuple[str, str, str]


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


async def quiet_ticks() -> list[Row]:
    """A tick that fires nothing, through the hub's entry point."""
    rows: list[Row] = []
    costs = {}
    for armed in (10, 1_000, 10_000, 1_000_000):
        feed = PushFeed()
        async with an_ems(ScriptedVenue(), feed) as ems:
            book = ems.hub._watched[FQSN].book
            feed.trade(100)
            for number in range(armed):
                book.arm(f"o{number}", "buy", 50 - number * 1e-5)
            batch = [Trade(1, 100.0 + n % 7) for n in range(1000)]

            def tick(feed: PushFeed = feed, batch: list[Trade] = batch) -> int:
                for _ in range(200):
                    feed.push(*batch)
                return 200_000

            costs[armed] = median_us(tick, 5)
            limit = "0.25 us" if armed == 1_000_000 else ""
            rows.append((f"quiet tick, {armed:,} triggers", f"{costs[armed]:.3f} us", limit))
            if armed == 1_000_000:

                def arm(book: Any = book) -> int:
                    for n in range(20_000):
                        book.arm(f"n{n}", "buy", 45.0 + n * 1e-6)
                        book.disarm(f"n{n}")
                    return 40_000

                rows.append(("arm or remove one of a million", f"{median_us(arm):.2f} us", "2 us"))
    rows.append(("  1,000,000 / 10", f"{costs[1_000_000] / costs[10]:.2f} x", "1.1 x"))
    for n, wanted in ((1_000, 300), (10_000, 7_000)):
        levels = [50 - number * 1e-5 for number in range(n)]
        predicates = [lambda price, level=level: price <= level for level in levels]

        def scan(predicates: list[Callable[[float], bool]] = predicates) -> int:
            for _ in range(20):
                for predicate in predicates:
                    predicate(100.0)
            return 20

        ratio = median_us(scan) / costs[n]
        rows.append((f"  plain scan of {n:,} / ours", f"{ratio:,.0f} x", f"{wanted:,} x"))
    return rows


async def whole_lives(journal: bool) -> list[Row]:
    """Submit, accept, fill, close, told to one client."""
    rows: list[Row] = []
    costs = {}
    what = "with the journal" if journal else "no journal"
    for resting in (0, 10_000, 100_000) if not journal else (0, 10_000):
        venue, feed = QuickVenue(), PushFeed()
        async with an_ems(venue, feed, Journal if journal else NoJournal) as ems:
            client = ems.connect()
            assert isinstance(client, EmbeddedClient)
            venue.fills = False
            for _ in range(resting):
                client.submit(an_order("50"))
                if not len(client._unread) % 1000:
                    drained(client)
            venue.fills = True
            drained(client)

            async def live(client: EmbeddedClient = client) -> float:
                orders = [an_order() for _ in range(1000)]
                begin = time.process_time_ns()
                for order in orders:
                    client.submit(order)
                await asyncio.sleep(0)  # the end of the turn: all of it is in the journal
                spent = (time.process_time_ns() - begin) / 1e6
                drained(client)
                return spent

            await live()
            costs[resting] = statistics.median([await live() for _ in range(7)])
            limit = ("60 us" if journal else "20 us") if not resting else ""
            name = f"submit, accept, fill, {what}, {resting:,} open"
            rows.append((name, f"{costs[resting]:.1f} us", limit))
    top = max(costs)
    rows.append((f"  {top:,} open / none", f"{costs[top] / costs[0]:.2f} x", "1.3 x"))
    return rows


async def click_to_wire() -> list[Row]:
    """From the client's submit to the adapter's send, journal included."""

    class Wire(ScriptedVenue):
        at = 0

        def send(self, request: Any) -> None:
            self.at = time.perf_counter_ns()

    venue = Wire()
    async with an_ems(venue, PushFeed()) as ems:
        client = ems.connect()
        assert isinstance(client, EmbeddedClient)
        took = []
        for _ in range(3000):
            order = an_order()
            begin = time.perf_counter_ns()
            client.submit(order)
            took.append((venue.at - begin) / 1000)
            drained(client)
            await asyncio.sleep(0)
    took = sorted(took[300:])
    return [
        ("click to wire, median, by the clock", f"{took[len(took) // 2]:.1f} us", "50 us"),
        ("click to wire, 99th percentile", f"{took[len(took) * 99 // 100]:.0f} us", "500 us"),
    ]


async def journal_events() -> list[Row]:
    """One event, committed by itself and in groups; and what a disk costs."""
    with tempfile.TemporaryDirectory(dir=os.environ.get("BENCH_DIR")) as folder:
        journal = Journal(Path(folder) / "journal.db")
        dialogs = [
            OrderDialog(order=an_order(), broker="scripted", changed_ns=1) for _ in range(1000)
        ]
        msg = an_order()

        def write(group: int) -> Callable[[], int]:
            def run() -> int:
                for number in range(2000):
                    journal.record_event(dialogs[number % 1000], "FILL", msg)
                    if number % group == group - 1:
                        journal.commit()
                journal.commit()
                return 2000

            return run

        write(1)()
        rows: list[Row] = [
            ("journal event, each committed", f"{median_us(write(1), 5):.1f} us", "15 us"),
            ("journal event, 20 in a group", f"{median_us(write(20), 5):.1f} us", "15 us"),
        ]
        path = Path(folder) / "plain"
        with path.open("wb") as file:

            def plain() -> int:
                for _ in range(50):
                    file.write(b"x" * 4096)
                    file.flush()
                    os.fdatasync(file.fileno())
                return 50

            sync = median_us(plain)
        journal._db.execute("PRAGMA synchronous=FULL")

        def durable() -> int:
            for number in range(50):
                journal.record_event(dialogs[number], "FILL", msg)
                journal.commit()
            return 50

        cost = median_us(durable)
        rows.append(("record on disk (FULL) / fdatasync", f"{cost / sync:.2f} x", "1.5 x"))
        journal.close()
        return rows


async def clients() -> list[Row]:
    """One status to many clients; everything to a new one."""
    rows: list[Row] = []
    venue, feed = QuickVenue(), PushFeed()
    venue.fills = False
    async with an_ems(venue, feed, NoJournal) as ems:
        client = ems.connect()
        assert isinstance(client, EmbeddedClient)
        tracemalloc.start()
        before = tracemalloc.get_traced_memory()[0]
        for number in range(10_000):
            client.submit(an_order("50"))
            if number % 500 == 0:
                drained(client)
        drained(client)
        each = (tracemalloc.get_traced_memory()[0] - before) / 10_000
        tracemalloc.stop()

        def connect() -> int:
            ems.connect().close()
            return 1

        cost = median_us(connect, 5) / 1000
        rows.append(("10,000 dialogs to a new client", f"{cost:.1f} ms", "50 ms"))
        rows.append(("memory of an open dialog", f"{each / 1024:.1f} KiB", ""))
        status = next(iter(ems.index.active())).status()
        listeners: list[EmbeddedClient] = []
        for count in (1, 10, 100):
            while len(listeners) < count - 1:
                new = ems.connect()
                assert isinstance(new, EmbeddedClient)
                listeners.append(new)

            def tell() -> int:
                for _ in range(200):
                    ems.router.client_broadcast(FQSN, status)
                for one in (client, *listeners):
                    drained(one)
                return 200

            rows.append((f"one status to {count} clients", f"{median_us(tell, 5):.2f} us", ""))
    return rows


async def start_up() -> list[Row]:
    """A journal of a million events: 200,000 orders, each with five, and as many fills."""
    with tempfile.TemporaryDirectory(dir=os.environ.get("BENCH_DIR")) as folder:
        path = Path(folder) / "journal.db"
        journal = Journal(path)
        record = PositionRecord("scripted", FQSN)
        for number in range(200_000):
            order = an_order()
            dialog = OrderDialog(order=order, broker="scripted", changed_ns=number)
            dialog.state = S.OPEN if number % 20_000 == 0 else S.CLOSED
            for event in ("SUBMIT", "ACK", "WORKING", "FILL", "FILLED"):
                journal.record_event(dialog, event, order)
            fill = BrokerdFill(
                reqid=number, account="scripted", symbol=FQSN, exec_id=f"x{number}",
                action="buy", size=order.size, price=order.price,
                broker_time_ns=number, time_ns=number, oid=order.oid,
            )  # fmt: skip
            journal.record_fill(fill)
            record.apply(fill)
            if number % 2000 == 0:
                journal.commit()
        journal.snapshot_positions([record])
        journal.close()
        size = path.stat().st_size
        took = []
        backends = {"scripted": Backend(name="scripted", feed=PushFeed(), broker=ScriptedVenue())}
        for crashed in (False, False, False, True):
            if crashed:
                with sqlite3.connect(path) as db:
                    db.execute("DELETE FROM position")
                    db.execute("DELETE FROM meta WHERE key = 'positions_seq'")
                db.close()
            begin = time.perf_counter()
            async with open_ems(backends, path) as ems:
                took.append(time.perf_counter() - begin)
                assert ems.positions.of("scripted", FQSN).size == 200_000
    last = took.pop()
    return [
        ("start with 1,000,000 events, by the clock", f"{statistics.median(took):.3f} s", "1 s"),
        ("  with all 200,000 fills to count anew, once", f"{last:.2f} s", "1 s"),
        ("journal growth, 10,000 orders a day", f"{size / 20 / 1e6:.1f} MB", ""),
    ]


async def paper_quotes() -> list[Row]:
    """A quote through the hub and paper matching, with orders resting."""
    rows: list[Row] = []
    for resting in (0, 1_000, 10_000):
        with tempfile.TemporaryDirectory(dir=os.environ.get("BENCH_DIR")) as folder:
            feed = PushFeed()
            backends = {
                "scripted": Backend(name="scripted", feed=feed),
                "paper": open_paper({}, Path(folder)),
            }
            async with open_ems(
                backends,
                Path(folder) / "j.db",
                answer_timeout_s=600,
                limits=ROOMY,
                arming=NO_ARMING,
            ) as ems:
                await ems.hub.market(FQSN)
                client = ems.connect()
                assert isinstance(client, EmbeddedClient)
                feed.quote(100.0, 100.01)
                for number in range(resting):
                    price = str(MARKET.round_price(50 - number % 1000 * 0.01))
                    client.submit(replace(an_order(price), account="paper"))
                    drained(client)
                quotes = [Quote(1, 100.0 + n % 5, 100.5 + n % 5, 9.0, 9.0) for n in range(1000)]

                def quote(feed: PushFeed = feed, quotes: list[Quote] = quotes) -> int:
                    for _ in range(20):
                        feed.push(*quotes)
                    return 20_000

                cost = median_us(quote, 5)
                rows.append((f"paper quote, {resting:,} resting", f"{cost:.2f} us", "1 us"))
    return rows


PARTS: dict[str, Callable[[], Any]] = {
    "ticks": quiet_ticks,
    "lives": lambda: whole_lives(False),
    "journaled": lambda: whole_lives(True),
    "wire": click_to_wire,
    "journal": journal_events,
    "clients": clients,
    "start": start_up,
    "paper": paper_quotes,
}


def main(names: list[str]) -> None:
    """Print the figures of these parts; of all if none is named."""
    print(f"{'':52}{'measured':>14}{'wanted':>10}")
    for name in names or PARTS:
        for what, measured, wanted in asyncio.run(PARTS[name]()):
            print(f"{what:52}{measured:>14}{wanted:>10}", flush=True)


if __name__ == "__main__":
    main(sys.argv[1:])
