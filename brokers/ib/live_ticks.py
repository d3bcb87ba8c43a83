"""IB's tick messages, each a single number, put together to quotes and trades."""

import logging
import time
from collections.abc import Callable
from math import inf, isfinite
from typing import Final

from ems.ticks import Quote, Tick, Trade

log = logging.getLogger(__name__)

BID_SIZE, BID, ASK, ASK_SIZE, LAST, LAST_SIZE = 0, 1, 2, 3, 4, 5
RT_VOLUME: Final = 48
_DELAYED: Final = {66: BID, 67: ASK, 68: LAST, 69: BID_SIZE, 70: ASK_SIZE, 71: LAST_SIZE}
_NS_PER_MS: Final = 1_000_000
_LATEST_MS: Final = 1 << 43
"""Later is no time: nanoseconds have 63 bits."""


class LiveTicks:
    """The ticks of one market data request.

    Trades come from IB's ``RTVolume``, which tells each with its time; where there is none, as in
    delayed data, from the last price.
    """

    def __init__(self, clock: Callable[[], int] = time.time_ns) -> None:
        self._clock = clock
        self._bid: float | None = None
        self._ask: float | None = None
        self._sizes: dict[int, float] = {}
        self._quote_moved = False
        self._has_rt_volume = False
        self._waiting: list[Tick] = []

    def on_price(self, kind: int, price: float, size: float) -> None:
        """Take a price with its size; -1 means that there is none."""
        kind = _DELAYED.get(kind, kind)
        if kind == BID:
            self._bid = price if price > 0 else None
            self._sizes[BID_SIZE] = size
            self._quote_moved = True
        elif kind == ASK:
            self._ask = price if price > 0 else None
            self._sizes[ASK_SIZE] = size
            self._quote_moved = True
        elif kind == LAST and price > 0 and not self._has_rt_volume:
            self._waiting.append(Trade(self._clock(), price, size or None))

    def on_size(self, kind: int, size: float) -> None:
        """Take the size at a price that did not move."""
        kind = _DELAYED.get(kind, kind)
        if kind in (BID_SIZE, ASK_SIZE) and self._sizes.get(kind) != size:
            self._sizes[kind] = size
            self._quote_moved = True

    def on_text(self, kind: int, text: str) -> None:
        """Take a tick that comes as text: ``price;size;ms;volume;vwap;single``."""
        if kind != RT_VOLUME:
            return
        try:
            price, size, milliseconds, *_ = text.split(";")
            paid, count, ms = float(price or 0), float(size or 0), int(milliseconds)
        except ValueError:
            log.warning("IB tells of a trade what cannot be read: %r", text)
            return
        self._has_rt_volume = True
        if 0 < paid < inf and isfinite(count) and 0 <= ms < _LATEST_MS:
            self._waiting.append(Trade(ms * _NS_PER_MS, paid, count or None))

    def take(self) -> list[Tick]:
        """Return what has come since the last call: trades, then the quote as it is now."""
        ticks, self._waiting = self._waiting, []
        if self._quote_moved and self._bid is not None and self._ask is not None:
            ticks.append(
                Quote(
                    self._clock(),
                    self._bid,
                    self._ask,
                    self._sizes.get(BID_SIZE) or None,
                    self._sizes.get(ASK_SIZE) or None,
                )
            )
        self._quote_moved = False
        return ticks
