"""Bars of every period out of what a feed has: its own, days of its own, or its single ticks."""

from collections.abc import Callable
from typing import Final, NamedTuple, Protocol, runtime_checkable

import numpy as np

from ems.errors import BadHistory
from ems.market import Market
from ems.ports import Feed, KnowsTicks
from ems.ticks import Bars, no_bars
from ems.trading_hours import TradingHours
from ui.chart.joined_bars import joined_by_count, joined_by_time
from ui.chart.local_clock import DAY, LocalClock
from ui.chart.period import HOUR, MINUTE, CalendarPeriod, FixedPeriod, Period, TickPeriod, Unit

_SATURDAY: Final = 5
_THURSDAY: Final = 3
"""1970-01-01 was one; 0 is Monday."""
_MOST_TICKS: Final = 400_000
"""No more are asked for at once; bars of many ticks are fewer then."""
_PARTS_OF_A_DAY: Final = (HOUR, 30 * MINUTE, 15 * MINUTE)
"""What days of any zone can be put together from, the longest first."""
_DAY_S: Final = 86_400
_FEW_BARS: Final = 3
"""Of so few none is left out, even if the data begins in the midst of the first one."""
_CLOSED_DAYS: Final = 3 * DAY
"""A market may be closed for so long when a week or a month begins."""
_FEW: Final = 0.05
"""Saturdays are fewer than this part of all days where only some were made up for holidays."""
_DAYS: Final = {Unit.DAY: 1, Unit.WEEK: 7, Unit.MONTH: 31}


@runtime_checkable
class HasFinestPeriod(Protocol):
    """A feed that knows how fine its recorded data is."""

    def period_ns(self, fqsn: str) -> int:
        """Return the shortest period of bars, nanoseconds."""


class Loaded(NamedTuple):
    """Bars that a feed gave."""

    bars: Bars
    period: Period
    """What they hold: as was asked for, on the clock of the days that the feed has."""


class BarLoader:
    """Asks a feed for bars, and puts together those that it does not have.

    Parameters
    ----------
    feed : Feed
        Has the data.
    market : Market
        Its zone says when a day begins.
    hours : callable, optional
        Returns when it trades, as far as that is known: a day may begin on the evening before.
    """

    def __init__(
        self,
        feed: Feed,
        market: Market,
        hours: Callable[[], TradingHours | None] = lambda: None,
    ) -> None:
        self._feed = feed
        self._hours = hours
        self._market = market
        self._day_parts: int | None = None
        self._first_weekday: int | None = None

    @property
    def finest_ns(self) -> int:
        """The shortest period that the feed's data gives, nanoseconds."""
        feed = self._feed
        return feed.period_ns(self._market.fqsn) if isinstance(feed, HasFinestPeriod) else 1

    @property
    def knows_ticks(self) -> bool:
        """True if there can be bars of so many ticks."""
        feed = self._feed
        return isinstance(feed, KnowsTicks) and feed.knows_ticks(self._market.fqsn)

    def can(self, period: Period) -> bool:
        """Tell whether bars of a period can be made of the feed's data."""
        if isinstance(period, TickPeriod):
            return self.knows_ticks
        if isinstance(period, FixedPeriod):
            return period.ns % self.finest_ns == 0 or self._needs_ticks(period)
        return DAY % self.finest_ns == 0 or period.usual_ns >= self.finest_ns > DAY

    async def bars(self, period: Period, count: int, end_ns: int | None = None) -> Loaded:
        """Return up to about ``count`` bars that start before ``end_ns`` (None = up to now).

        Raises
        ------
        EmsError
            If the feed has none for this market and period.
        """
        if isinstance(period, TickPeriod):
            return Loaded(await self._of_ticks(period, count, end_ns), period)
        if isinstance(period, CalendarPeriod):
            return await self._of_days(period, count, end_ns)
        assert isinstance(period, FixedPeriod)
        if self._needs_ticks(period):
            ticks = await self._ticks(_MOST_TICKS, end_ns)
            return Loaded(joined_by_time(ticks, period)[1:], period)
        return Loaded(await self._asked(period.ns, count, end_ns), period)

    def of_ticks(self, period: Period) -> bool:
        """Tell whether bars are made of single ticks, of which a venue may know but the last."""
        if isinstance(period, FixedPeriod):
            return self._needs_ticks(period)
        return isinstance(period, TickPeriod)

    def _needs_ticks(self, period: FixedPeriod) -> bool:
        """Tell whether bars are shorter than all that the feed has, and made of its ticks."""
        return period.ns < self.finest_ns and self.knows_ticks

    async def _asked(self, period_ns: int, count: int, end_ns: int | None) -> Bars:
        return await self._feed.bars(self._market.fqsn, period_ns, end_ns=end_ns, count=count)

    async def _of_ticks(self, period: TickPeriod, count: int, end_ns: int | None) -> Bars:
        wanted = min(count * period.count, max(_MOST_TICKS, period.count))
        return joined_by_count(await self._ticks(wanted, end_ns), period.count)

    async def _ticks(self, count: int, end_ns: int | None) -> Bars:
        feed, fqsn = self._feed, self._market.fqsn
        if not (isinstance(feed, KnowsTicks) and feed.knows_ticks(fqsn)):
            raise BadHistory(f"{fqsn} has no single ticks, only bars")
        return await feed.ticks(fqsn, end_ns=end_ns, count=count)

    async def _of_days(self, period: CalendarPeriod, count: int, end_ns: int | None) -> Loaded:
        """Return days, weeks or months, each from a midnight of the market to another."""
        days = count * _DAYS[period.unit]
        part_ns = self._day_parts or max(self.finest_ns, DAY)
        parts = await self._asked(part_ns, days * max(DAY // part_ns, 1), end_ns)
        if self._day_parts is None and (finer_ns := self._finer(parts)) is not None:
            part_ns = self._day_parts = finer_ns
            parts = await self._asked(part_ns, days * (DAY // part_ns), end_ns)
        if len(parts) == 0:
            return Loaded(no_bars(), self._in_zone(period, parts))
        here = self._in_zone(period, parts)
        joined = joined_by_time(parts, here)
        all_there_are = len(parts) < days * max(DAY // part_ns, 1)
        late_ns = int(parts["time"][0] - joined["time"][0])
        is_whole = len(joined) == len(parts) or late_ns <= (_CLOSED_DAYS if all_there_are else 0)
        return Loaded(joined if is_whole or len(joined) < _FEW_BARS else joined[1:], here)

    def _finer(self, days: Bars) -> int | None:
        """Return which parts the market's days are made of, if the feed's begin elsewhere."""
        zone = self._market.timezone
        if len(days) == 0 or not _are_dates(days) or _clocks_agree(zone, days):
            return None
        return next((part for part in _PARTS_OF_A_DAY if part % self.finest_ns == 0), None)

    def _in_zone(self, period: CalendarPeriod, parts: Bars) -> CalendarPeriod:
        """Return the period on the market's clock, or in UTC if the feed's days are mere dates."""
        finer = self._day_parts is not None
        zone = "UTC" if _are_dates(parts) and not finer else self._market.timezone
        if self._first_weekday is None and len(parts):
            self._first_weekday = _first_weekday(zone, parts)  # the same for all that is loaded
        early = 0 if zone != self._market.timezone else early_s(self._hours())
        return period.in_zone(zone, self._first_weekday or 0, early)


def early_s(hours: TradingHours | None) -> int:
    """Return how long before midnight a trading day begins, seconds."""
    starts_s = None if hours is None else hours.day_starts_s
    return _DAY_S - starts_s if starts_s is not None and starts_s > _DAY_S // 2 else 0


def _are_dates(days: Bars) -> bool:
    """Tell whether all bars begin at a midnight of UTC."""
    return not np.any(days["time"] % DAY)


def _clocks_agree(zone: str, days: Bars) -> bool:
    """Tell whether a zone's midnights are those of UTC."""
    return bool(np.array_equal(LocalClock(zone).local(days["time"]), days["time"]))


def _first_weekday(zone: str, parts: Bars) -> int:
    """Return with which day weeks begin: Monday, or Sunday where nobody trades on Saturdays.

    There the session that begins on Sunday evening belongs to the week after it.
    """
    weekdays = (LocalClock(zone).local(parts["time"]) // DAY + _THURSDAY) % 7
    saturdays = np.count_nonzero(weekdays == _SATURDAY)
    return 6 if saturdays < _FEW * len(parts) else 0
