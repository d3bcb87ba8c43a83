"""The heartbeat of an EMS: what has to be looked at again and again, and a sign that it lives."""

import asyncio
import time
from collections.abc import Callable, Sequence
from typing import Final

BEAT_S: Final = 0.25


class Pulse:
    """Beats while the loop of its EMS runs; a loop that stands still beats no more.

    Parameters
    ----------
    beats
        Called at each beat.
    clock_ns
        Any steady clock, ns.
    """

    def __init__(
        self,
        beats: Sequence[Callable[[], None]],
        clock_ns: Callable[[], int] = time.monotonic_ns,
    ) -> None:
        self._beats = beats
        self._clock_ns = clock_ns
        self._last_ns = clock_ns()

    @property
    def age_s(self) -> float:
        """How long ago it beat last; safe to read from any thread."""
        return (self._clock_ns() - self._last_ns) / 1e9

    async def run(self) -> None:
        """Beat until cancelled."""
        while True:
            self.beat()
            await asyncio.sleep(BEAT_S)

    def beat(self) -> None:
        """Look at everything once."""
        self._last_ns = self._clock_ns()
        loop = asyncio.get_running_loop()
        for look in self._beats:
            loop.call_soon(look)  # the loop tells of one that fails, and the others go on
