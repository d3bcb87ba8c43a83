"""The parts of the price pane, put together: canvas, plot, axes, layers, legend, crosshair."""

import math
from collections.abc import Callable, Sequence

import pyqtgraph as pg
from PyQt6.QtWidgets import QGraphicsItem

from ui.chart.backdrop import Backdrop
from ui.chart.bar_layer import BarLayer
from ui.chart.bar_series import BarSeries
from ui.chart.canvas import Canvas
from ui.chart.canvas_axis import LeanAxis
from ui.chart.columns import PixelMap
from ui.chart.crosshair import Crosshair
from ui.chart.grid import Grid
from ui.chart.indicator_lines import IndicatorLines, LivePiece, piece_part
from ui.chart.legend import Legend
from ui.chart.live_column import LiveColumn, changed_parts, live_column
from ui.chart.market_prices import MarketPrices
from ui.chart.measuring import Measuring
from ui.chart.price_axis import PriceAxis
from ui.chart.price_lines import PriceLines
from ui.chart.session_lines import SessionLines
from ui.chart.strips import Part, Strips
from ui.chart.time_axis import TimeAxis
from ui.chart.view import ChartView
from ui.chart.visible_bars import VisibleBars
from ui.chart.volume import VolumeStrip
from ui.chart.watermark import Watermark


class PricePane:
    """Makes the parts and asks Qt to paint them, all or only what a tick changes.

    Parameters
    ----------
    view : ChartView
        The view box of the plot.
    series : BarSeries
        The bars.
    """

    def __init__(self, view: ChartView, series: BarSeries) -> None:
        self.view = view
        self.other_texts: Callable[[], list[str]] = list
        """Returns what is written below the price axis, which is as wide as the widest."""
        self._live: LiveColumn | None = None
        self._pieces: list[LivePiece] = []
        self._generation = -1
        self.price_axis = PriceAxis(view, self._repaint_tags)
        self.time_axis = TimeAxis(view)
        self.plot_item = self._build_plot()
        self.canvas = Canvas(view)
        self.canvas.setCentralItem(self.plot_item)
        self.canvas.know_items()
        self.canvas.add_layer(self.price_axis)
        self.canvas.add_layer(self.time_axis)
        self.bars = VisibleBars(view, series)
        self.watermark = Watermark()
        self.volume = VolumeStrip(self.bars)
        self.bar_layer = BarLayer(self.bars)
        self.indicator_lines = IndicatorLines(self.bars)
        lines = PriceLines(self.bars, self._repaint_level)
        self.sessions = SessionLines(self.bars)
        layers = (
            self.watermark,
            Grid(self.price_axis, self.time_axis),
            self.sessions,
            self.volume,
            self.bar_layer,
            self.indicator_lines,
            lines,
        )
        self.backdrop = Backdrop(view, self.bars, layers, self.canvas)
        self._strips = Strips(self.backdrop.repaint_part, self.canvas.width)
        self.prices = MarketPrices(self.price_axis, lines)
        self.legend = Legend(view)
        self.crosshair = Crosshair(view, self.bars)
        self.measuring = Measuring(view)

    def repaint(self) -> None:
        """Paint everything anew."""
        self._strips.clear()
        self.canvas.viewport().update()

    def show_volume(self, *, shown: bool) -> None:
        """Draw the volumes at the foot of the pane, or leave the room to the prices."""
        if self.volume.shown != shown:
            self.volume.shown = self.view.framing.volume_shown = shown
            self.backdrop.redraw()

    def fit_price_axis(self, series: BarSeries) -> None:
        """Make room for the longest price of a series."""
        count = len(series)
        if count:
            extremes = [series.highs.between(0, count), series.lows.between(0, count)]
            self.price_axis.fit_width(extremes, self.other_texts())

    def repaint_live(self) -> None:
        """Paint anew what a tick has changed since the last time: bar, tags and lines."""
        pixels, live = self.bars.pixels, self.bars.live()
        if live is None or pixels is None:
            self._live = None
        else:
            now = live_column(*live, self.volume.live_top(pixels), pixels)
            if self._generation != self.bars.generation:
                self._generation, self._live = self.bars.generation, None
            for part in changed_parts(self._live, now, pixels, self.bar_layer):
                self._strips.add(part)
            self._live = now
            self._repaint_pieces(pixels)
        self.repaint_tags()

    def _repaint_pieces(self, pixels: PixelMap) -> None:
        """Paint anew the last pieces of indicators that have moved."""
        before, self._pieces = self._pieces, self.indicator_lines.live_pieces(pixels)
        for old, now in zip(before, self._pieces, strict=False):
            if old != now:
                self._strips.add(piece_part([old, now], pixels.ratio))

    def repaint_tags(self) -> None:
        """Paint anew what has changed apart from the bars."""
        self.price_axis.repaint_tags()
        self._strips.flush()

    def _repaint_level(self, price: float) -> None:
        """Paint the line at a price anew, with the next tick."""
        pixels = self.bars.pixels
        if pixels is None:
            return
        row, ratio = pixels.row(price), pixels.ratio
        if pixels.top <= row < pixels.bottom:
            left, right = int(pixels.left / ratio), math.ceil(pixels.right / ratio)
            above = int(row / ratio) - 1
            self._strips.add(Part(left, above, right, above + 3))

    def _repaint_tags(self, tags: Sequence[tuple[int, int]]) -> None:
        """Paint tags of the price axis anew, with the next tick; top and height of each."""
        corner = self.price_axis.scenePos()
        left, top, right = int(corner.x()), math.floor(corner.y()), self.canvas.width()
        for above, height in tags:
            self._strips.add(Part(left, top + above, right, top + above + height + 1))

    def _build_plot(self) -> pg.PlotItem:
        axes = {"right": self.price_axis, "bottom": self.time_axis}
        unseen_axes = {side: LeanAxis(side) for side in ("left", "top")}
        plot_item = pg.PlotItem(viewBox=self.view, axisItems=axes | unseen_axes, enableMenu=False)
        for unseen in unseen_axes:
            plot_item.hideAxis(unseen)
            plot_item.getAxis(unseen).unlinkFromView()  # or it lays out labels at each pan
        plot_item.hideButtons()
        for empty in (plot_item, self.view, self.view.childGroup):  # they hold, and draw nothing
            empty.setFlag(QGraphicsItem.GraphicsItemFlag.ItemHasNoContents)
        plot_item.layout.setContentsMargins(0, 0, 0, 0)
        return plot_item
