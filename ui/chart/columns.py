"""The bars in view as pixel columns: each bar one column, or many bars under one pixel."""

import math
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from ui.chart.bar_series import BarSeries
from ui.chart.price_scale import LEAST, log_levels
from ui.chart.pyramid import Blocks, Floats

Ints = npt.NDArray[np.int64]


class PixelMap(NamedTuple):
    """From bar index and price to device pixels: ``pixel = origin + scale * value``.

    On a logarithmic axis the value is the logarithm of the price.
    """

    x_scale: float
    x_origin: float
    y_scale: float
    y_origin: float
    left: int
    right: int
    top: int
    bottom: int
    ratio: float
    """Device pixels a logical pixel."""
    is_log: bool = False
    """Whether the price axis is logarithmic."""

    def rows(self, prices: Floats) -> Ints:
        """Return the pixel rows of prices, none further out than just beyond the pane."""
        rows = (log_levels(prices) if self.is_log else prices) * self.y_scale
        rows += self.y_origin
        np.maximum(rows, self.top - 2, out=rows)  # np.clip takes twice as long
        np.minimum(rows, self.bottom + 2, out=rows)
        return np.floor(rows, out=rows).astype(np.int64)

    def row(self, price: float) -> int:
        """Return the pixel row of one price, likewise."""
        level = math.log10(max(price, LEAST)) if self.is_log else price
        row = math.floor(level * self.y_scale + self.y_origin)
        if self.top - 2 <= row <= self.bottom + 2:
            return row
        return self.top - 2 if row < self.top else self.bottom + 2


class Columns(NamedTuple):
    """Pixel columns from left to right, shape ``(n,)`` each."""

    start: Ints
    """Index of the first bar under the column."""
    stop: Ints
    """Index after the last bar under the column."""
    x: Ints
    """Device pixel of the column's middle."""
    open: Floats
    high: Floats
    low: Floats
    close: Floats
    volume: Floats
    """The greatest volume of a bar under the column; NaN where there is none."""

    def without_last(self) -> "Columns":
        """Return all but the rightmost column."""
        return Columns._make(column[:-1] for column in self)


class KeptColumns(NamedTuple):
    """Columns of which a window shows some."""

    columns: Columns
    """The same object for as long as it is the same columns."""
    start: int
    """Place among them of the first one that shows."""


def no_columns() -> Columns:
    """Return no columns."""
    places, values = np.empty(0, np.int64), np.empty(0)
    return Columns(places, places, places, values, values, values, values, values)


def columns_in_view(series: BarSeries, pixels: PixelMap) -> Columns:
    """Return the columns of a window: at most one a pixel, whatever the number of bars.

    Every bar is under exactly one column, and a column has the true first open, highest high,
    lowest low and last close of its bars. Columns are anchored at x = 0, so a pan moves them and
    changes none. Where blocks of the pyramid are used a column's edge is moved by a quarter of
    its width at most.
    """
    return ColumnsInView().of(series, pixels)


class ColumnsInView:
    """Columns of one window after another, as `columns_in_view` returns them.

    The second window of the same zoom gets columns for what lies beside it too, so the next ones
    only choose among these.
    """

    def __init__(self) -> None:
        self._key: tuple[object, ...] = ()
        self._numbers = range(0)
        self._columns = no_columns()
        self.zero: int | None = None
        """Device pixel of column 0, which begins at x = 0; None where each bar is a column."""
        self.kept: KeptColumns | None = None
        """Among which columns those of the last window are; None where each bar is a column."""

    def of(self, series: BarSeries, pixels: PixelMap) -> Columns:
        """Return the columns of a window."""
        if pixels.x_scale >= 1.0:
            self.zero = self.kept = None
            return _one_column_a_bar(series, pixels)
        width = steady(1.0 / pixels.x_scale)
        wanted = _numbers_in_view(series, pixels, width)
        key = (series, series.layout, series.first_x, width)
        known = self._numbers
        if key != self._key or wanted.start < known.start or known.stop < wanted.stop:
            beside = len(wanted) if key == self._key else 0
            self._key = key
            self._numbers = range(wanted.start - beside, wanted.stop + beside)
            self._columns = _many_bars_a_column(series, self._numbers, width)
        numbers = self._columns.x
        start, stop = np.searchsorted(numbers, (wanted.start, wanted.stop)).tolist()
        self.kept = KeptColumns(self._columns, start)
        columns = Columns._make([column[start:stop] for column in self._columns])
        origin = math.floor(wanted.start * width * pixels.x_scale + pixels.x_origin + 0.5)
        self.zero = origin - wanted.start
        return columns._replace(x=columns.x + self.zero)


def _one_column_a_bar(series: BarSeries, pixels: PixelMap) -> Columns:
    first = math.floor((pixels.left - pixels.x_origin) / pixels.x_scale - 0.5) - series.first_x
    last = math.ceil((pixels.right - pixels.x_origin) / pixels.x_scale + 0.5) - series.first_x
    start = min(max(first, 0), len(series))
    stop = min(max(last + 1, start), len(series))
    index = np.arange(start, stop)
    x = np.floor((index + series.first_x) * pixels.x_scale + pixels.x_origin).astype(np.int64)
    bars = slice(start, stop)
    return Columns(
        index,
        index + 1,
        x,
        series.open[bars],
        series.highs.values[bars],
        series.lows.values[bars],
        series.close[bars],
        series.volumes.values[bars],
    )


def _many_bars_a_column(series: BarSeries, numbers: range, width: float) -> Columns:
    """Return the columns with these numbers; their number is their ``x``."""
    highs, lows = series.highs.level(width), series.lows.level(width)
    edges = _edges(series, numbers, width, highs)
    start, stop = edges[:-1], edges[1:]
    filled = start < stop
    x = numbers.start + np.flatnonzero(filled)
    if len(x) == 0:
        return no_columns()
    if len(x) < len(filled):
        start, stop = start[filled], stop[filled]
    bar_start = np.maximum(start * highs.width - highs.lead, 0)
    bar_stop = np.minimum(stop * highs.width - highs.lead, len(series))
    blocks, cuts = slice(int(start[0]), int(stop[-1])), start - start[0]
    return Columns(
        bar_start,
        bar_stop,
        x,
        series.open[bar_start],
        np.maximum.reduceat(highs.extremes[blocks], cuts),
        np.minimum.reduceat(lows.extremes[blocks], cuts),
        series.close[bar_stop - 1],
        _volumes(series, width, blocks, cuts),
    )


def _volumes(series: BarSeries, width: float, blocks: slice, cuts: Ints) -> Floats:
    if not series.has_volume:
        return np.full(len(cuts), np.nan)
    volumes: Floats = np.fmax.reduceat(series.volumes.level(width).extremes[blocks], cuts)
    return volumes


def _numbers_in_view(series: BarSeries, pixels: PixelMap, width: float) -> range:
    """Return the numbers of the columns that show; column 0 begins at x = 0."""
    first = math.floor((pixels.left - pixels.x_origin) / pixels.x_scale / width)
    last = math.ceil((pixels.right - pixels.x_origin) / pixels.x_scale / width)
    first = max(first, math.floor(series.first_x / width))
    last = max(min(last, math.ceil((series.last_x + 1) / width)), first)
    return range(first, last)


def _edges(series: BarSeries, numbers: range, width: float, blocks: Blocks) -> Ints:
    """Return where the columns begin and the last one ends, in blocks."""
    edges: Ints = np.ceil(np.arange(numbers.start, numbers.stop + 1) * width).astype(np.int64)
    edges -= series.first_x
    before = int(np.searchsorted(edges, 1))
    edges += blocks.lead + blocks.width - 1
    edges >>= blocks.width.bit_length() - 1  # a width is a power of 4, and this a division
    edges[:before] = 0  # the first block may begin before the first bar
    np.minimum(edges, len(blocks.extremes), out=edges)
    return edges


def steady(width: float) -> float:
    """Return a width without the noise that a pan leaves in it, so that edges stay in place."""
    return float(f"{width:.9g}")
