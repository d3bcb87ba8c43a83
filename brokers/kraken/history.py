"""Bars from Kraken's ``OHLC``: the last 720 of each of its own periods, which is all it tells."""

from typing import Any, Final

import numpy as np

from brokers.kraken.errors import KrakenUnreachable
from brokers.kraken.pairs import Pair
from brokers.kraken.parsing import bars_of
from brokers.kraken.rest import Rest
from ems.ticks import BAR_DTYPE, Bars, no_bars

MINUTE_NS: Final = 60_000_000_000
_INTERVALS: Final = (1, 5, 15, 30, 60, 240, 1440, 10080, 21600)
"""Minutes. Source: https://docs.kraken.com/api/docs/rest-api/get-ohlc-data"""


class History:
    """The bars of each pair, asked for once more only when the newest are wanted."""

    def __init__(self, rest: Rest) -> None:
        self._rest = rest
        self._known: dict[tuple[str, int], Bars] = {}

    async def bars(self, pair: Pair, period_ns: int, end_ns: int | None, count: int) -> Bars:
        """Return up to ``count`` bars before ``end_ns``; none where Kraken has none that short.

        Raises
        ------
        KrakenError
            If Kraken cannot be asked.
        """
        interval = _interval(period_ns)
        if interval is None:
            return no_bars()
        key = (pair.rest_name, interval)
        if end_ns is None or key not in self._known:
            self._known[key] = await self._ask(pair, interval)
        bars = _merged(self._known[key], period_ns, interval * MINUTE_NS)
        if end_ns is not None:
            bars = bars[bars["time"] < end_ns]
        return bars[-count:]

    async def _ask(self, pair: Pair, interval: int) -> Bars:
        answer: dict[str, Any] = await self._rest.public(
            "OHLC", dict[str, Any], {"pair": pair.altname, "interval": str(interval)}
        )
        rows: list[Any] = next((found for name, found in answer.items() if name != "last"), [])
        try:
            return bars_of(rows)
        except (ValueError, TypeError, OverflowError) as error:
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
