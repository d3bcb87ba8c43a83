"""How long a venue may be silent about a request before its outcome counts as unknown."""

import asyncio
from collections.abc import Callable
from typing import Final

GROWTH: Final = 2.0
LONGEST_S: Final = 60.0


class AnswerTimers:
    """One timer an order: runs while a request is out, with growing pauses once it has rung.

    Most are stopped long before they ring, so all share one timer of the loop, which is set for
    the first that is due. Made on the loop that it is to ring on.

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
        self.running: dict[str, tuple[float, float]] = {}
        """By oid, when it rings and the pause before that, both in seconds."""
        self._timer: asyncio.TimerHandle | None = None
        self._due = 0.0  # when it rings; not every loop's handle tells (qasync's does not)

    def start(self, oid: str) -> None:
        """Start the timer of an order anew."""
        due = self._loop.time() + self._first_s
        self.running[oid] = (due, self._first_s)
        if self._timer is None or self._due > due:
            self._set(due)

    def stop(self, oid: str) -> None:
        """Stop the timer of an order; nothing happens if it does not run."""
        self.running.pop(oid, None)

    def stop_all(self) -> None:
        """Stop every timer."""
        self.running.clear()
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _set(self, due: float) -> None:
        if self._timer is not None:
            self._timer.cancel()
        self._due = due
        self._timer = self._loop.call_at(due, self._ring)

    def _ring(self) -> None:
        self._timer = None
        now = self._loop.time()
        rung = []
        for oid, (due, pause_s) in self.running.items():
            if due <= now:
                rung.append((oid, min(LONGEST_S, pause_s * GROWTH)))
        for oid, pause_s in rung:
            self.running[oid] = (now + pause_s, pause_s)
        if self.running:
            self._set(min(due for due, _ in self.running.values()))
        for oid, _ in rung:
            if oid in self.running:  # what another ring set off may have stopped it
                self._on_silence(oid)
