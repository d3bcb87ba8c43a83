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
        self._running: dict[str, tuple[float, float]] = {}  # oid -> (due, pause), both seconds
        self._timer: asyncio.TimerHandle | None = None
        self._due = 0.0  # when it rings; not every loop's handle tells (qasync's does not)

    def start(self, oid: str) -> None:
        """Start the timer of an order anew."""
        due = self._loop.time() + self._first_s
        self._running[oid] = (due, self._first_s)
        if self._timer is None or self._due > due:
            self._set(due)

    def runs(self, oid: str) -> bool:
        """Tell whether the timer of an order runs."""
        return oid in self._running

    def stop(self, oid: str) -> None:
        """Stop the timer of an order; nothing happens if it does not run."""
        self._running.pop(oid, None)

    def stop_all(self) -> None:
        """Stop every timer."""
        self._running.clear()
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
        for oid, (due, pause_s) in self._running.items():
            if due <= now:
                rung.append((oid, min(LONGEST_S, pause_s * GROWTH)))
        for oid, pause_s in rung:
            self._running[oid] = (now + pause_s, pause_s)
        if self._running:
            self._set(min(due for due, _ in self._running.values()))
        for oid, _ in rung:
            if oid in self._running:  # what another ring set off may have stopped it
                self._on_silence(oid)
