"""A venue with a ledger of what it really did, and a line to it that delays, mixes and loses.

Requests wait in ``inbox`` until `take` lets the venue work on one; what it says waits in ``mail``
until `deliver` hands it over, in any order, once, twice or never. Requests that were on their way
when the line broke may arrive much later (``limbo``), over a reconnect. Each account counts its
reqids from one. What it owes to its own groups (`ems.messages.Tie`) it does at once, or late
(``chores``), or never. A test, or a Hypothesis machine, decides each step.
"""

import itertools
from collections import deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from decimal import Decimal

from msgspec.structs import replace

from ems.market import Market
from ems.messages import (
    BrokerdCancel,
    BrokerdError,
    BrokerdFill,
    BrokerdOrder,
    BrokerdOrderAck,
    BrokerdPosition,
    BrokerdQuery,
    BrokerdReport,
    BrokerdStatus,
    BrokerEvent,
    BrokerRequest,
    Connection,
    Order,
    OrderType,
    Request,
    Status,
    Tie,
)
from ems.ports import Abilities, EventSink, Opening
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
    forgotten: bool = False
    """Dead, and no longer found when asked for."""
    fills: list[BrokerdFill] = field(default_factory=list)
    seq: int = 0
    type: OrderType = "limit"
    tie: Tie | None = None

    @property
    def filled(self) -> Decimal:
        return sum((fill.size for fill in self.fills), Decimal(0))


class HostileVenue:
    """The broker ``scripted`` with a mind of its own."""

    name = "scripted"
    accounts: tuple[str, ...] = ("scripted", "scripted.two")

    def __init__(self) -> None:
        self.ledger: dict[tuple[str, int], VenueOrder] = {}
        self.inbox: deque[BrokerRequest] = deque()
        self.limbo: deque[BrokerRequest] = deque()
        self.mail: list[BrokerEvent] = []
        self.up = True
        self.lost: set[str] = set()
        """Orders of which it said something that was lost, since the line was renewed last."""
        self.refuse_next = ""
        """How to refuse the next request: by "oid", "reqid" or "both"; empty = not at all."""
        self.says_what_it_refuses = True
        self.names_fills = False
        """It says our id with each execution."""
        self.doubled: list[str] = []
        """New orders of an oid that it had taken, and had never said that it did not know."""
        self.denied: set[str] = set()
        """Orders that it said it did not know."""
        self.can = Abilities()
        """What it says that it can do; an order that asks for more is refused."""
        self.unasked: list[BrokerdOrder] = []
        """Orders that asked for more."""
        self.keeps_groups = True
        self.groups_lag = False
        """What it does to a group waits until `do_chores`."""
        self.cancel_ends_group = True
        self.before: dict[str, Decimal] = {}
        """By account, what it had before anybody traded here; its positions are told of then."""
        self._figures = 0
        self.corrected: set[str] = set()
        """Ids of executions that were put right, as they were before."""
        self.chores: deque[tuple[VenueOrder, Decimal]] = deque()
        """Orders with what was filled of them that their group has not followed; 0 = their end."""
        self._numbers = {account: itertools.count(1) for account in self.accounts}
        self._execs = itertools.count(1)
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
            positions=tuple(map(self.figure, self.before)),
        )

    def figure(self, account: str) -> BrokerdPosition:
        """Return the position that an account has."""
        self._figures += 1
        return BrokerdPosition(
            account=account, symbol=FQSN, size=self.size_of(account), time_ns=self._figures
        )

    def size_of(self, account: str) -> Decimal:
        """Return the signed size of a position, with what was there before."""
        fills = [f for order in self.ledger.values() for f in order.fills if f.account == account]
        bought = sum((f.size if f.action == "buy" else -f.size for f in fills), Decimal(0))
        return self.before.get(account, Decimal(0)) + bought

    def abilities(self, market: Market) -> Abilities:
        return self.can

    @asynccontextmanager
    async def open_trades(self, sink: EventSink) -> AsyncIterator["HostileVenue"]:
        self._sink = sink
        if self.up:
            self.lost.clear()
        yield self
        if self._sink is sink:
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
            again = again and not isinstance(self.mail[number], BrokerdPosition)
            event = self.mail[number] if again else self.mail.pop(number)
            assert self._sink is not None
            self._sink(event)

    def lose(self, number: int) -> None:
        if self.mail and not isinstance(self.mail[number % len(self.mail)], BrokerdPosition):
            event = self.mail.pop(number % len(self.mail))
            key = (getattr(event, "account", ""), getattr(event, "reqid", None))
            order = self.ledger.get(key)  # type: ignore[arg-type]
            oid = getattr(event, "oid", None) or (order and order.oid)
            assert oid, event
            self.lost.add(oid)

    def forget_client(self, *, requests_arrive: bool) -> None:
        """The program at the other end died: nobody hears the mail, its requests perhaps arrive."""
        (self.limbo if requests_arrive else deque()).extend(self.inbox)
        self.inbox.clear()
        self.mail.clear()
        self._sink = None

    def cut(self, *, requests_arrive: bool) -> None:
        """Break the line: what is on its way to us is lost, what left us may arrive, late."""
        if not self.up:
            return
        if requests_arrive:
            self.limbo.extend(self.inbox)
        self.inbox.clear()
        self.mail.clear()
        self.up = False
        self._say_now(Connection(broker=self.name, up=False, time_ns=1, reason="cut"))

    def mend(self) -> None:
        if not self.up:
            self.up = True
            self.mail.clear()  # said while nobody was there; the opening tells how it ended
            self.lost.clear()
            self._say_now(Connection(broker=self.name, up=True, time_ns=1))

    def _say_now(self, event: BrokerEvent) -> None:
        assert self._sink is not None
        self._sink(event)

    # ---- the venue

    def take(self, number: int = 0) -> None:
        """Work on a request: requests about one order stay in turn, those of others overtake."""
        waiting = self.inbox
        if not waiting:
            return
        oid = waiting[number % len(waiting)].oid
        request = next(request for request in waiting if request.oid == oid)
        waiting.remove(request)
        self._work_on(request)

    def take_from_limbo(self) -> None:
        """Work on what was on its way when a line broke; queries died with their connection."""
        if self.limbo and not isinstance(request := self.limbo.popleft(), BrokerdQuery):
            self._work_on(request)

    def _work_on(self, request: BrokerRequest) -> None:
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
        if live := self.alive():
            self._fill(live[number % len(live)], size)

    def fill_order(self, oid: str, size: Decimal) -> None:
        """Fill part or all of an order, if it lives here."""
        for order in self.alive():
            if order.oid == oid:
                self._fill(order, size)

    def _fill(self, order: VenueOrder, size: Decimal) -> None:
        size = min(size, order.size - order.filled)
        fill = BrokerdFill(
            reqid=order.reqid,
            account=order.account,
            symbol=FQSN,
            exec_id=f"x{next(self._execs)}",
            action=order.action,  # type: ignore[arg-type]
            size=size,
            price=order.price,
            broker_time_ns=1,
            time_ns=1,
            oid=order.oid if self.names_fills else None,
        )
        order.fills.append(fill)
        self.mail.append(fill)
        self._tell_position(order.account)
        if order.filled == order.size:
            self._change_state(order, "closed")
        self._owe(order, size)

    def _tell_position(self, account: str) -> None:
        """Say what an account has now, instead of what was to be said of it before."""
        if account in self.before:
            self.mail = [
                event
                for event in self.mail
                if not (isinstance(event, BrokerdPosition) and event.account == account)
            ]
            self.mail.append(self.figure(account))

    def overfill(self, number: int, more: Decimal) -> None:
        """Fill a live order by more than its size."""
        if live := self.alive():
            order = live[number % len(live)]
            left = order.size - order.filled
            order.size += more
            self._fill(order, left + more)
            order.size -= more

    def correct(self, number: int, price: Decimal, size: Decimal, *, same_id: bool) -> None:
        """Put an execution right of which, and of all before it, everybody has heard."""
        done = [
            (order, place)
            for order in self.ledger.values()
            for place, fill in enumerate(order.fills)
            if self.up and fill not in self.mail and order.oid not in self.lost
        ]
        if not done:
            return
        order, place = done[number % len(done)]
        before = order.fills[place]
        after = replace(
            before,
            exec_id=before.exec_id if same_id else f"x{next(self._execs)}",
            price=price,
            size=min(size, before.size),
            replaces=before.exec_id,
        )
        self.corrected.add(before.exec_id)
        order.fills[place] = after
        self.mail.append(after)
        self._tell_position(order.account)

    def cancel_from_elsewhere(self, number: int) -> None:
        if live := self.alive():
            self._cancel(live[number % len(live)])

    def cancel_order(self, oid: str) -> None:
        """Cancel an order, if it lives here, as its owner does at the venue itself."""
        for order in self.alive():
            if order.oid == oid:
                self._cancel(order)

    # ---- its groups

    def do_chores(self) -> None:
        """Make its groups as they should be."""
        while self.chores:
            self._mind_group(*self.chores.popleft())

    def _owe(self, order: VenueOrder, filled: Decimal) -> None:
        if order.tie is not None and self.keeps_groups:
            self.chores.append((order, filled))
            if not self.groups_lag:
                self.do_chores()

    def _mind_group(self, order: VenueOrder, filled: Decimal) -> None:
        assert order.tie is not None
        for other in self._group_of(order):
            if order.state != "open" or order.tie.kind == "cancels":
                self._change_state(other, "canceled")
                continue
            other.size = max(other.filled, other.size - filled)
            self._change_state(other, "canceled" if other.size == other.filled else "open")

    def _group_of(self, order: VenueOrder) -> list[VenueOrder]:
        return [
            other
            for other in self.alive()
            if other is not order and (other.tie, other.account) == (order.tie, order.account)
        ]

    def _cancel(self, order: VenueOrder) -> None:
        self._change_state(order, "canceled")
        if self.cancel_ends_group:
            self._owe(order, Decimal(0))

    def order_from_elsewhere(self, order: Order) -> None:
        made = self._book(order.oid, order.account, order.action, order.price, order.size)
        self.mail.append(self._live(made))

    def forget(self, number: int) -> None:
        """Purge an order that is dead: asked for it, the venue knows nothing of it."""
        dead = [order for order in self.ledger.values() if order.state != "open"]
        if dead:
            dead[number % len(dead)].forgotten = True

    def refuse_late(self, number: int) -> None:
        """Refuse an order that was taken first, and works."""
        live = [order for order in self.alive() if not order.fills]
        if live:
            order = live[number % len(live)]
            order.state = "error"
            self._refuse(order.oid, order.account, order, "new", how="reqid")

    def alive(self) -> list[VenueOrder]:
        return [order for order in self.ledger.values() if order.state == "open"]

    # ---- inside

    def _book(
        self, oid: str, account: str, action: str, price: Decimal, size: Decimal
    ) -> VenueOrder:
        order = VenueOrder(next(self._numbers[account]), oid, account, action, price, size)
        self.ledger[account, order.reqid] = order
        return order

    def _take_new(self, request: BrokerdOrder) -> None:
        if self._is_too_much(request):
            self.unasked.append(request)
        known = any(order.oid == request.oid for order in self.ledger.values())
        if known and request.oid not in self.denied:
            self.doubled.append(request.oid)
        if self.refuse_next or known:  # as Kraken's cl_ord_id: one order an id, ever
            self._refuse(request.oid, request.account, None, "new")
            return
        order = self._book(
            request.oid, request.account, request.action, request.price, request.size
        )
        order.type, order.tie = request.type, request.tie
        dead = self._is_dead(request.tie, order)
        self.mail.append(
            BrokerdOrderAck(oid=order.oid, reqid=order.reqid, account=order.account, time_ns=1)
        )
        self._change_state(order, "open")
        if dead:  # it came when its group had ended already
            self._change_state(order, "canceled")

    def _is_dead(self, tie: Tie | None, order: VenueOrder) -> bool:
        if tie is None or not self.keeps_groups or self._group_of(order):
            return False
        alike = [one for one in self.ledger.values() if one.tie == tie and one is not order]
        return any(one.account == order.account for one in alike)

    def _is_too_much(self, request: BrokerdOrder) -> bool:
        can = self.can
        return (
            request.type not in can.types
            or request.tif not in can.tifs
            or (request.post_only and not can.post_only)
            or (request.reduce_only and not can.reduce_only)
            or (request.tie is not None and request.tie.kind not in can.ties)
        )

    def _take_change(self, request: BrokerdOrder) -> None:
        order = self.ledger[request.account, int(request.reqid or 0)]
        if order.tie is not None and not self.can.changes_tied:
            self.unasked.append(request)
        if self.refuse_next or order.state != "open" or request.size <= order.filled:
            self._refuse(request.oid, request.account, order, "modify")
            return
        order.price, order.size = request.price, request.size
        self._change_state(order, "open")

    def _take_cancel(self, request: BrokerdCancel) -> None:
        order = self.ledger[request.account, int(request.reqid)]
        if self.refuse_next or order.state != "open":
            self._refuse(request.oid, request.account, order, "cancel")
            return
        self._cancel(order)

    def _answer(self, query: BrokerdQuery) -> None:
        found = [
            order
            for (account, reqid), order in self.ledger.items()
            if not order.forgotten
            and (query.oid == order.oid or (query.account, query.reqid) == (account, reqid))
        ]
        if not found:
            self.denied.add(query.oid)
            self.mail.append(
                BrokerdReport(
                    oid=query.oid,
                    account=query.account,
                    time_ns=1,
                    found=False,
                    asked_ns=query.time_ns,
                )
            )
            return
        order = found[0]
        self.mail.append(
            BrokerdReport(
                oid=query.oid,
                account=order.account,
                time_ns=1,
                found=True,
                asked_ns=query.time_ns,
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

    def _refuse(
        self, oid: str, account: str, order: VenueOrder | None, what: Request, how: str = ""
    ) -> None:
        how = how or self.refuse_next or "both"
        self.refuse_next = ""
        self.mail.append(
            BrokerdError(
                account=account,
                reason="refused by the venue",
                time_ns=1,
                oid=oid if order is None or how != "reqid" else None,
                reqid=order.reqid if order is not None and how != "oid" else None,
                request=what if order is None or self.says_what_it_refuses else None,
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
            tie=order.tie,
        )
