"""Lets a chart paint between the messages of the EMS when hundreds of them come at once."""

import asyncio
import time
from collections.abc import Callable
from typing import Final

_TURN_S: Final = 0.004


class Turns:
    """Of somebody who works on one message after another.

    Parameters
    ----------
    clock
        Seconds of this thread's work; what other programs take is not in it.
    """

    def __init__(self, clock: Callable[[], float] = time.thread_time) -> None:
        self._clock = clock
        self._until = 0.0

    async def rest(self) -> None:
        """Let others have a turn if a quarter of a frame was worked since the last time."""
        if self._clock() > self._until:
            await asyncio.sleep(0)
            self._until = self._clock() + _TURN_S
