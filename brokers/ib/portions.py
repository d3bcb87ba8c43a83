"""Hands on what came over a socket in small portions, so that a chart paints in between.

The answer for five hundred open orders comes in one piece, and reading it takes a tenth of a
second.
"""

import asyncio
import time
from collections.abc import Callable
from typing import Final

_SLICE: Final = 4096
"""Bytes; a dozen orders, half a millisecond."""
_TURN_S: Final = 0.004
"""So long a turn of the loop is, a quarter of a frame; the rest waits for the next one."""


_PAUSE_S: Final = 0.002


class Portions:
    """Keeps what is not handed on yet.

    Parameters
    ----------
    hand_on
        Takes the next bytes.
    hold
        Called with True when there is more than a turn takes, so that no more is read, and with
        False when all of it is handed on.
    clock
        Seconds.
    """

    def __init__(
        self,
        hand_on: Callable[[bytes], None],
        hold: Callable[[bool], None],
        clock: Callable[[], float] = time.perf_counter,
    ) -> None:
        self._hand_on = hand_on
        self._hold = hold
        self._clock = clock
        self._rest = b""
        self._at = 0
        self._next: asyncio.Handle | None = None

    def add(self, data: bytes) -> None:
        """Hand on what came, as much as a turn takes; it comes after all that waits."""
        self._rest = self._rest[self._at :] + data
        self._at = 0
        if self._next is None:
            self._turn()

    def flush(self) -> None:
        """Hand on all that waits, now: no turn comes any more."""
        rest = self._rest[self._at :]
        self.clear()
        if rest:
            self._hand_on(rest)

    def clear(self) -> None:
        """Forget all that waits."""
        self._rest, self._at = b"", 0
        if self._next is not None:
            self._next.cancel()
            self._next = None

    def _turn(self) -> None:
        waited, self._next = self._next is not None, None
        end = self._clock() + _TURN_S
        while self._at < len(self._rest):
            begin, self._at = self._at, self._at + _SLICE
            self._hand_on(self._rest[begin : self._at])
            if self._clock() >= end:
                break
        if self._at < len(self._rest):
            self._next = asyncio.get_running_loop().call_later(_PAUSE_S, self._turn)
            if not waited:
                self._hold(True)
            return
        self._rest, self._at = b"", 0
        if waited:
            self._hold(False)
