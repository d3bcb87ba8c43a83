"""A line to the Pier that comes back by itself: one JSON object a line, both ways."""

import asyncio
import json
from collections.abc import Callable
from typing import Any

Words = dict[str, Any]
LONGEST_MESSAGE = 1 << 24
FIRST_PAUSE_S = 0.05
LONGEST_PAUSE_S = 5.0


class Line:
    """One connection; `keep` holds it up until it is cancelled.

    Parameters
    ----------
    on_up, on_words, on_down
        Called when the connection is there, for each message, and with the reason when it is lost.
    """

    def __init__(
        self,
        host: str,
        port: int,
        on_up: Callable[[], None],
        on_words: Callable[[Words], None],
        on_down: Callable[[str], None],
    ) -> None:
        self._host = host
        self._port = port
        self._on_up = on_up
        self._on_words = on_words
        self._on_down = on_down
        self._writer: asyncio.StreamWriter | None = None

    def send(self, words: Words) -> None:
        """Send a message; raises `ConnectionError` if the line is known to be down."""
        if self._writer is None or self._writer.is_closing():
            raise ConnectionError(f"no connection to the Pier at {self._host}:{self._port}")
        self._writer.write(json.dumps(words).encode() + b"\n")

    async def keep(self) -> None:
        """Connect, read, and connect again, with growing pauses."""
        pause_s = FIRST_PAUSE_S
        while True:
            try:
                reader, self._writer = await asyncio.open_connection(
                    self._host, self._port, limit=LONGEST_MESSAGE
                )
                pause_s = FIRST_PAUSE_S
                self._on_up()
                await self._read(reader)
                reason = "the Pier has closed the connection"
            except (OSError, ValueError) as error:  # a ValueError: what came is no message
                reason = f"the Pier at {self._host}:{self._port}: {error}"
            finally:
                self._hang_up()
            self._on_down(reason)
            await asyncio.sleep(pause_s)
            pause_s = min(2 * pause_s, LONGEST_PAUSE_S)

    async def _read(self, reader: asyncio.StreamReader) -> None:
        while line := await reader.readline():
            if line.endswith(b"\n"):  # else it was cut in the middle
                self._on_words(json.loads(line))

    def _hang_up(self) -> None:
        if self._writer is not None:
            self._writer.close()
            self._writer = None
