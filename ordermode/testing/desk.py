"""An EMS on the backend under test, a client that remembers, and the venue's own books."""

import asyncio
import time
import uuid
from collections.abc import Callable
from contextlib import AsyncExitStack
from decimal import Decimal
from pathlib import Path
from typing import Final, TypeVar

from msgspec.structs import replace

from ems.arming_rules import NO_ARMING
from ems.client import EmsClient
from ems.embedded import Ems, open_ems
from ems.market import Market
from ems.messages import (
    Action,
    BrokerdFill,
    BrokerdOrderAck,
    Cancel,
    ClientMsg,
    Connection,
    ExecMode,
    Order,
    Position,
    Status,
)
from ems.ports import Backend, Closes, ClosesSlowly
from ems.risk_limits import NO_LIMITS
from ordermode.testing.hand import CannotDo, Venue, VenueHand, VenueOrder
from ordermode.testing.rules import RuleBroken
from ordermode.testing.tap import Tap, tap_into

_PAUSE_S: Final = 0.005

_T = TypeVar("_T")


class Listener:
    """A client that remembers what it was told."""

    def __init__(self, ems: Ems) -> None:
        self.client: EmsClient = ems.connect()
        self.heard: list[ClientMsg] = []
        self._task = asyncio.create_task(self._listen())

    async def _listen(self) -> None:
        async for msg in self.client:
            self.heard.append(msg)

    async def close(self) -> None:
        """Hang up."""
        self.client.close()
        await self._task

    def statuses(self, oid: str | None = None) -> list[Status]:
        """Return what was told of an order, or of all."""
        return [m for m in self.heard if isinstance(m, Status) and oid in (None, m.oid)]

    def positions(self) -> dict[tuple[str, str], Position]:
        """Return the newest position by account and market."""
        return {(m.account, m.symbol): m for m in self.heard if isinstance(m, Position)}


class Desk:
    """What a rule is tried with.

    Parameters
    ----------
    number : int
        Of the rule.
    folder : Path
        For the journal and the backend's state.
    answer_timeout_s : float
        How long the EMS waits for the venue before an outcome counts as unknown.
    """

    def __init__(self, number: int, venue: Venue, folder: Path, answer_timeout_s: float) -> None:
        self.number = number
        self.venue = venue
        self.hand: VenueHand = venue.hand
        self.tap = Tap()
        self.market: Market
        self.ems: Ems
        self.listener: Listener
        self._folder = folder
        self._answer_timeout_s = answer_timeout_s
        self._stack = AsyncExitStack()

    # ---- the EMS

    async def open(self) -> None:
        """Start the EMS on the backend, and wait until that is connected."""
        state = self._folder / "state"
        state.mkdir(exist_ok=True)
        backend = self.venue.open_backend(state)
        if backend.broker is None:
            await close_feed(backend)
            raise CannotDo(f"the backend {backend.name} has no broker, so no orders live there")
        tap_into(backend.broker, self.tap)
        backends = {**self.venue.feeds, backend.name: backend}
        self._stack.push_async_callback(close_feed, backend)
        opening = open_ems(
            backends,
            self._folder / "journal.db",
            answer_timeout_s=self._answer_timeout_s,
            limits=NO_LIMITS,  # the rules are about the backend, which meets what passes them
            arming=NO_ARMING,
        )
        self.ems = await self._stack.enter_async_context(opening)
        self.market = await self.ems.hub.market(self.venue.market)
        self.listener = await self.listen()
        await self.until(lambda: self.connected, "the backend says that it is connected")

    async def listen(self) -> Listener:
        """Return another client of the EMS."""
        listener = Listener(self.ems)
        self._stack.push_async_callback(listener.close)
        return listener

    async def close(self) -> None:
        """Stop the EMS and the backend; the venue lives on."""
        await self._stack.aclose()

    async def restart(self) -> None:
        """Stop as after a crash, what was held is lost, and start on the same journal."""
        self.tap.disconnect()
        await self.close()
        self.tap.drop()
        self._stack = AsyncExitStack()
        await self.open()

    @property
    def connected(self) -> bool:
        """True if the last word about the connection was that it is up."""
        said = [m for m in self.listener.heard if isinstance(m, Connection)]
        names = [m.up for m in said if m.broker == self.venue.account.partition(".")[0]]
        return bool(names) and names[-1]

    # ---- asking

    def price(self, ticks: int = 0) -> Decimal:
        """Return the venue's price for tests, so many ticks above."""
        return self.venue.price + ticks * self.market.tick_size

    def submit(self, *, ticks: int = 0, action: Action = "buy", mode: ExecMode = "live") -> Order:
        """Send an order, so many ticks from the venue's price for tests."""
        order = Order(
            oid=str(uuid.uuid4()),
            action=action,
            exec_mode=mode,
            symbol=self.market.fqsn,
            account=self.venue.account,
            price=self.price(ticks),
            size=Decimal(0) if action == "alert" else self.venue.size,
        )
        self.listener.client.submit(order)
        return order

    async def working(self, *, ticks: int = 0) -> Order:
        """Send an order and wait until it works at the venue."""
        order = self.submit(ticks=ticks)
        await self.until(lambda: self.resp(order) == "open", "the order is told as open")
        return order

    def modify(self, order: Order, ticks: int) -> None:
        """Ask for another price."""
        self.listener.client.modify(replace(order, price=self.price(ticks)))

    def cancel(self, order: Order) -> None:
        """Ask for the end."""
        self.listener.client.cancel(Cancel(oid=order.oid, symbol=order.symbol))

    # ---- hearing

    def resps(self, order: Order) -> list[str]:
        """Return the states and fills that were told of an order, oldest first."""
        return [status.resp for status in self.listener.statuses(order.oid)]

    def resp(self, order: Order) -> str:
        """Return the last state; a fill is none."""
        states = [resp for resp in self.resps(order) if resp != "fill"]
        return states[-1] if states else ""

    def last(self, order: Order) -> Status:
        """Return the last that was told of an order."""
        said = self.listener.statuses(order.oid)
        self.check(said, "nothing was told of the order")
        return said[-1]

    def check_fills(self, order: Order, count: int) -> None:
        """Break the rule unless so many executions were told of an order, each once.

        One whose fee becomes known later is told again with ``replaces``, which is sound.
        """
        told = [s.brokerd_msg for s in self.listener.statuses(order.oid) if s.resp == "fill"]
        fills = [fill for fill in told if isinstance(fill, BrokerdFill)]
        ids = sorted({f.exec_id for f in fills if f.replaces in ("", f.exec_id)})
        self.check(len(ids) == count, f"{count} executions were told as {ids}")
        keys = {(fill.exec_id, fill.replaces, fill.fee, fill.price) for fill in fills}
        self.check(len(keys) == len(fills), "an execution was told twice")

    def position(self) -> Decimal:
        """Return the size of the position."""
        key = (self.venue.account, self.market.fqsn)
        position = self.listener.positions().get(key)
        return Decimal(0) if position is None else position.size

    def acked(self, order: Order) -> bool:
        """Tell whether the backend has acknowledged the order, held or not."""
        return any(isinstance(e, BrokerdOrderAck) and e.oid == order.oid for e in self.tap.events)

    # ---- the venue

    async def at_venue(self, order: Order) -> VenueOrder:
        """Wait until the venue has the order, exactly once, and return it."""
        end = time.monotonic() + self.venue.patience_s
        while not (theirs := await self.all_at_venue(order)):
            self.check(time.monotonic() < end, "the order is not in the venue's books")
            await asyncio.sleep(_PAUSE_S)
        self.check(len(theirs) == 1, f"the venue has the order {len(theirs)} times")
        return theirs[0]

    async def all_at_venue(self, order: Order) -> list[VenueOrder]:
        """Return what the venue has under our id, or under the reqid that it gave us."""
        acks = [e for e in self.tap.events if isinstance(e, BrokerdOrderAck)]
        reqids = {ack.reqid for ack in acks if ack.oid == order.oid}
        theirs = await self.hand.orders()
        return [one for one in theirs if (one.oid == order.oid if one.oid else one.reqid in reqids)]

    # ---- judging

    def check(self, holds: object, seen: str) -> None:
        """Break the rule with this sentence unless something holds."""
        if not holds:
            raise RuleBroken(self.number, seen, self.tap.transcript)

    async def until(self, condition: Callable[[], _T | None], what: str) -> _T:
        """Wait until something is true and return it; the rule is broken if it never is."""
        patience_s = self.venue.patience_s
        end = time.monotonic() + patience_s
        while not (found := condition()):
            self.check(time.monotonic() < end, f"waited {patience_s:g} s in vain until {what}")
            await asyncio.sleep(_PAUSE_S)
        return found

    async def settle(self) -> None:
        """Give what should not come the time to come."""
        await asyncio.sleep(0.1)


async def close_feed(backend: Backend) -> None:
    """Close what the backend keeps open beside its dialogue."""
    if isinstance(backend.feed, Closes):
        backend.feed.close()
    if isinstance(backend.feed, ClosesSlowly):
        await backend.feed.aclose()
