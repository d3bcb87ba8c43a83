"""Recorded trades, quotes and bars as columns: compact to hold, made into ticks as they play."""

from dataclasses import dataclass
from typing import Protocol, TypeAlias

import numpy as np
import numpy.typing as npt

from ems.ticks import BAR_DTYPE, Bars, Quote, Tick, Trade

Ints: TypeAlias = npt.NDArray[np.int64]
Floats: TypeAlias = npt.NDArray[np.float64]
Sides: TypeAlias = npt.NDArray[np.int8]


class TickRows(Protocol):
    """Rows that play as one tick each, ascending by time."""

    @property
    def time(self) -> Ints:
        """UTC ns of each row."""

    def ticks(self, first: int, last: int) -> list[Tick]:
        """Return the ticks of the rows ``[first, last)``."""

    def as_bars(self, first: int, last: int) -> Bars:
        """Return one bar for each row of ``[first, last)`` that has a price for the chart."""


@dataclass(frozen=True, slots=True, eq=False)
class Trades:
    """Trades; each column has shape (n,)."""

    time: Ints
    """UTC ns, ascending; equal times are separate trades."""
    price: Floats
    size: Floats | None = None
    """None if no row has one; NaN in a row that has none."""
    side: Sides | None = None
    """1 the taker bought, -1 the taker sold, 0 unknown."""

    def ticks(self, first: int, last: int) -> list[Tick]:
        """Return the trades of the rows ``[first, last)``."""
        rows = slice(first, last)
        sides = [0] * (last - first) if self.side is None else self.side[rows].tolist()
        sizes = _or_none(self.size, first, last)
        return list(map(Trade, self.time[rows].tolist(), self.price[rows].tolist(), sizes, sides))

    def part(self, first: int, last: int) -> "Trades":
        """Return the rows ``[first, last)`` without copying them."""
        rows = slice(first, last)
        size = None if self.size is None else self.size[rows]
        side = None if self.side is None else self.side[rows]
        return Trades(self.time[rows], self.price[rows], size, side)

    def as_bars(self, first: int, last: int) -> Bars:
        """Return one bar for each trade of ``[first, last)``."""
        rows = slice(first, last)
        volume = None if self.size is None else self.size[rows]
        return one_price_bars(self.time[rows], self.price[rows], volume)


@dataclass(frozen=True, slots=True, eq=False)
class Quotes:
    """Best bids and asks; each column has shape (n,)."""

    time: Ints
    """UTC ns, ascending."""
    bid: Floats
    ask: Floats
    bid_size: Floats | None = None
    """None if no row has one; NaN in a row that has none."""
    ask_size: Floats | None = None

    def ticks(self, first: int, last: int) -> list[Tick]:
        """Return the quotes of the rows ``[first, last)``."""
        rows = slice(first, last)
        bid_sizes = _or_none(self.bid_size, first, last)
        ask_sizes = _or_none(self.ask_size, first, last)
        prices = self.bid[rows].tolist(), self.ask[rows].tolist()
        return list(map(Quote, self.time[rows].tolist(), *prices, bid_sizes, ask_sizes))

    def part(self, first: int, last: int) -> "Quotes":
        """Return the rows ``[first, last)`` without copying them."""
        rows = slice(first, last)
        bid_size = None if self.bid_size is None else self.bid_size[rows]
        ask_size = None if self.ask_size is None else self.ask_size[rows]
        return Quotes(self.time[rows], self.bid[rows], self.ask[rows], bid_size, ask_size)

    def as_bars(self, first: int, last: int) -> Bars:
        """Return one bar of the bid for each quote of ``[first, last)`` that is not crossed.

        A crossed quote is no price to act on, so none for the chart. No volume is known.
        """
        rows = np.arange(first, last)[self.bid[first:last] <= self.ask[first:last]]
        return one_price_bars(self.time[rows], self.bid[rows], None)


def one_price_bars(time: Ints, price: Floats, volume: Floats | None) -> Bars:
    """Return bars that open, stay and close at one price each.

    Parameters
    ----------
    time, price, volume : ndarray, shape (n,)
        UTC ns, price and size of each; ``volume=None`` for unknown sizes.
    """
    bars = np.empty(len(time), dtype=BAR_DTYPE)
    bars["time"] = time
    for name in ("open", "high", "low", "close"):
        bars[name] = price
    bars["volume"] = np.nan if volume is None else volume
    return bars


def _or_none(column: Floats | None, first: int, last: int) -> list[float | None]:
    if column is None:
        return [None] * (last - first)
    values: list[float | None] = column[first:last].tolist()
    if np.isnan(column[first:last]).any():
        return [None if value != value else value for value in values]
    return values
