"""The triggers of one market, indexed by price.

A tick that fires nothing is two comparisons a price series, however many triggers are armed.
"""

from collections.abc import Callable
from typing import Final, NamedTuple

import msgspec

from ems.messages import Action, Trail
from ems.order_dialog import Direction, Series
from ems.price_series import Entry, PriceSeries
from ems.ticks import Quote, Trade

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


class _Trigger(msgspec.Struct, eq=False):
    """One trigger, and where it is entered."""

    looks_at: tuple[Series, ...]
    directions: dict[Series, Direction] = {}
    entries: list[Entry] = []
    is_plain: bool = True
    """It never waited for a first price, and follows none."""


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
        self.trades: Final = PriceSeries(tick_size)
        self.bids: Final = PriceSeries(tick_size)
        self.asks: Final = PriceSeries(tick_size)
        self._series: Final[dict[Series, PriceSeries]] = {
            "trade": self.trades,
            "bid": self.bids,
            "ask": self.asks,
        }
        self._armed: dict[str, _Trigger] = {}
        self._number = 0

    def __len__(self) -> int:
        """Return how many orders and alerts are armed."""
        return len(self._armed)

    def __contains__(self, oid: str) -> bool:
        return oid in self._armed

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
        if oid in self._armed:
            self.disarm(oid)
        looks_at = self._looks_at[action] if only is None else only.looks_at
        trigger = self._armed[oid] = _Trigger(looks_at)
        for name in looks_at:
            series = self._series[name]
            direction = known.get(name) if known else None
            if only is not None:
                direction = only.direction
            elif direction is None and (price := series.price) is not None:
                direction = self._direction(action, level, price)
            if direction is None:
                trigger.is_plain = False
                series.unarmed[oid] = level
                series.refresh()
            else:
                trigger.directions[name] = direction
                self._enter(series, oid, trigger, level, direction)
            if only is not None and only.trail is not None:
                trigger.is_plain = False
                series.trails.add(oid, only.trail, level, sells=action == "sell")
                series.refresh()
        return trigger.directions

    def disarm(self, oid: str) -> None:
        """Remove a trigger; nothing happens if there is none."""
        trigger = self._armed.pop(oid, None)
        if trigger is None:
            return
        for entry in trigger.entries:
            entry.die()
        if trigger.is_plain:
            return
        for name in trigger.looks_at:
            series = self._series[name]
            if series.trails.remove(oid) or series.unarmed.pop(oid, None) is not None:
                series.refresh()

    def on_quote(self, quote: Quote) -> None:
        """Fire what the bid or the ask has reached."""
        bids, asks = self.bids, self.asks
        bids.price, asks.price = quote.bid, quote.ask
        if not bids.low < quote.bid < bids.high:
            self._reached("bid", quote.bid)
        if not asks.low < quote.ask < asks.high:
            self._reached("ask", quote.ask)

    def on_trade(self, trade: Trade) -> None:
        """Fire what the trade's price has reached."""
        series = self.trades
        series.price = price = trade.price
        if not series.low < price < series.high:
            self._reached("trade", price)

    def fire_reached(self) -> None:
        """Fire what the last prices have reached already."""
        for name, series in self._series.items():
            if series.price is not None:
                self._reached(name, series.price)

    def _direction(self, action: Action, level: float, price: float) -> Direction:
        """From which side the price will come; at the level it counts as touched."""
        if abs(price - level) <= self._hair:
            return "above" if action == "sell" else "below"
        return "above" if price < level else "below"

    def _enter(
        self, series: PriceSeries, oid: str, trigger: _Trigger, level: float, direction: Direction
    ) -> None:
        self._number += 1
        if direction == "above":
            key, side = level - self._hair, series.above
            if key < series.high:
                series.high = key
        else:
            key, side = -(level + self._hair), series.below
            if -key > series.low:
                series.low = -key
        entry = Entry(oid, series, side)
        side.add(key, self._number, entry)
        trigger.entries.append(entry)

    def _reached(self, name: Series, price: float) -> None:
        series = self._series[name]
        if series.unarmed:
            self._arm_waiting(name, price)
            series.refresh()
        trails = series.trails
        if price > trails.rises or price < trails.falls:
            for follower, level in trails.follow(price):
                self._move(series, name, follower, level)
                self._on_trailed(follower, level)
            series.refresh()
        while not series.low < price < series.high:
            oid = series.above.reached(price) or series.below.reached(-price)
            if oid is None:
                break
            self.disarm(oid)
            self._on_fire(oid, name, price)

    def _move(self, series: PriceSeries, name: Series, oid: str, level: float) -> None:
        trigger = self._armed[oid]
        for entry in trigger.entries:
            if entry.series is series:
                entry.die()
        trigger.entries = [entry for entry in trigger.entries if entry.live]
        self._enter(series, oid, trigger, level, trigger.directions[name])

    def _arm_waiting(self, name: Series, price: float) -> None:
        series = self._series[name]
        waiting, series.unarmed = series.unarmed, {}
        for oid, level in waiting.items():
            trigger = self._armed.get(oid)
            if trigger is None:  # whoever was told of another has removed it
                continue
            direction: Direction = "above" if price < level else "below"
            trigger.directions = {**trigger.directions, name: direction}
            self._enter(series, oid, trigger, level, direction)
            self._on_armed(oid, trigger.directions)
