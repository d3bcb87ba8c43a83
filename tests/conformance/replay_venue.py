"""The replay of the demo market as the conformance suite wants it: it plays by itself."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from decimal import Decimal
from pathlib import Path

from brokers.replay import open_backend
from ems.messages import Request, Side
from ordermode.testing import CannotDo, Venue, VenueOrder

NO_ORDERS = "a recording takes no orders; its markets are traded on paper"


class ReplayHand:
    async def orders(self) -> Sequence[VenueOrder]:
        raise CannotDo(NO_ORDERS)

    async def fill(self, order: VenueOrder, size: Decimal) -> None:
        raise CannotDo(NO_ORDERS)

    async def refuse_next(self, what: Request, words: str) -> None:
        raise CannotDo(NO_ORDERS)

    async def say_unknown_state(self, order: VenueOrder) -> None:
        raise CannotDo(NO_ORDERS)

    async def cut(self) -> None:
        raise CannotDo(NO_ORDERS)

    async def mend(self) -> None:
        raise CannotDo(NO_ORDERS)

    async def place(self, action: Side, price: Decimal, size: Decimal) -> None:
        raise CannotDo(NO_ORDERS)

    async def change(self, order: VenueOrder, price: Decimal) -> None:
        raise CannotDo(NO_ORDERS)

    async def cancel(self, order: VenueOrder) -> None:
        raise CannotDo(NO_ORDERS)

    async def trade(self, price: Decimal) -> None:
        raise CannotDo("what is recorded is recorded")


@asynccontextmanager
async def replay_venue(folder: Path) -> AsyncIterator[Venue]:
    yield Venue(
        open_backend=lambda state: open_backend({"speed": "100"}, state),
        market="aapl.demo.replay",
        account="replay",
        price=Decimal("100.00"),
        size=Decimal(2),
        hand=ReplayHand(),
    )
