"""What is wrong with the rows of a recording: mended, dropped or kept, and always counted."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from brokers.replay.rows import Floats, Ints, Quotes, Trades
from ems.ticks import Bars


@dataclass(slots=True)
class Faults:
    """How many rows had which fault, of the rows that were read."""

    what: str
    """``trades``, ``quotes`` or ``bars``."""
    rows: int
    no_time: int = 0
    bad_price: int = 0
    bad_size: int = 0
    out_of_order: int = 0
    same_time: int = 0
    crossed: int = 0
    zero_size: int = 0
    widened: int = 0
    off_grid: int = 0
    no_volume: bool = False

    @property
    def usable(self) -> int:
        """How many rows are left."""
        return self.rows - self.no_time - self.bad_price - self.same_time

    def sentences(self) -> list[str]:
        """Return a sentence for each fault that was found, in the user's words."""
        counted = (
            (self.no_time, "have no time; they are left out"),
            (self.bad_price, "have a price that is missing or not above zero; they are left out"),
            (self.bad_size, "have a size below zero or infinite; it is taken as unknown"),
            (self.out_of_order, "are earlier than the row before; they are sorted by time"),
            (self.same_time, "have the time of a later bar; the last of each time is kept"),
            (self.crossed, "are crossed (bid above ask); they are kept"),
            (self.zero_size, "have a size of zero; they are kept"),
            (self.widened, "have an open or close outside high and low; they are widened"),
            (self.off_grid, "have a price off the grid of ticks; it is rounded to the grid"),
        )
        texts = [f"{n:,} of {self.rows:,} {self.what} {text}." for n, text in counted if n]
        if self.no_volume:
            texts.append(f"The volume of all {self.what} is zero; it is taken as not reported.")
        return texts


def mend_trades(trades: Trades, has_time: npt.NDArray[np.bool_]) -> tuple[Trades, Faults]:
    """Return the trades in order and without the unusable ones, and what was wrong.

    Equal rows are separate trades: none is dropped for being equal to another.
    """
    faults = Faults("trades", len(trades.time), no_time=_count(~has_time))
    usable = has_time & _is_price(trades.price)
    faults.bad_price = _count(has_time) - _count(usable)
    rows = _in_order(trades.time, np.flatnonzero(usable), faults)
    size = _sizes(trades.size, rows, faults)
    faults.zero_size = 0 if size is None else _count(size == 0)
    side = None if trades.side is None else trades.side[rows]
    return Trades(trades.time[rows], trades.price[rows], size, side), faults


def mend_quotes(quotes: Quotes, has_time: npt.NDArray[np.bool_]) -> tuple[Quotes, Faults]:
    """Return the quotes in order and without the unusable ones, and what was wrong.

    Crossed quotes and sizes of zero stay: the feed of that day sent them.
    """
    faults = Faults("quotes", len(quotes.time), no_time=_count(~has_time))
    usable = has_time & _is_price(quotes.bid) & _is_price(quotes.ask)
    faults.bad_price = _count(has_time) - _count(usable)
    rows = _in_order(quotes.time, np.flatnonzero(usable), faults)
    bid, ask = quotes.bid[rows], quotes.ask[rows]
    faults.crossed = _count(bid > ask)
    bid_size = _sizes(quotes.bid_size, rows, faults)
    ask_size = _sizes(quotes.ask_size, rows, faults)
    empty = np.zeros(len(rows), dtype=np.bool_)
    for size in (bid_size, ask_size):
        empty |= False if size is None else size == 0
    faults.zero_size = _count(empty)
    return Quotes(quotes.time[rows], bid, ask, bid_size, ask_size), faults


def mend_bars(bars: Bars, has_time: npt.NDArray[np.bool_]) -> tuple[Bars, Faults]:
    """Return the bars in order, one for each time, each holding its open and close."""
    faults = Faults("bars", len(bars), no_time=_count(~has_time))
    usable = has_time.copy()
    for name in ("open", "high", "low", "close"):
        usable &= _is_price(bars[name])
    faults.bad_price = _count(has_time) - _count(usable)
    mended = bars[_in_order(bars["time"], np.flatnonzero(usable), faults)]
    mended = _last_of_each_time(mended, faults)
    _widen(mended, faults)
    _mend_volume(mended, faults)
    return mended, faults


def _last_of_each_time(bars: Bars, faults: Faults) -> Bars:
    is_last = np.append(np.diff(bars["time"]) != 0, True)[: len(bars)]
    faults.same_time = _count(~is_last)
    kept: Bars = bars[is_last]
    return kept


def _widen(bars: Bars, faults: Faults) -> None:
    """Stretch high and low over every price of the bar, in place."""
    prices = np.stack([bars[name] for name in ("open", "high", "low", "close")])
    highest, lowest = prices.max(axis=0), prices.min(axis=0)
    faults.widened = _count((bars["high"] < highest) | (bars["low"] > lowest))
    bars["high"], bars["low"] = highest, lowest


def _mend_volume(bars: Bars, faults: Faults) -> None:
    volume = bars["volume"]
    wrong = (volume < 0) | np.isinf(volume)
    faults.bad_size = _count(wrong)
    volume[wrong] = np.nan
    # A source without volume often writes 0 on every row.
    faults.no_volume = bool(len(bars)) and bool((volume == 0).all())
    if faults.no_volume:
        volume[:] = np.nan


def _sizes(column: Floats | None, rows: Ints, faults: Faults) -> Floats | None:
    """The column of these rows, None if it says nothing at all."""
    if column is None:
        return None
    size = column[rows]
    wrong = (size < 0) | np.isinf(size)
    faults.bad_size += _count(wrong)
    size[wrong] = np.nan
    return None if np.isnan(size).all() else size


def _in_order(time: Ints, rows: Ints, faults: Faults) -> Ints:
    """The rows by time; rows of one time keep their order."""
    times = time[rows]
    faults.out_of_order = _count(np.diff(times) < 0)
    return rows[np.argsort(times, kind="stable")] if faults.out_of_order else rows


def _is_price(column: Floats) -> npt.NDArray[np.bool_]:
    return np.isfinite(column) & (column > 0)


def _count(flags: npt.NDArray[np.bool_]) -> int:
    return int(np.count_nonzero(flags))
