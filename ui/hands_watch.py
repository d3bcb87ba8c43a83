"""Notices that somebody is at the window: it is the active one, and the pointer moves."""

from collections.abc import Callable
from typing import Final

from PyQt6.QtCore import QObject, QTimer
from PyQt6.QtGui import QCursor
from PyQt6.QtWidgets import QWidget

LOOK_MS: Final = 1_000


class HandsWatch(QObject):
    """Looks at the pointer about once a second, which costs less than to see every event.

    Parameters
    ----------
    moved
        Called when the pointer has moved since the last look.
    """

    def __init__(self, window: QWidget, moved: Callable[[], None]) -> None:
        super().__init__()
        self._window = window
        self._moved = moved
        self._seen = QCursor.pos()
        self._timer = QTimer(self)
        self._timer.setInterval(LOOK_MS)
        self._timer.timeout.connect(self._look)
        self._timer.start()

    def stop(self) -> None:
        """Watch no more."""
        self._timer.stop()

    def _look(self) -> None:
        position = QCursor.pos()
        if position != self._seen and self._window.isActiveWindow():
            self._moved()
        self._seen = position
