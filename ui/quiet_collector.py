"""Python's full garbage collection when nobody moves: it stops everything for a tenth of a second.

It looks at every object that there is, and a window with a few hundred orders has half a million.
Young objects are collected as ever; that takes less than a millisecond.
"""

import gc
import time
from collections.abc import Callable
from typing import Final

from PyQt6.QtCore import QObject, QTimer
from PyQt6.QtGui import QCursor

_LOOK_MS: Final = 1_000
_QUIET_S: Final = 5.0
_USUAL_S: Final = 60.0
"""Time between two, if there is a quiet moment."""
_LONGEST_S: Final = 600.0
"""Time between two for hands that never rest."""
_NEVER: Final = 1_000_000_000


class QuietCollector(QObject):
    """Takes over full collections until it is stopped.

    Parameters
    ----------
    clock
        Seconds that only rise.
    collect
        Does it.
    """

    def __init__(
        self,
        clock: Callable[[], float] = time.monotonic,
        collect: Callable[[], object] = gc.collect,
    ) -> None:
        super().__init__()
        self._clock = clock
        self._collect = collect
        self._thresholds = gc.get_threshold()
        gc.set_threshold(*self._thresholds[:2], _NEVER)
        self._pointer = QCursor.pos()
        self._moved = self._collected = clock()
        self._timer = QTimer(self)
        self._timer.setInterval(_LOOK_MS)
        self._timer.timeout.connect(self.look)
        self._timer.start()

    def look(self) -> None:
        """Collect if it is time and nobody moves the pointer, or if it is high time."""
        now, pointer = self._clock(), QCursor.pos()
        if pointer != self._pointer:
            self._pointer, self._moved = pointer, now
        since = now - self._collected
        if since >= _LONGEST_S or (since >= _USUAL_S and now - self._moved >= _QUIET_S):
            self._collected = now
            self._collect()

    def stop(self) -> None:
        """Leave full collections to Python again."""
        self._timer.stop()
        gc.set_threshold(*self._thresholds)
