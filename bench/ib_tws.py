"""The TWS of `bench.ib`, in a process of its own, so that its work is not in the figures.

Run: ``python -m bench.ib_tws ORDERS``. It prints its port. A line ``go KIND SECONDS`` from its
input makes it tell of states and prices, see `tell`; it then prints how many statuses it has sent.
``when`` makes it print when it began to tell of its open orders, by the clock that all processes
share.
"""

import asyncio
import math
import sys
import time

from tests.sims.tws import Session, Tws
from tests.sims.tws_layout import SimOrder

MINUTE_S = 60
BARS = 700
RATE = 1_000
"""Status messages a second."""
FRAME_MS = 16.0
_HELD, _WORKS = ("Inactive", "locate"), ("Submitted", "")
"""Two states that are told apart everywhere: in the journal, on the line, in the table."""


class StampingTws(Tws):
    """Notes when it begins to tell of all open orders."""

    answered = 0.0

    def _open_orders(self, session: Session, orders: list[SimOrder]) -> None:
        self.answered = self.answered or time.perf_counter()
        super()._open_orders(session, orders)


def made(orders: int) -> StampingTws:
    """Return a TWS where so many orders of client 7 live."""
    tws = StampingTws()
    first = int(time.time()) // MINUTE_S * MINUTE_S - (BARS - 1) * MINUTE_S
    closes = [100 + 2 * math.sin(n / 20) for n in range(BARS)]
    tws.bars[""] = [
        (str(first + MINUTE_S * n), c, c + 0.2, c - 0.2, c, 10.0) for n, c in enumerate(closes)
    ]
    tws.silent_orders = orders == 0
    for number in range(orders):
        tws.put(
            price=f"{98 + number * 4 / orders:.2f}", client_id=7, order_id=number + 1, size="100",
            action="BUY" if number * 2 < orders else "SELL",
        )  # fmt: skip
    return tws


async def tell(tws: Tws, kind: str, seconds: float) -> int:
    """Tell of states at the rate, and of a price a frame; return how many statuses.

    Of the kind ``fills`` each says how much is filled, of the kind ``states`` each is another
    state.
    """
    request, sent, ticks = tws.data_request(), 0, 0
    began = time.perf_counter()
    while (passed := time.perf_counter() - began) < seconds:
        while sent < passed * RATE:
            number, turn = sent % len(tws.orders), sent // len(tws.orders)
            order = tws.orders[number]
            if kind == "fills":
                order.filled = float(turn % 90 + 1)
            tws.tell_status(order, *(_HELD if kind == "states" and turn % 2 else _WORKS))
            sent += 1
        while ticks < passed * 1000 / FRAME_MS:
            tws.price(request, 1, 99.99 + ticks % 5 / 100)
            tws.price(request, 2, 100.01 + ticks % 5 / 100)
            tws.trade(request, 100.0 + ticks % 5 / 100, 100, int(time.time() * 1000))
            ticks += 1
        await asyncio.sleep(0.002)
    return sent


async def main(orders: int) -> None:
    """Serve until the input ends."""
    tws = made(orders)
    await tws.start()
    print(tws.port, flush=True)
    while line := await asyncio.to_thread(sys.stdin.readline):
        match line.split():
            case ["go", kind, seconds]:
                print(await tell(tws, kind, float(seconds)), flush=True)
            case ["when"]:
                print(tws.answered, flush=True)
    await tws.stop()


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1])))
