"""Which bars and prices are in view: following the market, auto-scale, and holding still."""

import math
from collections.abc import Sequence
from typing import Final

from ui.chart.bar_series import BarSeries
from ui.chart.price_scale import PriceScale

VOLUME_SHARE: Final = 0.16
"""Part of the pane's height, at its foot, that the volume strip has."""
_MOST_HEAD: Final = 0.25
_FOOT_SHARE: Final = 0.05
_RIGHT_SHARE: Final = 0.06
_LEAST_BARS: Final = 4.0
_MOST_EMPTY: Final = 480.0
"""A view may always be this many bars wide, however few there are."""
_LEAST_TICKS: Final = 8
_EDGE: Final = 0.02
"""Part of the view, at its upper and lower edge, where an order line is not well in view."""
_REACH: Final = 1.0
"""Order lines further from the bars than this many heights of theirs do not squeeze the bars."""

Range = tuple[float, float]


class Framing:
    """Decides what the view shows. It has no Qt and moves nothing by itself.

    Parameters
    ----------
    series : BarSeries
        The bars in the chart.
    tick_size : float
        Of the market.
    """

    def __init__(self, series: BarSeries, tick_size: float) -> None:
        self.series = series
        self.tick_size = tick_size
        self.scale = PriceScale()
        """How prices lie on the axis; ranges of prices are in its levels."""
        self.auto_price = True
        self.volume_shown = True
        """False = no room is needed for it."""
        self.extra_prices: Sequence[float] = ()
        self.head = 76.0
        """Room above the bars, logical pixels, so that the legend covers none."""
        self.pane_height = 900.0
        """Logical pixels."""
        self._following = True
        self._room = 0.0
        self._holds: set[str] = set()

    @property
    def held(self) -> bool:
        """True while anything wants the view to keep still."""
        return bool(self._holds)

    def hold(self, why: str) -> None:
        """Keep the view still until `release` with the same reason; twice is once."""
        self._holds.add(why)

    def release(self, why: str) -> None:
        """Take back a reason to keep still; one that is not there is no error."""
        self._holds.discard(why)

    def view_moved(self, start_x: float, stop_x: float) -> None:
        """Note a new view: it follows from now on if the last bar is in it."""
        last_x = self.series.last_x
        self._following = start_x <= last_x <= stop_x
        self._room = stop_x - last_x

    def followed(self, start_x: float, stop_x: float) -> Range | None:
        """Return the view moved along with new bars, None if it stays."""
        if self.held or not self._following:
            return None
        room = min(self._room, self.right_room(stop_x - start_x))
        shift = self.series.last_x + room - stop_x
        return (start_x + shift, stop_x + shift) if shift > 0 else None

    def price_range(self, start_x: float, stop_x: float) -> Range | None:
        """Return the levels that show the bars in view and the order lines near them.

        None if auto-scale is off, the view is held, or there is nothing to see.
        """
        if not self.auto_price or self.held:
            return None
        bars = self._bar_levels(start_x, stop_x)
        if bars is None:
            return None
        plain = self._with_margins(*bars)
        # A line inside what shows anyway moves nothing: the price under the cursor stays there.
        edge = (plain[1] - plain[0]) * _EDGE
        outside = [
            level for level in self._near(*bars) if not plain[0] + edge <= level <= plain[1] - edge
        ]
        if not outside:
            return plain
        return self._with_margins(min(bars[0], *outside), max(bars[1], *outside))

    def _bar_levels(self, start_x: float, stop_x: float) -> Range | None:
        """Return the levels of the lowest low and highest high; None where nothing shows."""
        prices = self.series.low_high(start_x, stop_x)
        if prices is None:
            return None
        low, high = prices
        if self.scale.is_log:
            if high <= 0:
                return None
            low = max(low, min(self.tick_size, high))  # what is not above zero has no place
        return self.scale.level(low), self.scale.level(high)

    def _ticks(self, count: int, level: float) -> float:
        """Return how many levels so many ticks are from a level on."""
        return self.scale.step(self.scale.price(level), count * self.tick_size)

    def least_height(self, level: float) -> float:
        """Return how many levels a view around one is high at least."""
        return self._ticks(2, level)

    def _with_margins(self, low: float, high: float) -> Range:
        """Return the view of these levels, with room for the legend, the volume and the hand."""
        least = self._ticks(_LEAST_TICKS, low)
        if high - low < least:
            middle = (high + low) / 2
            low, high = middle - least / 2, middle + least / 2
        head = min(self.head / self.pane_height, _MOST_HEAD)
        foot = _FOOT_SHARE + (VOLUME_SHARE if self.volume_shown and self.series.has_volume else 0.0)
        height = (high - low) / (1.0 - head - foot)
        return low - foot * height, high + head * height

    def newest(self, span: float) -> Range:
        """Return the view of a width that ends with the last bar and some room."""
        stop_x = self.series.last_x + self.right_room(span)
        return stop_x - span, stop_x

    def oldest(self, span: float) -> Range:
        """Return the view of a width that begins with the first bar."""
        start_x = self.series.first_x - 1.0
        return start_x, start_x + span

    def allowed(self, start_x: float, stop_x: float) -> Range:
        """Return the nearest view that is neither too narrow nor away from the bars."""
        span = stop_x - start_x
        new_span = self.allowed_span(span)
        if new_span != span:
            middle = (start_x + stop_x) / 2
            start_x, stop_x = middle - new_span / 2, middle + new_span / 2
        some = new_span * 0.1
        shift = max(self.series.first_x + some - stop_x, 0.0)
        shift += min(self.series.last_x - some - start_x, 0.0)
        return start_x + shift, stop_x + shift

    def allowed_span(self, span: float) -> float:
        """Return the nearest number of bars that a view may be wide."""
        return min(max(span, _LEAST_BARS), max(len(self.series) * 1.25, _MOST_EMPTY))

    @staticmethod
    def right_room(span: float) -> float:
        """Return how many bars of room the last bar has to its right in a view of a width."""
        return max(span * _RIGHT_SHARE, 1.5)

    def _near(self, low: float, high: float) -> list[float]:
        """Return the levels of order lines not so far away that they would flatten the bars."""
        reach = (high - low + self._ticks(_LEAST_TICKS, low)) * _REACH
        finite = filter(math.isfinite, self.extra_prices)
        levels = [self.scale.level(price) for price in finite]
        return [level for level in levels if low - reach <= level <= high + reach]
