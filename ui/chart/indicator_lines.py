"""Indicators as lines over the bars."""

from typing import NamedTuple

import numpy as np
from PyQt6.QtCore import QPointF, Qt
from PyQt6.QtGui import QPainter

from ui.chart.column_line import ColumnLine, line_pen
from ui.chart.columns import Columns, PixelMap
from ui.chart.indicator import Indicator
from ui.chart.pyramid import Floats
from ui.chart.strips import Part
from ui.chart.visible_bars import VisibleBars


class LivePiece(NamedTuple):
    """The last piece of a line, device pixels."""

    color: str
    begin: tuple[float, float]
    end: tuple[float, float]


class IndicatorLines:
    """Draws the indicators of the price pane; a column of many bars has the value of its last.

    Parameters
    ----------
    bars : VisibleBars
        The bars in view.
    """

    def __init__(self, bars: VisibleBars) -> None:
        self._bars = bars
        self._indicators: list[Indicator] = []
        self._lines: list[ColumnLine] = []
        self._kept: list[tuple[Columns, Floats] | None] = []
        self._generation = -1

    @property
    def indicators(self) -> list[Indicator]:
        """What is drawn, in its order."""
        return self._indicators

    def set_indicators(self, indicators: list[Indicator]) -> None:
        """Draw other indicators from the next time on."""
        self._indicators = indicators
        self._lines = [ColumnLine(color) for one in indicators for color in one.colors]
        self._kept = [None for _ in indicators]
        self._generation = -1

    def draw(self, painter: QPainter, pixels: PixelMap) -> None:
        """Draw the lines up to the last finished bar."""
        if self._generation != self._bars.generation:
            self._generation = self._bars.generation
            self._lay_out(pixels)
        for line in self._lines:
            line.draw(painter, pixels)
        painter.setPen(Qt.PenStyle.NoPen)

    def draw_live(self, painter: QPainter, pixels: PixelMap) -> None:
        """Draw the lines on to the last bar."""
        if not self._indicators:
            return
        for color, begin, end in self.live_pieces(pixels):
            painter.setPen(line_pen(color, pixels))
            painter.drawLine(QPointF(*begin), QPointF(*end))
        painter.setPen(Qt.PenStyle.NoPen)

    def live_pieces(self, pixels: PixelMap) -> list[LivePiece]:
        """Return the last piece of each line, as it is now."""
        live_x, finished = self._bars.live_x, self._bars.finished
        if not self._indicators or live_x is None or len(finished.x) == 0:
            return []
        before, last = int(finished.stop[-1]) - 1, len(self._bars.series) - 1
        begin_x, end_x = float(finished.x[-1]) + 0.5, live_x + 0.5
        pieces = []
        for indicator in self._indicators:
            rows = indicator.values(self._bars.series)[[before, last]]
            for color, (begin, end) in zip(indicator.colors, rows.T.tolist(), strict=True):
                if begin == begin and end == end:  # neither is NaN
                    starts_at = (begin_x, pixels.row(begin) + 0.5)
                    pieces.append(LivePiece(color, starts_at, (end_x, pixels.row(end) + 0.5)))
        return pieces

    def _lay_out(self, pixels: PixelMap) -> None:
        columns = self._bars.finished
        lines = iter(self._lines)
        for number, indicator in enumerate(self._indicators):
            for column in self._values(number, indicator).T:
                known = ~np.isnan(column)
                next(lines).lay_out(columns.x[known], pixels.rows(column[known]), pixels)

    def _values(self, number: int, indicator: Indicator) -> Floats:
        """Return the values at the finished columns; they lie far apart, so they are kept."""
        columns, kept = self._bars.finished, self._bars.kept
        if kept is None:
            return indicator.values(self._bars.series)[columns.stop - 1]
        known = self._kept[number]
        if known is None or known[0] is not kept.columns:
            values = indicator.values(self._bars.series)[kept.columns.stop - 1]
            known = self._kept[number] = (kept.columns, values)
        return known[1][kept.start : kept.start + len(columns.x)]


def piece_part(pieces: list[LivePiece], ratio: float) -> Part:
    """Return what pieces of lines touch, logical pixels."""
    xs = [x / ratio for piece in pieces for x, _ in (piece.begin, piece.end)]
    ys = [y / ratio for piece in pieces for _, y in (piece.begin, piece.end)]
    return Part(int(min(xs)) - 2, int(min(ys)) - 2, int(max(xs)) + 3, int(max(ys)) + 3)
