"""The Pier keeps the rules: ordermode's conformance suite against a running exchange."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from decimal import Decimal
from pathlib import Path

import pytest
from ordermode_pier import open_backend
from ordermode_pier.exchange import Exchange, PierOrder, open_exchange

from ems.messages import Request, Side
from ordermode.testing import FeedRules, OpenVenue, OrderLifeRules, Venue, VenueOrder


class PierHand:
    """Makes the exchange do things."""

    def __init__(self, exchange: Exchange) -> None:
        self._pier = exchange

    async def orders(self) -> Sequence[VenueOrder]:
        return [
            VenueOrder(
                reqid=order.id,
                oid=order.ref,
                action="buy" if order.side == "buy" else "sell",
                price=Decimal(order.price),
                size=Decimal(order.size),
                filled=Decimal(order.filled),
                alive=order.state == "working",
            )
            for order in self._pier.orders.values()
        ]

    async def fill(self, order: VenueOrder, size: Decimal) -> None:
        self._pier.fill(self._of(order), size)

    async def refuse_next(self, what: Request, words: str) -> None:
        theirs = {"new": "new", "modify": "change", "cancel": "cancel"}[what]
        self._pier.refusals.setdefault(theirs, []).append(words)

    async def say_unknown_state(self, order: VenueOrder) -> None:
        self._pier.update(self._of(order), state="steeping")
        self._pier.update(self._of(order), state="working")

    async def cut(self) -> None:
        self._pier.closed = True
        self._pier.cut()

    async def mend(self) -> None:
        self._pier.closed = False

    async def place(self, action: Side, price: Decimal, size: Decimal) -> None:
        self._pier.place(action, str(price), str(size))

    async def change(self, order: VenueOrder, price: Decimal) -> None:
        self._pier.update(self._of(order), price=str(price))

    async def cancel(self, order: VenueOrder) -> None:
        self._pier.update(self._of(order), state="gone", why="cancelled at the Pier")

    async def trade(self, price: Decimal) -> None:
        while not self._pier.watched:
            await asyncio.sleep(0.005)
        self._pier.trade(float(price))

    def _of(self, order: VenueOrder) -> PierOrder:
        return self._pier.orders[int(order.reqid)]


@asynccontextmanager
async def pier(folder: Path) -> AsyncIterator[Venue]:
    async with open_exchange() as exchange:
        yield Venue(
            open_backend=lambda state: open_backend({"port": exchange.port}, state),
            market="tea.pier",
            account="pier",
            price=Decimal("95.00"),
            size=Decimal(4),
            hand=PierHand(exchange),
        )


class TestPier(OrderLifeRules, FeedRules):
    @pytest.fixture
    def open_venue(self) -> OpenVenue:
        return pier
