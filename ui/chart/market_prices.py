"""The last price, bid and ask: a tag on the price axis and a line in the pane for each."""

import math
from collections.abc import Callable
from typing import Final

from ems.market import Market
from ems.ticks import Quote
from ui import theme
from ui.chart.bar_series import Bar, BarSeries
from ui.chart.live_bars import LiveBars
from ui.chart.price_axis import PriceAxis
from ui.chart.price_lines import PriceLine, PriceLines
from ui.chart.price_marks import PriceMark

_UP: Final = -1
_DOWN: Final = 1


class MarketPrices:
    """Shows where the market is.

    Parameters
    ----------
    axis : PriceAxis
        Gets the tags.
    lines : PriceLines
        Gets the lines.
    """

    def __init__(self, axis: PriceAxis, lines: PriceLines) -> None:
        self._axis = axis
        self._lines = lines
        self.clock_ns: Callable[[], int] | None = None
        """Returns the market's time, UTC ns; None = no countdown."""
        self._shown_quote: Quote | None = None

    def restyle(self) -> None:
        """Show the quote anew the next time: the colours are others."""
        self._shown_quote = None

    def show(self, market: Market, series: BarSeries, live: LiveBars) -> None:
        """Show the close of the last bar, what is left of it, and the quote."""
        last, quote = series.bar(series.last_x), live.quote
        left = "" if self.clock_ns is None else live.left(self.clock_ns())
        self._show_last(market, last, left)
        if quote is not self._shown_quote:
            self._show_quote(market, quote)

    def _show_last(self, market: Market, bar: Bar | None, left: str) -> None:
        """Show the last price in the colour of its bar, and below it the time that is left."""
        if bar is None:
            self._hide("last")
            return
        color = theme.UP if bar.close >= bar.open else theme.DOWN
        text = market.format_price(bar.close)
        self._axis.set_mark("last", PriceMark(bar.close, text, color, theme.INK, note=left))
        self._lines.set_line("last", PriceLine(bar.close, color, whole=True))

    def _show_quote(self, market: Market, quote: Quote | None) -> None:
        """Show bid and ask; both in grey if they are crossed, which is no price to act on."""
        self._shown_quote = quote
        if quote is None:
            self._hide("bid")
            self._hide("ask")
            return
        crossed = quote.crossed
        self._show_side(market, "bid", quote.bid, theme.CROSSED if crossed else theme.BID, _DOWN)
        self._show_side(market, "ask", quote.ask, theme.CROSSED if crossed else theme.ASK, _UP)

    def _show_side(self, market: Market, name: str, price: float, color: str, way: int) -> None:
        if not math.isfinite(price):
            self._hide(name)
            return
        text = market.format_price(price)
        self._axis.set_mark(name, PriceMark(price, text, color, theme.TEXT, rank=1, way=way))
        self._lines.set_line(name, PriceLine(price, color, whole=False))

    def _hide(self, name: str) -> None:
        self._axis.set_mark(name, None)
        self._lines.set_line(name, None)
