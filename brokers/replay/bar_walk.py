"""The way of a price through a recorded bar, trade by trade, drawn from a seed."""

from dataclasses import dataclass
from itertools import pairwise
from typing import Final

import numpy as np

from brokers.replay.price_grid import Grid
from brokers.replay.rows import Floats, Ints, Quotes, Sides, Trades
from ems.ticks import Bars, Tick

_FEWEST_TRADES: Final = 30
_MOST_TRADES: Final = 60
_WANDER: Final = 0.12
"""How far the price strays from the straight way, as a share of the bar's range."""
_WIDE_SPREAD: Final = 0.25
"""How often the spread is two ticks instead of one."""
_DISPLAYED: Final = 8
"""A displayed size is up to 20 units of an eighth of the bar's mean trade."""


@dataclass(frozen=True, slots=True, eq=False)
class WalkedBar:
    """One bar's ticks: quote, trade, quote, trade... each quote holding the trade after it."""

    quotes: Quotes
    trades: Trades

    @property
    def time(self) -> Ints:
        """UTC ns of each tick, ascending."""
        return np.stack([self.quotes.time, self.trades.time], axis=1).ravel()

    def ticks(self, first: int, last: int) -> list[Tick]:
        """Return the ticks ``[first, last)``."""
        pairs = first // 2, (last + 1) // 2
        quotes, trades = self.quotes.ticks(*pairs), self.trades.ticks(*pairs)
        both = [tick for pair in zip(quotes, trades, strict=True) for tick in pair]
        return both[first % 2 : first % 2 + last - first]

    def as_bars(self, first: int, last: int) -> Bars:
        """Return one bar for each trade among the ticks ``[first, last)``."""
        return self.trades.as_bars(first // 2, last // 2)


class BarWalk:
    """Walks bars on the grids of one market; the same seed and bar number, the same ticks.

    Each bar starts at its open, touches its high and its low, ends at its close, and its trades
    add up to its volume.
    """

    def __init__(self, prices: Grid, sizes: Grid, seed: int) -> None:
        self._prices = prices
        self._sizes = sizes
        self._seed = seed
        self.fingerprint = f"seed {seed}, grids {prices.step} and {sizes.step}"

    def walk(self, bar: np.void, number: int, end_ns: int) -> WalkedBar:
        """Return the ticks of a bar.

        Parameters
        ----------
        bar : scalar of BAR_DTYPE
            Its prices lie on the grid, and open and close inside low and high.
        number : int
            Which bar it is, from 0; drawn from together with the seed.
        end_ns : int
            Every tick comes before this time, UTC ns.
        """
        rng = np.random.default_rng((self._seed, number))
        lots = self._lots(float(bar["volume"]))
        way = _waypoints(self._prices.to_steps(_prices_of(bar)).tolist(), rng)
        count = int(rng.integers(_FEWEST_TRADES, _MOST_TRADES + 1))
        if lots is not None:
            count = max(len(way), min(count, lots))  # no trade is smaller than a lot
        steps = _path(way, max(count, len(way)), rng)
        quote_time, trade_time = _times(int(bar["time"]), end_ns, len(steps), rng)
        side, bid, ask = _book(steps, rng)
        size, bid_size, ask_size = self._size_columns(float(bar["volume"]), lots, len(steps), rng)
        price = self._prices.to_numbers
        return WalkedBar(
            Quotes(quote_time, price(bid), price(ask), bid_size, ask_size),
            Trades(trade_time, price(steps), size, side),
        )

    def _lots(self, volume: float) -> int | None:
        return None if np.isnan(volume) else int(self._sizes.floor_steps(np.array([volume]))[0])

    def _size_columns(
        self, volume: float, lots: int | None, count: int, rng: np.random.Generator
    ) -> tuple[Floats | None, Floats | None, Floats | None]:
        """The sizes of the trades, the bids and the asks; unknown where the volume is."""
        if lots is None:
            return None, None, None
        sizes = self._sizes.to_numbers(_split(lots, count, rng))
        rest = volume - float(self._sizes.to_numbers(np.array([lots]))[0])
        if rest > volume * 1e-9:
            sizes[-1] += rest  # a recorded volume that is no whole number of lots
        unit = max(1, lots // (count * _DISPLAYED))
        displayed = self._sizes.to_numbers(rng.integers(1, 21, (2, count)) * unit)
        return sizes, displayed[0], displayed[1]


def _prices_of(bar: np.void) -> Floats:
    return np.array([bar[name] for name in ("open", "high", "low", "close")], dtype=np.float64)


def _waypoints(prices: list[int], rng: np.random.Generator) -> list[int]:
    """The prices to touch, in order: a rising bar mostly goes to its low first."""
    start, high, low, end = prices
    low_first = rng.random() < (0.75 if end >= start else 0.25)
    way = [start, low, high, end] if low_first else [start, high, low, end]
    return [
        way[0],
        *(price for before, price in pairwise(way) if price != before),
    ]


def _path(way: list[int], count: int, rng: np.random.Generator) -> Ints:
    """``count`` prices in steps of the grid that pass through each of ``way``, within its range."""
    if len(way) == 1:
        return np.full(count, way[0], dtype=np.int64)
    at = _where_on_path(way, count, rng)
    number = np.arange(count)
    stray = np.cumsum(rng.standard_normal(count)) / np.sqrt(count)
    stray -= np.interp(number, at, stray[at])  # none where a waypoint is
    straight = np.interp(number, at, way)
    low, high = min(way), max(way)
    path: Ints = np.rint(straight + stray * (high - low) * 4 * _WANDER).astype(np.int64)
    path = np.clip(path, low, high)
    path[at] = way
    return path


def _where_on_path(way: list[int], count: int, rng: np.random.Generator) -> Ints:
    """Which of the ``count`` prices are the waypoints: longer legs take more of them."""
    length = np.abs(np.diff(way)) * rng.uniform(0.5, 1.5, len(way) - 1)
    spare = count - len(way)
    extra = np.floor(spare * length / length.sum()).astype(np.int64)
    extra[-1] += spare - extra.sum()
    return np.concatenate(([0], np.cumsum(extra + 1)))


def _times(start_ns: int, end_ns: int, count: int, rng: np.random.Generator) -> tuple[Ints, Ints]:
    """A quote's and a trade's time in each of ``count`` equal parts of the bar."""
    part = (end_ns - start_ns) / count
    number = np.arange(count)
    quote = (number + rng.uniform(0.0, 0.4, count)) * part
    trade = (number + rng.uniform(0.5, 0.9, count)) * part
    return start_ns + quote.astype(np.int64), start_ns + trade.astype(np.int64)


def _book(steps: Ints, rng: np.random.Generator) -> tuple[Sides, Ints, Ints]:
    """Who took each trade, and the bid and ask that it hit: it trades at one of the two."""
    moved = np.sign(np.diff(steps, prepend=steps[0]))
    coin = rng.integers(0, 2, len(steps)) * 2 - 1
    spread = 1 + (rng.random(len(steps)) < _WIDE_SPREAD)
    bought = np.where(moved != 0, moved, coin) > 0
    bought &= steps > spread  # a bid stays above zero
    bid = np.where(bought, steps - spread, steps)
    side = np.where(bought, 1, -1).astype(np.int8)
    return side, bid, bid + spread


def _split(lots: int, count: int, rng: np.random.Generator) -> Ints:
    """Split the lots over the trades, one at least for each; too few go to the last ones."""
    if lots < count:
        return (np.arange(count) >= count - lots).astype(np.int64)
    weight = rng.exponential(1.0, count)
    extra: Ints = np.floor((lots - count) * weight / weight.sum()).astype(np.int64)
    extra[int(weight.argmax())] += lots - count - int(extra.sum())
    extra += 1
    return extra
