"""Faint lines at the prices and times that have a label."""

import math

import pyqtgraph as pg
from PyQt6.QtGui import QPainter
from PyQt6.QtWidgets import QStyleOptionGraphicsItem, QWidget

from ui import theme
from ui.chart.pane_item import PaneItem, device_pixels
from ui.chart.price_axis import PriceAxis
from ui.chart.time_axis import TimeAxis
from ui.chart.time_ticks import Rank
from ui.chart.visible_bars import VisibleBars


class Grid(PaneItem):
    """Draws the grid; where something greater begins, its line is a shade stronger."""

    def __init__(
        self, view: pg.ViewBox, bars: VisibleBars, prices: PriceAxis, times: TimeAxis
    ) -> None:
        super().__init__(view, -50)
        self._bars = bars
        self._prices = prices
        self._times = times
        self._faint = theme.color(theme.GRID)
        self._strong = theme.color(theme.GRID_STRONG)

    def paint(
        self,
        painter: QPainter | None,
        option: QStyleOptionGraphicsItem | None,
        widget: QWidget | None = None,
    ) -> None:
        """Draw the lines, one device pixel wide."""
        assert painter is not None
        pixels = self._bars.refresh(painter)
        width, height = pixels.right - pixels.left, pixels.bottom - pixels.top
        ticks = self._times.ticks()
        least = min((tick.rank for tick in ticks), default=Rank.TIME)
        with device_pixels(painter, pixels.ratio):
            for price, _ in self._prices.ticks():
                painter.fillRect(pixels.left, pixels.row(price), width, 1, self._faint)
            for tick in ticks:
                x = math.floor(tick.x * pixels.x_scale + pixels.x_origin)
                if pixels.left <= x < pixels.right:
                    color = self._faint if tick.rank is least else self._strong
                    painter.fillRect(x, pixels.top, 1, height, color)
