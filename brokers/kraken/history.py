"""Bars of Kraken: the last 720 of each of its own periods, and older ones made of its trades."""

from typing import Final

import numpy as np

from brokers.kraken import rest_wire
from brokers.kraken.errors import KrakenUnreachable
from brokers.kraken.pairs import Pair
from brokers.kraken.parsing import bars_of
from brokers.kraken.rest import Rest
from brokers.kraken.timing import Timing
from brokers.kraken.trade_bars import TradeBars
from ems.ticks import BAR_DTYPE, Bars, no_bars

MINUTE_NS: Final = 60_000_000_000
_INTERVALS: Final = (1, 5, 15, 30, 60, 240, 1440, 10080, 21600)
"""Minutes. Source: https://docs.kraken.com/api/docs/rest-api/get-ohlc-data"""
_FULL: Final = 720
"""So many bars ``OHLC`` tells; where it tells fewer the pair has no older ones."""
_NEAR_BARS: Final = 100
"""The oldest bars, by whose trades it is guessed how dense trades are before them."""


class History:
    """The bars of each pair; the newest are asked for anew when they are wanted.

    Parameters
    ----------
    rest : Rest
        Who is asked.
    timing : Timing
        How long to pause between calls for trades.
    """

    def __init__(self, rest: Rest, timing: Timing) -> None:
        self._rest = rest
        self._pause_s = timing.trades_pause_s
        self._known: dict[tuple[str, int], tuple[Bars, float]] = {}
        self._older: dict[tuple[str, int], TradeBars] = {}

    async def bars(self, pair: Pair, period_ns: int, end_ns: int | None, count: int) -> Bars:
        """Return up to ``count`` bars before ``end_ns``; none where Kraken has none that short.

        Raises
        ------
        KrakenError
            If Kraken cannot be asked.
        BadHistory
            If older bars would take too long to make, the first time.
        """
        interval = _interval(period_ns)
        if interval is None:
            return no_bars()
        key = (pair.rest_name, interval)
        if end_ns is None or key not in self._known:
            self._note(key, *await self._ask(pair, interval))
        known, density = self._known[key]
        bars = _merged(known, period_ns, interval * MINUTE_NS)
        older = self._older.get((pair.rest_name, period_ns))
        if end_ns is None or not len(bars):
            if older is not None and len(bars) < count:  # those that are here cost nothing
                bars = np.concatenate([older.known, bars])
            return bars[-count:]
        before = bars[bars["time"] < end_ns]
        if len(before) or len(known) < _FULL:
            return before[-count:]
        if older is None:
            first_ns = int(bars["time"][0])
            older = TradeBars(self._rest, pair, period_ns, first_ns, density, self._pause_s)
            self._older[pair.rest_name, period_ns] = older
        return await older.before(end_ns, count)

    def _note(self, key: tuple[str, int], bars: Bars, density: float) -> None:
        """Take the newest bars, and keep those before them that were told earlier."""
        earlier, _ = self._known.get(key, (no_bars(), 0.0))
        if len(earlier) and len(bars) and earlier["time"][-1] >= bars["time"][0]:
            bars = np.concatenate([earlier[earlier["time"] < bars["time"][0]], bars])
        else:  # nothing of before joins on to them
            for old in [(name, period) for name, period in self._older if name == key[0]]:
                if _interval(old[1]) == key[1]:
                    del self._older[old]
        self._known[key] = bars, density

    async def _ask(self, pair: Pair, interval: int) -> tuple[Bars, float]:
        """Return bars, and how many trades a second there were in the oldest of them."""
        params = {"pair": pair.altname, "interval": str(interval)}
        rows = rest_wire.rows_of(await self._rest.public("OHLC", rest_wire.Ohlc, params))
        near = rows[:_NEAR_BARS]
        trades = sum(row.count for row in near)
        try:
            return bars_of(rows), trades / max(1, len(near)) / (interval * 60)
        except (ValueError, OverflowError) as error:
            raise KrakenUnreachable(f"Kraken's history cannot be read: {error}") from error


def _interval(period_ns: int) -> int | None:
    """Return the longest of Kraken's periods that the wanted one is a multiple of, in minutes."""
    fitting = [minutes for minutes in _INTERVALS if period_ns % (minutes * MINUTE_NS) == 0]
    return max(fitting, default=None)


def _merged(bars: Bars, period_ns: int, source_ns: int) -> Bars:
    """Return bars of a multiple of their period; the first is left out if it is not whole."""
    if period_ns == source_ns or not len(bars):
        return bars
    starts = bars["time"] - bars["time"] % period_ns
    first = np.flatnonzero(np.diff(starts, prepend=starts[0] - period_ns))
    merged = np.empty(len(first), dtype=BAR_DTYPE)
    merged["time"] = starts[first]
    merged["open"] = bars["open"][first]
    merged["high"] = np.maximum.reduceat(bars["high"], first)
    merged["low"] = np.minimum.reduceat(bars["low"], first)
    merged["close"] = bars["close"][np.append(first[1:], len(bars)) - 1]
    merged["volume"] = np.add.reduceat(bars["volume"], first)
    return merged if bars["time"][0] == starts[0] else merged[1:]
