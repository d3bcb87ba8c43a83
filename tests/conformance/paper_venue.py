"""The paper venue as the conformance suite wants it: prices are pushed, books read from disk."""

import itertools
import shutil
import sqlite3
import tempfile
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, closing
from decimal import Decimal
from pathlib import Path

from brokers.paper import open_backend
from ems.messages import Request, Side
from ems.ports import Backend
from ems.ticks import Quote, Trade
from ordermode.testing import CannotDo, Venue, VenueOrder
from tests.sims.scripted_venue import FQSN, PushFeed

TICK = 0.01


class PaperHand:
    """Moves the market that paper trades against."""

    def __init__(self, feed: PushFeed, state: Path) -> None:
        self._feed = feed
        self._state = state
        self._time_ns = itertools.count(1_000)

    async def orders(self) -> Sequence[VenueOrder]:
        """From a copy of its file: the file itself is in use."""
        with tempfile.TemporaryDirectory() as folder:
            for part in self._state.glob("paper.db*"):
                shutil.copy(part, folder)
            with closing(sqlite3.connect(Path(folder) / "paper.db")) as books:
                rows = books.execute(
                    "SELECT number, oid, action, price, size, filled, status FROM orders"
                ).fetchall()
        return [
            VenueOrder(
                reqid=f"P{number}",
                oid=oid,
                action=action,
                price=Decimal(price),
                size=Decimal(size),
                filled=Decimal(filled),
                alive=status == "open",
            )
            for number, oid, action, price, size, filled, status in rows
        ]

    async def fill(self, order: VenueOrder, size: Decimal) -> None:
        """Others trade at its limit: paper gives the first in the queue what was traded."""
        self._feed.push(Trade(next(self._time_ns), float(order.price), float(size)))

    async def touch(self, order: VenueOrder) -> None:
        self._feed.push(Trade(next(self._time_ns), float(order.price), float(order.size)))

    async def trade(self, price: Decimal) -> None:
        at = float(price)
        self._feed.push(Quote(next(self._time_ns), at - TICK, at + TICK, 0.0, 0.0))
        self._feed.push(Trade(next(self._time_ns), at, 0.0))

    async def refuse_next(self, what: Request, words: str) -> None:
        raise CannotDo("paper refuses nothing that the EMS lets through")

    async def say_unknown_state(self, order: VenueOrder) -> None:
        raise CannotDo("paper has no words of its own: it is in this program")

    async def cut(self) -> None:
        raise CannotDo("paper has no line: it is in this program")

    async def mend(self) -> None:
        raise CannotDo("paper has no line: it is in this program")

    async def place(self, action: Side, price: Decimal, size: Decimal) -> None:
        raise CannotDo("nobody else trades on a paper account")

    async def change(self, order: VenueOrder, price: Decimal) -> None:
        raise CannotDo("nobody else trades on a paper account")

    async def cancel(self, order: VenueOrder) -> None:
        raise CannotDo("nobody else trades on a paper account")


@asynccontextmanager
async def paper_venue(folder: Path) -> AsyncIterator[Venue]:
    feed = PushFeed()
    yield Venue(
        open_backend=lambda state: open_backend({}, state),
        market=FQSN,
        account="paper",
        price=Decimal(100),
        size=Decimal(4),
        hand=PaperHand(feed, folder / "state"),
        feeds={"scripted": Backend(name="scripted", feed=feed)},
    )
