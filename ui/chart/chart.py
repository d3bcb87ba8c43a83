"""The chart of one market: it puts the layers together and keeps them up to date."""

import math
from collections.abc import Callable, Sequence
from typing import Any, Final

import pyqtgraph as pg
from PyQt6.QtCore import pyqtSignal
from PyQt6.QtGui import QShowEvent
from PyQt6.QtWidgets import QVBoxLayout, QWidget

from ems.market import Market
from ems.ticks import Bars, Tick, no_bars
from ui import theme
from ui.chart.axes_look import AxesLook
from ui.chart.bar_series import BarSeries
from ui.chart.bar_style import BarStyle
from ui.chart.drawing_hand import DrawingHand
from ui.chart.formula import Formula
from ui.chart.frame_timer import made_timer
from ui.chart.frames import Frames
from ui.chart.framing import Framing
from ui.chart.indicator import Indicator
from ui.chart.indicator_panes import IndicatorPanes, below, overlays
from ui.chart.live_bars import LiveBars
from ui.chart.period import MINUTE, Period
from ui.chart.price_axis import PriceAxis
from ui.chart.price_pane import PricePane
from ui.chart.readout import Readout
from ui.chart.room_maker import RoomMaker
from ui.chart.view import ChartView

_CLOCK_MS: Final = 250
_NEAR_END: Final = 0.5
"""Older bars are asked for when less than this part of a view is left of it."""


class Chart(QWidget):
    """A candlestick chart with volume, axes, crosshair, legend, last price, bid and ask.

    `plot_item` is a plain pyqtgraph plot: its y is the price (or its logarithm), its x the index
    of a bar. Bar ``x`` is drawn in the middle of ``[x - 0.5, x + 0.5)``; older history has an x
    below 0, so nothing moves when it comes. Anything can be added to the plot in these coordinates.

    Signals
    -------
    older_wanted
        The user came near the oldest bar; answer with `prepend_bars`. It is not sent again
        before older bars were put in, or all were replaced.
    pointed(int or None)
        The time of the bar that the mouse is on, UTC ns; None when it has left the chart.
    """

    older_wanted = pyqtSignal()
    pointed = pyqtSignal(object)  # an int of 64 bits

    plot_item: pg.PlotItem
    """Where order mode and others attach, by pyqtgraph's public API."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._market: Market | None = None
        self._series = BarSeries(no_bars(), MINUTE)
        self._live = LiveBars(self._series, "trade")
        self._framing = Framing(self._series, 0.01)
        self._view = ChartView(self._framing)
        self._pane = PricePane(self._view, self._series)
        self._readout = Readout(self._pane, self._series)
        self._panes = IndicatorPanes(self._pane)
        self._axes = AxesLook(self._pane, self._panes, self._readout, self._series)
        self._indicators: list[Indicator] = []
        self._hand = DrawingHand(self._view, self._series)
        self._pane.canvas.key_taker = self._hand.press
        self.plot_item = self._pane.plot_item
        self._older_asked = True
        self._never_shown = True
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        self._panes.put_into(layout)
        self._panes.pointed.connect(self._readout.guide)
        self._readout.pointed.connect(self._panes.point_at)
        self._readout.pointed.connect(self._tell_pointed)
        self._is_guided = False
        self.setFocusProxy(self._pane.canvas)
        self._frames = Frames(self._view, self._pane, self._readout)
        self._room = RoomMaker(self, lambda: self._series)
        self._frames.followers += [self._panes.follow, self._room.look]
        self._frames.replace(self._series, self._live, None)
        self._panes.replace(self._series, None)
        self._clock_timer = made_timer(self, _CLOCK_MS, self._frames.wake, once=False)
        theme.changes.changed.connect(self._restyle)
        self._view.sigRangeChanged.connect(self._view_moved)
        self._view.sigResized.connect(self._pane.repaint)

    @property
    def series(self) -> BarSeries:
        """The bars on the chart; ``series.faults`` counts the bad ones."""
        return self._series

    @property
    def view(self) -> ChartView:
        """The price pane, the plot's view box."""
        return self._view

    @property
    def price_axis(self) -> PriceAxis:
        """The price axis; anyone may put a tag on it."""
        return self._pane.price_axis

    @property
    def bar_style(self) -> BarStyle:
        """How the bars are drawn."""
        return self._pane.bar_layer.style

    def set_bar_style(self, style: BarStyle) -> None:
        """Draw the bars in another way."""
        self._pane.bar_layer.set_style(style)
        self._pane.backdrop.redraw()

    @property
    def indicators(self) -> list[Indicator]:
        """What is drawn over the bars, and in panes below them."""
        return list(self._indicators)

    def set_indicators(self, indicators: Sequence[Indicator]) -> None:
        """Draw these over the bars or below them, as their formulas say, and no others."""
        self._indicators = list(indicators)
        self._pane.indicator_lines.set_indicators(overlays(indicators))
        self._panes.set_indicators(below(indicators))
        self._readout.show_numbers()
        self._framing.head = self._pane.legend.boundingRect().height()
        self._pane.fit_price_axis(self._series)
        self._pane.backdrop.redraw()
        self._frames.unsettle()

    def add_indicator(
        self,
        what: Formula | Callable[..., Any],
        name: str = "",
        *,
        pane: bool = False,
        colors: Sequence[str] = (),
    ) -> Indicator:
        """Draw one more indicator.

        Parameters
        ----------
        what : Formula or callable
            Such as ``Sma(20)``; or a function of bars, see `ui.chart.function_formula`.
        name : str
            Of a function, as the legend shows it; its own name if it is left out.
        pane : bool
            Draw a function's values below the bars, not over them.
        colors : sequence of str
            One for each of its lines; free ones if it is left out.

        Raises
        ------
        ValueError
            If the function is no indicator, or the colours are none; says why.
        """
        from ui.chart.new_indicator import new_indicator  # a chart without any opens sooner

        made = new_indicator(what, self._indicators, name, pane=pane, colors=colors)
        self.set_indicators([*self._indicators, made])
        return made

    @property
    def drawing_hand(self) -> DrawingHand:
        """What is drawn on the chart, and the tool that draws."""
        return self._hand

    @property
    def panes(self) -> IndicatorPanes:
        """The panes below the price, and the dividers between all of them."""
        return self._panes

    @property
    def axes(self) -> AxesLook:
        """What the axes show; it tells when that changes."""
        return self._axes

    def set_in_percent(self, in_percent: bool) -> None:
        """Label the price axis with the change since the close of the first bar in view."""
        self._axes.set_in_percent(in_percent)

    def set_log_scale(self, log_scale: bool) -> None:
        """Let the price axis be logarithmic or linear, as ``plot_item.setLogMode(y=...)`` does.

        On a logarithmic axis the y of the plot is the logarithm of the price to base 10. What
        is not above zero has no place on it.
        """
        self._axes.set_log_scale(log_scale)

    def set_timezone(self, choice: str) -> None:
        """Show other times on the time axis; bars of a day or more keep the exchange's dates.

        Parameters
        ----------
        choice : str
            ``exchange``, ``computer``, or an IANA name such as ``Europe/Berlin``.

        Raises
        ------
        ValueError
            If there is no such zone.
        """
        self._axes.set_timezone(choice)

    def point_at(self, time_ns: int | None) -> None:
        """Show the crosshair's line at a moment, as another chart's mouse does; None = no line."""
        self._is_guided = True
        at = None if time_ns is None else math.floor(self.x_of_time(time_ns) + 0.5)
        self._readout.guide(at)
        self._is_guided = False

    @property
    def period_ns(self) -> int:
        """How long a bar is or usually is, nanoseconds."""
        return self._series.period_ns

    @property
    def period(self) -> Period:
        """What a bar holds."""
        return self._series.period

    def set_market(self, market: Market) -> None:
        """Show another market, without bars until `set_bars` brings them."""
        self._market = market
        self._framing.tick_size = float(market.tick_size)
        self._pane.crosshair.tick_at = self._hand.tick_at = _ticks_of(market)
        self._pane.price_axis.set_market(market)
        self._pane.watermark.set_text(market.badge)
        self._pane.backdrop.redraw()
        self._take_series(BarSeries(no_bars(), self._series.period))

    def set_sessions(self, zone: str, starts_s: Sequence[int]) -> None:
        """Draw a line where sessions begin, at bars of less than a day.

        Parameters
        ----------
        zone : str
            IANA name of the exchange's zone.
        starts_s : sequence of int
            Seconds after midnight there; the end of regular hours begins something too.
        """
        self._pane.sessions.set_times(zone, starts_s)
        self._pane.backdrop.redraw()

    def set_bars(self, bars: Bars, period: Period | int) -> None:
        """Replace all bars and show the newest.

        Parameters
        ----------
        bars : ndarray of BAR_DTYPE
            Bad ones are mended or left out, and counted. Ticks continue the last one.
        period : Period or int
            What a bar holds; a number is its length in nanoseconds.
        """
        self._take_series(BarSeries(bars, period))

    def change_period(self, bars: Bars, period: Period | int) -> None:
        """Replace all bars by those of another period; the view keeps its middle and its width.

        A view that has the last bar in it keeps that at its place. Parameters as for `set_bars`.
        """
        start_x, stop_x = self._view.viewRange()[0]
        middle_ns = self.time_of_x((start_x + stop_x) / 2)
        newest = start_x <= self._series.last_x <= stop_x
        self._take_series(BarSeries(bars, period))
        half = (stop_x - start_x) / 2
        middle = self.x_of_time(middle_ns)
        bars_shown = (middle - half, middle + half)
        self._view.show_bars(*(self._framing.newest(2 * half) if newest else bars_shown))

    def prepend_bars(self, bars: Bars) -> None:
        """Put older history in front; the view keeps still."""
        if self._series.prepend(bars):
            self._older_asked = False
        self._frames.wake()

    def miss_older(self) -> None:
        """Ask for older bars again when the user next comes near: this time there were none."""
        self._older_asked = False

    def on_ticks(self, ticks: Sequence[Tick]) -> None:
        """Continue the bars with a batch of ticks; the picture follows within a frame."""
        self._live.add(ticks)
        self._frames.wake()

    def catch_up(self) -> None:
        """Bring the picture up to date now."""
        self._frames.catch_up()

    @property
    def up_to_date(self) -> bool:
        """True if the picture shows all that was told; False if a frame or the legend is due."""
        return not self._frames.due

    def set_clock(self, clock_ns: Callable[[], int]) -> None:
        """Count down to the close of the last bar.

        Parameters
        ----------
        clock_ns : callable
            Returns the market's time, UTC ns: now, or that of a recording that is played.
        """
        self._pane.prices.clock_ns = clock_ns
        self._clock_timer.start()

    def x_of_time(self, time_ns: int) -> float:
        """Return where a moment lies; bar ``x`` begins at ``x - 0.5`` and ends at ``x + 0.5``."""
        return self._series.x_of_time(time_ns)

    def time_of_x(self, x: float) -> int:
        """Return the moment at ``x``, UTC ns."""
        return self._series.time_of_x(x)

    def hold_view(self, why: str) -> None:
        """Keep the view still: no auto-scale, no following, until `release_view`.

        Each reason is held once; the view is free again when all are released.
        """
        self._framing.hold(why)

    def release_view(self, why: str) -> None:
        """Take back a reason to keep still; the view catches up when it was the last one."""
        self._framing.release(why)
        self._frames.unsettle()

    def set_extra_prices(self, prices: Sequence[float]) -> None:
        """Keep prices, those of order lines, in view of auto-scale.

        A price further from the bars in view than they are high is left out, or one far order
        would flatten the chart.
        """
        self._framing.extra_prices = prices
        self._frames.unsettle()

    def _take_series(self, series: BarSeries) -> None:
        self._series = series
        price = "trade" if self._market is None else self._market.chart_price
        self._live = LiveBars(series, price)
        self._framing.series = series
        self._pane.bars.replace(series)
        self._readout.replace(series, self._market)
        self._pane.measuring.replace(series, self._market)
        self._axes.replace(series, self._market)
        if self._market is not None:
            self._pane.legend.set_market(self._market, series.period)
        self._older_asked = len(series) == 0
        self._frames.replace(series, self._live, self._market)
        self._panes.replace(series, self._market)
        self._hand.replace(series)
        self._view.reset()
        self._framing.view_moved(*self._view.viewRange()[0])
        self._frames.catch_up()
        self._readout.show_numbers()
        self._pane.repaint()

    def _restyle(self) -> None:
        """Draw everything in the colours of another theme, the lines of indicators too."""
        self.set_indicators([one.recolored(theme.counterpart) for one in self._indicators])
        self._pane.bars.invalidate()
        self._pane.prices.restyle()
        self._pane.watermark.redraw()
        if self._market is not None:
            self._pane.legend.set_market(self._market, self._series.period)
        self._frames.catch_up()
        self._readout.show_aim()
        self._readout.show_numbers()
        self._pane.repaint()

    def _tell_pointed(self, x: int | None) -> None:
        if not self._is_guided:
            known = x is not None and len(self._series) > 0
            self.pointed.emit(self.time_of_x(x - 0.5) if known and x is not None else None)

    def _view_moved(self) -> None:
        start_x, stop_x = self._view.viewRange()[0]
        self._framing.view_moved(start_x, stop_x)
        self._pane.repaint()
        self._readout.show_aim()
        self._frames.wake()
        near = self._series.first_x + (stop_x - start_x) * _NEAR_END
        if not self._older_asked and start_x < near:
            self._older_asked = True
            self.older_wanted.emit()

    def showEvent(self, event: QShowEvent | None) -> None:
        """Show the newest bars when the chart is seen for the first time."""
        super().showEvent(event)
        if self._never_shown:
            self._never_shown = False
            self._view.reset()


def _ticks_of(market: Market) -> Callable[[float], float]:
    """Return what tells the tick size at a price, as a float."""
    if market.price_levels:
        return lambda price: float(market.tick_at(price))
    tick = float(market.tick_size)
    return lambda _: tick
