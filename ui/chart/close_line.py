"""A line through the closes, with or without the area below it."""

from PyQt6.QtCore import QPointF, Qt
from PyQt6.QtGui import QPainter, QPen, QPolygonF

from ui import theme
from ui.chart.columns import PixelMap
from ui.chart.point_batch import PointBatch
from ui.chart.visible_bars import VisibleBars

_AREA_SHARE = 0.18


class CloseLine:
    """Draws the closes of the visible bars.

    Parameters
    ----------
    bars : VisibleBars
        Have the closes.
    area : bool
        Fill what is below the line.
    """

    def __init__(self, bars: VisibleBars, *, area: bool) -> None:
        self._bars = bars
        self._area = area
        self._line = PointBatch()
        self._polygon = PointBatch()
        self._generation = -1
        self._last: tuple[float, float] | None = None

    def draw(self, painter: QPainter, pixels: PixelMap) -> None:
        """Draw the line up to the last finished bar."""
        if self._generation != self._bars.generation:
            self._generation = self._bars.generation
            self._lay_out(pixels)
        if self._area:
            painter.setBrush(theme.brush(theme.ACCENT, _AREA_SHARE))
            self._polygon.fill(painter)
        self._pen(painter, pixels)
        self._line.draw_line(painter)
        painter.setPen(Qt.PenStyle.NoPen)

    def draw_live(self, painter: QPainter, pixels: PixelMap) -> None:
        """Draw the line on to the last bar."""
        live = self._bars.live()
        if live is None or self._last is None:
            return
        begin, end = QPointF(*self._last), QPointF(live[0] + 0.5, pixels.row(live[1].close) + 0.5)
        if self._area:
            painter.setBrush(theme.brush(theme.ACCENT, _AREA_SHARE))
            foot = float(pixels.bottom)
            corners = (QPointF(begin.x(), foot), begin, end, QPointF(end.x(), foot))
            painter.setPen(Qt.PenStyle.NoPen)
            painter.drawPolygon(QPolygonF(corners))
        self._pen(painter, pixels)
        painter.drawLine(begin, end)
        painter.setPen(Qt.PenStyle.NoPen)

    def live_reach(self, pixels: PixelMap) -> int:
        """Return how many device pixels the last piece of the line goes to the left."""
        live_x = self._bars.live_x
        return 2 if live_x is None or self._last is None else int(live_x - self._last[0]) + 3

    def _lay_out(self, pixels: PixelMap) -> None:
        columns = self._bars.finished
        count = len(columns.x)
        self._last = None
        points = self._line.points(count)
        corners = self._polygon.points(count + 2 if count else 0)
        if count == 0:
            return
        points[:, 0] = columns.x + 0.5
        points[:, 1] = pixels.rows(columns.close) + 0.5
        corners[1:-1] = points
        corners[0] = points[0, 0], pixels.bottom
        corners[-1] = points[-1, 0], pixels.bottom
        self._last = float(points[-1, 0]), float(points[-1, 1])

    def _pen(self, painter: QPainter, pixels: PixelMap) -> None:
        width = max(1.0, float(int(pixels.ratio)))
        painter.setPen(QPen(theme.color(theme.ACCENT), width))
