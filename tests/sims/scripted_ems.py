"""An EMS whose every word a test decides: it records the requests and says what it is told to."""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from decimal import Decimal
from typing import Any, get_args

import msgspec

from ems.errors import UnknownMarket
from ems.market import Market
from ems.messages import (
    ZERO,
    BrokerdFill,
    Cancel,
    ClientMsg,
    Order,
    OrderType,
    Resp,
    Status,
    TimeInForce,
)
from ems.ports import Abilities

FQSN = "aapl.demo.replay"
MARKET = Market(
    fqsn=FQSN, tick_size=Decimal("0.01"), lot_size=Decimal(1), currency="USD", badge="REPLAY"
)


ABLE = Abilities(
    types=frozenset(get_args(OrderType)),
    tifs=frozenset(get_args(TimeInForce)),
    post_only=True,
    reduce_only=True,
    retrail=True,
)


def order(oid: str = "o1", **changes: Any) -> Order:
    """Return a live buy of 30 at 100.00 on paper, but for the changes."""
    facts: dict[str, Any] = {
        "action": "buy",
        "exec_mode": "live",
        "symbol": FQSN,
        "account": "paper",
        "price": Decimal("100.00"),
        "size": Decimal(30),
    }
    return Order(oid=oid, **(facts | changes))


def status(req: Order, resp: Resp, **facts: Any) -> Status:
    """Return a status of the order, nothing filled unless the facts say so."""
    filled = facts.get("filled", ZERO)
    known = {"time_ns": 1, "req": req, "remaining": req.size - filled, "src": "paper"}
    return Status(oid=req.oid, resp=resp, **(known | facts))


def fill(req: Order, exec_id: str = "x1", size: int = 10, **facts: Any) -> BrokerdFill:
    """Return an execution of the order at its price."""
    known: dict[str, Any] = {
        "reqid": 1,
        "account": req.account,
        "symbol": req.symbol,
        "exec_id": exec_id,
        "action": req.action,
        "size": Decimal(size),
        "price": req.price,
        "broker_time_ns": 50 * 10**9,
        "time_ns": 50 * 10**9,
        "oid": req.oid,
    }
    return BrokerdFill(**(known | facts))


class ScriptedEms:
    """An `ems.client.EmsClient` without an EMS behind it.

    Parameters
    ----------
    obedient
        Confirms each request at once, as an EMS with a perfect venue would.
    journal
        The fills it has had so far.
    can
        What every account's broker can do.
    """

    def __init__(
        self,
        *,
        obedient: bool = False,
        journal: tuple[BrokerdFill, ...] = (),
        can: Abilities = ABLE,
    ) -> None:
        self.can = can
        self.submitted: list[Order] = []
        self.groups: list[tuple[Order, ...]] = []
        """What was submitted together."""
        self.modified: list[Order] = []
        self.canceled: list[Cancel] = []
        self.closed = False
        self.refuse: Callable[[], None] = lambda: None
        """Called before each request is taken; a test may raise from it."""
        self._obedient = obedient
        self._journal = list(journal)
        self._orders: dict[str, Order] = {}
        self.inbox: asyncio.Queue[ClientMsg | Exception | None] = asyncio.Queue()

    @property
    def requests(self) -> int:
        """How many requests it was sent, of any kind."""
        return len(self.groups) + len(self.submitted) + len(self.modified) + len(self.canceled)

    def say(self, *messages: ClientMsg) -> None:
        """Say this to the client."""
        for message in messages:
            self.inbox.put_nowait(message)

    def crash(self, error: Exception) -> None:
        """Break the stream of messages."""
        self.inbox.put_nowait(error)

    def submit(self, order: Order) -> None:
        self.refuse()
        self.submitted.append(order)
        self._orders[order.oid] = order
        if self._obedient:
            self.say(status(order, "pending"), status(order, _resting(order)))

    def submit_group(self, orders: Sequence[Order]) -> None:
        self.refuse()
        self.groups.append(tuple(orders))
        for order in orders:
            self._orders[order.oid] = order
            if self._obedient:
                self.say(self._confirmed(order))

    def _confirmed(self, order: Order) -> Status:
        """Return that it rests, or that it waits for its entry, which never fills here."""
        waits = order.link is not None and order.link.group in self._orders
        return status(order, "dark_open" if waits else _resting(order), waits=waits)

    def abilities(self, account: str, fqsn: str) -> Abilities:
        return self.can

    def modify(self, order: Order) -> None:
        self.refuse()
        self.modified.append(order)
        if self._obedient:
            before = self._orders[order.oid]
            self.say(status(before, _resting(order), change=order), self._confirmed(order))
            self._orders[order.oid] = order

    def cancel(self, cancel: Cancel) -> None:
        self.refuse()
        self.canceled.append(cancel)
        if self._obedient:
            gone = self._orders.pop(cancel.oid)
            self.say(status(gone, "canceled", cancel_called=True))

    async def __aiter__(self) -> AsyncIterator[ClientMsg]:
        while (message := await self.inbox.get()) is not None:
            if isinstance(message, Exception):
                raise message
            yield message

    async def market(self, fqsn: str) -> Market:
        if fqsn != FQSN:
            raise UnknownMarket(f"no market {fqsn!r}")
        return MARKET

    async def fills(self, symbol: str | None = None) -> list[BrokerdFill]:
        return [one for one in self._journal if symbol in (None, one.symbol)]

    def close(self) -> None:
        self.closed = True
        self.inbox.put_nowait(None)


def moved(req: Order, price: str) -> Order:
    """Return the order at another price."""
    return msgspec.structs.replace(req, price=Decimal(price))


def _resting(order: Order) -> Resp:
    return "open" if order.exec_mode == "live" else "dark_open"
