"""Measuring with the mouse: change, percent, bars and time between two points."""

from typing import Final, NamedTuple

from PyQt6.QtCore import QPointF, QRectF
from PyQt6.QtGui import QFontMetricsF, QPainter
from PyQt6.QtWidgets import QStyleOptionGraphicsItem, QWidget

from ems.market import Market
from ui import theme
from ui.chart.bar_series import BarSeries
from ui.chart.pane_item import PaneItem
from ui.chart.view import ChartView

_PAD: Final = 7.0
_GAP: Final = 8.0
_FILL: Final = 0.16
_MINUTE_S: Final = 60
_HOUR_S: Final = 3600
_DAY_S: Final = 86_400


class Point(NamedTuple):
    """A point of the chart: a bar, and a price on the grid of ticks."""

    x: int
    price: float


def duration_text(span_ns: int) -> str:
    """Return a length of time in its two greatest units: ``2d 4h``, ``1h 05m``, ``45s``."""
    seconds = abs(span_ns) // 1_000_000_000
    if seconds >= _DAY_S:
        return f"{seconds // _DAY_S}d {seconds % _DAY_S // _HOUR_S}h"
    if seconds >= _HOUR_S:
        return f"{seconds // _HOUR_S}h {seconds % _HOUR_S // _MINUTE_S:02}m"
    if seconds >= _MINUTE_S:
        rest = seconds % _MINUTE_S
        return f"{seconds // _MINUTE_S}m" + (f" {rest:02}s" if rest else "")
    return f"{seconds}s"


def measured(begin: Point, end: Point, series: BarSeries, market: Market) -> str:
    """Return what lies between two points: ``+1.50 (+0.50%) · 12 bars · 12m``."""
    change = end.price - begin.price
    text = f"{'-' if change < 0 else '+'}{market.format_price(abs(change))}"
    if begin.price > 0:
        text += f" ({change / begin.price:+.2%})"
    bars = end.x - begin.x
    span_ns = series.time_of_x(end.x - 0.5) - series.time_of_x(begin.x - 0.5)
    noun = "bar" if abs(bars) == 1 else "bars"
    return f"{text} · {bars:,} {noun} · {duration_text(span_ns)}"


class Measure(PaneItem):
    """Draws the rectangle between two points, and what was measured beside the second one."""

    def __init__(self, view: ChartView) -> None:
        super().__init__(view, 60)
        self._rows = view
        self._points: tuple[Point, Point] | None = None
        self._text = ""
        self._font = theme.text_font(12)
        self.hide()

    @property
    def text(self) -> str:
        """What was measured; empty if nothing is."""
        return self._text

    def show_points(self, begin: Point, end: Point, text: str) -> None:
        """Show a measurement."""
        self._points, self._text = (begin, end), text
        self.setVisible(True)
        self.update()

    def clear(self) -> None:
        """Show none."""
        self._points, self._text = None, ""
        self.setVisible(False)

    def paint(
        self,
        painter: QPainter | None,
        option: QStyleOptionGraphicsItem | None,
        widget: QWidget | None = None,
    ) -> None:
        """Draw the rectangle and the text."""
        if painter is None or self._points is None:
            return
        begin, end = (self._place(point) for point in self._points)
        rising = self._points[1].price >= self._points[0].price
        color = theme.UP if rising else theme.DOWN
        painter.fillRect(QRectF(begin, end).normalized(), theme.color(color, _FILL))
        painter.setPen(theme.color(color))
        painter.drawLine(QPointF(begin.x(), begin.y()), QPointF(end.x(), begin.y()))
        painter.drawLine(QPointF(end.x(), begin.y()), end)
        self._paint_text(painter, end, color, above=rising)

    def _paint_text(self, painter: QPainter, end: QPointF, color: str, *, above: bool) -> None:
        metrics = QFontMetricsF(self._font)
        width = metrics.horizontalAdvance(self._text) + 2 * _PAD
        height = metrics.height() + _PAD
        pane = self.boundingRect()
        left = min(max(end.x() - width / 2, 0.0), max(pane.width() - width, 0.0))
        top = end.y() - _GAP - height if above else end.y() + _GAP
        box = QRectF(left, min(max(top, 0.0), max(pane.height() - height, 0.0)), width, height)
        painter.fillRect(box, theme.color(theme.RAISED))
        painter.fillRect(box.adjusted(0, 0, 2 - width, 0), theme.color(color))
        painter.setPen(theme.color(theme.TEXT))
        painter.setFont(self._font)
        baseline = box.top() + _PAD / 2 + metrics.ascent()
        painter.drawText(QPointF(box.left() + _PAD, baseline), self._text)

    def _place(self, point: Point) -> QPointF:
        x0, x1 = self.view.viewRange()[0]
        across = self.boundingRect().width() * (point.x - x0) / (x1 - x0)
        return QPointF(across, self._rows.row_of(point.price))
