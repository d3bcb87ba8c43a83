"""What a tick changes on the screen, gathered into as few rectangles as can be."""

from collections.abc import Callable
from typing import Final

from PyQt6.QtCore import QRect

_BAND: Final = 120
"""Rows, logical pixels: what lies within so many is painted as one band of the whole width.

One rectangle that is copied costs less than several small ones: Qt clips to one for nothing.
"""


class Strips:
    """Parts of the widget to paint anew, logical pixels.

    Parameters
    ----------
    repaint : callable
        Paints a part; gets it when `flush` is called.
    width : callable
        Returns the width of the widget.
    """

    def __init__(self, repaint: Callable[[QRect], None], width: Callable[[], int]) -> None:
        self._repaint = repaint
        self._width = width
        self._parts: list[QRect] = []

    def add(self, part: QRect) -> None:
        """Paint a part with the next `flush`."""
        if not part.isEmpty():
            self._parts.append(part)

    def flush(self) -> None:
        """Ask for all parts, and forget them."""
        if not self._parts:
            return
        top = min(part.top() for part in self._parts)
        rows = max(part.bottom() for part in self._parts) - top + 1
        if rows <= _BAND:
            self._repaint(QRect(0, top, self._width(), rows))
        else:
            for part in self._parts:
                self._repaint(part)
        self.clear()

    def clear(self) -> None:
        """Forget all parts: everything is painted anyway."""
        self._parts.clear()
