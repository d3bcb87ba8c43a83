"""Lines at the last price and at bid and ask."""

from collections.abc import Callable
from typing import Final, NamedTuple

from PyQt6.QtCore import Qt
from PyQt6.QtGui import QColor, QPainter, QPixmap

from ui import theme
from ui.chart.columns import PixelMap
from ui.chart.visible_bars import VisibleBars

_DOT: Final = 2
_PITCH: Final = 5


class PriceLine(NamedTuple):
    """A dotted line at a price, over the whole pane or only right of the last bar."""

    price: float
    color: str
    whole: bool


class PriceLines:
    """Draws lines at prices that come from the market.

    Parameters
    ----------
    bars : VisibleBars
        Where the last bar is.
    changed : callable
        Called with each price whose line is to be drawn anew.
    """

    def __init__(self, bars: VisibleBars, changed: Callable[[float], None]) -> None:
        self._bars = bars
        self._changed = changed
        self._rows: dict[str, QPixmap] = {}
        self._lines: dict[str, PriceLine] = {}

    def set_line(self, name: str, line: PriceLine | None) -> None:
        """Draw a line, move it, or take it away (None)."""
        old = self._lines.get(name)
        if line == old:
            return
        if line is None:
            self._lines.pop(name, None)
        else:
            self._lines[name] = line
        for changed in (old, line):
            if changed is not None:
                self._changed(changed.price)

    def draw(self, painter: QPainter, pixels: PixelMap) -> None:
        """Draw nothing: all lines move with the ticks."""

    def draw_live(self, painter: QPainter, pixels: PixelMap) -> None:
        """Draw the lines."""
        for line in self._lines.values():
            self._paint_line(painter, pixels, line)

    def _paint_line(self, painter: QPainter, pixels: PixelMap, line: PriceLine) -> None:
        row = pixels.row(line.price)
        if not pixels.top <= row < pixels.bottom:
            return
        live_x = self._bars.live_x
        left = pixels.left if line.whole or live_x is None else live_x
        width = pixels.right - left
        painter.drawPixmap(left, row, self._dots(line.color, width), 0, 0, width, 1)

    def _dots(self, color: str, width: int) -> QPixmap:
        """Return a row of dots, at least so wide: a copy is far cheaper than a dotted pen."""
        dots = self._rows.get(color)
        if dots is None or dots.width() < width:
            dots = self._rows[color] = _dotted(theme.color(color), width)
        return dots


def _dotted(color: QColor, width: int) -> QPixmap:
    period = QPixmap(_PITCH, 1)
    period.fill(Qt.GlobalColor.transparent)
    painter = QPainter(period)
    painter.fillRect(0, 0, _DOT, 1, color)
    painter.end()
    row = QPixmap(width, 1)
    row.fill(Qt.GlobalColor.transparent)
    painter = QPainter(row)
    painter.drawTiledPixmap(row.rect(), period)
    painter.end()
    return row
