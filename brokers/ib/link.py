"""The connection to TWS or IB Gateway: made, watched, and made again with growing pauses."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from typing import Final

from ib_async import Client

from brokers.ib.codes import CODES, Effect, text_of
from brokers.ib.frame_guard import GuardedConnection
from brokers.ib.listeners import Listeners
from brokers.ib.options import IbOptions
from brokers.ib.reach import no_answer, nothing_listens
from brokers.ib.timing import Timing
from brokers.ib.wire import Refused, Wire

log = logging.getLogger(__name__)

OPENING: Final = "the orders at IB are being read"


def show_fault(task: "asyncio.Task[None]") -> None:
    """Show the fault that a task ended by, if it did: nobody waits for it."""
    if not task.cancelled() and (error := task.exception()) is not None:
        fault = {"message": "the connection to IB met a fault", "exception": error}
        task.get_loop().call_exception_handler(fault)


class Link:
    """Keeps one connection up as long as `keep` runs.

    Parameters
    ----------
    options, timing
        Where to connect, and how long to wait.

    Attributes
    ----------
    listeners
        Who hears what comes; set before `keep`.
    on_up
        Awaited at each (re)connect, and when TWS has IB again: reads what lives there. The
        argument tells whether market data has to be asked for again.
    on_ready
        Called once that is done.
    on_down
        Called with the reason, once for each reason.
    """

    listeners: Listeners
    on_up: Callable[[bool], Awaitable[None]]
    on_ready: Callable[[], None]
    on_down: Callable[[str], None]

    def __init__(self, options: IbOptions, timing: Timing) -> None:
        self._options = options
        self._timing = timing
        self._client: Client | None = None
        self._guard: GuardedConnection | None = None
        self._wire: Wire | None = None
        self._ib_is_there = False
        self._lost_by = 0
        self._news = asyncio.Event()
        self._data_lost = True
        self._last_code = ""
        self.why_down = "not connected yet"
        """Why requests cannot be sent; empty = they can."""

    @property
    def client(self) -> Client:
        """The client, to send with.

        Raises
        ------
        ConnectionError
            If there is no connection.
        """
        if self._client is None:
            raise ConnectionError(self.why_down)
        return self._client

    @property
    def wire(self) -> Wire:
        """Where answers come in; raises ConnectionError as `client` does."""
        if self._wire is None:
            raise ConnectionError(self.why_down)
        return self._wire

    @property
    def connected(self) -> bool:
        """True while there is a connection to TWS, whatever it says of IB."""
        return self._client is not None

    async def keep(self) -> None:
        """Connect, and again whenever the connection is lost, until cancelled."""
        pauses = self._timing.pauses()
        while True:
            try:
                await self._connect()
                pauses = self._timing.pauses()
                await self._stay()
            except (OSError, TimeoutError, Refused) as error:
                self._down(self._reason(error))
            except Exception as error:
                self._down(f"a fault of this program: {error!r}; start it again")
                raise
            finally:
                self._disconnect()
            await asyncio.sleep(next(pauses))

    # ---- up

    async def _connect(self) -> None:
        self._last_code = ""
        wire = Wire(self.listeners, self._on_code)
        client = Client(wire)
        client.conn = self._guard = GuardedConnection(client.conn)
        ended: asyncio.Future[str] = asyncio.get_running_loop().create_future()
        self._news.clear()

        def on_end(text: str = "") -> None:
            if not ended.done():
                ended.set_result(text)
            self._news.set()

        client.apiError += on_end
        client.apiEnd += on_end
        options = self._options
        greeting = asyncio.ensure_future(
            client.connectAsync(
                options.host, options.port, options.client_id, self._timing.connect_s
            )
        )
        try:
            await asyncio.wait({greeting, ended}, return_when=asyncio.FIRST_COMPLETED)
            if not greeting.done():  # closed before it said that it is ready
                greeting.cancel()
            await asyncio.wait({greeting})
            if greeting.cancelled():
                raise ConnectionError(ended.result())
            greeting.result()
        finally:
            greeting.cancel()
        self._client, self._wire = client, wire
        self._ib_is_there = True
        self._lost_by = 0
        self._data_lost = True

    async def _stay(self) -> None:
        """Read what lives at IB, then watch the connection until it ends."""
        while True:
            if self._ib_is_there and self.why_down:
                data_lost, self._data_lost = self._data_lost, False
                await self.on_up(data_lost)
                if self._ib_is_there and self.client.isReady():
                    self.why_down = ""
                    self.on_ready()
            self._news.clear()
            if not self.client.isReady():
                raise ConnectionError("TWS has closed the connection")
            if self._ib_is_there and self.why_down:
                continue
            await self._listen()

    async def _listen(self) -> None:
        """Wait for news; after long silence see whether TWS is still there."""
        heard = self.wire.messages
        try:
            async with asyncio.timeout(self._timing.silence_s):
                await self._news.wait()
        except TimeoutError:
            if self.wire.messages == heard:
                await self._knock()

    async def _knock(self) -> None:
        try:
            await self.wire.ask("time", self.client.reqCurrentTime, self._timing.answer_s)
        except TimeoutError as error:
            raise ConnectionError("TWS has gone silent: it did not even tell the time") from error

    # ---- down

    def close(self) -> None:
        """End the connection for good."""
        self._disconnect()

    def _disconnect(self) -> None:
        client, wire = self._client, self._wire
        self._client = self._wire = None
        self._ib_is_there = False
        if wire is not None:
            wire.give_up("the connection to TWS is closed")
        if client is not None:
            client.apiError.clear()
            client.apiEnd.clear()
            client.disconnect()

    def _down(self, reason: str) -> None:
        if reason != self.why_down:
            self.why_down = reason
            log.warning("IB at %s: %s", self._options.place, reason)
            self.on_down(reason)

    def _reason(self, error: Exception) -> str:
        place = self._options.place
        if self._last_code:  # IB's own words before it closed
            return f"TWS at {place} refuses the connection: {self._last_code}"
        if self._guard is not None and self._guard.fault:
            return f"the connection to {place} was closed: {self._guard.fault}"
        if isinstance(error, TimeoutError):
            return no_answer(place)
        if isinstance(error, ConnectionRefusedError):
            return nothing_listens(place)
        return f"the connection to TWS at {place} is lost: {error}"

    # ---- codes about the connection

    def _on_code(self, code: int, text: str) -> None:
        known = CODES.get(code)
        words = text_of(code, text)
        match known.effect if known is not None else None:
            case Effect.LINK_LOST:
                self._lose_ib(code, words)
            case Effect.LINK_BACK:
                self._find_ib(data_lost=False)
            case Effect.LINK_BACK_NO_DATA:
                self._find_ib(data_lost=True)
            case Effect.FARM if self._lost_by == 2110:
                self._find_ib(data_lost=True)
            case Effect.NO_CONNECTION:
                self._last_code = words
                log.warning("IB: %s", words)
            case Effect.WARNS | Effect.FARM:
                log.info("IB: %s", words)
            case _:
                log.warning("IB says, of no request of ours: %s", words)

    def _lose_ib(self, code: int, words: str) -> None:
        self._ib_is_there = False
        self._lost_by = code
        self._down(f"TWS has lost IB: {words}")

    def _find_ib(self, *, data_lost: bool) -> None:
        """Read everything anew, also where no loss was told of before."""
        self._ib_is_there = True
        self._lost_by = 0
        self._data_lost = self._data_lost or data_lost
        if not self.why_down:
            self._down(OPENING)
        self._news.set()
