"""A timer that rings after a growing pause, as long as somebody asks for it."""

import asyncio
from collections.abc import Callable
from typing import Final

FIRST_S: Final = 1.0
LONGEST_S: Final = 60.0
CALM_S: Final = 120.0
"""So long nobody asked: the next pause is the first again."""


class Retry:
    """Rings once after each `start`, later each time.

    Parameters
    ----------
    ring
        Called at each ring.
    """

    def __init__(self, ring: Callable[[], None]) -> None:
        self._loop = asyncio.get_running_loop()
        self._ring = ring
        self._pause_s = FIRST_S
        self._rang_s = 0.0
        self._timer: asyncio.TimerHandle | None = None

    def start(self) -> None:
        """Ring after the pause; nothing happens if it is to ring already."""
        if self._timer is not None:
            return
        if self._loop.time() - self._rang_s > CALM_S:
            self._pause_s = FIRST_S
        self._timer = self._loop.call_later(self._pause_s, self._rings)

    def stop(self) -> None:
        """Do not ring."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _rings(self) -> None:
        self._timer = None
        self._rang_s = self._loop.time()
        self._pause_s = min(LONGEST_S, self._pause_s * 2)
        self._ring()
