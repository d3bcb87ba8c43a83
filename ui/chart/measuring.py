"""The hand that measures: a drag with Shift, from one bar and price to another."""

import math

from PyQt6.QtCore import QPointF

from ems.market import Market
from ui.chart.bar_series import BarSeries
from ui.chart.measure import Measure, Point, measured
from ui.chart.view import ChartView


class Measuring:
    """Turns a drag into a measurement, which stays until the next click.

    Parameters
    ----------
    view : ChartView
        Tells of drags with Shift, and of clicks.
    """

    def __init__(self, view: ChartView) -> None:
        self._view = view
        self._item = Measure(view)
        self._series: BarSeries | None = None
        self._market: Market | None = None
        view.measured.connect(self._drag)
        view.clicked.connect(self._item.clear)

    @property
    def text(self) -> str:
        """What is measured now; empty if nothing is."""
        return self._item.text

    def replace(self, series: BarSeries, market: Market | None) -> None:
        """Measure other bars from now on."""
        self._series, self._market = series, market
        self._item.clear()

    def clear(self) -> None:
        """Show no measurement."""
        self._item.clear()

    def _drag(self, begin: QPointF, end: QPointF) -> None:
        if self._series is not None and self._market is not None:
            points = self._point(begin), self._point(end)
            self._item.show_points(*points, measured(*points, self._series, self._market))

    def _point(self, pane_pos: QPointF) -> Point:
        assert self._market is not None
        at = self._view.mapToView(pane_pos)
        price = self._view.scale.price(float(at.y()))
        return Point(math.floor(at.x() + 0.5), float(self._market.round_price(price)))
