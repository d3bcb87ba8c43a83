"""Ticks and bars: what a feed sends, in floats, for drawing and for trigger comparisons."""

from typing import Final, TypeAlias

import msgspec
import numpy as np
import numpy.typing as npt


class Quote(msgspec.Struct, frozen=True, gc=False):
    """The best bid and ask."""

    time_ns: int
    bid: float
    ask: float
    bid_size: float | None = None
    """Displayed size; None where the feed has none."""
    ask_size: float | None = None

    @property
    def crossed(self) -> bool:
        """True for a bid above the ask: a fault of the feed, no price to act on."""
        return self.bid > self.ask


class Trade(msgspec.Struct, frozen=True, gc=False):
    """A trade between others."""

    time_ns: int
    price: float
    size: float | None = None
    side: int = 0
    """1 the taker bought, -1 the taker sold, 0 unknown."""


Tick: TypeAlias = Quote | Trade

Level: TypeAlias = tuple[float, float]
"""A price, and the size that is displayed there."""


class Depth(msgspec.Struct, frozen=True):
    """The best levels of an order book, as far as a feed tells them."""

    bids: tuple[Level, ...]
    """The highest first."""
    asks: tuple[Level, ...]
    """The lowest first."""


BAR_DTYPE: Final = np.dtype(
    [
        ("time", np.int64),
        ("open", np.float64),
        ("high", np.float64),
        ("low", np.float64),
        ("close", np.float64),
        ("volume", np.float64),
    ]
)
"""A bar: ``time`` is its **start** in UTC nanoseconds; volume is NaN where the source has none."""

Bars: TypeAlias = npt.NDArray[np.void]
"""Bars in an array of `BAR_DTYPE`, ascending by time, no time twice."""


def no_bars() -> Bars:
    """Return an empty array of bars."""
    return np.empty(0, dtype=BAR_DTYPE)
