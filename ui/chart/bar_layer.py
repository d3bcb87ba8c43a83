"""The bars of the chart in the style that the user chose."""

from typing import Protocol

from PyQt6.QtGui import QPainter

from ui.chart.bar_style import BarStyle
from ui.chart.candles import Candles
from ui.chart.close_line import CloseLine
from ui.chart.columns import PixelMap
from ui.chart.heikin_ashi import heikin_ashi
from ui.chart.layer import LiveLayer
from ui.chart.ohlc_bars import OhlcBars
from ui.chart.visible_bars import VisibleBars


class _Bars(LiveLayer, Protocol):
    def live_reach(self, pixels: PixelMap) -> int:
        """Return how many device pixels the last bar goes to the left of its middle."""


class BarLayer:
    """Draws the bars; the style can be changed at any time."""

    def __init__(self, bars: VisibleBars) -> None:
        self._bars = bars
        self._style = BarStyle.CANDLES
        self._layer: _Bars = Candles(bars)

    @property
    def style(self) -> BarStyle:
        """How the bars are drawn."""
        return self._style

    def set_style(self, style: BarStyle) -> None:
        """Draw the bars in another style from the next time on."""
        self._style = style
        self._bars.transform(heikin_ashi if style is BarStyle.HEIKIN_ASHI else None)
        match style:
            case BarStyle.BARS:
                self._layer = OhlcBars(self._bars)
            case BarStyle.LINE | BarStyle.AREA:
                self._layer = CloseLine(self._bars, area=style is BarStyle.AREA)
            case _:
                self._layer = Candles(self._bars, hollow=style is BarStyle.HOLLOW)

    @property
    def is_line(self) -> bool:
        """True if the last bar hangs together with the one before it."""
        return isinstance(self._layer, CloseLine)

    def draw(self, painter: QPainter, pixels: PixelMap) -> None:
        """Draw the finished bars."""
        self._layer.draw(painter, pixels)

    def draw_live(self, painter: QPainter, pixels: PixelMap) -> None:
        """Draw the last bar."""
        self._layer.draw_live(painter, pixels)

    def live_reach(self, pixels: PixelMap) -> int:
        """Return how many device pixels the last bar goes to the left of its middle."""
        return self._layer.live_reach(pixels)
