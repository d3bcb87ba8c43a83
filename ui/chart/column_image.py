"""One-pixel columns that stand on a line, as an image that numpy writes.

Tall thin rectangles are slow: every row of each is a piece of memory of its own. A comparison of
all rows with all heights goes through memory in order, and takes a quarter of the time.
"""

from typing import Any, cast

import numpy as np
import numpy.typing as npt
from PyQt6.QtCore import QRect
from PyQt6.QtGui import QImage, QPainter

from ui.chart.columns import Ints

Colors = npt.NDArray[np.uint32]


class ColumnImage:
    """Draws columns of one device pixel, each in its colour.

    Columns have numbers. The image has room for twice as many as are shown, so that a pan writes
    only those that come into view.
    """

    def __init__(self) -> None:
        self._key: object = None
        self._first = 0
        """Number of the leftmost pixel of the image."""
        self._written = range(0)
        self._shown = range(0)
        self._pixels: Colors = np.zeros((0, 0), np.uint32)
        self._image = QImage()

    def lay_out(self, numbers: Ints, heights: Ints, colors: Colors, most: int, key: object) -> None:
        """Take columns.

        Parameters
        ----------
        numbers : ndarray of int64, shape (n,)
            Where they are, ascending; there may be gaps.
        heights : ndarray of int64, shape (n,)
            Rows of each column.
        colors : ndarray of uint32, shape (n,)
            Opaque, ``0xffrrggbb``.
        most : int
            Rows of the image; no column is higher.
        key : object
            Equal to the one before if a column with the same number looks the same; None if no
            column does.
        """
        if len(numbers) == 0:
            self._shown = range(0)
            return
        self._shown = range(int(numbers[0]), int(numbers[-1]) + 1)
        if key is None or key != self._key or not self._has_room():
            self._key = key
            self._make_room(most)
        written = self._written
        left = range(self._shown.start, min(written.start, self._shown.stop))
        right = range(max(written.stop, self._shown.start), self._shown.stop)
        for new in (left, right):
            if new:
                start, stop = np.searchsorted(numbers, (new.start, new.stop)).tolist()
                columns = slice(start, stop)
                self._write(new, numbers[columns], heights[columns], colors[columns])
        begin = min(written.start, self._shown.start)
        self._written = range(begin, max(written.stop, self._shown.stop))

    def draw(self, painter: QPainter, zero: int, bottom: int) -> None:
        """Draw the columns: number 0 is at pixel ``zero``, ``bottom`` is their lowest row."""
        if self._shown:
            shown, height = self._shown, self._image.height()
            source = QRect(shown.start - self._first, 0, len(shown), height)
            painter.drawImage(
                zero + shown.start, bottom + 1 - height, self._image, *source.getRect()
            )

    def _has_room(self) -> bool:
        first, stop = self._first, self._first + self._image.width()
        touches = (
            self._shown.start <= self._written.stop and self._written.start <= self._shown.stop
        )
        return touches and first <= self._shown.start and self._shown.stop <= stop

    def _make_room(self, height: int) -> None:
        """Begin anew, with the shown columns in the middle."""
        beside = len(self._shown) // 2 + 1
        width = len(self._shown) + 2 * beside
        self._first = self._shown.start - beside
        self._written = range(self._shown.start, self._shown.start)
        if self._pixels.shape == (height, width):
            return
        self._image = QImage(width, height, QImage.Format.Format_ARGB32_Premultiplied)
        memory = self._image.bits()  # the image owns it: a row of 32-bit pixels has no padding
        assert memory is not None
        memory.setsize(self._image.sizeInBytes())
        self._pixels = np.frombuffer(cast(Any, memory), np.uint32).reshape(height, width)

    def _write(self, columns: range, numbers: Ints, heights: Ints, colors: Colors) -> None:
        spread_heights = np.zeros(len(columns), np.uint16)
        spread_colors = np.zeros(len(columns), np.uint32)
        spread_heights[numbers - columns.start] = heights
        spread_colors[numbers - columns.start] = colors
        rows = np.arange(len(self._pixels), 0, -1, dtype=np.uint16)[:, None]
        left = columns.start - self._first
        part = self._pixels[:, left : left + len(columns)]
        np.multiply(np.greater_equal(spread_heights, rows), spread_colors, out=part)
