"""Many points in one call: an array of `QPointF` that numpy writes into."""

from typing import Any, cast

import numpy as np
import numpy.typing as npt
from PyQt6 import sip
from PyQt6.QtCore import QPointF
from PyQt6.QtGui import QPainter

_FLOATS_A_POINT = 2
_FLOAT_BYTES = 8
_NEW_ARRAY: Any = sip.array  # its stub leaves out the arguments


class PointBatch:
    """Points of a line or a polygon that is drawn with one call."""

    def __init__(self) -> None:
        self._room = 0
        self._count = 0
        self._reserve(1024)

    def __len__(self) -> int:
        return self._count

    def points(self, count: int) -> npt.NDArray[np.float64]:
        """Return ``count`` rows of x, y to write into; what was in them is lost."""
        if count > self._room:
            self._reserve(count * 2)
        self._count = count
        return self._rows[:count]

    def draw_line(self, painter: QPainter) -> None:
        """Draw a line through all points with the painter's pen."""
        if self._count > 1:
            painter.drawPolyline(self._points[: self._count])

    def fill(self, painter: QPainter) -> None:
        """Fill the polygon of all points with the painter's brush."""
        if self._count > 2:
            painter.drawPolygon(self._points[: self._count])

    def _reserve(self, room: int) -> None:
        self._room = room
        self._points: Any = _NEW_ARRAY(QPointF, room)
        memory = sip.voidptr(self._points, room * _FLOATS_A_POINT * _FLOAT_BYTES)
        flat = np.frombuffer(cast(Any, memory), dtype=np.float64)
        self._rows = flat.reshape(room, _FLOATS_A_POINT)
