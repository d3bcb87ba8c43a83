"""Orders in, answers out: what is sent to the matching engine, and what it says to that."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from decimal import Decimal
from typing import Final

import msgspec

from brokers.kraken import order_types, status, wire
from brokers.kraken.account_stream import AccountStream
from brokers.kraken.errors import KrakenError
from brokers.kraken.live_order import LiveOrder
from brokers.kraken.lookup import Lookup
from brokers.kraken.pairs import Pairs
from brokers.kraken.parsing import ACCOUNT
from brokers.kraken.rate import TradingRate, amend_cost, cancel_cost, edit_cost
from brokers.kraken.replacing import Refused
from brokers.kraken.requests import Asked, Requests, Waiting
from brokers.kraken.socket import Socket
from ems.messages import BrokerdCancel, BrokerdError, BrokerdOrder, BrokerdOrderAck, Request
from ems.ports import EventSink

log = logging.getLogger(__name__)

_ANOTHER_IS_REPLACED: Final = "Another order is being replaced at Kraken; ask again in a moment."


class OrderEntry:
    """Sends what Kraken would not refuse, and takes its answers.

    Parameters
    ----------
    socket, requests, stream, lookup
        The other parts of the dialogue.
    new_token
        Gets another token for the session.
    sink
        Takes each event.
    clock
        Now, UTC ns.
    """

    def __init__(
        self,
        socket: Socket,
        requests: Requests,
        stream: AccountStream,
        lookup: Lookup,
        new_token: Callable[[], Awaitable[str]],
        sink: EventSink,
        clock: Callable[[], int],
    ) -> None:
        self.rate = TradingRate()
        self.system = "online"
        """Kraken's word for the state of its trading engine."""
        self.pairs = Pairs(())
        self._socket = socket
        self._requests = requests
        self._stream = stream
        self._lookup = lookup
        self._new_token = new_token
        self._sink = sink
        self._clock = clock
        self._renewals: set[asyncio.Task[None]] = set()
        self._want_out: dict[str, BrokerdCancel] = {}
        """By Kraken's id, cancels of orders that were just being replaced: they may miss them."""

    def stop(self) -> None:
        """The connection has ended: what waits for a token is not sent over the next one.

        The EMS asks what became of it, and would have been told by then that it is not there.
        """
        self._want_out.clear()
        for task in self._renewals:
            task.cancel()

    # ---- requests

    def add(self, order: BrokerdOrder) -> None:
        """Send a new order, unless Kraken would refuse it."""
        pair = self.pairs.of_fqsn(order.symbol)
        refusal = (
            self._system_refuses(order)
            or pair.refuses(order.price, order.size)
            or order_types.refuses(order, pair)
            or self.rate.refuses(pair.symbol, 1)
        )
        if refusal:
            self._refuse(order, "new", refusal)
            return
        self._stream.orders.sent(order)
        self._socket.send(self._requests.add(order, pair))
        self._lookup.note_sent(order.oid)
        self.rate.of(pair.symbol).add(1)

    def amend(self, order: BrokerdOrder) -> None:
        """Send a change, unless Kraken would refuse it."""
        live = self._stream.orders.by_id.get(str(order.reqid))
        if live is None:
            self._refuse(order, "modify", "Kraken has not said that this order works.")
            return
        replace = self._stream.replacing.wanted(live, order)
        cost = (edit_cost if replace else amend_cost)(self._age_s(live))
        refusal = (
            _cannot_be_changed(order, live)
            or (replace and self._stream.replacing.busy and _ANOTHER_IS_REPLACED)
            or self._system_refuses(order)
            or live.pair.refuses(_level(order, live), order.size)
            or order_types.refuses(order, live.pair)
            or self.rate.refuses(live.pair.symbol, cost)
        )
        if refusal:
            self._refuse(order, "modify", refusal)
            return
        self._socket.send((self._requests.edit if replace else self._requests.amend)(order, live))
        if replace:
            self._stream.replace(order)
        self.rate.of(live.pair.symbol).add(cost)

    def cancel(self, cancel: BrokerdCancel) -> None:
        """Send a cancel, always: who wants out may not be stopped by a count of ours."""
        self._socket.send(self._requests.cancel(cancel))
        if self._stream.replacing.is_of(str(cancel.reqid)):
            self._want_out[str(cancel.reqid)] = cancel
        live = self._stream.orders.by_id.get(str(cancel.reqid))
        if live is not None:
            self.rate.of(live.pair.symbol).add(cancel_cost(self._age_s(live)))

    def _system_refuses(self, order: BrokerdOrder) -> str | None:
        if self.system == "post_only" and order.post_only:
            return None
        return status.SYSTEM_REFUSES.get(self.system)

    def _age_s(self, live: LiveOrder) -> float:
        now_ns = self._clock() + self._requests.clock_offset_ns
        return max(0.0, (now_ns - live.since_ns) / 1e9)

    # ---- answers

    def on_answer(self, envelope: wire.Envelope) -> None:
        """Take the answer to a request."""
        waiting = self._requests.answered(envelope)
        if waiting is None:
            if envelope.success is False:
                log.error("Kraken refused: %s", envelope)
        elif envelope.success:
            self._on_taken(envelope, waiting)
        elif envelope.error.startswith("ESession") and not waiting.again:
            self._renew(waiting)
        elif envelope.error.startswith(status.UNKNOWN_OUTCOME):
            log.warning("the outcome of a request is unknown: %s", envelope)
            self._lookup.note_reason(waiting.request.oid, envelope.error)
            if waiting.replaces and isinstance(waiting.request, BrokerdOrder):
                self._stream.replaced(waiting.request, None)
        else:
            self._on_refused(envelope, waiting)

    def _on_taken(self, envelope: wire.Envelope, waiting: Waiting) -> None:
        """Taken is not yet live: the executions say the rest."""
        request = waiting.request
        if waiting.replaces and isinstance(request, BrokerdOrder):
            made = wire.read_as(wire.OrderResult, envelope.result)
            self._stream.replaced(request, made.order_id or None)
            cancel = self._want_out.pop(str(request.reqid), None)
            if cancel is not None and made.order_id:
                self.cancel(msgspec.structs.replace(cancel, reqid=made.order_id))
        if waiting.what != "new":
            return
        result = wire.read_as(wire.OrderResult, envelope.result)
        self._lookup.note_answered(waiting.request.oid)
        self._sink(
            BrokerdOrderAck(
                oid=waiting.request.oid,
                reqid=result.order_id,
                account=ACCOUNT,
                time_ns=self._clock(),
            )
        )

    def _on_refused(self, envelope: wire.Envelope, waiting: Waiting) -> None:
        request = waiting.request
        if envelope.error.startswith("EOrder:Rate limit") and isinstance(request, BrokerdOrder):
            counter = self.rate.of(self.pairs.of_fqsn(request.symbol).symbol)
            counter.set(counter.limit)  # ours was too low
        self._lookup.note_answered(request.oid)
        if waiting.what == "cancel" and self._stream.replacing.has_replaced(str(request.reqid)):
            return  # it missed the old order, and was sent for the new one
        refused = Refused(envelope.error or "refused without a reason")
        if waiting.what == "modify" and isinstance(request, BrokerdOrder):
            refused = self._change_refused(request, waiting, refused)
        self._refuse(request, waiting.what, *refused)

    def _change_refused(self, request: BrokerdOrder, waiting: Waiting, refused: Refused) -> Refused:
        """Return why, and whether the order can be replaced instead."""
        if waiting.replaces:
            self._want_out.pop(str(request.reqid), None)
            self._stream.replaced(request, None)
            return Refused(f"{refused.reason}: the order was not replaced.")
        live = self._stream.orders.by_id.get(str(request.reqid))
        if live is None:
            return refused
        return self._stream.replacing.offer(live, request, refused.reason)

    def _refuse(self, request: Asked, what: Request, reason: str, offer: str = "") -> None:
        self._sink(
            BrokerdError(
                account=ACCOUNT,
                reason=reason,
                time_ns=self._clock(),
                oid=request.oid,
                reqid=request.reqid,
                request=what,
                offer=offer,
            )
        )

    # ---- a token that was refused

    def _renew(self, waiting: Waiting) -> None:
        """With the token the request was refused, for sure: once more with a new one."""
        task = asyncio.create_task(self._send_again(waiting), name="kraken token")
        self._renewals.add(task)
        task.add_done_callback(self._renewals.discard)

    async def _send_again(self, waiting: Waiting) -> None:
        request = waiting.request
        try:
            self._requests.token = await self._new_token()
            self._socket.send(self._written_again(request))
        except (KrakenError, ConnectionError, KeyError) as error:
            self._refuse(request, waiting.what, f"Kraken's session has ended: {error}")

    def _written_again(self, request: Asked) -> bytes:
        if isinstance(request, BrokerdCancel):
            return self._requests.cancel(request, again=True)
        if request.reqid is None:
            self._lookup.note_sent(request.oid)
            return self._requests.add(request, self.pairs.of_fqsn(request.symbol), again=True)
        live = self._stream.orders.by_id[str(request.reqid)]
        return self._requests.amend(request, live, again=True)


def _level(order: BrokerdOrder, live: LiveOrder) -> Decimal:
    """Return the price of a change; that of a trailing stop is not asked for, so any is right."""
    return order.price if order.trail is None else live.pair.market.round_price(order.price)


def _cannot_be_changed(order: BrokerdOrder, live: LiveOrder) -> str | None:
    """Say why an order cannot become what is asked for; None if it can."""
    if live.order_type not in order_types.AMENDABLE:
        return f"A {live.order_type} order cannot be changed here; it can be cancelled."
    if live.trail is not None and order.trail == live.trail and order.price != live.price:
        return "Where a trailing stop stands is up to the price; cancel it and place another."
    if live.triggered and order.price != live.price:
        return "Its stop price was touched already: only its limit and size can change."
    return None
