"""One frame of a chart for all that happened since the last: what is in view, tags, repaint."""

import math
import time
from collections.abc import Callable
from typing import Final

from PyQt6.QtCore import QObject, Qt

from ems.market import Market
from ui.chart.bar_series import BarSeries
from ui.chart.frame_timer import made_timer
from ui.chart.live_bars import LiveBars
from ui.chart.price_pane import PricePane
from ui.chart.readout import Readout
from ui.chart.view import ChartView

_FRAME_MS: Final = 16


class Frames(QObject):
    """Brings the picture up to date, at most once in 16 ms.

    Parameters
    ----------
    view : ChartView
        Follows the market and fits its prices.
    pane : PricePane
        Is painted.
    readout : Readout
        Shows the numbers of the last bar.
    """

    def __init__(self, view: ChartView, pane: PricePane, readout: Readout) -> None:
        super().__init__(pane.canvas)
        self._view = view
        self._pane = pane
        self._readout = readout
        self.followers: list[Callable[[], None]] = []
        """Called at the end of each frame; what is below the price pane, for one."""
        self._source: tuple[BarSeries, LiveBars, Market | None] | None = None
        self._settled: tuple[int, int] | None = None
        self._painted_layout = -1
        self._began = 0.0
        self._timer = made_timer(self, _FRAME_MS, self._frame, once=True)
        self._timer.setTimerType(Qt.TimerType.PreciseTimer)  # a coarse one loses every fourth frame

    @property
    def due(self) -> bool:
        """True if a frame or the legend is behind what the chart was told."""
        return self._timer.isActive() or self._readout.due

    def replace(self, series: BarSeries, live: LiveBars, market: Market | None) -> None:
        """Show other bars from the next frame on."""
        self._source = (series, live, market)
        self._settled, self._painted_layout = None, -1

    def wake(self) -> None:
        """Bring the picture up to date in the next frame, once for all that asks for it.

        After a pause that is at once, else a frame's time after the frame before.
        """
        if not self._timer.isActive():
            passed_ms = (time.monotonic() - self._began) * 1000
            self._timer.start(max(math.ceil(_FRAME_MS - passed_ms), 0))

    def unsettle(self) -> None:
        """Let the next frame look again at what should be in view."""
        self._settled = None
        self.wake()

    def catch_up(self) -> None:
        """Bring the picture up to date now."""
        self._timer.stop()
        self._frame()

    def _frame(self) -> None:
        self._began = time.monotonic()
        if self._source is None:
            return
        series, live, market = self._source
        extent = (series.layout, series.reach)
        if extent != self._settled or not self._view.framed:
            self._view.settle()
            self._settled = extent
        if market is not None:
            self._pane.prices.show(market, series, live)
        if series.layout != self._painted_layout or self._pane.volume.outgrown():
            self._painted_layout = series.layout
            self._pane.fit_price_axis(series)
            self._pane.repaint()
        else:
            self._pane.repaint_live()
        self._readout.follow()
        for follow in self.followers:
            follow()
