"""One-pixel columns that stand on a line, as an image that numpy writes.

Tall thin rectangles are slow: every row of each is a piece of memory of its own. A comparison of
all rows with all heights goes through memory in order, and takes a quarter of the time.
"""

from typing import Any, cast

import numpy as np
import numpy.typing as npt
from PyQt6.QtGui import QImage, QPainter

from ui.chart.columns import Ints


class ColumnImage:
    """Draws columns of one device pixel, each in its colour."""

    def __init__(self) -> None:
        self._left = 0
        self._pixels: npt.NDArray[np.uint32] = np.zeros((0, 0), np.uint32)
        self._mask: npt.NDArray[np.bool_] = np.zeros((0, 0), np.bool_)
        self._image = QImage()

    def lay_out(self, x: Ints, heights: Ints, colors: npt.NDArray[np.uint32], most: int) -> None:
        """Take columns.

        Parameters
        ----------
        x : ndarray of int64, shape (n,)
            Device pixels, ascending; there may be gaps.
        heights : ndarray of int64, shape (n,)
            Rows of each column.
        colors : ndarray of uint32, shape (n,)
            Opaque, ``0xffrrggbb``.
        most : int
            Rows of the image; no column is higher.
        """
        if len(x) == 0:
            self._image = QImage()
            return
        self._left = int(x[0])
        width = int(x[-1]) - self._left + 1
        self._reserve(width, most)
        spread_heights, spread_colors = np.zeros(width, np.uint16), np.zeros(width, np.uint32)
        spread_heights[x - self._left] = heights
        spread_colors[x - self._left] = colors
        rows = np.arange(most, 0, -1, dtype=np.uint16)[:, None]
        np.greater_equal(spread_heights, rows, out=self._mask)
        np.multiply(self._mask, spread_colors, out=self._pixels)

    def draw(self, painter: QPainter, bottom: int) -> None:
        """Draw the columns; ``bottom`` is their lowest row."""
        if not self._image.isNull():
            painter.drawImage(self._left, bottom + 1 - self._image.height(), self._image)

    def _reserve(self, width: int, height: int) -> None:
        if self._pixels.shape == (height, width) and not self._image.isNull():
            return
        self._mask = np.zeros((height, width), np.bool_)
        self._image = QImage(width, height, QImage.Format.Format_ARGB32_Premultiplied)
        memory = self._image.bits()  # the image owns it: a row of 32-bit pixels has no padding
        assert memory is not None
        memory.setsize(self._image.sizeInBytes())
        self._pixels = np.frombuffer(cast(Any, memory), np.uint32).reshape(height, width)
