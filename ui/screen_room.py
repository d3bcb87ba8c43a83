"""How much room a screen has for a window."""

from typing import Final

from PyQt6.QtCore import QRect, QSize
from PyQt6.QtGui import QGuiApplication, QScreen

_FRAME: Final = QSize(8, 36)
"""What window managers put around a window: edges and a title bar, in logical pixels."""


def fitting_size(size: QSize) -> QSize:
    """Return the size, made smaller where the first screen has no room for it."""
    return _within(size, QGuiApplication.primaryScreen())


def fitting_place(place: QRect) -> QRect | None:
    """Return the place of a window, made smaller where its screen has no room for it.

    None if no screen shows the middle of it any more.
    """
    for screen in QGuiApplication.screens():
        if screen.geometry().contains(place.center()):
            fitting = QRect(place.topLeft(), _within(place.size(), screen))
            if fitting.size() != place.size():  # and then all of it is to be seen
                fitting.moveTopLeft(screen.availableGeometry().topLeft())
            return fitting
    return None


def _within(size: QSize, screen: QScreen | None) -> QSize:
    if screen is None or QGuiApplication.platformName() in ("offscreen", "minimal"):
        return size  # a screen that is only imagined has room for any
    room = screen.availableSize()
    return size if size.boundedTo(room) == size else size.boundedTo(room - _FRAME)
