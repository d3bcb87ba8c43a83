"""`ref`, the floor that every figure is a ratio of: clear an image, fill 1,600 columns."""

import time

import numpy as np
from PyQt6.QtCore import Qt
from PyQt6.QtGui import QColor, QImage, QPainter

from ui.chart.rect_batch import RectBatch

WIDTH = 1600
HEIGHT = 900


class Floor:
    """Paints the floor: a 1600x900 image cleared, one `drawRects` of one-pixel columns."""

    def __init__(self) -> None:
        self._image = QImage(WIDTH, HEIGHT, QImage.Format.Format_RGB32)
        self._rects = RectBatch()
        self._ground, self._bars = QColor("#0e1217"), QColor("#26a69a")
        rows = self._rects.rows(WIDTH)
        x = np.arange(WIDTH)
        top = 400 + (150 * np.sin(x / 90)).astype(int)
        rows[:, 0] = rows[:, 2] = x
        rows[:, 1], rows[:, 3] = top, top + 10 + x * 7919 % 41

    def paint(self) -> None:
        """Paint it once."""
        painter = QPainter(self._image)
        self._image.fill(self._ground)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(self._bars)
        self._rects.fill(painter, 0, WIDTH)
        painter.end()

    def time_ms(self, repeats: int = 25) -> float:
        """Return the median time of a few paints, milliseconds."""
        times = []
        for _ in range(repeats):
            start = time.thread_time()
            self.paint()
            times.append(time.thread_time() - start)
        return float(np.median(times)) * 1000
