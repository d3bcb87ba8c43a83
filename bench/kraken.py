"""How fast an order leaves for Kraken, and how many messages a second the feed takes.

Messages are those of a busy pair: of four, two change the order book, one is a trade, one a ticker.

Run: ``.venv/bin/python bench/kraken.py``. The venue is the simulator of the tests, on loopback, in
this process and on this loop: what it costs is in the figures, so the real ones are better.
"""

import asyncio
import itertools
import os
import statistics
import sys
import tempfile
import time
import uuid
from decimal import Decimal
from pathlib import Path

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import msgspec
import qasync
from PyQt6.QtCore import QEvent, QObject
from PyQt6.QtWidgets import QApplication, QWidget

from brokers.kraken.backend import open_backend
from brokers.kraken.feed import KrakenFeed
from ems.arming_rules import NO_ARMING
from ems.embedded import open_ems
from ems.messages import Order
from ems.risk_limits import NO_LIMITS
from ems.ticks import Tick
from tests.sims.kraken import TIMING, KrakenSim, open_sim
from tests.sims.kraken_book import Levels, SimBook
from ui.config import Config
from ui.faults import Faults
from ui.program import Session, open_program
from ui.state_folder import open_paths

FQSN = "xbtusd.kraken"
ORDERS = 300
MESSAGES = 50_000
encode = msgspec.json.Encoder(decimal_format="number").encode
RATE = 5_000
"""Messages a second for the whole window."""
SECONDS = 10.0


def order() -> Order:
    """Return a new order."""
    return Order(
        oid=str(uuid.uuid4()),
        action="buy",
        exec_mode="live",
        symbol=FQSN,
        account="kraken.spot",
        price=Decimal("50000.0"),
        size=Decimal("0.01"),
    )


class StampingSim(KrakenSim):
    """Notes when the venue has read a request."""

    def __init__(self) -> None:
        super().__init__()
        self.read_ns: list[int] = []

    async def _on_private(self, socket, text: str) -> None:
        if '"add_order"' in text:
            self.read_ns.append(time.perf_counter_ns())
        await super()._on_private(socket, text)


async def click_to_venue(folder: Path) -> list[float]:
    """Return, in ms, how long each order took from the client's call until the venue read it."""
    async with open_sim(StampingSim) as sim:
        assert isinstance(sim, StampingSim)
        sim.max_rate = 1_000_000
        backend = open_backend(sim.options(folder), folder / "state", TIMING)
        async with open_ems(
            {"kraken": backend}, folder / "journal.db", limits=NO_LIMITS, arming=NO_ARMING
        ) as ems:
            await ems.hub.market(FQSN)
            client = ems.connect()
            while not ems.venues.dialogues["kraken"]._up:  # noqa: ASYNC110
                await asyncio.sleep(0.01)
            times = []
            for count in range(1, ORDERS + 1):
                started = time.perf_counter_ns()
                client.submit(order())
                while len(sim.read_ns) < count:  # noqa: ASYNC110
                    await asyncio.sleep(0)
                times.append((sim.read_ns[-1] - started) / 1e6)
                await asyncio.sleep(0.002)
            client.close()
        await backend.feed.aclose()
    return times


def book_text(kind: str, bids: Levels, asks: Levels, book: SimBook) -> str:
    """Return a message of the order book as it stands on the wire, with its checksum."""
    book.change(bids, asks)
    return encode(book.message(kind, bids, asks)).decode()


def book_texts(count: int) -> list[str]:
    """Return a snapshot, and changes at and behind the best prices."""
    book = SimBook()
    bids = {f"{50_000 - n / 10:.1f}": "1.00000000" for n in range(10)}
    asks = {f"{50_000.1 + n / 10:.1f}": "1.00000000" for n in range(10)}
    texts = [book_text("snapshot", bids, asks, book)]
    for n in range(count - 1):
        level = n % 10
        size = f"{1 + n % 97 / 100:.8f}"
        side = {f"{50_000 - level / 10:.1f}": size}, {f"{50_000.1 + level / 10:.1f}": size}
        texts.append(book_text("update", *((side[0], {}) if n % 2 else ({}, side[1])), book))
    return texts


async def messages_a_second(folder: Path) -> float:
    """Return how many messages are decoded, verified and delivered in a second, one by one."""
    async with open_sim() as sim:
        feed = open_backend(sim.options(), folder / "state", TIMING).feed
        assert isinstance(feed, KrakenFeed)
        seen: list[Tick] = []
        await feed.subscribe(FQSN, seen.extend)
        ticker = (
            '{"channel":"ticker","type":"update","data":[{"symbol":"BTC/USD","bid":50000.1,'
            '"bid_qty":1.25,"ask":50000.2,"ask_qty":0.5,"last":50000.1,"volume":1234.5,'
            '"vwap":50010.2,"low":49000.0,"high":51000.0,"change":12.5,"change_pct":0.02}]}'
        )
        trade = (
            '{"channel":"trade","type":"update","data":[{"symbol":"BTC/USD","side":"buy",'
            '"price":50000.1,"qty":0.01,"ord_type":"limit","trade_id":%d,'
            '"timestamp":"2026-11-22T08:00:00.123456Z"}]}'
        )
        books = book_texts(MESSAGES // 2)
        texts = [
            books[n // 2] if n % 2 == 0 else ticker if n % 4 == 1 else trade % (n // 4 + 1)
            for n in range(MESSAGES)
        ]
        started = time.perf_counter()
        for text in texts:
            feed.on_data(text)
        took_s = time.perf_counter() - started
        assert feed.depth(FQSN) is not None  # every checksum was right
        assert len(seen) > MESSAGES // 4
        await feed.aclose()
    return MESSAGES / took_s


class Paints(QObject):
    """Notes when a widget was painted."""

    def __init__(self, widget: QWidget) -> None:
        super().__init__()
        self.at: list[float] = []
        widget.installEventFilter(self)

    def eventFilter(self, watched: QObject | None, event: QEvent | None) -> bool:
        """Note a paint."""
        if event is not None and event.type() == QEvent.Type.Paint:
            self.at.append(time.perf_counter())
        return super().eventFilter(watched, event)


def _say_one(sim: KrakenSim, number: int) -> None:
    price = f"{50_000 + number % 400 / 10:.1f}"
    match number % 4:
        case 0:
            sim.trade(price)
        case 1:
            sim.quote(price, f"{float(price) + 0.1:.1f}")
        case 2:
            sim.change_book(bids={"49999.9": f"{1 + number % 97 / 100:.8f}"})
        case _:
            sim.change_book(asks={"50000.2": f"{1 + number % 97 / 100:.8f}"})


async def frames_at_full_rate(folder: Path) -> tuple[float, float, float]:
    """Return messages and frames a second of a whole window, and the longest gap of 100 in ms.

    Books, tickers and trades come over the socket, from the simulator on the same loop and thread.
    """
    async with open_sim() as sim:
        now = int(time.time()) // 60 * 60
        sim.bars = [
            [now - 60 * (700 - i), "50000", "50100", "49900", "50000", "50000", "1.5", 9]
            for i in range(701)
        ]
        sim.show_book(
            {f"{50_000 - n / 10:.1f}": "1.00000000" for n in range(10)},
            {f"{50_000.1 + n / 10:.1f}": "1.00000000" for n in range(10)},
        )
        session = Session(
            config=Config(brokers={"kraken": sim.options()}, risk=NO_LIMITS, arming=NO_ARMING),
            paths=open_paths(folder / "window"),
            fqsn=FQSN,
            account="paper",
            period="1m",
        )
        async with open_program(session, Faults()) as program:
            view = program.page.chart.plot_item.getViewWidget()
            paints, sent = Paints(view.viewport()), 0
            began = time.perf_counter()
            while (passed := time.perf_counter() - began) < SECONDS:
                while sent < passed * RATE:
                    _say_one(sim, sent)
                    sent += 1
                await asyncio.sleep(0.002)
            took = time.perf_counter() - began
        gaps = sorted(b - a for a, b in itertools.pairwise(paints.at[60:]))
        return sent / took, len(paints.at) / took, gaps[int(len(gaps) * 0.99)] * 1000


async def main() -> None:
    """Measure, and print the table."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        times = sorted(await click_to_venue(folder))
        rate = await messages_a_second(folder)
        came, frames, gap = await frames_at_full_rate(folder)
    print(f"{'submit until the venue has read it, median':<48}{statistics.median(times):8.3f} ms")
    print(f"{'the same, 99 of 100':<48}{times[int(len(times) * 0.99)]:8.3f} ms")
    print(f"{'books, trades, tickers decoded and delivered':<48}{rate:8.0f} a second")
    print(f"{'a whole window, messages over the socket':<48}{came:8.0f} a second")
    print(f"{'  frames':<48}{frames:8.1f} a second")
    print(f"{'  from frame to frame, 99 of 100 within':<48}{gap:8.1f} ms")


if __name__ == "__main__":
    app = QApplication(sys.argv)
    app.setQuitOnLastWindowClosed(False)
    with qasync.QEventLoop(app) as loop:
        loop.run_until_complete(main())
