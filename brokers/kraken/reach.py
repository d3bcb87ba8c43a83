"""Whether Kraken answers, and takes the key: asked by REST, and only asked."""

from collections.abc import Callable

from brokers.kraken import rest_wire
from brokers.kraken.rest import Rest
from ems.ports import Reached


async def reach_public(rest: Rest, clock: Callable[[], int]) -> Reached:
    """Ask for Kraken's time, which needs no key; raises `KrakenError`."""
    asked_ns = clock()
    answer = await rest.public("Time", rest_wire.ServerTime)
    # Its clock is told in whole seconds: half of one is the best guess of the rest.
    ours_s = (asked_ns + clock()) / 2e9
    return Reached(text="Kraken answers", clock_offset_s=ours_s - (answer.unixtime + 0.5))


async def reach_private(rest: Rest) -> Reached:
    """Ask for the open orders, which needs the key; raises `KrakenError`."""
    orders = await rest.private("OpenOrders", rest_wire.OpenOrders)
    return Reached(text=f"Kraken takes the key; it has {len(orders.open)} open orders")
