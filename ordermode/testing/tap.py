"""The tap between the EMS and the backend: writes down all that is said, holds and repeats it."""

from collections import deque
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Final

from ems.messages import (
    BrokerdError,
    BrokerdFill,
    BrokerdOrderAck,
    BrokerdReport,
    BrokerdStatus,
    BrokerEvent,
    BrokerRequest,
    Status,
)
from ems.ports import Broker, EventSink, Opening, TradesDialogue
from ems.venue_words import STATUS_EVENT

KNOWN_STATES: Final = frozenset(STATUS_EVENT)


class Tap:
    """What passes between an EMS and a broker.

    Attributes
    ----------
    requests, events
        All that was sent and said so far, oldest first; events when the backend said them.
    transcript : list of str
        Both, a line each.
    complaints : list of str
        What the backend said that the ports do not allow.
    """

    def __init__(self) -> None:
        self.requests: list[BrokerRequest] = []
        self.events: list[BrokerEvent] = []
        self.transcript: list[str] = []
        self.complaints: list[str] = []
        self.held: list[BrokerEvent] = []
        self.echoes = False
        """Each event is handed on twice."""
        self.knows_all_words = True
        """A state that is none of ours is a complaint."""
        self.swallow: Callable[[BrokerRequest], bool] = lambda _: False
        """Which requests never reach the backend, as on a line that is dead."""
        self._holds: Callable[[BrokerEvent], bool] | None = None
        self._sink: EventSink | None = None
        self._dialogue: TradesDialogue | None = None
        self._mail: deque[BrokerEvent] = deque()
        self._delivering = False

    # ---- what a test does with it

    def hold(self, which: Callable[[BrokerEvent], bool] = lambda _: True) -> None:
        """Keep back what the backend says from now on, all of it or some kind."""
        self._holds = which

    def release(self, *, first: type = object, last: type | None = None) -> None:
        """Hand on what was held, those of one kind first or last, and hold no more."""
        self._holds = None
        held, self.held = self.held, []
        if last is not None:
            held.sort(key=lambda event: isinstance(event, last))
        if first is not object:
            held.sort(key=lambda event: not isinstance(event, first))
        self._mail.extendleft(reversed(held))
        self._deliver()

    def drop(self) -> None:
        """Lose what was held, as a line that breaks does, and hold no more."""
        self._holds = None
        self.transcript += [f"   lost: {event!r}" for event in self.held]
        self.held = []

    def ask(self, request: BrokerRequest) -> None:
        """Send a request that the EMS knows nothing of."""
        assert self._dialogue is not None, "the dialogue is not open"
        self.requests.append(request)
        self.transcript.append(f"-> (past the EMS) {request!r}")
        self._dialogue.send(request)

    def sent(self, oid: str, kind: type, *, new: bool | None = None) -> list[BrokerRequest]:
        """Return the requests of a kind about an order; ``new`` tells new orders from changes."""
        return [
            request
            for request in self.requests
            if request.oid == oid
            and isinstance(request, kind)
            and new in (None, getattr(request, "reqid", None) is None)
        ]

    # ---- between the two

    def connect(self, sink: EventSink) -> None:
        """Hand on to this EMS from now on."""
        self._sink = sink

    def opened(self, dialogue: TradesDialogue) -> None:
        """Take the dialogue that is open now."""
        self._dialogue = dialogue

    def disconnect(self) -> None:
        """Hand on to nobody: the EMS is gone."""
        self._sink = None

    def request(self, request: BrokerRequest) -> bool:
        """Write a request down; return whether it is to reach the backend."""
        self.requests.append(request)
        lost = self.swallow(request)
        self.transcript.append(f"{'-> (lost)' if lost else '->'} {request!r}")
        return not lost

    def event(self, event: BrokerEvent) -> None:
        """Take an event of the backend."""
        self.events.append(event)
        self._examine(event)
        if self._holds is not None and self._holds(event):
            self.transcript.append(f"<- (held) {event!r}")
            self.held.append(event)
            return
        self._mail.append(event)
        self._deliver()

    def _deliver(self) -> None:
        """Hand on in order: what the backend says from within a delivery waits its turn."""
        if self._delivering:
            return
        self._delivering = True
        try:
            while self._mail:
                self._hand_on(self._mail.popleft())
        finally:
            self._delivering = False

    def _hand_on(self, event: BrokerEvent) -> None:
        for _ in range(2 if self.echoes else 1):
            self.transcript.append(f"<- {event!r}")
            if self._sink is not None:
                self._sink(event)

    def _examine(self, event: BrokerEvent) -> None:
        wrong = []
        match event:
            case BrokerdFill():
                if not event.exec_id:
                    wrong.append("a fill without an execution id")
                if not (event.size > 0 and event.price > 0):
                    wrong.append("a fill whose size or price is not above zero")
            case BrokerdStatus() if self.knows_all_words and event.status not in KNOWN_STATES:
                wrong.append(f"the status {event.status!r}, which is none of ours")
            case BrokerdReport() if event.found and event.status not in KNOWN_STATES:
                wrong.append(f"the status {event.status!r} in a report, which is none of ours")
            case BrokerdError() if not event.reason:
                wrong.append("a refusal without a reason")
            case Status() if event.req is None or event.reqid is None:
                wrong.append("an order that lives at the venue without its req or reqid")
            case BrokerdOrderAck() if event.reqid in ("", None):
                wrong.append("an ack without a reqid")
        self.complaints += [f"the backend said {what}: {event!r}" for what in wrong]


class TappedDialogue:
    """A trades dialogue, with the tap in between."""

    def __init__(self, dialogue: TradesDialogue, tap: Tap) -> None:
        self._dialogue = dialogue
        self._tap = tap

    @property
    def opening(self) -> Opening | None:
        """What lives at the venue, as the backend says."""
        return self._dialogue.opening

    def send(self, request: BrokerRequest) -> None:
        """Send on, unless the request is to be lost."""
        if self._tap.request(request):
            self._dialogue.send(request)


def tap_into(broker: Broker, tap: Tap) -> None:
    """Put the tap between a broker and whoever opens its trades dialogue.

    The broker stays itself, with all that it can do besides.
    """
    opens = broker.open_trades

    @asynccontextmanager
    async def open_trades(sink: EventSink) -> AsyncIterator[TappedDialogue]:
        tap.connect(sink)
        async with opens(tap.event) as dialogue:
            tap.opened(dialogue)
            try:
                yield TappedDialogue(dialogue, tap)
            finally:
                tap.disconnect()

    broker.open_trades = open_trades  # type: ignore[method-assign]
