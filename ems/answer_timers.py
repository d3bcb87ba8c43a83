"""How long a venue may be silent about a request before its outcome counts as unknown."""

import asyncio
from collections.abc import Callable
from typing import Final

GROWTH: Final = 2.0
LONGEST_S: Final = 60.0


class AnswerTimers:
    """One timer an order: runs while a request is out, with growing pauses once it has rung.

    Made on the loop that it is to ring on.

    Parameters
    ----------
    first_s : float
        Seconds of silence before the first ring.
    on_silence
        Called with the oid at each ring.
    """

    def __init__(self, first_s: float, on_silence: Callable[[str], None]) -> None:
        self._loop = asyncio.get_running_loop()
        self._first_s = first_s
        self._on_silence = on_silence
        self._timers: dict[str, asyncio.TimerHandle] = {}
        self._pauses: dict[str, float] = {}

    def start(self, oid: str) -> None:
        """Start the timer of an order anew."""
        self._start(oid, self._first_s)

    def runs(self, oid: str) -> bool:
        """Tell whether the timer of an order runs."""
        return oid in self._timers

    def stop(self, oid: str) -> None:
        """Stop the timer of an order; nothing happens if it does not run."""
        self._pauses.pop(oid, None)
        if timer := self._timers.pop(oid, None):
            timer.cancel()

    def stop_all(self) -> None:
        """Stop every timer."""
        for oid in list(self._timers):
            self.stop(oid)

    def _start(self, oid: str, pause_s: float) -> None:
        if timer := self._timers.pop(oid, None):
            timer.cancel()
        self._pauses[oid] = pause_s
        self._timers[oid] = self._loop.call_later(pause_s, self._ring, oid)

    def _ring(self, oid: str) -> None:
        self._start(oid, min(LONGEST_S, self._pauses[oid] * GROWTH))
        self._on_silence(oid)
