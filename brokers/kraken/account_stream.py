"""The private channels: what lives at the venue and what happens to it, with nothing missing.

Each channel begins with a snapshot and counts its messages. A message that is missing means a new
subscription to that channel, with a new snapshot; until it comes, nothing of the channel counts.
"""

import asyncio
import logging
from collections.abc import Callable
from typing import Final

from brokers.kraken import parsing, replaced_notices, wire
from brokers.kraken.executions import Executions
from brokers.kraken.first_use import FirstUse
from brokers.kraken.orders import LiveOrders
from brokers.kraken.pairs import Pairs
from brokers.kraken.parsing import ACCOUNT
from brokers.kraken.replacing import Replacing
from brokers.kraken.requests import Requests
from brokers.kraken.socket import Socket
from ems.messages import ZERO, BrokerdFill, BrokerdOrder, BrokerdOrderAck, BrokerdPosition
from ems.ports import EventSink, Opening

log = logging.getLogger(__name__)

EXECUTIONS: Final = "executions"
BALANCES: Final = "balances"
CHANNELS: Final = (EXECUTIONS, BALANCES)
_PARAMS: Final[dict[str, dict[str, bool]]] = {
    EXECUTIONS: {
        "snap_orders": True,
        "snap_trades": True,
        "order_status": True,
        "ratecounter": True,
    },
    BALANCES: {"snapshot": True},
}


class AccountStream:
    """Follows one account.

    Parameters
    ----------
    socket, requests
        To subscribe with.
    balances_in : str
        The currency of the markets that balances are shown in.
    first_use : FirstUse
        Executions before it are none of ours.
    sync_s : float
        So long may a snapshot take.
    sink
        Takes each event.
    on_snapshot
        Called after each snapshot.
    on_gap
        Called with a sentence when reports of executions are missing.
    executions : Executions
        Those that were told before.
    clock
        Now, UTC ns.
    """

    def __init__(
        self,
        socket: Socket,
        requests: Requests,
        balances_in: str,
        first_use: FirstUse,
        sync_s: float,
        sink: EventSink,
        on_snapshot: Callable[[], None],
        on_gap: Callable[[str], None],
        executions: Executions,
        clock: Callable[[], int],
    ) -> None:
        self.orders = LiveOrders(Pairs(()), executions, clock)
        self.replacing = Replacing()
        self._socket = socket
        self._requests = requests
        self._balances_in = balances_in
        self._first_use = first_use
        self._sync_s = sync_s
        self._sink = sink
        self._on_snapshot = on_snapshot
        self._on_gap = on_gap
        self._clock = clock
        self._pairs = Pairs(())
        self._next_sequence: dict[str, int | None] = {}
        self._fills: list[BrokerdFill] = []
        self._positions: dict[str, BrokerdPosition] = {}
        self._timers: dict[str, asyncio.TimerHandle] = {}

    def set_pairs(self, pairs: Pairs) -> None:
        """Take the pairs, once they are known, and as they change."""
        self._pairs = self.orders.pairs = pairs

    @property
    def synced(self) -> bool:
        """True while both channels are known from their snapshot on."""
        return None not in (self._next_sequence.get(channel) for channel in CHANNELS)

    def opening(self) -> Opening:
        """Return what lives at the venue."""
        return Opening(
            accounts=(ACCOUNT,),
            orders=self.orders.opening(),
            positions=tuple(self._positions.values()),
            fills=tuple(self._fills),
        )

    def subscribe(self) -> None:
        """Begin on a new connection."""
        for channel in CHANNELS:
            self._subscribe(channel)

    def stop(self) -> None:
        """The connection has ended."""
        for timer in self._timers.values():
            timer.cancel()
        self._timers.clear()
        self._next_sequence.clear()
        self.replacing.line_lost()

    def on_executions(self, envelope: wire.Envelope) -> list[wire.Execution]:
        """Take reports; returns those that are news."""
        begun = self._next_sequence.get(EXECUTIONS) is not None
        if not self._in_sequence(envelope):
            return []
        reports = parsing.read_each(wire.Execution, envelope.data)
        if envelope.type == "snapshot" and not begun:
            self._stop_timer("edit")
            self.replacing.give_up()
            self._fills = self.orders.snapshot(reports, self._since_ns())
            self._on_snapshot()
            return []
        if envelope.type == "snapshot":  # orders and executions may come apart
            for event in self.orders.more(reports, self._since_ns()):
                self._sink(event)
            return []
        for report in reports:
            if not self.replacing.keeps(report, known=report.order_id in self.orders.by_id):
                self._take(report)
        return reports

    def replace(self, request: BrokerdOrder) -> None:
        """An edit was sent; if nobody answers, what it brought is taken as it comes."""
        self.replacing.begin(request)
        loop = asyncio.get_running_loop()
        self._timers["edit"] = loop.call_later(self._sync_s, self.replaced, request, None)

    def replaced(self, request: BrokerdOrder, new_id: str | None) -> None:
        """Take the answer to an edit: the id of the new order, None = there is none."""
        if not self.replacing.waits_for(request):
            if new_id is not None:  # what it brought was told as it came: two orders
                self._sink(replaced_notices.answered_late(request, self._clock()))
            return
        self._stop_timer("edit")
        old = None if new_id is None else self.orders.replaced(request, new_id)
        waited = self.replacing.done(replaced=new_id is not None)
        if new_id is not None:
            ack = BrokerdOrderAck(
                oid=request.oid, reqid=new_id, account=ACCOUNT, time_ns=self._clock()
            )
            self._sink(ack)
            self._sink(replaced_notices.replaced(request, old, self._clock()))
        for report in waited:
            if not self.replacing.keeps(report, known=True):
                self._take(report)

    def on_balances(self, envelope: wire.Envelope) -> None:
        """Take balances; what a first snapshot does not name is not there any more."""
        begun = self._next_sequence.get(BALANCES) is not None
        if not self._in_sequence(envelope):
            return
        balances, now = parsing.read_each(wire.Balance, envelope.data), self._clock()
        said = parsing.positions_of(balances, self._pairs, self._balances_in, now)
        if envelope.type == "snapshot" and not begun:
            gone = self._positions.keys() - {position.symbol for position in said}
            said += [
                BrokerdPosition(account=ACCOUNT, symbol=symbol, size=ZERO, time_ns=now)
                for symbol in gone
            ]
        for position in said:
            self._positions[position.symbol] = position
            self._sink(position)
        if envelope.type == "snapshot":
            self._on_snapshot()

    # ---- inside

    def _since_ns(self) -> int:
        return self._first_use.since_ns(self._clock() + self._requests.clock_offset_ns)

    def _take(self, report: wire.Execution) -> None:
        for event in self.orders.take(report):
            self._sink(event)
            if isinstance(event, BrokerdFill) and self.replacing.has_replaced(report.order_id):
                self._sink(replaced_notices.filled_late(event, self._clock()))

    def _stop_timer(self, of: str) -> None:
        if (timer := self._timers.pop(of, None)) is not None:
            timer.cancel()

    def _subscribe(self, channel: str) -> None:
        self._next_sequence[channel] = None
        self._socket.send(self._requests.subscribe(channel, **_PARAMS[channel]))
        self._stop_timer(channel)
        loop = asyncio.get_running_loop()
        self._timers[channel] = loop.call_later(self._sync_s, self._check_synced, channel)

    def _check_synced(self, channel: str) -> None:
        if self._next_sequence.get(channel) is None:
            self._socket.fail(f"Kraken sent no snapshot of the {channel}")

    def _in_sequence(self, envelope: wire.Envelope) -> bool:
        """Tell whether a message follows the one before it; if not, begin the channel anew."""
        channel = envelope.channel
        expected = self._next_sequence.get(channel)
        if expected is None:
            if envelope.type == "snapshot":
                self._next_sequence[channel] = (envelope.sequence or 1) + 1
            return envelope.type == "snapshot"  # which knows of an update that came before it
        if envelope.sequence in (None, expected):
            self._next_sequence[channel] = expected + 1
            return True
        reason = f"messages of the {channel} are missing ({expected} to {envelope.sequence})"
        log.warning("%s; subscribes again", reason)
        if channel == EXECUTIONS:
            self._on_gap(reason)
        self._socket.send(self._requests.unsubscribe(channel))
        self._subscribe(channel)
        return False
