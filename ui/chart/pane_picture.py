"""The picture of an indicator pane: what no tick changes is kept, the last bar drawn over it."""

import math
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final, NamedTuple

import numpy as np
from PyQt6.QtCore import QRect, QRectF, QSize
from PyQt6.QtGui import QPainter, QPixmap

from ems.market import Market
from ui import theme
from ui.chart.bar_series import BarSeries
from ui.chart.columns import PixelMap
from ui.chart.indicator import Indicator
from ui.chart.pane_drawing import PaneDrawing
from ui.chart.pane_look import PaneLook
from ui.chart.pane_margins import PaneMargins
from ui.chart.pane_scale import Range, round_values, value_range
from ui.chart.pane_values import PaneValues, live_row, values_in_view
from ui.chart.pyramid import Floats
from ui.chart.time_axis import TimeAxis

_LATEST: Final = 1000
"""The room for numbers is for those of so many bars."""


class PanePlace(NamedTuple):
    """Where a pane is: what the picture depends on, apart from the values."""

    bars: Range
    """In view."""
    left: float
    """Of the bars, logical pixels; right of them is the axis."""
    right: float
    width: float
    """Of all."""
    height: float
    ratio: float
    """Device pixels a logical pixel."""
    theme: int = 0


class PanePicture:
    """Draws one indicator.

    Parameters
    ----------
    indicator : Indicator
        With a pane of its own.
    series : BarSeries
        The bars.
    market : Market or None
        Says how prices are written.
    time_axis : TimeAxis
        The grid is at its times.
    """

    def __init__(
        self, indicator: Indicator, series: BarSeries, market: Market | None, time_axis: TimeAxis
    ) -> None:
        look = indicator.formula.pane
        assert look is not None
        self.indicator = indicator
        self.range: Range = (0.0, 1.0)
        """The lowest and the highest value that there is room for."""
        self._look: PaneLook = look
        self._series = series
        self._time_axis = time_axis
        self._margins = PaneMargins(indicator, look, market)
        self._drawing = PaneDrawing()
        self._state: tuple[PanePlace, int] | None = None
        self._values: PaneValues | None = None
        self._finished = QPixmap()
        self._drawn_changes = -1

    def axis_texts(self) -> list[str]:
        """Return the lowest and the highest of the latest values, as the axis writes them."""
        if len(self._series) == 0:
            return []
        rows = self.indicator.values(self._series)[-_LATEST:]
        known = rows[np.isfinite(rows)]
        extremes = [float(known.min()), float(known.max())] if len(known) else []
        return [self._margins.text(value) for value in extremes]

    @property
    def stale(self) -> bool:
        """True if a tick came since it was drawn."""
        return self._series.changes != self._drawn_changes

    def changed_parts(self, place: PanePlace) -> list[QRect]:
        """Return what a tick has changed since it was drawn, logical pixels."""
        whole = QRect(0, 0, math.ceil(place.width), math.ceil(place.height))
        values = self._values
        if values is None or (place, self._series.layout) != self._state:
            return [whole]
        if not self._has_room(live_row(self._series, self.indicator)):
            return [whole]
        left = int(place.right)
        if values.live_x is not None:
            before = values.columns.x[-1] if len(values.columns.x) else values.live_x
            left = int(min(before, 2 * before - values.live_x) / place.ratio) - 2
        return [whole.adjusted(max(left, 0), 0, 0, 0), self._margins.legend_rect]

    def draw(self, painter: QPainter, place: PanePlace, aim: int | None) -> None:
        """Draw it as of now, with the crosshair's line at the bar ``aim``."""
        series, indicator = self._series, self.indicator
        painter.fillRect(QRectF(0, 0, place.width, place.height), theme.color(theme.BACKGROUND))
        if len(series) == 0:
            return
        self._drawn_changes = series.changes
        row = live_row(series, indicator)
        if (place, series.layout) != self._state or not self._has_room(row):
            self._state = (place, series.layout)
            self._lay_out(place, row)
        painter.drawPixmap(0, 0, self._finished)
        pixels = self._pixels(place)
        painter.setClipRect(_bars_rect(place))
        with _device_pixels(painter, place.ratio):
            self._draw_live(painter, pixels, row)
            if aim is not None:
                x = math.floor(aim * pixels.x_scale + pixels.x_origin)
                painter.fillRect(x, 0, 1, pixels.bottom, theme.color(theme.CROSSHAIR))
        painter.setClipping(False)
        self._margins.draw_tags(painter, place.right, place.width, self.row_of(place), row)
        index = len(series) - 1 if aim is None else aim - series.first_x
        index = min(max(index, 0), len(series) - 1)
        self._margins.draw_legend(painter, indicator.values(series)[index].tolist())

    def row_of(self, place: PanePlace) -> "_Rows":
        """Return the function from a value to the row, logical pixels, where it is drawn."""
        return _Rows(self.range, place.height)

    def _draw_live(self, painter: QPainter, pixels: PixelMap, row: list[float]) -> None:
        assert self._values is not None
        rising = bool(self._series.close[-1] >= self._series.open[-1])
        self._drawing.draw_live(
            painter,
            pixels,
            self._values,
            row,
            rising=rising,
            indicator=self.indicator,
            look=self._look,
        )

    def _has_room(self, row: list[float]) -> bool:
        if self._values is None or self._values.live_x is None:
            return True
        return all(self.range[0] <= value <= self.range[1] for value in row if value == value)

    def _lay_out(self, place: PanePlace, row: list[float]) -> None:
        values = values_in_view(self._series, self.indicator, self._look, self._pixels(place))
        self._values = values
        shown: list[Floats | list[list[float]]] = [values.rows]
        if values.live_x is not None:
            shown.append([row])
        self.range = value_range(shown, self._look)
        pixels = self._pixels(place)
        picture = QPixmap(QSize(round(place.width * place.ratio), pixels.bottom))
        picture.setDevicePixelRatio(place.ratio)
        picture.fill(theme.color(theme.BACKGROUND))
        painter = QPainter(picture)
        marks = round_values(self.range, place.height, self._look)
        self._margins.draw_axis(painter, place.right, place.height, self.row_of(place), marks)
        painter.setClipRect(_bars_rect(place))
        with _device_pixels(painter, place.ratio):
            self._draw_grid(painter, pixels, marks)
            self._drawing.draw_finished(painter, pixels, values, self.indicator, self._look)
        painter.end()
        self._finished = picture

    def _draw_grid(self, painter: QPainter, pixels: PixelMap, marks: list[float]) -> None:
        faint, strong = theme.color(theme.GRID), theme.color(theme.GRID_STRONG)
        for tick in self._time_axis.ticks():
            x = int(tick.x * pixels.x_scale + pixels.x_origin)
            painter.fillRect(x, 0, 1, pixels.bottom, faint)
        width = pixels.right - pixels.left
        for value in marks:
            painter.fillRect(pixels.left, pixels.row(value), width, 1, faint)
        for value in self._look.levels:
            painter.fillRect(pixels.left, pixels.row(value), width, 1, strong)

    def _pixels(self, place: PanePlace) -> PixelMap:
        low, high = self.range
        left, right = place.left * place.ratio, place.right * place.ratio
        x_scale = (right - left) / (place.bars[1] - place.bars[0])
        y_scale = -place.height * place.ratio / (high - low)
        return PixelMap(
            x_scale,
            left - place.bars[0] * x_scale,
            y_scale,
            -high * y_scale,
            round(left),
            round(right),
            0,
            round(place.height * place.ratio),
            place.ratio,
        )


class _Rows:
    """From a value to a row, logical pixels."""

    def __init__(self, span: Range, height: float) -> None:
        self._span = span
        self._height = height

    def __call__(self, value: float) -> int:
        low, high = self._span
        return math.floor(self._height * (high - value) / (high - low))


def _bars_rect(place: PanePlace) -> QRectF:
    return QRectF(place.left, 0, place.right - place.left, place.height)


@contextmanager
def _device_pixels(painter: QPainter, ratio: float) -> Iterator[None]:
    """Let the painter draw in whole device pixels of the widget, for a while."""
    transform = painter.transform()
    painter.scale(1.0 / ratio, 1.0 / ratio)
    yield
    painter.setTransform(transform)
