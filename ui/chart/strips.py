"""What a tick changes on the screen, gathered into as few rectangles as can be."""

from collections.abc import Callable
from typing import Final, NamedTuple

from PyQt6.QtCore import QRect

_BAND: Final = 240
"""Rows, logical pixels: what lies within so many is painted as one band of the whole width.

One rectangle that is copied costs less than several small ones: Qt clips to one for nothing.
"""


class Part(NamedTuple):
    """A part of the widget, logical pixels; right and bottom are not in it.

    Plain numbers: a tick makes half a dozen of them, and a `QRect` takes thrice as long.
    """

    left: int
    top: int
    right: int
    bottom: int


class Strips:
    """Parts of the widget to paint anew.

    Parameters
    ----------
    repaint : callable
        Paints a part; gets it when `flush` is called.
    width : callable
        Returns the width of the widget, logical pixels.
    """

    def __init__(self, repaint: Callable[[QRect], None], width: Callable[[], int]) -> None:
        self._repaint = repaint
        self._width = width
        self._parts: list[Part] = []

    def add(self, part: Part) -> None:
        """Paint a part with the next `flush`."""
        left, top, right, bottom = part
        if left < right and top < bottom:
            self._parts.append(part)

    def flush(self) -> None:
        """Ask for all parts, and forget them."""
        parts = self._parts
        if not parts:
            return
        top = min([part[1] for part in parts])
        rows = max([part[3] for part in parts]) - top
        if rows <= _BAND:
            self._repaint(QRect(0, top, self._width(), rows))
        else:
            for left, above, right, below in parts:
                self._repaint(QRect(left, above, right - left, below - above))
        parts.clear()

    def clear(self) -> None:
        """Forget all parts: everything is painted anyway."""
        self._parts.clear()
