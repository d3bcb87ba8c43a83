"""The bars in view, worked out once a frame for all that draw them."""

from collections.abc import Callable

import numpy as np
import pyqtgraph as pg
from PyQt6.QtGui import QPainter

from ui.chart.bar_series import Bar, BarSeries
from ui.chart.columns import Columns, PixelMap, columns_in_view, no_columns
from ui.chart.pane_item import pixel_map


class VisibleBars:
    """Columns of the finished bars, kept until the view or the number of bars changes.

    The column of the last bar is apart: it changes with every tick, and only it is drawn anew.

    Parameters
    ----------
    view : pg.ViewBox
        The pane.
    series : BarSeries
        The bars.
    """

    def __init__(self, view: pg.ViewBox, series: BarSeries) -> None:
        self._view = view
        self.series = series
        self.pixels: PixelMap | None = None
        self.finished = no_columns()
        self.generation = 0
        """Counts up when ``finished`` changes."""
        self._live: tuple[int, int] | None = None
        self._live_bar: tuple[int, int, Bar] | None = None
        self._layout = -1
        self._change: Callable[[BarSeries, Columns], Columns] | None = None
        self._place: tuple[float, float, float] | None = None
        view.sigRangeChanged.connect(self._moved)
        view.sigResized.connect(self._moved)

    def replace(self, series: BarSeries) -> None:
        """Show another series."""
        self.series = series
        self._layout = -1
        self._live = None  # until the next paint: a tick may come before it

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
            pixels = pixel_map(self._view, *place)
        if pixels is not self.pixels or self._layout != self.series.layout:
            self._layout = self.series.layout
            self.pixels = pixels
            columns = columns_in_view(self.series, pixels)
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
        if start == stop - 1:
            return series[start]
        return Bar(
            int(series.time[start]),
            float(series.open[start]),
            series.highs.between(start, stop),
            series.lows.between(start, stop),
            float(series.close[-1]),
            series.volumes.between(start, stop),
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
    def live_x(self) -> int | None:
        """Device pixel of the column with the last bar, as of the last paint."""
        return None if self._live is None else self._live[0]

    def _split(self, columns: Columns) -> None:
        self._live = None
        if len(columns.x) and int(columns.stop[-1]) == len(self.series):
            self._live = int(columns.x[-1]), int(columns.start[-1])
            columns = columns.without_last()
        self.finished = columns


def body_width(pixels: PixelMap) -> tuple[int, int]:
    """Return the widths of a candle's wick and body, device pixels, of like parity."""
    wick = max(1, int(pixels.ratio))
    most = int(min(pixels.x_scale - 0.5, max(3.0, pixels.x_scale * 0.8)))
    return wick, max(wick, most - (most - wick) % 2)
