"""The triggers of one market, indexed by price.

A tick that fires nothing is two comparisons a price series, however many triggers are armed.
"""

from collections.abc import Callable
from heapq import heapify, heappop, heappush
from typing import Final, NamedTuple

from ems.messages import Action, Trail
from ems.order_dialog import Direction, Series
from ems.ticks import Quote, Trade
from ems.trails import Trails

Fire = Callable[[str, Series, float], None]
"""Called with the oid, the series and the price that reached the level."""
Armed = Callable[[str, dict[Series, Direction]], None]
"""Called when a price decided from which side a trigger will be reached."""
Trailed = Callable[[str, float], None]
"""Called with the oid and the new level of a trailing stop."""

_LOOKS_AT: Final[dict[Action, tuple[Series, ...]]] = {
    "buy": ("ask", "trade"),
    "sell": ("bid", "trade"),
    "alert": ("trade",),
}


class Touch(NamedTuple):
    """What touches a trigger."""

    looks_at: tuple[Series, ...]
    direction: Direction
    trail: Trail | None = None
    """How far its level stays behind the best price; None = it stays where it is."""


_INF: Final = float("inf")


class _Side:
    """The triggers that one series reaches from one side, nearest first."""

    def __init__(self, sign: int) -> None:
        self.sign = sign  # 1: fires at the level or above it, -1: or below it
        self.heap: list[tuple[float, int, str]] = []  # (sign * level, number, oid)
        self.live: dict[str, int] = {}  # oid -> number; a heap entry of another number is dead

    def add(self, oid: str, key: float, number: int) -> None:
        self.live[oid] = number
        heappush(self.heap, (key, number, oid))
        if len(self.heap) > 2 * len(self.live) + 64:  # mostly dead entries: sweep
            self.heap = [entry for entry in self.heap if self.live.get(entry[2]) == entry[1]]
            heapify(self.heap)

    def remove(self, oid: str) -> bool:
        """Take a trigger out; True if it was the nearest, False if not or if it is not here."""
        if self.live.pop(oid, None) is None:
            return False
        return self.heap[0][2] == oid

    def nearest(self) -> float:
        """The price of the nearest trigger, sign applied; inf if there is none."""
        heap = self.heap
        while heap and self.live.get(heap[0][2]) != heap[0][1]:
            heappop(heap)
        return heap[0][0] if heap else _INF

    def pop_reached(self, key: float) -> str | None:
        """Take and return the nearest trigger if ``key`` has reached it."""
        if self.nearest() > key:
            return None
        oid = heappop(self.heap)[2]
        del self.live[oid]
        return oid


class _SeriesTriggers:
    """The triggers that look at one price series."""

    def __init__(self, tick_size: float) -> None:
        self.price: float | None = None
        self.trails = Trails(tick_size)
        self.above = _Side(1)
        self.below = _Side(-1)
        self.unarmed: dict[str, float] = {}  # oid -> level: no price is known yet
        self.low = -_INF  # at or below this, or at or above `high`, something fires or moves
        self.high = _INF

    def remove(self, oid: str) -> None:
        if self.unarmed.pop(oid, None) is not None:
            return
        counted = [self.trails.remove(oid), self.above.remove(oid), self.below.remove(oid)]
        if any(counted):
            self.refresh()

    def refresh(self) -> None:
        self.high = min(self.above.nearest(), self.trails.rises)
        self.low = max(-self.below.nearest(), self.trails.falls)


class DarkBook:
    """The triggers of dark orders and alerts in one market.

    Parameters
    ----------
    tick_size : float
        Levels and prices that differ by less than a millionth of it are equal.
    on_fire
        Called once for each trigger that a price reaches; it is disarmed by then.
    on_armed
        Called for a trigger that waited for its first price.
    alerts_look_at
        The series that alerts look at: ``bid`` in a market without trades.
    on_trailed
        Called with the oid and the level of a trailing stop that followed the price.
    """

    def __init__(
        self,
        tick_size: float,
        on_fire: Fire,
        on_armed: Armed,
        alerts_look_at: Series = "trade",
        on_trailed: Trailed = lambda _oid, _level: None,
    ) -> None:
        self._on_trailed = on_trailed
        self._hair = tick_size * 1e-6
        self._on_fire = on_fire
        self._on_armed = on_armed
        self._looks_at = {**_LOOKS_AT, "alert": (alerts_look_at,)}
        self._series: dict[Series, _SeriesTriggers] = {
            "trade": _SeriesTriggers(tick_size),
            "bid": _SeriesTriggers(tick_size),
            "ask": _SeriesTriggers(tick_size),
        }
        self._directions: dict[str, dict[Series, Direction]] = {}
        self._looks: dict[str, tuple[Series, ...]] = {}
        self._number = 0

    def __len__(self) -> int:
        """Return how many orders and alerts are armed."""
        return len(self._directions)

    def __contains__(self, oid: str) -> bool:
        return oid in self._directions

    def last_price(self, series: Series) -> float | None:
        """Return the last price of the series; None before the first."""
        return self._series[series].price

    def arm(
        self,
        oid: str,
        action: Action,
        level: float,
        known: dict[Series, Direction] | None = None,
        only: Touch | None = None,
    ) -> dict[Series, Direction]:
        """Arm a trigger, or arm it anew at another level.

        Parameters
        ----------
        oid, action
            Whose trigger; buys look at ask and trade, sells at bid and trade, alerts at trade.
        level
            The price to be reached.
        known
            The directions it was armed with before a restart: kept, so that a price that went
            over the level meanwhile fires.
        only
            What it looks at and from which side alone it is reached, wherever the price is now:
            a stop whose price is through already fires at the next tick.

        Returns
        -------
        dict
            For each series that has a price, the side from which it has to reach the level.
        """
        self.disarm(oid)
        directions: dict[Series, Direction] = {}
        self._directions[oid] = directions
        looks_at = self._looks_at[action] if only is None else only.looks_at
        self._looks[oid] = looks_at
        if only is not None:
            known = dict.fromkeys(looks_at, only.direction)
        for name in looks_at:
            series = self._series[name]
            direction = (known or {}).get(name) or self._direction(action, level, series.price)
            if direction is None:
                series.unarmed[oid] = level
            else:
                directions[name] = direction
                self._add(series, oid, level, direction)
            if only is not None and only.trail is not None:
                series.trails.add(oid, only.trail, level, sells=action == "sell")
                series.refresh()
        return dict(directions)

    def disarm(self, oid: str) -> None:
        """Remove a trigger; nothing happens if there is none."""
        if self._directions.pop(oid, None) is None:
            return
        for name in self._looks.pop(oid):
            self._series[name].remove(oid)

    def on_quote(self, quote: Quote) -> None:
        """Fire what the bid or the ask has reached."""
        bid = self._series["bid"]
        ask = self._series["ask"]
        bid.price = quote.bid
        ask.price = quote.ask
        if not bid.low < quote.bid < bid.high or bid.unarmed:
            self._reached("bid", quote.bid)
        if not ask.low < quote.ask < ask.high or ask.unarmed:
            self._reached("ask", quote.ask)

    def on_trade(self, trade: Trade) -> None:
        """Fire what the trade's price has reached."""
        series = self._series["trade"]
        series.price = price = trade.price
        if not series.low < price < series.high or series.unarmed:
            self._reached("trade", price)

    def fire_reached(self) -> None:
        """Fire what the last prices have reached already."""
        for name, series in self._series.items():
            if series.price is not None:
                self._reached(name, series.price)

    def _direction(self, action: Action, level: float, price: float | None) -> Direction | None:
        """From which side the price will come; at the level it counts as touched."""
        if price is None:
            return None
        if abs(price - level) <= self._hair:
            return "above" if action == "sell" else "below"
        return "above" if price < level else "below"

    def _add(self, series: _SeriesTriggers, oid: str, level: float, direction: Direction) -> None:
        self._number += 1
        if direction == "above":
            key = level - self._hair
            series.above.add(oid, key, self._number)
            series.high = min(series.high, key)
        else:
            key = level + self._hair
            series.below.add(oid, -key, self._number)
            series.low = max(series.low, key)

    def _reached(self, name: Series, price: float) -> None:
        series = self._series[name]
        if series.unarmed:
            self._arm_waiting(name, price)
        trails = series.trails
        if price > trails.rises or price < trails.falls:
            for follower, level in trails.follow(price):
                self._add(series, follower, level, self._directions[follower][name])
                self._on_trailed(follower, level)
        while (
            oid := series.above.pop_reached(price) or series.below.pop_reached(-price)
        ) is not None:
            self.disarm(oid)
            series.refresh()
            self._on_fire(oid, name, price)
        series.refresh()

    def _arm_waiting(self, name: Series, price: float) -> None:
        series = self._series[name]
        waiting, series.unarmed = series.unarmed, {}
        for oid, level in waiting.items():
            direction: Direction = "above" if price < level else "below"
            self._directions[oid][name] = direction
            self._add(series, oid, level, direction)
            self._on_armed(oid, dict(self._directions[oid]))
