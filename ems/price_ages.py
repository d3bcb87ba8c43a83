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

from ems.market_hub import LastPrices, MarketHub
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


class _Arrived:
    """What was last in a market when somebody looked, and when it came, by our clock."""

    def __init__(self, last: LastPrices, *, recorded: bool) -> None:
        self.last: Final = last
        self.recorded: Final = recorded
        self.quote: Quote | None = None
        self.quote_ns = 0
        self.trade: Trade | None = None
        self.trade_ns = 0
        self._exact_of: Tick | None = None
        self._exact: Exact

    def look(self, clock: Callable[[], int]) -> None:
        """A tick that was not there before came now; the same again did not."""
        quote, trade = self.last.quote, self.last.trade
        if quote is not self.quote:
            if quote != self.quote:
                self.quote_ns = clock()
            self.quote = quote
        if trade is not self.trade:
            if trade != self.trade:
                self.trade_ns = clock()
            self.trade = trade

    def exact(self) -> Exact | None:
        """Return the last quote, else the last trade; None if there is none."""
        said = self.last.quote or self.last.trade
        if said is None:
            return None
        if said is not self._exact_of:
            bid, ask = (said.price, said.price) if isinstance(said, Trade) else (said.bid, said.ask)
            self._exact_of, self._exact = said, Exact(Decimal(str(bid)), Decimal(str(ask)))
        return self._exact

    def market_ns(self) -> int | None:
        """Return the newest time that a tick names."""
        ticks = (self.last.quote, self.last.trade)
        return max((tick.time_ns for tick in ticks if tick is not None), default=None)

    def age_s(self, tick_ns: int, arrived_ns: int, now_ns: int) -> float:
        """Return the age of a tick."""
        if self.recorded:
            return max(0, (self.market_ns() or tick_ns) - tick_ns) / _NS_PER_S
        age_ns = now_ns - arrived_ns
        return age_ns / _NS_PER_S if age_ns >= 0 else math.inf  # our clock was set back


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

    def watch(self, fqsn: str) -> None:
        """Note from now on when prices of the market come; it is watched already."""
        recorded = isinstance(self._hub.feed(fqsn), Playback)
        arrived = self._arrived[fqsn] = _Arrived(self._hub.prices(fqsn), recorded=recorded)
        clock = self._clock

        def on_batch(_: Sequence[Tick]) -> None:
            arrived.look(clock)

        self._hub.show(fqsn, on_batch)

    def quote(self, fqsn: str) -> Aged | None:
        """Return the last quote; None if there was never one."""
        arrived = self._arrived.get(fqsn)
        quote = None if arrived is None else arrived.last.quote
        if arrived is None or quote is None:
            return None
        arrived.look(self._clock)
        age_s = arrived.age_s(quote.time_ns, arrived.quote_ns, self._clock())
        return Aged(quote.bid, quote.ask, age_s, "quote")

    def last_quote(self, fqsn: str) -> tuple[Exact, float] | None:
        """Return the last quote, as written, and its age in seconds; None if there was none."""
        arrived = self._arrived.get(fqsn)
        quote = None if arrived is None else arrived.last.quote
        if arrived is None or quote is None:
            return None
        if quote is not arrived.quote:
            arrived.look(self._clock)
        exact = arrived.exact()
        assert exact is not None
        return exact, arrived.age_s(quote.time_ns, arrived.quote_ns, self._clock())

    def crossed(self, fqsn: str) -> bool:
        """Tell whether the newest quote is crossed, so that the one before it ages on."""
        return self._hub.crossed(fqsn)

    def trade(self, fqsn: str) -> Aged | None:
        """Return the last trade; None if there was never one."""
        arrived = self._arrived.get(fqsn)
        trade = None if arrived is None else arrived.last.trade
        if arrived is None or trade is None:
            return None
        arrived.look(self._clock)
        age_s = arrived.age_s(trade.time_ns, arrived.trade_ns, self._clock())
        return Aged(trade.price, trade.price, age_s, "trade")

    def last(self, fqsn: str) -> Exact | None:
        """Return the last quote, else the last trade, whatever its age; None if there is none."""
        arrived = self._arrived.get(fqsn)
        return None if arrived is None else arrived.exact()

    def day(self, fqsn: str) -> int:
        """Return the market's day, UTC, in days since the epoch."""
        arrived = self._arrived.get(fqsn)
        now_ns = arrived.market_ns() if arrived is not None and arrived.recorded else None
        return (self._clock() if now_ns is None else now_ns) // _NS_PER_DAY
