"""Hands on what came over a socket in small portions, so that a chart paints in between.

The answer for five hundred open orders comes in one piece, and reading it takes a tenth of a
second.
"""

import asyncio
import struct
import time
from collections.abc import Callable
from typing import Final

_SLICE: Final = 4096
"""Bytes; a dozen orders, half a millisecond. A frame is never cut: the client would put it together
anew with each piece."""
_TURN_S: Final = 0.004
"""So long a turn of the loop is, a quarter of a picture; the rest waits for the next one."""
_PAUSE_S: Final = 0.002
_PREFIX: Final = struct.Struct(">I")


class Portions:
    """Keeps what is not handed on yet, whole frames of it and the beginning of the next.

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
        self._rest = bytearray()
        self._next: asyncio.Handle | None = None

    def add(self, data: bytes) -> None:
        """Hand on what came, as much as a turn takes; it comes after all that waits."""
        self._rest += data
        if self._next is None:
            self._turn()

    def flush(self) -> None:
        """Hand on all that waits, now: no turn comes any more."""
        rest = bytes(self._rest)
        self.clear()
        if rest:
            self._hand_on(rest)

    def clear(self) -> None:
        """Forget all that waits."""
        self._rest.clear()
        if self._next is not None:
            self._next.cancel()
            self._next = None

    def _turn(self) -> None:
        waited, self._next = self._next is not None, None
        until = self._clock() + _TURN_S
        while end := self._end():
            portion = bytes(self._rest[:end])
            del self._rest[:end]
            self._hand_on(portion)
            if self._clock() >= until:
                break
        if self._end():
            self._next = asyncio.get_running_loop().call_later(_PAUSE_S, self._turn)
        if waited != (self._next is not None):
            self._hold(not waited)

    def _end(self) -> int:
        """Return where the next portion ends: behind a whole frame; 0 if none is complete."""
        end = 0
        while end < _SLICE and len(self._rest) >= end + _PREFIX.size:
            (length,) = _PREFIX.unpack_from(self._rest, end)
            if not length:  # no frame of TWS: the client says so once it sees more than that
                return len(self._rest)
            if len(self._rest) < end + _PREFIX.size + length:
                break
            end += _PREFIX.size + length
        return end
