"""How fast the IB backend is, against a simulated TWS on loopback.

    .venv/bin/python -m bench.ib

Prints how long an order takes from the client's call to the bytes on the socket, how long 500 live
orders take from the start of the program to its clients, and what a thousand status messages cost.
"""

import asyncio
import statistics
import sys
import tempfile
import time
from pathlib import Path

from ems.messages import Status
from tests.brokers.ib.session import IbBench, open_bench, until
from tests.sims.tws import Tws

LIVE_ORDERS = 500
STATUS_MESSAGES = 1_000
ORDERS_A_ROUND = 40
"""Below what IB takes in a second: more would wait their turn."""
ROUNDS = 3


async def order_latency(folder: Path) -> list[float]:
    """Return how long each order took to the socket, in ms."""
    tws = Tws()
    await tws.start()
    tws.silent_orders = True
    times = []
    async with open_bench(folder, tws, answer_timeout_s=60) as bench:
        for _ in range(ROUNDS):
            await asyncio.sleep(1.1)
            for _ in range(ORDERS_A_ROUND):
                begin = time.perf_counter()
                bench.submit()
                times.append((time.perf_counter() - begin) * 1e3)
        await until(lambda: len(tws.placed) == len(times), "all orders are at TWS")
    await tws.stop()
    return times


async def reload_live_orders(folder: Path) -> tuple[float, float]:
    """Return the seconds to all orders at a client, and ms for a thousand status messages."""
    tws = Tws()
    await tws.start()
    for number in range(LIVE_ORDERS):
        tws.put(price=f"{50 + number / 100:.2f}", client_id=7, order_id=number + 1)
    begin = time.perf_counter()
    async with open_bench(folder, tws) as bench:
        await until(lambda: len(shown(bench)) == LIVE_ORDERS, "all orders are shown")
        reloaded_s = time.perf_counter() - begin
        words = ("PreSubmitted", "Submitted")
        begin = time.process_time()
        for number in range(STATUS_MESSAGES):
            tws.tell_status(tws.orders[number % LIVE_ORDERS], words[number // LIVE_ORDERS % 2])
        await bench.settled()
        statuses_ms = (time.process_time() - begin) * 1e3
    await tws.stop()
    return reloaded_s, statuses_ms


def shown(bench: IbBench) -> set[str]:
    """Return the oids that the client has heard of."""
    return {msg.oid for msg in bench.heard if isinstance(msg, Status)}


async def main() -> None:
    """Measure and print."""
    with tempfile.TemporaryDirectory() as folder:
        times = await order_latency(Path(folder))
    with tempfile.TemporaryDirectory() as folder:
        reloaded_s, statuses_ms = await reload_live_orders(Path(folder))
    worst = statistics.quantiles(times, n=20)[-1]
    rows = [
        ("order, call to socket, median", f"{statistics.median(times):.2f} ms", "1 ms"),
        ("order, call to socket, 95 %", f"{worst:.2f} ms", ""),
        (f"{LIVE_ORDERS} live orders, start to client", f"{reloaded_s:.2f} s", "1 s"),
        (f"{STATUS_MESSAGES} status messages, both ends", f"{statuses_ms:.0f} ms", "1000 ms"),
    ]
    for what, measured, wanted in rows:
        print(f"{what:<36} {measured:>10}   {'wanted below ' + wanted if wanted else ''}")


if __name__ == "__main__":
    sys.exit(asyncio.run(main()))
