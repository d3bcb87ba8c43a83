"""How long a venue gets for what it does by itself, before it is asked for."""

import asyncio
from collections.abc import Callable, Hashable
from typing import Final

PATIENCE_S: Final = 3.0
FORGETS_S: Final = 60.0
"""What is asked about again after so long is waited for anew."""
_HAIR_S: Final = 0.001
"""A timer may ring so much early."""


class VenuePatience:
    """Waits for a while for each thing that a venue is to do, or to say.

    Parameters
    ----------
    ring
        Called when a wait is over: what was not done by then is to be asked for.
    """

    def __init__(self, ring: Callable[[], None]) -> None:
        self._loop = asyncio.get_running_loop()
        self._ring = ring
        self._since: dict[tuple[str, Hashable], float] = {}
        self._timers: set[asyncio.TimerHandle] = set()

    def waits(self, oid: str, what: Hashable) -> bool:
        """Tell whether the venue still has time for this; the time begins with the first call."""
        now = self._loop.time()
        since = self._since.get((oid, what))
        if since is None:
            self._since[oid, what] = now
            timer = self._loop.call_later(PATIENCE_S, self._is_over)
            self._timers = {one for one in self._timers if one.when() > now} | {timer}
            return True
        return now - since < PATIENCE_S - _HAIR_S

    def forget(self, oid: str) -> None:
        """Begin anew with what an order waits for."""
        self._since = {key: since for key, since in self._since.items() if key[0] != oid}

    def stop(self) -> None:
        """Wait for nothing."""
        for timer in self._timers:
            timer.cancel()
        self._timers.clear()

    def _is_over(self) -> None:
        self._ring()  # first: the machine may have slept, and what is over is over
        long_ago = self._loop.time() - FORGETS_S
        self._since = {key: since for key, since in self._since.items() if since > long_ago}
