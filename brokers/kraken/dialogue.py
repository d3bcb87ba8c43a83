"""The conversation with Kraken's matching engine, over its private WebSocket."""

import asyncio
import logging
from collections.abc import Callable
from typing import Final

import msgspec

from brokers.kraken import parsing, status, wire
from brokers.kraken.errors import KrakenError
from brokers.kraken.lookup import Lookup
from brokers.kraken.orders import LiveOrder, LiveOrders
from brokers.kraken.pairs import BROKER, Pairs, PairSource
from brokers.kraken.parsing import ACCOUNT
from brokers.kraken.rate import TradingRate, amend_cost, cancel_cost
from brokers.kraken.requests import Requests, Waiting
from brokers.kraken.rest import Rest
from brokers.kraken.socket import Socket, SocketUser
from brokers.kraken.timing import Timing
from ems.messages import (
    BrokerdCancel,
    BrokerdError,
    BrokerdFill,
    BrokerdOrder,
    BrokerdOrderAck,
    BrokerdPosition,
    BrokerdQuery,
    BrokerRequest,
    Connection,
    Request,
)
from ems.ports import EventSink, Opening

log = logging.getLogger(__name__)

_EXECUTIONS: Final = "executions"
_BALANCES: Final = "balances"


class KrakenDialogue(SocketUser):
    """An open trades dialogue; see `ems.ports.TradesDialogue`.

    It can be sent to once both private channels have brought their snapshots. A message that is
    missing from a channel means a new subscription to it, with a new snapshot.

    Parameters
    ----------
    rest : Rest
        With credentials.
    pairs : PairSource
        All markets.
    url : str
        Of the private WebSocket.
    balances_in : str
        The currency of the markets that balances are shown in.
    since_ns : int
        Executions before this are none of ours.
    sink
        Takes each event.
    clock
        Now, UTC ns.
    """

    def __init__(
        self,
        rest: Rest,
        pairs: PairSource,
        url: str,
        balances_in: str,
        since_ns: int,
        sink: EventSink,
        timing: Timing,
        clock: Callable[[], int],
        cancel_all_after_s: int = 0,
    ) -> None:
        self.opening: Opening | None = None
        self.rate = TradingRate()
        self._rest = rest
        self._source = pairs
        self._pairs = Pairs(())
        self._balances_in = balances_in
        self._since_ns = since_ns
        self._sink = sink
        self._clock = clock
        self._timing = timing
        self._cancel_all_after_s = cancel_all_after_s
        self._orders = LiveOrders(self._pairs, clock)
        self._requests = Requests(clock, int(timing.deadline_s * 1e9))
        self._lookup = Lookup(rest, self._live, self._on_report, clock, timing.deadline_s)
        self._socket = Socket("Kraken, trading", url, self, timing)
        self._next_sequence: dict[str, int | None] = {}
        self._fills: list[BrokerdFill] = []
        self._positions: dict[str, BrokerdPosition] = {}
        self._up = False
        self._system = "online"
        self._why = "not connected yet"
        self._timers: list[asyncio.TimerHandle] = []
        self._renewal: asyncio.Task[None] | None = None

    # ---- ems.ports.TradesDialogue

    def send(self, request: BrokerRequest) -> None:
        """Send a request without waiting; every answer comes as an event.

        Raises
        ------
        ConnectionError
            If there is no connection: nothing was sent.
        """
        if not self._up:
            raise ConnectionError(f"no connection to Kraken: {self._why}")
        match request:
            case BrokerdQuery():
                self._lookup.ask(request, self._pairs)
            case BrokerdCancel():
                self._cancel(request)
            case BrokerdOrder(reqid=None):
                self._add(request)
            case BrokerdOrder():
                self._amend(request)

    async def run(self) -> None:
        """Hold the conversation until this is cancelled."""
        try:
            await self._socket.run()
        finally:
            self._stop_timers()
            if self._renewal is not None:
                self._renewal.cancel()
            await self._lookup.close()

    # ---- SocketUser

    async def before_connect(self) -> None:
        """Get the pairs once, and a token for each connection."""
        if not len(self._pairs):
            self._pairs = await self._source.get()
            self._orders = LiveOrders(self._pairs, self._clock)
        self._requests.token = await self._token()

    def on_open(self) -> None:
        """Subscribe."""
        self._system = "online"
        self._requests.forget()
        self._subscribe(_EXECUTIONS)
        self._subscribe(_BALANCES)

    def on_closed(self, reason: str) -> None:
        """Tell the EMS; what is under way has an unknown outcome from now on."""
        self._stop_timers()
        self._requests.forget()
        self._down(reason)

    def on_data(self, data: str | bytes) -> None:
        """Take a message; one in an unknown shape is logged whole."""
        try:
            envelope = wire.read_envelope(data)
            match envelope.channel:
                case "executions":
                    self._on_executions(envelope)
                case "balances":
                    self._on_balances(envelope)
                case "status":
                    self._on_system(envelope)
                case "":
                    self._on_answer(envelope)
        except msgspec.DecodeError as error:
            log.error("Kraken sent an unknown shape (%s): %s", error, data)  # noqa: TRY400

    # ---- subscriptions

    async def _token(self) -> str:
        return (await self._rest.private("GetWebSocketsToken", wire.Token)).token

    def _subscribe(self, channel: str) -> None:
        self._next_sequence[channel] = None
        if channel == _EXECUTIONS:
            params = {"snap_orders": True, "snap_trades": True, "order_status": True}
            message = self._requests.subscribe(channel, **params, ratecounter=True)
        else:
            message = self._requests.subscribe(channel, snapshot=True)
        self._socket.send(message)
        loop = asyncio.get_running_loop()
        self._timers.append(loop.call_later(self._timing.sync_s, self._check_synced, channel))

    def _check_synced(self, channel: str) -> None:
        if self._next_sequence.get(channel) is None:
            self._socket.fail(f"Kraken sent no snapshot of the {channel}")

    def _in_sequence(self, envelope: wire.Envelope) -> bool:
        """Tell whether a message follows the one before it; if not, begin anew."""
        channel = envelope.channel
        if envelope.type == "snapshot":
            self._next_sequence[channel] = (envelope.sequence or 1) + 1
            return True
        expected = self._next_sequence.get(channel)
        if expected is None:
            return False  # the snapshot that is on its way knows of it
        if envelope.sequence in (None, expected):
            self._next_sequence[channel] = expected + 1
            return True
        reason = f"messages {expected} to {envelope.sequence} of the {channel} are missing"
        log.warning("%s; subscribes again", reason)
        if channel == _EXECUTIONS:
            self._down(reason)
        self._socket.send(self._requests.unsubscribe(channel))
        self._subscribe(channel)
        return False

    def _down(self, reason: str) -> None:
        changed = self._up or reason != self._why
        self._up, self._why = False, reason
        if changed:
            self._sink(Connection(broker=BROKER, up=False, time_ns=self._clock(), reason=reason))

    def _come_up(self) -> None:
        """Both snapshots are here: what lives at the venue is known."""
        if self._up or None in (self._next_sequence.get(c) for c in (_EXECUTIONS, _BALANCES)):
            return
        self.opening = Opening(
            accounts=(ACCOUNT,),
            orders=self._orders.opening(),
            positions=tuple(self._positions.values()),
            fills=tuple(self._fills),
        )
        self._up = True
        self._sink(Connection(broker=BROKER, up=True, time_ns=self._clock()))
        self._feed_dead_man()

    # ---- what the channels say

    def _on_executions(self, envelope: wire.Envelope) -> None:
        if not self._in_sequence(envelope):
            return
        reports = parsing.read_each(wire.Execution, envelope.data)
        if envelope.type == "snapshot":
            self._fills = self._orders.snapshot(reports, self._since_ns)
            self._come_up()
            return
        for report in reports:
            self._lookup.note_answered(parsing.oid_of(report.order_id, report.cl_ord_id))
            for event in self._orders.take(report):
                self._sink(event)

    def _on_balances(self, envelope: wire.Envelope) -> None:
        if not self._in_sequence(envelope):
            return
        balances = parsing.read_each(wire.Balance, envelope.data)
        positions = parsing.positions_of(balances, self._pairs, self._balances_in, self._clock())
        for position in positions:
            self._positions[position.symbol] = position
            if self._up:
                self._sink(position)
        self._come_up()

    def _on_system(self, envelope: wire.Envelope) -> None:
        for entry in parsing.read_each(wire.SystemStatus, envelope.data):
            if entry.system != self._system:
                log.warning("Kraken's trading engine: %s", entry.system)
            self._system = entry.system

    # ---- requests

    def _add(self, order: BrokerdOrder) -> None:
        pair = self._pairs.of_fqsn(order.symbol)
        refusal = (
            status.SYSTEM_REFUSES.get(self._system)
            or pair.refuses(order.price, order.size)
            or self.rate.refuses(pair.symbol, 1)
        )
        if refusal:
            self._refuse(order, "new", refusal)
            return
        self._orders.sent(order)
        self._socket.send(self._requests.add(order, pair))
        self._lookup.note_sent(order.oid)
        self.rate.of(pair.symbol).add(1)

    def _amend(self, order: BrokerdOrder) -> None:
        live = self._live(str(order.reqid))
        if live is None:
            self._refuse(order, "modify", "Kraken has not said that this order works.")
            return
        cost = amend_cost(self._age_s(live))
        refusal = (
            self._not_a_limit(live)
            or status.SYSTEM_REFUSES.get(self._system)
            or live.pair.refuses(order.price, order.size)
            or self.rate.refuses(live.pair.symbol, cost)
        )
        if refusal:
            self._refuse(order, "modify", refusal)
            return
        self._socket.send(self._requests.amend(order, live))
        self.rate.of(live.pair.symbol).add(cost)

    def _cancel(self, cancel: BrokerdCancel) -> None:
        """A cancel always goes out: who wants out may not be stopped by a count of ours."""
        self._socket.send(self._requests.cancel(cancel))
        if (live := self._live(str(cancel.reqid))) is not None:
            self.rate.of(live.pair.symbol).add(cancel_cost(self._age_s(live)))

    def _not_a_limit(self, live: LiveOrder) -> str | None:
        if live.order_type == "limit":
            return None
        return f"A {live.order_type} order cannot be changed here yet; it can be cancelled."

    def _age_s(self, live: LiveOrder) -> float:
        now_ns = self._clock() + self._requests.clock_offset_ns
        return max(0.0, (now_ns - live.since_ns) / 1e9)

    def _live(self, order_id: str) -> LiveOrder | None:
        return self._orders.by_id.get(order_id)

    # ---- answers

    def _on_answer(self, envelope: wire.Envelope) -> None:
        if envelope.method == "subscribe":
            self._on_subscribed(envelope)
            return
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
        else:
            self._on_refused(envelope, waiting)

    def _on_subscribed(self, envelope: wire.Envelope) -> None:
        if not envelope.success:
            self._socket.fail(f"Kraken refused a subscription: {envelope.error}")
            return
        result = wire.read_as(wire.SubscribeResult, envelope.result)
        if result.maxratecount:
            self.rate.set_limit(result.maxratecount)
        self._requests.note_clock(envelope, self._clock())

    def _on_taken(self, envelope: wire.Envelope, waiting: Waiting) -> None:
        """Taken is not yet live: the executions say the rest."""
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
        if envelope.error.startswith("EOrder:Rate limit") and isinstance(
            waiting.request, BrokerdOrder
        ):
            counter = self.rate.of(self._pairs.of_fqsn(waiting.request.symbol).symbol)
            counter.set(counter.limit)  # ours was too low
        self._lookup.note_answered(waiting.request.oid)
        self._refuse(waiting.request, waiting.what, envelope.error or "refused without a reason")

    def _refuse(self, request: BrokerdOrder | BrokerdCancel, what: Request, reason: str) -> None:
        self._sink(
            BrokerdError(
                account=ACCOUNT,
                reason=reason,
                time_ns=self._clock(),
                oid=request.oid,
                reqid=request.reqid,
                request=what,
            )
        )

    def _renew(self, waiting: Waiting) -> None:
        """The token was refused, and with it the request, for sure: once more with a new one."""
        self._renewal = asyncio.create_task(self._send_again(waiting), name="kraken token")

    async def _send_again(self, waiting: Waiting) -> None:
        request = waiting.request
        try:
            self._requests.token = await self._token()
            if isinstance(request, BrokerdCancel):
                message = self._requests.cancel(request, again=True)
            elif request.reqid is None:
                pair = self._pairs.of_fqsn(request.symbol)
                message = self._requests.add(request, pair, again=True)
            else:
                live = self._orders.by_id[str(request.reqid)]
                message = self._requests.amend(request, live, again=True)
            self._socket.send(message)
        except (KrakenError, ConnectionError, KeyError) as error:
            self._refuse(request, waiting.what, f"Kraken's session has ended: {error}")

    def _on_report(self, report: object) -> None:
        self._sink(report)  # type: ignore[arg-type]

    # ---- the dead man's switch

    def _feed_dead_man(self) -> None:
        """Renew it three times a period, for as long as this loop runs and the line stands."""
        if not self._cancel_all_after_s or not self._up:
            return
        self._socket.send(self._requests.cancel_all_after(self._cancel_all_after_s))
        loop = asyncio.get_running_loop()
        self._timers.append(loop.call_later(self._cancel_all_after_s / 3, self._feed_dead_man))

    def _stop_timers(self) -> None:
        for timer in self._timers:
            timer.cancel()
        self._timers.clear()
