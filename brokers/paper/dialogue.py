"""The conversation with the paper venue: requests and ticks in turn, answers in order."""

from collections import deque
from collections.abc import Callable
from functools import partial

from brokers.paper.options import PaperOptions
from brokers.paper.store import PaperStore, StoreError
from brokers.paper.venue import PaperVenue
from ems.market import Market
from ems.messages import BrokerEvent, BrokerRequest, Connection
from ems.ports import EventSink
from ems.ticks import Depth, Tick


class PaperDialogue:
    """An open trades dialogue.

    Each request and each tick is worked off completely, its events delivered, before the next
    one begins: also those that the sink makes while it takes an event.

    Parameters
    ----------
    store : PaperStore
        Open; whoever made the dialogue closes it.
    options : PaperOptions
        How the venue behaves.
    clock : callable
        Returns the program's time, UTC ns.
    sink : callable
        Takes each event.
    depth_of : callable
        Returns the order book of a market, where its feed shows one.
    """

    def __init__(
        self,
        store: PaperStore,
        options: PaperOptions,
        clock: Callable[[], int],
        sink: EventSink,
        depth_of: Callable[[str], Depth | None] = lambda _fqsn: None,
    ) -> None:
        self._clock = clock
        self._sink = sink
        self._todo: deque[Callable[[], None]] = deque()
        self._events: deque[BrokerEvent] = deque()
        self._working = False
        self._down = ""
        self._venue = PaperVenue(store, options, clock, self._events.append, depth_of)
        self._calm = self._venue.calm
        self.opening = self._venue.opening()
        """What lived at the venue when the dialogue was opened."""

    def watch(self, market: Market) -> None:
        """Trade this market."""
        self._do(partial(self._venue.watch, market))

    def send(self, request: BrokerRequest) -> None:
        """Send a request; its events come by direct call, before this returns.

        A request made from within an event is worked off after that event's own call.

        Raises
        ------
        ConnectionError
            If the dialogue is closed, or its store failed: nothing was sent.
        """
        if self._down:
            raise ConnectionError(self._down)
        self._do(partial(self._venue.request, request))

    def on_tick(self, fqsn: str, tick: Tick) -> None:
        """Match what rests against the tick."""
        calm = self._calm.get(fqsn)
        if calm is None or self._working or not calm.passes(tick):
            self._do(partial(self._venue.tick, fqsn, tick))

    def close(self) -> None:
        """End the conversation: no more events; what was still on its way is lost."""
        self._shut("the dialogue with the paper venue is closed")

    def _do(self, job: Callable[[], None]) -> None:
        if self._down:
            return
        self._todo.append(job)
        if self._working:
            return
        self._working = True
        try:
            while self._todo:
                self._work_off(self._todo.popleft())
                self._deliver()
        finally:
            self._working = False

    def _work_off(self, job: Callable[[], None]) -> None:
        try:
            job()
        except StoreError as error:
            # memory is now ahead of the disk: nothing more may be told from it
            self._shut(str(error))
            self._events.append(
                Connection(broker="paper", up=False, time_ns=self._clock(), reason=str(error))
            )

    def _shut(self, reason: str) -> None:
        self._down = reason
        self._todo.clear()

    def _deliver(self) -> None:
        while self._events:
            self._sink(self._events.popleft())
