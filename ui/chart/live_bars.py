"""Bars from ticks: the last bar grows with each tick, and a new one begins in its time."""

import math
from collections.abc import Sequence
from typing import Final, Literal

from ems.ticks import Quote, Tick, Trade
from ui.chart.bar_series import Bar, BarSeries

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
        self.quote: Quote | None = None
        """The newest quote, crossed or not."""
        self._start_ns = self._end_ns = _BEFORE_ALL
        self._high = self._low = self._close = self._volume = math.nan
        self._begin()

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
        elif time_ns >= self._end_ns:
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
            self._changed = True

    def _open_bar(self, time_ns: int, price: float, size: float) -> None:
        """Begin the bar of this time, on the grid of the last one."""
        series = self._series
        phase = int(series.time[-1]) if len(series) else 0
        start_ns = time_ns - (time_ns - phase) % series.period_ns
        series.append(Bar(start_ns, price, price, price, price, size))
        self._begin()

    def _amend(self, time_ns: int, price: float, size: float) -> None:
        """Let a late tick count in the bar of its time: for the range and volume, not the close."""
        series = self._series
        x = math.floor(series.x_of_time(time_ns) + 0.5)
        bar = series.bar(x)
        if bar is None or not bar.time_ns <= time_ns < bar.time_ns + series.period_ns:
            series.faults.late_ticks += 1
            return
        series.widen(x, price, price, _sum(bar.volume, size))

    def _begin(self) -> None:
        """Read the last bar of the series, which the next ticks continue."""
        self._changed = False
        bar = self._series.bar(self._series.last_x)
        if bar is None:
            return
        self._start_ns = bar.time_ns
        self._end_ns = bar.time_ns + self._series.period_ns
        self._high, self._low, self._close = bar.high, bar.low, bar.close
        self._volume = bar.volume

    def _write(self) -> None:
        if self._changed:
            self._series.update_last(self._high, self._low, self._close, self._volume)
            self._changed = False


def _sum(volume: float, size: float) -> float:
    """Add a size to a volume; NaN stands for no number."""
    if math.isnan(size):
        return volume
    return size if math.isnan(volume) else volume + size
