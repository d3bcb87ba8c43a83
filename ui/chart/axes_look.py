"""What the axes of a chart show: prices or percents, logarithms or not, and whose time."""

import math

from PyQt6.QtCore import QObject, QPoint, Qt, pyqtSignal

from ems.market import Market
from ui.chart.bar_series import BarSeries
from ui.chart.indicator_panes import IndicatorPanes
from ui.chart.local_clock import DAY, LocalClock
from ui.chart.period import CalendarPeriod
from ui.chart.price_pane import PricePane
from ui.chart.readout import Readout
from ui.chart.shown_zone import zone_of
from ui.chart.time_ticks import TimeTicks
from ui.zone_choice import EXCHANGE, check_zone


class AxesLook(QObject):
    """Changes the axes of one chart, and tells of it.

    Parameters
    ----------
    pane : PricePane
        Has the axes.
    panes : IndicatorPanes
        Are below it; the last one has the times.
    readout : Readout
        Writes where the crosshair is.
    series : BarSeries
        The bars.

    Signals
    -------
    changed()
        An axis shows something else.
    menu_asked(QPoint)
        A right click on an axis; its place on the screen.
    """

    changed = pyqtSignal()
    menu_asked = pyqtSignal(QPoint)

    def __init__(
        self, pane: PricePane, panes: IndicatorPanes, readout: Readout, series: BarSeries
    ) -> None:
        super().__init__(pane.canvas)
        self._pane = pane
        self._panes = panes
        self._readout = readout
        self._series = series
        self._market: Market | None = None
        self._timezone = EXCHANGE
        for axis in (pane.price_axis, pane.time_axis):
            axis.menu_asked = self.menu_asked.emit
        pane.plot_item.ctrl.logYCheck.toggled.connect(self._take_log_scale)
        pane.view.scale_asked.connect(self._switch)

    def replace(self, series: BarSeries, market: Market | None) -> None:
        """Show the times of other bars."""
        self._series, self._market = series, market
        self._show_times()

    @property
    def in_percent(self) -> bool:
        """True if the price axis shows the change since the first bar in view."""
        return self._pane.price_axis.in_percent

    def set_in_percent(self, in_percent: bool) -> None:
        """Label the price axis with the change since the close of the first bar in view."""
        if in_percent != self.in_percent:
            self._pane.price_axis.set_base_price(self._first_close if in_percent else None)
            self._pane.backdrop.redraw()
            self._pane.repaint()
            self.changed.emit()

    @property
    def log_scale(self) -> bool:
        """True if the price axis is logarithmic."""
        return self._pane.view.scale.is_log

    def set_log_scale(self, log_scale: bool) -> None:
        """Let the price axis be logarithmic or linear, as ``plot_item.setLogMode(y=...)`` does."""
        self._pane.plot_item.setLogMode(y=log_scale)

    @property
    def exchange_timezone(self) -> str:
        """IANA name of the zone of the market; UTC without one."""
        return "UTC" if self._market is None else self._market.timezone

    @property
    def timezone(self) -> str:
        """Whose time the time axis shows: ``exchange``, ``computer``, or an IANA name."""
        return self._timezone

    def set_timezone(self, choice: str) -> None:
        """Show other times; raises ValueError, with a sentence, if there is no such zone."""
        check_zone(choice)
        if choice != self._timezone:
            self._timezone = choice
            self._show_times()
            self._pane.backdrop.redraw()
            self._pane.repaint()
            self._panes.repaint()
            self.changed.emit()

    def _show_times(self) -> None:
        """Let axis and crosshair show what was chosen; days have the dates of the exchange."""
        series = self._series
        zone = self.exchange_timezone
        if series.period_ns < DAY:
            zone = zone_of(self._timezone, zone)
        elif isinstance(series.period, CalendarPeriod):
            zone = series.period.zone
        self._pane.time_axis.set_source(TimeTicks(series, LocalClock(zone)))
        self._readout.show_aim()

    def _switch(self, key: int) -> None:
        """Do what a key asks of the price axis."""
        if key == Qt.Key.Key_L:
            self.set_log_scale(not self.log_scale)
        else:
            self.set_in_percent(not self.in_percent)

    def _take_log_scale(self, log_scale: bool) -> None:
        """The plot has become logarithmic or linear."""
        self._pane.view.set_log_scale(is_log=log_scale)
        self._pane.bars.invalidate()
        self._pane.measuring.clear()
        self._pane.repaint()
        self._readout.show_aim()
        self.changed.emit()

    def _first_close(self) -> float | None:
        x = max(math.ceil(self._pane.view.viewRange()[0][0]), self._series.first_x)
        bar = self._series.bar(x)
        return None if bar is None else bar.close
