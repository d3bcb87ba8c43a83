"""The bars in view, worked out once a frame for all that draw them."""

from collections.abc import Callable
from functools import lru_cache

import numpy as np
from PyQt6.QtGui import QPainter

from ui.chart.bar_series import Bar, BarSeries
from ui.chart.columns import Columns, ColumnsInView, KeptColumns, PixelMap, no_columns
from ui.chart.pane_item import pixel_map
from ui.chart.view import ChartView


class VisibleBars:
    """Columns of the finished bars, kept until the view or the number of bars changes.

    The column of the last bar is apart: it changes with every tick, and only it is drawn anew.

    Parameters
    ----------
    view : ChartView
        The pane.
    series : BarSeries
        The bars.
    """

    def __init__(self, view: ChartView, series: BarSeries) -> None:
        self._view = view
        self.series = series
        self.pixels: PixelMap | None = None
        self._columns = ColumnsInView()
        self.finished = no_columns()
        self.generation = 0
        """Counts up when ``finished`` changes."""
        self._live: tuple[int, int] | None = None
        self._live_bar: tuple[int, int, Bar] | None = None
        self._joined: tuple[int, int, Bar] | None = None
        self._layout = -1
        self._change: Callable[[BarSeries, Columns], Columns] | None = None
        self._place: tuple[float, float, float] | None = None
        view.sigRangeChanged.connect(self._moved)
        view.sigResized.connect(self._moved)

    def replace(self, series: BarSeries) -> None:
        """Show another series."""
        self.series = series
        self._layout = -1
        self._joined = None
        self._live = None  # until the next paint: a tick may come before it

    def invalidate(self) -> None:
        """Work everything out anew at the next paint: what is drawn of it is out of date."""
        self._layout = -1
        self._place = None

    def transform(self, change: Callable[[BarSeries, Columns], Columns] | None) -> None:
        """Let all see the columns as ``change`` returns them; None for as they are."""
        self._change = change
        self._layout = -1

    def refresh(self, painter: QPainter) -> PixelMap:
        """Bring the columns up to date for a painter that is about to draw them."""
        device = painter.device()
        ratio = 1.0 if device is None else device.devicePixelRatioF()
        transform = painter.worldTransform()
        place = (transform.dx(), transform.dy(), ratio)
        pixels = self.pixels
        if pixels is None or place != self._place:
            self._place = place
            pixels = pixel_map(self._view, *place, is_log=self._view.scale.is_log)
        if pixels is not self.pixels or self._layout != self.series.layout:
            self._layout = self.series.layout
            self.pixels = pixels
            columns = self._columns.of(self.series, pixels)
            self._split(columns if self._change is None else self._change(self.series, columns))
            self.generation += 1
        return pixels

    def live(self) -> tuple[int, Bar] | None:
        """Return pixel column and prices of the column with the last bar, None if out of view."""
        if self._live is None:
            return None
        known = self._live_bar
        state = (self.generation, self.series.changes)
        if known is None or known[:2] != state:
            bar = self._join(self._live[1])
            known = self._live_bar = (*state, self._changed(bar, self._live[1]))
        return self._live[0], known[2]

    def _join(self, start: int) -> Bar:
        """Return the bars from an index to the last one as one bar."""
        series, stop = self.series, len(self.series)
        last = series.bar(series.last_x)
        assert last is not None
        if start == stop - 1:
            return last
        if self._joined is None or self._joined[:2] != (series.layout, start):
            self._joined = (series.layout, start, _joined(series, start, stop - 1))
        before = self._joined[2]
        return before._replace(
            high=max(before.high, last.high),
            low=min(before.low, last.low),
            close=last.close,
            volume=_greater(before.volume, last.volume),
        )

    def _changed(self, bar: Bar, start: int) -> Bar:
        if self._change is None:
            return bar
        values = (np.array([value]) for value in (start, len(self.series), 0, *bar[1:]))
        column = self._change(self.series, Columns._make(values))
        return bar._replace(
            open=float(column.open[0]),
            high=float(column.high[0]),
            low=float(column.low[0]),
            close=float(column.close[0]),
        )

    def _moved(self) -> None:
        self._place = None

    def close_before_live(self) -> float | None:
        """Return the close of the column before that of the last bar, None if there is none."""
        return float(self.finished.close[-1]) if len(self.finished.close) else None

    @property
    def transformed(self) -> bool:
        """True if the columns are not simply those of the series."""
        return self._change is not None

    @property
    def kept(self) -> KeptColumns | None:
        """Among which columns the finished ones are; None where each bar is a column."""
        return self._columns.kept

    @property
    def column_zero(self) -> int | None:
        """Device pixel that columns of many bars are counted from; None where each is a bar."""
        return self._columns.zero

    @property
    def live_x(self) -> int | None:
        """Device pixel of the column with the last bar, as of the last paint."""
        return None if self._live is None else self._live[0]

    def _split(self, columns: Columns) -> None:
        self._live = None
        if len(columns.x) and int(columns.stop[-1]) == len(self.series):
            self._live = int(columns.x[-1]), int(columns.start[-1])
            columns = columns.without_last()
        self.finished = columns


def _joined(series: BarSeries, start: int, stop: int) -> Bar:
    """Return a range of bars as one bar; its volume is the greatest."""
    return Bar(
        int(series.time[start]),
        float(series.open[start]),
        series.highs.between(start, stop),
        series.lows.between(start, stop),
        float(series.close[stop - 1]),
        series.volumes.between(start, stop),
    )


def _greater(volume: float, other: float) -> float:
    """Return the greater of two volumes; NaN stands for none."""
    if volume != volume:
        return other
    return volume if other != other else max(volume, other)


def body_width(pixels: PixelMap) -> tuple[int, int]:
    """Return the widths of a candle's wick and body, device pixels, of like parity."""
    return _body_width(pixels.x_scale, pixels.ratio)


@lru_cache(maxsize=4)
def _body_width(px_a_bar: float, ratio: float) -> tuple[int, int]:
    wick = max(1, int(ratio))
    most = int(min(px_a_bar - 0.5, max(3.0, px_a_bar * 0.8)))
    return wick, max(wick, most - (most - wick) % 2)
