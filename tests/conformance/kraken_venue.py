"""The simulated Kraken as the conformance suite wants it."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from decimal import Decimal
from pathlib import Path

from brokers.kraken.backend import open_backend
from ems.messages import Request, Side
from ordermode.testing import Venue, VenueOrder
from tests.brokers.kraken.conftest import ACCOUNT, FQSN, until
from tests.sims.kraken import TIMING, KrakenSim, open_sim
from tests.sims.kraken_engine import SimOrder

METHODS = {"new": "add_order", "modify": "amend_order", "cancel": "cancel_order"}


class KrakenHand:
    """Works the simulator's engine."""

    def __init__(self, sim: KrakenSim) -> None:
        self._sim = sim

    async def orders(self) -> Sequence[VenueOrder]:
        return [
            VenueOrder(
                reqid=order.order_id,
                oid=order.cl_ord_id or "",
                action=order.side,  # type: ignore[arg-type]
                price=order.price,
                size=order.size,
                filled=order.filled,
                alive=order.lives,
            )
            for order in self._sim.engine.orders.values()
        ]

    async def fill(self, order: VenueOrder, size: Decimal) -> None:
        self._sim.engine.fill(self._of(order), str(size))

    async def refuse_next(self, what: Request, words: str) -> None:
        self._sim.script.refuse[METHODS[what]].append(f"EOrder:{words}")

    async def say_unknown_state(self, order: VenueOrder) -> None:
        self._sim.engine.report(self._of(order), "teleported", "teleported")

    async def cut(self) -> None:
        self._sim.script.down = True
        self._sim.cut_private()

    async def mend(self) -> None:
        self._sim.script.down = False

    async def place(self, action: Side, price: Decimal, size: Decimal) -> None:
        self._sim.engine.place(action, str(price), str(size))

    async def change(self, order: VenueOrder, price: Decimal) -> None:
        self._sim.engine.amend(self._of(order), str(price), None)

    async def cancel(self, order: VenueOrder) -> None:
        self._sim.engine.cancel(self._of(order))

    async def touch(self, order: VenueOrder) -> None:
        self._sim.engine.trigger(self._of(order))

    async def trade(self, price: Decimal) -> None:
        channels = {("ticker", "BTC/USD"), ("trade", "BTC/USD")}
        await until(lambda: channels <= self._sim.watched, "the subscription")
        self._sim.quote(str(price - Decimal("0.1")), str(price + Decimal("0.1")))
        self._sim.trade(str(price))

    def _of(self, order: VenueOrder) -> SimOrder:
        return self._sim.engine.order(str(order.reqid))


@asynccontextmanager
async def kraken_venue(folder: Path) -> AsyncIterator[Venue]:
    async with open_sim() as sim:
        yield Venue(
            open_backend=lambda state: open_backend(sim.options(folder), state, TIMING),
            market=FQSN,
            account=ACCOUNT,
            price=Decimal("50000.0"),
            size=Decimal("0.02"),
            hand=KrakenHand(sim),
        )
