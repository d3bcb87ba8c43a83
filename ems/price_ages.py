"""The last quote and trade of each market, and how old they are.

The time inside a tick is the sender's. What counts here is when it arrived, by our clock; on a
recording it is the market's clock, which is the time of the newest tick and stands still in a
pause. A crossed quote is no quote: the one before it ages on.
"""

import math
from collections.abc import Callable, Sequence
from decimal import Decimal
from typing import Final, NamedTuple

import msgspec

from ems.market_hub import MarketHub
from ems.ports import Playback
from ems.ticks import Quote, Tick, Trade

_NS_PER_S: Final = 1_000_000_000
_NS_PER_DAY: Final = 86_400 * _NS_PER_S


class Aged(msgspec.Struct, frozen=True, gc=False):
    """A price to compare with, and its age."""

    bid: float
    ask: float
    age_s: float
    what: str
    """``quote`` or ``trade``."""


class Exact(NamedTuple):
    """The last prices of a market, as written."""

    bid: Decimal
    ask: Decimal


class _Arrived(NamedTuple):
    quote: Quote | None
    quote_ns: int
    trade: Trade | None
    trade_ns: int


class PriceAges:
    """Knows when the last prices of the watched markets came.

    Parameters
    ----------
    hub
        Where the markets are watched.
    clock
        Now, UTC ns.
    """

    def __init__(self, hub: MarketHub, clock: Callable[[], int]) -> None:
        self._hub = hub
        self._clock = clock
        self._arrived: dict[str, _Arrived] = {}
        self._recorded: set[str] = set()
        self._exact: dict[str, tuple[Tick, Exact]] = {}

    def watch(self, fqsn: str) -> None:
        """Note from now on when prices of the market come; it is watched already."""
        if isinstance(self._hub.feed(fqsn), Playback):
            self._recorded.add(fqsn)

        def on_batch(_: Sequence[Tick]) -> None:
            self._arrived[fqsn] = self._now_with(fqsn)

        self._hub.show(fqsn, on_batch)

    def quote(self, fqsn: str) -> Aged | None:
        """Return the last quote; None if there was never one."""
        quote = self._hub.last(fqsn)[0]
        if quote is None:
            return None
        age_s = self._age_s(fqsn, quote.time_ns, self._now_with(fqsn).quote_ns)
        return Aged(quote.bid, quote.ask, age_s, "quote")

    def crossed(self, fqsn: str) -> bool:
        """Tell whether the newest quote is crossed, so that the one before it ages on."""
        return self._hub.crossed(fqsn)

    def trade(self, fqsn: str) -> Aged | None:
        """Return the last trade; None if there was never one."""
        trade = self._hub.last(fqsn)[1]
        if trade is None:
            return None
        age_s = self._age_s(fqsn, trade.time_ns, self._now_with(fqsn).trade_ns)
        return Aged(trade.price, trade.price, age_s, "trade")

    def last(self, fqsn: str) -> Exact | None:
        """Return the last quote, else the last trade, whatever its age; None if there is none."""
        quote, trade = self._hub.last(fqsn)
        said = quote or trade
        if said is None:
            return None
        known = self._exact.get(fqsn)
        if known is not None and known[0] is said:
            return known[1]
        bid, ask = (said.price, said.price) if isinstance(said, Trade) else (said.bid, said.ask)
        exact = Exact(Decimal(str(bid)), Decimal(str(ask)))
        self._exact[fqsn] = said, exact
        return exact

    def day(self, fqsn: str) -> int:
        """Return the market's day, UTC, in days since the epoch."""
        now_ns = self._market_ns(fqsn) if fqsn in self._recorded else None
        return (self._clock() if now_ns is None else now_ns) // _NS_PER_DAY

    def _now_with(self, fqsn: str) -> _Arrived:
        """Return what is last and when it came: a tick that was not there before came now."""
        quote, trade = self._hub.last(fqsn)
        was = self._arrived.get(fqsn)
        if was is not None and was.quote is quote and was.trade is trade:
            return was
        now = self._clock()
        if was is None:
            return _Arrived(quote, now, trade, now)
        return _Arrived(
            quote,
            was.quote_ns if quote == was.quote else now,
            trade,
            was.trade_ns if trade == was.trade else now,
        )

    def _age_s(self, fqsn: str, tick_ns: int, arrived_ns: int) -> float:
        if fqsn in self._recorded:
            return max(0, (self._market_ns(fqsn) or tick_ns) - tick_ns) / _NS_PER_S
        age_ns = self._clock() - arrived_ns
        return age_ns / _NS_PER_S if age_ns >= 0 else math.inf  # our clock was set back

    def _market_ns(self, fqsn: str) -> int | None:
        times = [tick.time_ns for tick in self._hub.last(fqsn) if tick is not None]
        return max(times, default=None)
