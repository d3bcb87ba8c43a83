"""Kraken's rate limits, counted here too, so that we stop before it complains.

Source: https://docs.kraken.com/exchange/guides/general/ratelimits (trading) and
https://docs.kraken.com/exchange/guides/rest/ratelimits (REST).
"""

import time
from collections.abc import Callable
from typing import Final

REST_LIMIT: Final = 15.0
REST_DECAY: Final = 0.33
_TRADING_DECAY: Final = {60: 1.0, 125: 2.34, 180: 3.75}
"""What a counter loses a second, by its limit: starter, intermediate, pro."""
_STARTER: Final = 60

AMEND_BY_AGE: Final = ((5.0, 3), (10.0, 2), (15.0, 1))
"""An amend costs 1, and so much more for an order younger than so many seconds."""
EDIT_BY_AGE: Final = ((5.0, 6), (10.0, 5), (15.0, 4), (45.0, 2), (90.0, 1))
"""The same for an edit, which is a cancel and a new order."""
CANCEL_BY_AGE: Final = ((5.0, 8), (10.0, 6), (15.0, 5), (45.0, 4), (90.0, 2), (300.0, 1))


def _by_age(table: tuple[tuple[float, int], ...], age_s: float) -> int:
    return next((cost for limit, cost in table if age_s < limit), 0)


def amend_cost(age_s: float) -> int:
    """Return what it costs to amend an order of this age."""
    return 1 + _by_age(AMEND_BY_AGE, age_s)


def edit_cost(age_s: float) -> int:
    """Return what it costs to replace an order of this age."""
    return 1 + _by_age(EDIT_BY_AGE, age_s)


def cancel_cost(age_s: float) -> int:
    """Return what it costs to cancel an order of this age."""
    return _by_age(CANCEL_BY_AGE, age_s)


class Counter:
    """A counter that each request raises and time lowers.

    Parameters
    ----------
    limit : float
        It may not go above this.
    decay : float
        What it loses a second.
    clock
        Seconds; only differences count.
    """

    def __init__(
        self, limit: float, decay: float, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self.limit = limit
        self.decay = decay
        self._clock = clock
        self._level = 0.0
        self._at = clock()

    @property
    def level(self) -> float:
        """Where it stands now."""
        return max(0.0, self._level - (self._clock() - self._at) * self.decay)

    def add(self, cost: float) -> None:
        """Count a request."""
        self._level = self.level + cost
        self._at = self._clock()

    def set(self, level: float) -> None:
        """Take the venue's own figure."""
        self._level = level
        self._at = self._clock()

    def wait_s(self, cost: float) -> float:
        """Return how many seconds there is no room for such a request; 0 = there is."""
        return max(0.0, (self.level + cost - self.limit) / self.decay)


class TradingRate:
    """The matching engine's counters, one a pair.

    The limit is the lowest tier's until the venue names ours.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._limit = float(_STARTER)
        self._counters: dict[str, Counter] = {}

    def set_limit(self, limit: int) -> None:
        """Take the limit that the venue has set for this account."""
        self._limit = float(limit)
        for counter in self._counters.values():
            counter.limit, counter.decay = self._limit, self._decay

    def of(self, symbol: str) -> Counter:
        """Return the counter of a pair."""
        if symbol not in self._counters:
            self._counters[symbol] = Counter(self._limit, self._decay, self._clock)
        return self._counters[symbol]

    def refuses(self, symbol: str, cost: int) -> str | None:
        """Say why a request that costs so much should not go out now; None if it may."""
        counter = self.of(symbol)
        wait_s = counter.wait_s(cost)
        if not wait_s:
            return None
        return (
            f"Not sent: Kraken's rate counter for {symbol} is at {counter.level:.0f} of "
            f"{counter.limit:.0f}, and this would cost {cost}. There is room in {wait_s:.0f} s."
        )

    @property
    def _decay(self) -> float:
        return _TRADING_DECAY.get(int(self._limit), _TRADING_DECAY[_STARTER])
