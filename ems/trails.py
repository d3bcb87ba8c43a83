"""Trailing stops that look at one price series: their levels follow the best price, and wait."""

from decimal import Decimal
from typing import Final, NamedTuple

from msgspec.structs import replace

from ems.messages import Order, Trail

_INF: Final = float("inf")


class _Follower(NamedTuple):
    level: float
    best: float
    """The price that the level stays behind."""


class Trails:
    """The levels of trailing stops.

    A price that is no new best for any of them is two comparisons: see `rises` and `falls`.

    Parameters
    ----------
    tick_size : float
        Levels are multiples of it.
    """

    def __init__(self, tick_size: float) -> None:
        self._tick = tick_size
        self._trails: dict[str, tuple[Trail, bool]] = {}
        self._followers: dict[str, _Follower] = {}
        self.rises = _INF
        """Above this price the level of a sell rises."""
        self.falls = -_INF
        """Below this price the level of a buy falls."""

    def add(self, oid: str, trail: Trail, level: float, *, sells: bool) -> None:
        """Let a level follow from where it is: how far it had come is in the level itself."""
        self._trails[oid] = trail, sells
        self._followers[oid] = _Follower(level, _best(trail, level, sells=sells))
        self._set_bounds()

    def remove(self, oid: str) -> bool:
        """Forget a level; False if it is not here."""
        if self._trails.pop(oid, None) is None:
            return False
        del self._followers[oid]
        self._set_bounds()
        return True

    def follow(self, price: float) -> list[tuple[str, float]]:
        """Move the levels that the price is a new best for; return those that changed."""
        moved = []
        for oid, (trail, sells) in self._trails.items():
            level, best = self._followers[oid]
            if (price <= best) if sells else (price >= best):
                continue
            new = round(_behind(trail, price, sells=sells) / self._tick) * self._tick
            nearer = new > level if sells else new < level
            if nearer and abs(new - level) > self._tick / 2:
                moved.append((oid, new))
                level = new
            self._followers[oid] = _Follower(level, price)
        if moved or self._trails:
            self._set_bounds()
        return moved

    def _set_bounds(self) -> None:
        sells = [self._followers[oid].best for oid, (_, sells) in self._trails.items() if sells]
        buys = [self._followers[oid].best for oid, (_, sells) in self._trails.items() if not sells]
        self.rises = min(sells, default=_INF)
        self.falls = max(buys, default=-_INF)


def at_level(order: Order, level: Decimal) -> Order:
    """Return a trailing stop whose trigger stands at this level; its limit goes along."""
    limit = order.limit_price
    if limit is not None:
        limit += level - order.price
    return replace(order, price=level, limit_price=limit)


def _behind(trail: Trail, price: float, *, sells: bool) -> float:
    sign = -1 if sells else 1
    if trail.unit == "percent":
        return price * (1 + sign * float(trail.amount) / 100)
    return price + sign * float(trail.amount)


def _best(trail: Trail, level: float, *, sells: bool) -> float:
    """Return the price that a level is behind: the reverse of `_behind`."""
    sign = 1 if sells else -1
    if trail.unit == "percent":
        return level / (1 - sign * float(trail.amount) / 100)
    return level + sign * float(trail.amount)
