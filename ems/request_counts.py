"""What was asked for in the last moments: how many requests went out, and which orders."""

from collections import deque
from collections.abc import Callable
from decimal import Decimal
from typing import Final, NamedTuple

from ems.messages import Order

_SECOND_NS: Final = 1_000_000_000
_KEEP_WITHDRAWN: Final = 100


class _Placed(NamedTuple):
    time_ns: int
    oid: str
    price: Decimal
    size: Decimal


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
        self._withdrawn: deque[str] = deque(maxlen=_KEEP_WITHDRAWN)
        self._placed: dict[tuple[str, str, str], deque[_Placed]] = {}

    def sent(self, account: str, symbol: str) -> None:
        """Count a request that leaves for the venue."""
        now = self._clock()
        for key in ((account, None), (account, symbol)):
            times = self._sent.setdefault(key, deque())
            times.append(now)
            _forget(times, now)

    def in_last_second(self, account: str, symbol: str | None) -> int:
        """Return how many requests left, in one market or in all of the account."""
        times = self._sent.get((account, symbol))
        if not times:
            return 0
        _forget(times, self._clock())
        return len(times)

    def placed(self, order: Order, keep_s: float) -> None:
        """Remember a new order for the duplicate guard, so long."""
        now, keep_ns = self._clock(), int(keep_s * _SECOND_NS)
        placed = self._placed.setdefault((order.account, order.symbol, order.action), deque())
        placed.append(_Placed(now, order.oid, order.price, order.size))
        while placed and not 0 <= now - placed[0].time_ns < keep_ns:
            placed.popleft()

    def withdrawn(self, oid: str) -> None:
        """Forget an order that its owner cancels: another in its place is no duplicate."""
        self._withdrawn.append(oid)

    def duplicates(self, order: Order, within_s: float) -> bool:
        """Tell whether the same side, price and size was placed a moment ago."""
        now, within_ns = self._clock(), int(within_s * _SECOND_NS)
        placed = self._placed.get((order.account, order.symbol, order.action), ())
        return any(
            0 <= now - was.time_ns < within_ns
            and (was.price, was.size) == (order.price, order.size)
            and was.oid not in self._withdrawn
            for was in placed
        )


def _forget(times: deque[int], now: int) -> None:
    while times and not 0 <= now - times[0] < _SECOND_NS:
        times.popleft()
