"""Requests to the matching engine: how they are written, and what waits for its answer."""

from collections.abc import Callable
from decimal import Decimal
from typing import Final, TypeAlias

import msgspec

from brokers.kraken import order_types, parsing, wire
from brokers.kraken.live_order import LiveOrder
from brokers.kraken.order_types import Trigger
from brokers.kraken.pairs import Pair
from ems.messages import BrokerdCancel, BrokerdOrder, Request, TimeInForce

Asked: TypeAlias = BrokerdOrder | BrokerdCancel

_TIME_IN_FORCE: Final[dict[TimeInForce, str]] = {
    "gtc": "gtc",
    "day": "gtd",
    "gtd": "gtd",
    "ioc": "ioc",
}


class AddOrder(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Parameters of ``add_order``."""

    order_type: str
    side: str
    order_qty: msgspec.Raw
    symbol: str
    cl_ord_id: str
    deadline: str
    token: str
    limit_price: msgspec.Raw | None = None
    limit_price_type: str | None = None
    triggers: Trigger | None = None
    time_in_force: str | None = None
    """None = good till cancelled."""
    expire_time: str | None = None
    post_only: bool | None = None


class AmendOrder(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Parameters of ``amend_order``: it keeps the id, the fills and the place in the queue."""

    order_id: str
    order_qty: msgspec.Raw
    deadline: str
    token: str
    limit_price: msgspec.Raw | None = None
    limit_price_type: str | None = None
    trigger_price: msgspec.Raw | None = None
    trigger_price_type: str | None = None
    """None = a price."""
    post_only: bool | None = None


class EditOrder(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Parameters of ``edit_order``: it ends the order and makes another one."""

    order_id: str
    symbol: str
    order_qty: msgspec.Raw
    deadline: str
    token: str
    limit_price: msgspec.Raw | None = None
    triggers: Trigger | None = None
    post_only: bool | None = None


class CancelOrder(msgspec.Struct, frozen=True, kw_only=True):
    """Parameters of ``cancel_order``."""

    order_id: list[str]
    token: str


class Waiting(msgspec.Struct, frozen=True):
    """A request that has no answer yet."""

    request: Asked
    what: Request
    sent_ns: int
    again: bool = False
    """It was refused once, for its token, and sent with a new one."""
    replaces: bool = False
    """It makes a new order of it."""


class Requests:
    """Writes requests, and knows which of them an answer belongs to.

    Parameters
    ----------
    clock
        Now, UTC ns.
    deadline_ns : int
        How late after it was sent the engine may take an order.
    """

    def __init__(self, clock: Callable[[], int], deadline_ns: int) -> None:
        self.token = ""
        self.clock_offset_ns = 0
        """How far Kraken's clock is ahead of ours."""
        self._clock = clock
        self._deadline_ns = deadline_ns
        self._last_id = 0
        self._waiting: dict[int, Waiting] = {}

    def forget(self) -> None:
        """The connection is gone: nobody will answer."""
        self._waiting.clear()

    def subscribe(self, channel: str, **params: object) -> bytes:
        """Return the subscription to a private channel."""
        return self._write("subscribe", {"channel": channel, "token": self.token, **params})

    def unsubscribe(self, channel: str) -> bytes:
        """Return its end."""
        return self._write("unsubscribe", {"channel": channel, "token": self.token})

    def cancel_all_after(self, seconds: int) -> bytes:
        """Return the renewal of the dead man's switch."""
        return self._write("cancel_all_orders_after", {"timeout": seconds, "token": self.token})

    def add(self, order: BrokerdOrder, pair: Pair, *, again: bool = False) -> bytes:
        """Return a new order; our oid is its ``cl_ord_id``."""
        ends_ns = order_types.end_ns(order, self._clock() + self.clock_offset_ns)
        limit = order_types.limit_of(order, pair)
        params = AddOrder(
            order_type=order_types.KRAKEN_TYPE[order.type],
            side=order.action,
            order_qty=self._size(order.size, pair),
            symbol=pair.symbol,
            cl_ord_id=order.oid,
            deadline=self._deadline(),
            token=self.token,
            limit_price=limit.price,
            limit_price_type=limit.kind,
            triggers=order_types.trigger_of(order, pair),
            time_in_force=_TIME_IN_FORCE[order.tif],
            expire_time=None if ends_ns is None else parsing.rfc3339(ends_ns),
            post_only=order.post_only or None,
        )
        return self._write("add_order", params, order, "new", again=again)

    def amend(self, order: BrokerdOrder, live: LiveOrder, *, again: bool = False) -> bytes:
        """Return the change of a live order."""
        trigger = None if live.triggered else order_types.trigger_of(order, live.pair)
        if trigger is not None and order.trail is not None and order.trail == live.trail:
            trigger = None  # what it trails by stays, and where it stands is up to the price
        limit = order_types.limit_of(order, live.pair, triggered=live.triggered)
        params = AmendOrder(
            order_id=live.order_id,
            order_qty=self._size(order.size, live.pair),
            deadline=self._deadline(),
            token=self.token,
            limit_price=limit.price,
            limit_price_type=limit.kind,
            trigger_price=None if trigger is None else trigger.price,
            trigger_price_type=None
            if order.trail is None or trigger is None
            else trigger.price_type,
            post_only=order.post_only or None,
        )
        return self._write("amend_order", params, order, "modify", again=again)

    def edit(self, order: BrokerdOrder, live: LiveOrder) -> bytes:
        """Return the request to replace a live order by a changed one."""
        params = EditOrder(
            order_id=live.order_id,
            symbol=live.pair.symbol,
            order_qty=self._size(order.size, live.pair),
            deadline=self._deadline(),
            token=self.token,
            limit_price=order_types.limit_of(order, live.pair).price,
            triggers=order_types.trigger_of(order, live.pair),
            post_only=order.post_only or None,
        )
        return self._write("edit_order", params, order, "modify", again=True, replaces=True)

    def cancel(self, cancel: BrokerdCancel, *, again: bool = False) -> bytes:
        """Return the cancel of a live order."""
        params = CancelOrder(order_id=[str(cancel.reqid)], token=self.token)
        return self._write("cancel_order", params, cancel, "cancel", again=again)

    def answered(self, envelope: wire.Envelope) -> Waiting | None:
        """Return what an answer belongs to, and take Kraken's clock from it."""
        waiting = self._waiting.pop(envelope.req_id or 0, None)
        if waiting is not None and envelope.time_in is not None:
            self.note_clock(envelope, waiting.sent_ns)
        return waiting

    def note_clock(self, envelope: wire.Envelope, sent_ns: int) -> None:
        """Compare clocks: Kraken read ours between our sending and our reading."""
        if envelope.time_in is not None:
            between = (sent_ns + self._clock()) // 2
            self.clock_offset_ns = parsing.time_ns(envelope.time_in) - between

    # ---- inside

    def _write(
        self,
        method: str,
        params: object,
        request: Asked | None = None,
        what: Request = "new",
        *,
        again: bool = False,
        replaces: bool = False,
    ) -> bytes:
        self._last_id += 1
        if request is not None:
            waiting = Waiting(request, what, self._clock(), again, replaces)
            self._waiting[self._last_id] = waiting
        return wire.write({"method": method, "params": params, "req_id": self._last_id})

    def _deadline(self) -> str:
        return parsing.rfc3339(self._clock() + self.clock_offset_ns + self._deadline_ns)

    @staticmethod
    def _size(size: Decimal, pair: Pair) -> msgspec.Raw:
        return wire.number(size, pair.market.size_digits)
