"""The conversation with Kraken about one account; see `ems.ports.TradesDialogue`."""

import asyncio
import logging
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Final

import msgspec

from brokers.kraken import parsing, rest_wire, wire
from brokers.kraken.account_stream import AccountStream
from brokers.kraken.executions import Executions
from brokers.kraken.first_use import FirstUse
from brokers.kraken.live_order import LiveOrder
from brokers.kraken.lookup import Lookup
from brokers.kraken.options import KrakenOptions
from brokers.kraken.order_entry import OrderEntry
from brokers.kraken.pairs import BROKER, Pairs, PairSource
from brokers.kraken.requests import Requests
from brokers.kraken.rest import Rest
from brokers.kraken.socket import Socket, SocketUser
from brokers.kraken.timing import Timing
from ems.market import Market
from ems.messages import (
    BrokerdCancel,
    BrokerdOrder,
    BrokerdQuery,
    BrokerRequest,
    Connection,
)
from ems.ports import EventSink, Opening, Usage

log = logging.getLogger(__name__)

_PAIRS_S: Final = 60.0
"""A new connection, which may follow a maintenance, loads pairs anew that are older than this."""


class KrakenDialogue(SocketUser):
    """An open trades dialogue: it can be sent to while what lives at the venue is known.

    Parameters
    ----------
    options : KrakenOptions
        Where Kraken is, and how balances show.
    rest : Rest
        With credentials.
    pairs : PairSource
        All markets.
    first_use : FirstUse
        Executions before it are none of ours.
    sink
        Takes each event.
    clock
        Now, UTC ns.
    """

    def __init__(
        self,
        options: KrakenOptions,
        rest: Rest,
        pairs: PairSource,
        first_use: FirstUse,
        sink: EventSink,
        timing: Timing,
        clock: Callable[[], int],
    ) -> None:
        self.opening: Opening | None = None
        self._rest = rest
        self._source = pairs
        self._pairs = Pairs(())
        self._sink = sink
        self._clock = clock
        self._up = False
        self._why = "not connected yet"
        self._socket = Socket("Kraken, trading", options.ws_private_url, self, timing)
        self._requests = Requests(clock, int(timing.deadline_s * 1e9))
        executions = Executions()
        self._lookup = Lookup(
            rest, self._live, executions, self._is_being_replaced, sink, clock, timing.deadline_s
        )
        self._stream = AccountStream(
            self._socket,
            self._requests,
            options.balances_in.upper(),
            first_use,
            timing.sync_s,
            sink,
            self._on_snapshot,
            self._down,
            executions,
            clock,
        )
        self.entry = OrderEntry(
            self._socket, self._requests, self._stream, self._lookup, self._token, sink, clock
        )

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
                self.entry.cancel(request)
            case BrokerdOrder(reqid=None):
                self.entry.add(request)
            case BrokerdOrder():
                self.entry.amend(request)

    def usage(self, market: Market) -> Usage:
        """Return where the matching engine's counter of a pair stands, by our own count."""
        counter = self.entry.rate.of(market.description)
        return Usage(used=counter.level, limit=counter.limit)

    # ---- ems.ports.DeadMansSwitch

    def renew_switch(self, account: str, after_s: int) -> None:
        """Have Kraken cancel every order of the account in so many seconds, unless renewed."""
        if not self._up:
            raise ConnectionError(f"no connection to Kraken: {self._why}")
        self._socket.send(self._requests.cancel_all_after(after_s))

    async def release_switch(self, account: str) -> None:
        """Turn it off, and wait until that has left."""
        self.renew_switch(account, 0)
        await self._socket.emptied()

    @asynccontextmanager
    async def hold(self) -> AsyncIterator[None]:
        """Hold the conversation until the context is left."""
        task = self._socket.start()
        try:
            yield
        finally:
            task.cancel()
            self._stop()
            await self._lookup.close()
            await asyncio.gather(task, return_exceptions=True)

    # ---- SocketUser

    async def before_connect(self) -> None:
        """Get the pairs, as they are by now, and a token for each connection."""
        pairs = await self._source.get(older_than_s=_PAIRS_S)
        if pairs is not self._pairs:
            self._pairs = self.entry.pairs = pairs
            self._stream.set_pairs(pairs)
        self._requests.token = await self._token()

    def on_open(self) -> None:
        """Subscribe."""
        self._stream.subscribe()

    def on_closed(self, reason: str) -> None:
        """Tell the EMS; what is under way has an unknown outcome from now on."""
        self._stop()
        self._down(reason)

    def on_data(self, data: str | bytes) -> None:
        """Take a message; one in an unknown shape is logged whole."""
        try:
            envelope = wire.read_envelope(data)
            match envelope.channel:
                case "executions":
                    for report in self._stream.on_executions(envelope):
                        oid = parsing.oid_of(report.order_id, report.cl_ord_id)
                        self._lookup.note_answered(oid)
                        self._note_rate(report)
                case "balances":
                    self._stream.on_balances(envelope)
                case "status":
                    self._on_system(envelope)
                case "" if envelope.method == "subscribe":
                    self._on_subscribed(envelope)
                case "":
                    self.entry.on_answer(envelope)
        except msgspec.DecodeError as error:
            log.error("Kraken sent an unknown shape (%s): %s", error, data)  # noqa: TRY400

    # ---- up and down

    def _on_snapshot(self) -> None:
        """Once both snapshots are here, what lives at the venue is known."""
        if self._up or not self._stream.synced:
            return
        self.opening = self._stream.opening()
        self._up = True
        self._sink(Connection(broker=BROKER, up=True, time_ns=self._clock()))

    def _down(self, reason: str) -> None:
        changed = self._up or reason != self._why
        self._up, self._why = False, reason
        if changed:
            self._sink(Connection(broker=BROKER, up=False, time_ns=self._clock(), reason=reason))

    def _stop(self) -> None:
        self._requests.forget()
        self.entry.stop()
        self._stream.stop()

    # ---- inside

    async def _token(self) -> str:
        return (await self._rest.private("GetWebSocketsToken", rest_wire.Token)).token

    def _live(self, order_id: str) -> LiveOrder | None:
        return self._stream.orders.by_id.get(order_id)

    def _is_being_replaced(self, order_id: str) -> bool:
        return self._stream.replacing.is_of(order_id)

    def _note_rate(self, report: wire.Execution) -> None:
        """Take Kraken's own figure of the counter where it says one; else ours goes on."""
        if report.ratecount is not None and (live := self._live(report.order_id)) is not None:
            self.entry.rate.of(live.pair.symbol).set(float(report.ratecount))

    def _on_subscribed(self, envelope: wire.Envelope) -> None:
        if not envelope.success:
            self._socket.fail(f"Kraken refused a subscription: {envelope.error}")
            return
        result = wire.read_as(wire.SubscribeResult, envelope.result)
        if result.maxratecount:
            self.entry.rate.set_limit(result.maxratecount)
        self._requests.note_clock(envelope, self._clock())

    def _on_system(self, envelope: wire.Envelope) -> None:
        for entry in parsing.read_each(wire.SystemStatus, envelope.data):
            if entry.system != self.entry.system:
                log.warning("Kraken's trading engine: %s", entry.system)
            self.entry.system = entry.system
