"""Bars from ticks: the last bar grows with each tick, and a new one begins in its time."""

import math
from collections.abc import Sequence
from typing import Final, Literal

from ems.ticks import Quote, Tick, Trade
from ui.chart.bar_series import Bar, BarSeries
from ui.chart.countdown import time_left
from ui.chart.period import CalendarPeriod, TickPeriod

_BEFORE_ALL: Final = -(2**63)


class LiveBars:
    """Continues a series with ticks.

    The bar in the making is kept in plain numbers and written to the series once a batch, so
    that a batch of a thousand ticks costs little more than the loop over them.

    Parameters
    ----------
    series : BarSeries
        Is continued; nobody else may append to it.
    chart_price : "trade" or "bid"
        What bars are made of: trades, or the bids of quotes that are not crossed.
    """

    def __init__(self, series: BarSeries, chart_price: Literal["trade", "bid"]) -> None:
        self._series = series
        self._from_bids = chart_price == "bid"
        period = series.period
        self._ticks_a_bar = period.count if isinstance(period, TickPeriod) else None
        self._ticks = self._ticks_a_bar or 0  # those that were loaded are whole
        self.quote: Quote | None = None
        """The newest quote, crossed or not."""
        self._start_ns = self._end_ns = _BEFORE_ALL
        self._high = self._low = self._close = self._volume = math.nan
        self._begin()

    def left(self, now_ns: int) -> str:
        """Return what is left of the bar in the making: a time, or ticks; empty if nothing is."""
        if len(self._series) == 0:
            return ""
        if self._ticks_a_bar is not None:
            return f"{self._ticks_a_bar - self._ticks} left" if self._ticks_a_bar > 1 else ""
        return time_left(min(int(self._series.time[-1]), self._start_ns), self._end_ns, now_ns)

    def add(self, ticks: Sequence[Tick]) -> None:
        """Take a batch of ticks, in the order in which they came."""
        for tick in ticks:
            if isinstance(tick, Quote):
                self.quote = tick
                if self._from_bids and not tick.crossed:
                    self._take(tick.time_ns, tick.bid, math.nan)
            elif not self._from_bids:
                self._take_trade(tick)
        self._write()

    def _take_trade(self, trade: Trade) -> None:
        self._take(trade.time_ns, trade.price, math.nan if trade.size is None else trade.size)

    def _take(self, time_ns: int, price: float, size: float) -> None:
        if not math.isfinite(price):
            self._series.faults.unreadable += 1
        elif time_ns >= self._end_ns or self._ticks == self._ticks_a_bar:
            self._write()
            self._open_bar(time_ns, price, size)
        elif time_ns < self._start_ns:
            self._write()
            self._amend(time_ns, price, size)
        else:
            self._high = max(self._high, price)
            self._low = min(self._low, price)
            self._close = price
            self._volume = _sum(self._volume, size)
            self._ticks += 1
            self._changed = True

    def _open_bar(self, time_ns: int, price: float, size: float) -> None:
        """Begin the bar of this time, on the grid of the last one."""
        series = self._series
        known_ns = int(series.time[-1]) if len(series) else 0
        start_ns = series.period.start_of(time_ns, known_ns)
        if len(series):  # ticks of one moment may fill a bar, and a clock may have been put back
            start_ns = max(start_ns, known_ns + 1)
        series.append(Bar(start_ns, price, price, price, price, size))
        self._ticks = 1
        self._begin()

    def _amend(self, time_ns: int, price: float, size: float) -> None:
        """Let a late tick count in the bar of its time: for the range and volume, not the close."""
        series = self._series
        x = math.floor(series.x_of_time(time_ns) + 0.5)
        bar = series.bar(x)
        if bar is None or not bar.time_ns <= time_ns < series.period.end_of(bar.time_ns):
            series.faults.late_ticks += 1
            return
        series.widen(x, price, price, _sum(bar.volume, size))

    def _begin(self) -> None:
        """Read the last bar of the series, which the next ticks continue."""
        self._changed = False
        bar = self._series.bar(self._series.last_x)
        if bar is None:
            return
        self._start_ns = self._first_ns(bar.time_ns)
        self._end_ns = self._series.period.end_of(bar.time_ns)
        self._high, self._low, self._close = bar.high, bar.low, bar.close
        self._volume = bar.volume

    def _first_ns(self, start_ns: int) -> int:
        """Return from when on ticks count in the last bar.

        Bars of ticks take each as it comes. A day may begin before its date, as that of a future
        does on the evening before: it begins where the bar before it ended.
        """
        series = self._series
        if isinstance(series.period, CalendarPeriod) and len(series) > 1:
            return series.period.end_of(int(series.time[-2]))
        return _BEFORE_ALL if self._ticks_a_bar else start_ns

    def _write(self) -> None:
        if self._changed:
            self._series.update_last(self._high, self._low, self._close, self._volume)
            self._changed = False


def _sum(volume: float, size: float) -> float:
    """Add a size to a volume; NaN stands for no number."""
    if math.isnan(size):
        return volume
    return size if math.isnan(volume) else volume + size
