"""One WebSocket that is kept open: connects, watches for silence, and comes back when it is lost.

Each socket does this on its own, with growing, jittered pauses.
"""

import asyncio
import contextlib
import logging
import time
from typing import TYPE_CHECKING, Final

from brokers.kraken.errors import KrakenError
from brokers.kraken.timing import Pauses, Timing
from brokers.lazy_import import lazy_import

if TYPE_CHECKING:
    import aiohttp
else:
    aiohttp = lazy_import("aiohttp", extra="kraken", needed_by="Kraken")

log = logging.getLogger(__name__)

_CLOSE_S: Final = 0.5
"""A dead peer does not answer a close; nobody waits longer for it."""
_CHECKS_A_SILENCE: Final = 4
_LARGEST_MESSAGE: Final = 16 * 1024 * 1024


class SocketUser:
    """What a `Socket` tells its user; each method may be overridden."""

    async def before_connect(self) -> None:
        """Get what the connection needs; a `KrakenError` counts as a failed try."""

    def on_open(self) -> None:
        """The connection stands: subscribe."""

    def on_data(self, data: str | bytes) -> None:
        """Take a message."""

    def on_closed(self, reason: str) -> None:
        """The connection, or the try to make one, has ended."""


class Socket:
    """A WebSocket for as long as `run` runs.

    Parameters
    ----------
    name : str
        For the log.
    url : str
        ``wss://...``.
    user : SocketUser
        Told of everything.
    timing : Timing
        When silence means dead, and how long to pause.
    """

    def __init__(self, name: str, url: str, user: SocketUser, timing: Timing) -> None:
        self._name = name
        self._url = url
        self._user = user
        self._timing = timing
        self._outgoing: asyncio.Queue[bytes] | None = None
        self._broken: asyncio.Future[str] | None = None
        self._heard_s = 0.0

    @property
    def is_open(self) -> bool:
        """True while there is a connection."""
        return self._outgoing is not None

    def start(self) -> asyncio.Task[None]:
        """Run in the background; what ends it but a cancel is a bug, and is shown as one."""
        task = asyncio.create_task(self.run(), name=self._name)
        task.add_done_callback(_show_bug)
        return task

    def send(self, data: bytes) -> None:
        """Send without waiting; what is sent leaves in order.

        Raises
        ------
        ConnectionError
            If there is no connection: nothing was sent.
        """
        if self._outgoing is None:
            raise ConnectionError("there is no connection to Kraken")
        self._outgoing.put_nowait(data)

    async def emptied(self) -> None:
        """Wait until all that was sent has left.

        Raises
        ------
        ConnectionError
            If it does not within a second.
        """
        if self._outgoing is None:
            raise ConnectionError("there is no connection to Kraken")
        try:
            async with asyncio.timeout(_CLOSE_S):
                await self._outgoing.join()
        except TimeoutError:
            raise ConnectionError("Kraken takes no more data") from None

    def fail(self, reason: str) -> None:
        """Give the connection up, and make a new one."""
        if self._broken is not None and not self._broken.done():
            self._broken.set_result(reason)

    async def run(self) -> None:
        """Keep a connection until this is cancelled."""
        pauses = Pauses(self._timing)
        while True:
            started = time.monotonic()
            try:
                reason = await self._connect()
            except (aiohttp.ClientError, OSError, TimeoutError, KrakenError) as error:
                reason = str(error) or "no answer in time"
                self._user.on_closed(reason)
            pause_s = pauses.next(time.monotonic() - started)
            log.warning("%s: %s; tries again in %.1f s", self._name, reason, pause_s)
            await asyncio.sleep(pause_s)

    async def _connect(self) -> str:
        """Hold one connection; return why it ended."""
        await self._user.before_connect()
        timeout = aiohttp.ClientTimeout(total=None, sock_connect=self._timing.http_s)
        async with aiohttp.ClientSession(timeout=timeout) as session:
            # not wait_for: before Python 3.12 it can swallow a cancel, and nothing would end us
            async with asyncio.timeout(self._timing.http_s):
                socket = await session.ws_connect(
                    self._url,
                    timeout=aiohttp.ClientWSTimeout(ws_close=_CLOSE_S),
                    max_msg_size=_LARGEST_MESSAGE,
                )
            try:
                return await self._hold(socket)
            finally:
                await _close(socket)

    async def _hold(self, socket: "aiohttp.ClientWebSocketResponse") -> str:
        self._outgoing = asyncio.Queue()
        self._broken = asyncio.get_running_loop().create_future()
        self._heard_s = time.monotonic()
        parts = (self._read(socket), self._write(socket, self._outgoing), self._watch())
        tasks: list[asyncio.Future[str]] = [asyncio.ensure_future(part) for part in parts]
        try:
            self._user.on_open()
            ended, _ = await asyncio.wait(
                [*tasks, self._broken], return_when=asyncio.FIRST_COMPLETED
            )
            reason = next(iter(ended)).result()
            self._outgoing = None  # told at once: a dead peer is slow to say good-bye to
            self._user.on_closed(reason)
        finally:
            self._outgoing = None
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
        return reason

    async def _read(self, socket: "aiohttp.ClientWebSocketResponse") -> str:
        async for message in socket:
            self._heard_s = time.monotonic()
            if message.type in (aiohttp.WSMsgType.TEXT, aiohttp.WSMsgType.BINARY):
                self._take(message.data)
        return f"Kraken closed the connection (code {socket.close_code})"

    def _take(self, data: str | bytes) -> None:
        try:
            self._user.on_data(data)
        except Exception as error:  # noqa: BLE001 - shown as a bug; not worth the connection
            context = {"message": f"{self._name}: a message was not taken", "exception": error}
            asyncio.get_running_loop().call_exception_handler(context)

    async def _write(
        self, socket: "aiohttp.ClientWebSocketResponse", outgoing: asyncio.Queue[bytes]
    ) -> str:
        while True:
            data = await outgoing.get()
            try:
                await socket.send_frame(data, aiohttp.WSMsgType.TEXT)
            except (aiohttp.ClientError, OSError) as error:
                return f"the connection broke: {error}"
            outgoing.task_done()

    async def _watch(self) -> str:
        limit_s = self._timing.silence_s
        silent_s = 0.0
        while silent_s < limit_s:
            await asyncio.sleep(max(limit_s - silent_s, limit_s / _CHECKS_A_SILENCE))
            silent_s = time.monotonic() - self._heard_s
        return f"Kraken has been silent for {silent_s:.0f} s, without a heartbeat"


def _show_bug(task: asyncio.Task[None]) -> None:
    if not task.cancelled() and (error := task.exception()) is not None:
        context = {"message": f"{task.get_name()} has stopped", "exception": error, "task": task}
        task.get_loop().call_exception_handler(context)


async def _close(socket: "aiohttp.ClientWebSocketResponse") -> None:
    with contextlib.suppress(aiohttp.ClientError, OSError, TimeoutError):
        async with asyncio.timeout(2 * _CLOSE_S):
            await socket.close()
