"""Faint lines at the prices and times that have a label."""

import numpy as np
from PyQt6.QtGui import QPainter

from ui import theme
from ui.chart.columns import PixelMap
from ui.chart.price_axis import PriceAxis
from ui.chart.rect_batch import RectBatch
from ui.chart.time_axis import TimeAxis
from ui.chart.time_rank import Rank


class Grid:
    """Draws the grid; where something greater begins, its line is a shade stronger."""

    def __init__(self, prices: PriceAxis, times: TimeAxis) -> None:
        self._prices = prices
        self._times = times
        self._rects = RectBatch()

    def draw(self, painter: QPainter, pixels: PixelMap) -> None:
        """Draw the lines, one device pixel wide."""
        rows = [pixels.row(price) for price, _ in self._prices.ticks()]
        levels = [(pixels.left, row, pixels.right - 1, row) for row in rows]
        ticks = self._times.ticks()
        least = min((tick.rank for tick in ticks), default=Rank.TIME)
        faint: list[tuple[int, int, int, int]] = []
        strong: list[tuple[int, int, int, int]] = []
        for tick in ticks:
            x = int(tick.x * pixels.x_scale + pixels.x_origin)
            if pixels.left <= x < pixels.right:
                lines = faint if tick.rank is least else strong
                lines.append((x, pixels.top, x, pixels.bottom - 1))
        self._fill(painter, [*levels, *faint], strong)

    def _fill(
        self,
        painter: QPainter,
        faint: list[tuple[int, int, int, int]],
        strong: list[tuple[int, int, int, int]],
    ) -> None:
        lines = [*faint, *strong]
        if lines:
            self._rects.rows(len(lines))[:] = np.array(lines, np.int32)
            painter.setBrush(theme.brush(theme.GRID))
            self._rects.fill(painter, 0, len(faint))
            painter.setBrush(theme.brush(theme.GRID_STRONG))
            self._rects.fill(painter, len(faint), len(lines))
