"""The simulated TWS as the conformance suite wants it."""

import itertools
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from decimal import Decimal
from pathlib import Path

from msgspec.structs import replace

from brokers.ib.backend import open_configured
from ems.messages import Request, Side
from ordermode.testing import Venue, VenueOrder
from tests.brokers.ib.session import FQSN, QUICK, options, until
from tests.sims.tws import DONE, Tws
from tests.sims.tws_layout import SimOrder

TIMING = replace(QUICK, poll_s=0.05)


class IbHand:
    """Works the simulator as a trader at TWS and its exchange do."""

    def __init__(self, tws: Tws) -> None:
        self._tws = tws
        self._executions = itertools.count(1)

    async def orders(self) -> Sequence[VenueOrder]:
        return [
            VenueOrder(
                reqid=order.perm_id,
                oid=order.ref,
                action="buy" if order.action == "BUY" else "sell",
                price=Decimal(order.price or order.trail_stop or order.aux),
                size=Decimal(order.size),
                filled=Decimal(str(order.filled)),
                alive=order.status not in ("", "Inactive", *DONE),
            )
            for order in self._tws.orders
            if order.status != "refused"
        ]

    async def fill(self, order: VenueOrder, size: Decimal) -> None:
        exec_id = f"e.{next(self._executions)}.01"
        self._tws.fill(self._of(order), str(size), str(order.price), exec_id)

    async def refuse_next(self, what: Request, words: str) -> None:
        def refuse(order: SimOrder, is_new: bool) -> None:
            if is_new:
                self._tws.refuse(order, 201, f"Order rejected - reason:{words}")
            else:
                self._tws.error(order.order_id, 201, f"Order rejected - reason:{words}")
                order.status = "as it was"
            self._tws.on_order = None

        self._tws.on_order = refuse

    async def say_unknown_state(self, order: VenueOrder) -> None:
        sim = self._of(order)
        before = sim.status
        self._tws.tell_status(sim, "Teleported")
        sim.status = before

    async def cut(self) -> None:
        await self._tws.stop()

    async def mend(self) -> None:
        await self._tws.start(self._tws.port)

    async def place(self, action: Side, price: Decimal, size: Decimal) -> None:
        self._tws.put(action=action.upper(), price=str(price), size=str(size))

    async def change(self, order: VenueOrder, price: Decimal) -> None:
        sim = self._of(order)
        sim.price = str(price)
        self._tws.tell(sim)

    async def cancel(self, order: VenueOrder) -> None:
        self._tws.tell_status(self._of(order), "Cancelled")

    async def trade(self, price: Decimal) -> None:
        await until(lambda: self._tws.of_kind(1), "the ticks are asked for")
        request = self._tws.data_request()
        self._tws.price(request, 1, float(price) - 0.01)
        self._tws.price(request, 2, float(price) + 0.01)
        self._tws.trade(request, float(price), 1.0, time.time_ns() // 1_000_000)

    def _of(self, order: VenueOrder) -> SimOrder:
        return next(sim for sim in self._tws.orders if sim.perm_id == order.reqid)


@asynccontextmanager
async def ib_venue(folder: Path) -> AsyncIterator[Venue]:
    tws = Tws()
    await tws.start()
    try:
        yield Venue(
            open_backend=lambda state: open_configured(options(tws), state, TIMING),
            market=FQSN,
            account="ib.main",
            price=Decimal("100.00"),
            size=Decimal(10),
            hand=IbHand(tws),
        )
    finally:
        await tws.stop()
