"""What was asked for in the last moments: how many requests went out, and which orders."""

from collections import OrderedDict, deque
from collections.abc import Callable
from decimal import Decimal
from typing import Final, TypeAlias

from ems.messages import Order

_SECOND_NS: Final = 1_000_000_000
_KEEP_NS: Final = 60 * _SECOND_NS
"""Accounts may have windows of different length; `Limits.duplicate_s` is never longer."""
_Key: TypeAlias = tuple[str, str, str, Decimal, Decimal]  # account, fqsn, side, price, size


class RequestCounts:
    """Remembers requests for as long as a limit can look back.

    Parameters
    ----------
    clock
        Now, UTC ns. What lies ahead of it, after it was set back, is forgotten.
    """

    def __init__(self, clock: Callable[[], int]) -> None:
        self._clock = clock
        self._sent: dict[tuple[str, str | None], deque[int]] = {}
        self._placed: OrderedDict[_Key, tuple[int, str]] = OrderedDict()
        """Time and oid, oldest first. A plain dict is slow to tell its first after many left it."""
        self._placed_as: dict[str, _Key] = {}

    def sent(self, account: str, symbol: str) -> None:
        """Count a request that leaves for the venue."""
        now = self._clock()
        for key in ((account, None), (account, symbol)):
            times = self._sent.get(key)
            if times is None:
                times = self._sent[key] = deque()
            times.append(now)
            _forget(times, now)

    def are_sent(self, account: str, symbol: str | None, most: int) -> bool:
        """Tell whether so many requests left in the last second, in one market or in all."""
        times = self._sent.get((account, symbol))
        if times is None or len(times) < most:
            return False
        _forget(times, self._clock())
        return len(times) >= most

    def placed(self, order: Order) -> None:
        """Remember a new order for the duplicate guard."""
        now, key = self._clock(), _key(order)
        self._drop(key)
        self._placed[key] = now, order.oid
        self._placed_as[order.oid] = key
        while not 0 <= now - next(iter(self._placed.values()))[0] < _KEEP_NS:
            self._drop(next(iter(self._placed)))

    def withdrawn(self, oid: str) -> None:
        """Forget an order that its owner cancels: another in its place is no duplicate."""
        if oid in self._placed_as:
            self._drop(self._placed_as[oid])

    def duplicates(self, order: Order, within_s: float) -> bool:
        """Tell whether the same side, price and size was placed a moment ago."""
        found = self._placed.get(_key(order))
        return found is not None and 0 <= self._clock() - found[0] < int(within_s * _SECOND_NS)

    def _drop(self, key: _Key) -> None:
        found = self._placed.pop(key, None)
        if found is not None:
            del self._placed_as[found[1]]


def _key(order: Order) -> _Key:
    return order.account, order.symbol, order.action, order.price, order.size


def _forget(times: deque[int], now: int) -> None:
    while times and not 0 <= now - times[0] < _SECOND_NS:
        times.popleft()
