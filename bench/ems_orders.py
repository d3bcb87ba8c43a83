"""Orders: whole lives, the way out, and what clients are told."""

import asyncio
import statistics
import time
import tracemalloc
from typing import Any

from bench.ems_rig import NoJournal, QuickVenue, Row, an_ems, an_order, drained, median_us
from ems.embedded import Ems
from ems.embedded_client import EmbeddedClient
from ems.journal import Journal
from tests.sims.scripted_venue import FQSN, PushFeed, ScriptedVenue

ORDERS = 500
"""A round has fewer commits than the journal sorts before it goes on."""


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

            async def live(client: EmbeddedClient = client, ems: Ems = ems) -> float:
                orders = [an_order() for _ in range(ORDERS)]
                begin = time.process_time_ns()
                for order in orders:
                    client.submit(order)
                ems.journal.commit()  # as at the end of the turn: all of it is in the journal
                spent = (time.process_time_ns() - begin) / 1000 / ORDERS
                drained(client)
                ems.journal.sort()  # measured by itself: the loop may do it where it does not count
                await asyncio.sleep(0)
                return spent

            await live()
            costs[resting] = statistics.median([await live() for _ in range(7)])
            limit = (60 if journal else 20) if not resting else None
            name = f"submit, accept, fill, {what}, {resting:,} open"
            rows.append(Row(name, costs[resting], "us", limit))
            if journal and not resting:
                rows.append(Row("  sorted into its tables afterwards", sort_us(ems), "us"))
    top = max(costs)
    rows.append(Row(f"{what}, {top:,} open / none", costs[top] / costs[0], "x", 1.3))
    return rows


def sort_us(ems: Ems) -> float:
    """What it costs to sort the journal's tail, an order."""
    client = ems.connect()
    ems.journal.sort()

    def work() -> int:
        for _ in range(500):
            client.submit(an_order())
        ems.journal.commit()
        return 500

    times = []
    for _ in range(5):
        work()
        begin = time.process_time_ns()
        ems.journal.sort()
        times.append((time.process_time_ns() - begin) / 500_000)
    client.close()
    return statistics.median(times)


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
        Row("click to wire, median, by the clock", took[len(took) // 2], "us", 50),
        Row("click to wire, 99th percentile", took[len(took) * 99 // 100], "us", 500, kept=False),
    ]


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
        rows.append(Row("10,000 dialogs to a new client", cost, "ms", 50))
        rows.append(Row("memory of an open dialog", each / 1024, "KiB"))
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

            rows.append(Row(f"one status to {count} clients", median_us(tell, 5), "us"))
    return rows
