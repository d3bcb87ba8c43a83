"""A venue with a ledger of what it really did, and a line to it that delays, mixes and loses.

Requests wait in ``inbox`` until `take` lets the venue work on the oldest; what it says waits in
``mail`` until `deliver` hands it over, in any order, once, twice or never. A test, or a
Hypothesis machine, decides each step.
"""

import itertools
from collections import deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from decimal import Decimal

from ems.messages import (
    BrokerdCancel,
    BrokerdError,
    BrokerdFill,
    BrokerdOrder,
    BrokerdOrderAck,
    BrokerdQuery,
    BrokerdReport,
    BrokerdStatus,
    BrokerEvent,
    BrokerRequest,
    Connection,
    Order,
    Status,
)
from ems.ports import EventSink, Opening
from tests.sims.scripted_venue import FQSN


@dataclass
class VenueOrder:
    """One order as the venue's ledger has it."""

    reqid: int
    oid: str
    account: str
    action: str
    price: Decimal
    size: Decimal
    state: str = "open"
    fills: list[BrokerdFill] = field(default_factory=list)
    seq: int = 0

    @property
    def filled(self) -> Decimal:
        return sum((fill.size for fill in self.fills), Decimal(0))


class HostileVenue:
    """The broker ``scripted`` with a mind of its own."""

    name = "scripted"
    accounts: tuple[str, ...] = ("scripted",)

    def __init__(self) -> None:
        self.ledger: dict[int, VenueOrder] = {}
        self.inbox: deque[BrokerRequest] = deque()
        self.mail: list[BrokerEvent] = []
        self.up = True
        self.refuse_next = False
        self._numbers = itertools.count(1)
        self._sink: EventSink | None = None

    # ---- the port

    @property
    def opening(self) -> Opening | None:
        if not self.up:
            return None
        return Opening(
            accounts=self.accounts,
            orders=tuple(map(self._live, self.alive())),
            fills=tuple(fill for order in self.ledger.values() for fill in order.fills),
        )

    @asynccontextmanager
    async def open_trades(self, sink: EventSink) -> AsyncIterator["HostileVenue"]:
        self._sink = sink
        yield self
        self._sink = None

    def send(self, request: BrokerRequest) -> None:
        if not self.up:
            raise ConnectionError("the line is cut")
        self.inbox.append(request)

    # ---- the line

    def deliver(self, number: int = 0, *, again: bool = False) -> None:
        """Hand over one piece of mail; ``again`` leaves a copy to come a second time."""
        if self.mail and self.up:
            number %= len(self.mail)
            event = self.mail[number] if again else self.mail.pop(number)
            assert self._sink is not None
            self._sink(event)

    def lose(self, number: int) -> None:
        if self.mail:
            del self.mail[number % len(self.mail)]

    def cut(self, *, requests_arrive: bool) -> None:
        """Break the line: what is on its way to us is lost, what left us perhaps."""
        if not self.up:
            return
        while requests_arrive and self.inbox:
            self.take()
        self.inbox.clear()
        self.mail.clear()
        self.up = False
        self._say_now(Connection(broker=self.name, up=False, time_ns=1, reason="cut"))

    def mend(self) -> None:
        if not self.up:
            self.up = True
            self._say_now(Connection(broker=self.name, up=True, time_ns=1))

    def _say_now(self, event: BrokerEvent) -> None:
        assert self._sink is not None
        self._sink(event)

    # ---- the venue

    def take(self) -> None:
        """Work on the oldest request."""
        if not self.inbox:
            return
        request = self.inbox.popleft()
        match request:
            case BrokerdOrder(reqid=None):
                self._take_new(request)
            case BrokerdOrder():
                self._take_change(request)
            case BrokerdCancel():
                self._take_cancel(request)
            case BrokerdQuery():
                self._answer(request)

    def fill(self, number: int, size: Decimal) -> None:
        """Fill part or all of a live order."""
        live = self.alive()
        if not live:
            return
        order = live[number % len(live)]
        size = min(size, order.size - order.filled)
        fill = BrokerdFill(
            reqid=order.reqid,
            account=order.account,
            symbol=FQSN,
            exec_id=f"x{next(self._numbers)}",
            action=order.action,  # type: ignore[arg-type]
            size=size,
            price=order.price,
            broker_time_ns=1,
            time_ns=1,
        )
        order.fills.append(fill)
        self.mail.append(fill)
        if order.filled == order.size:
            self._change_state(order, "closed")

    def cancel_from_elsewhere(self, number: int) -> None:
        if live := self.alive():
            self._change_state(live[number % len(live)], "canceled")

    def order_from_elsewhere(self, order: Order) -> None:
        made = self._book(order.oid, order.account, order.action, order.price, order.size)
        self.mail.append(self._live(made))

    def alive(self) -> list[VenueOrder]:
        return [order for order in self.ledger.values() if order.state == "open"]

    # ---- inside

    def _book(
        self, oid: str, account: str, action: str, price: Decimal, size: Decimal
    ) -> VenueOrder:
        order = VenueOrder(next(self._numbers), oid, account, action, price, size)
        self.ledger[order.reqid] = order
        return order

    def _take_new(self, request: BrokerdOrder) -> None:
        if self.refuse_next:
            self.refuse_next = False
            self._refuse(request.oid, None, "new")
            return
        order = self._book(
            request.oid, request.account, request.action, request.price, request.size
        )
        self.mail.append(
            BrokerdOrderAck(oid=order.oid, reqid=order.reqid, account=order.account, time_ns=1)
        )
        self._change_state(order, "open")

    def _take_change(self, request: BrokerdOrder) -> None:
        order = self.ledger[int(request.reqid or 0)]
        if self.refuse_next or order.state != "open" or request.size <= order.filled:
            self.refuse_next = False
            self._refuse(None, order.reqid, "modify")
            return
        order.price, order.size = request.price, request.size
        self._change_state(order, "open")

    def _take_cancel(self, request: BrokerdCancel) -> None:
        order = self.ledger[int(request.reqid)]
        if self.refuse_next or order.state != "open":
            self.refuse_next = False
            self._refuse(None, order.reqid, "cancel")
            return
        self._change_state(order, "canceled")

    def _answer(self, query: BrokerdQuery) -> None:
        found = [o for o in self.ledger.values() if query.oid == o.oid or query.reqid == o.reqid]
        if not found:
            self.mail.append(
                BrokerdReport(oid=query.oid, account=query.account, time_ns=1, found=False)
            )
            return
        order = found[0]
        self.mail.append(
            BrokerdReport(
                oid=query.oid,
                account=order.account,
                time_ns=1,
                found=True,
                reqid=order.reqid,
                status=order.state,
                price=order.price,
                size=order.size,
                fills=tuple(order.fills),
            )
        )

    def _change_state(self, order: VenueOrder, state: str) -> None:
        order.state = state
        order.seq += 1
        self.mail.append(
            BrokerdStatus(
                reqid=order.reqid,
                account=order.account,
                status=state,
                time_ns=1,
                price=order.price,
                size=order.size,
                filled=order.filled,
                seq=order.seq,
            )
        )

    def _refuse(self, oid: str | None, reqid: int | None, request: str) -> None:
        self.mail.append(
            BrokerdError(
                account="scripted",
                reason="refused by the venue",
                time_ns=1,
                oid=oid,
                reqid=reqid,
                request=request,  # type: ignore[arg-type]
            )
        )

    def _live(self, order: VenueOrder) -> Status:
        req = Order(
            oid=order.oid,
            action=order.action,  # type: ignore[arg-type]
            exec_mode="live",
            symbol=FQSN,
            account=order.account,
            price=order.price,
            size=order.size,
        )
        return Status(
            oid=order.oid,
            time_ns=1,
            resp="open",
            reqid=order.reqid,
            req=req,
            src=self.name,
            filled=order.filled,
            remaining=order.size - order.filled,
        )
