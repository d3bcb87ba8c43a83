"""Thousands of rectangles in one call: an array of `QRect` that numpy writes into."""

from typing import Any, cast

import numpy as np
import numpy.typing as npt
from PyQt6 import sip
from PyQt6.QtCore import QRect
from PyQt6.QtGui import QPainter

_INTS_A_RECT = 4
_INT_BYTES = 4
_NEW_ARRAY: Any = sip.array  # its stub leaves out the arguments


class RectBatch:
    """Integer rectangles that are filled with one `QPainter.drawRects` a colour.

    Parameters
    ----------
    room : int
        How many there is room for at first.
    """

    def __init__(self, room: int = 1024) -> None:
        self._room = 0
        self._reserve(room)

    def rows(self, count: int) -> npt.NDArray[np.int32]:
        """Return ``count`` rows of left, top, right, bottom (inclusive) to write into.

        What was in them is lost. The view is valid until the next call.
        """
        if count > self._room:
            self._reserve(count * 2)
        return self._rows[:count]

    def fill(self, painter: QPainter, start: int, stop: int) -> None:
        """Fill the rectangles ``[start, stop)`` with the painter's brush."""
        if start < stop:
            painter.drawRects(self._rects[start:stop])

    def _reserve(self, room: int) -> None:
        self._room = room
        self._rects: Any = _NEW_ARRAY(QRect, room)
        memory = sip.voidptr(self._rects, room * _INTS_A_RECT * _INT_BYTES)
        flat = np.frombuffer(cast(Any, memory), dtype=np.int32)
        self._rows = flat.reshape(room, _INTS_A_RECT)
