"""Ticks: quiet ones, those that fire, and those that paper matches."""

import gc
import os
import statistics
import tempfile
import time
from collections.abc import Callable
from contextlib import AsyncExitStack
from pathlib import Path

from msgspec.structs import replace

from bench.ems_rig import ROOMY, Row, an_ems, an_order, drained, median_us
from brokers.paper import open_backend as open_paper
from ems.arming_rules import NO_ARMING
from ems.dark_book import DarkBook
from ems.embedded import open_ems
from ems.embedded_client import EmbeddedClient
from ems.ports import Backend
from ems.ticks import Quote, Trade
from tests.sims.scripted_venue import FQSN, MARKET, PushFeed, ScriptedVenue


async def quiet_ticks() -> list[Row]:
    """A tick that fires nothing, through the hub's entry point.

    The books take turns, so that what else happens on the machine happens to all of them.
    """
    async with AsyncExitStack() as stack:
        feeds: dict[int, PushFeed] = {}
        for armed in (10, 1_000, 10_000, 1_000_000):
            feed = feeds[armed] = PushFeed()
            ems = await stack.enter_async_context(an_ems(ScriptedVenue(), feed))
            book = ems.hub._watched[FQSN].book
            feed.trade(100)
            for number in range(armed):
                book.arm(f"o{number}", "buy", 50 - number * 1e-5)
        batch = [Trade(1, 100.0 + n % 7) for n in range(1000)]
        times: dict[int, list[float]] = {armed: [] for armed in feeds}
        gc.collect()
        for _ in range(25):
            for armed, feed in feeds.items():
                begin = time.process_time_ns()
                for _ in range(50):
                    feed.push(*batch)
                times[armed].append((time.process_time_ns() - begin) / 50_000_000)

        def arm() -> int:
            for n in range(20_000):
                book.arm(f"n{n}", "buy", 45.0 + n * 1e-6)
                book.disarm(f"n{n}")
            return 40_000

        arming = median_us(arm)
    costs = {armed: statistics.median(found) for armed, found in times.items()}
    rows = [
        Row(f"quiet tick, {armed:,} triggers", cost, "us", 0.25 if armed == 1_000_000 else None)
        for armed, cost in costs.items()
    ]
    rows.append(Row("arm or remove one of a million", arming, "us", 2))
    ratio = statistics.median(
        many / few for many, few in zip(times[1_000_000], times[10], strict=True)
    )
    rows.append(Row("quiet tick, 1,000,000 / 10", ratio, "x", 1.1))
    for n, wanted in ((1_000, 300), (10_000, 7_000)):
        levels = [50 - number * 1e-5 for number in range(n)]
        predicates = [lambda price, level=level: price <= level for level in levels]

        def scan(predicates: list[Callable[[float], bool]] = predicates) -> int:
            for _ in range(20):
                for predicate in predicates:
                    predicate(100.0)
            return 20

        ratio = median_us(scan) / costs[n]
        name = f"plain scan of {n:,} / quiet tick"
        rows.append(Row(name, ratio, "x", wanted, at_least=True, kept=False))
    return rows


async def firing_ticks() -> list[Row]:
    """A tick that fires some of 10,000 triggers costs by how many it fires."""
    fired = 0

    def on_fire(*_: object) -> None:
        nonlocal fired
        fired += 1

    costs = {}
    for count in (10, 100, 1_000):
        times = []
        for _ in range(5):
            book = DarkBook(0.01, on_fire, lambda *_: None)
            book.on_trade(Trade(1, 100.0))
            for number in range(count):
                book.arm(f"near{number}", "alert", 99.0)
            for number in range(10_000 - count):
                book.arm(f"far{number}", "alert", 50.0 + number * 1e-4)
            begin = time.process_time_ns()
            book.on_trade(Trade(2, 98.0))
            times.append((time.process_time_ns() - begin) / 1000)
        costs[count] = statistics.median(times)
    assert fired == 5 * sum(costs)
    return [
        Row("one of 1,000 triggers that a tick fires", costs[1_000] / 1_000, "us"),
        Row(
            "a tick that fires 1,000 / 10 x one that fires 100",
            costs[1_000] / costs[100] / 10,
            "x",
            1.3,
        ),
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
                rows.append(Row(f"paper quote, {resting:,} resting", cost, "us", 1))
    return rows
