"""When a market trades: the spans of the days around now, as its venue tells them."""

from bisect import bisect_right
from collections import Counter
from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta
from itertools import groupby
from typing import Final, Literal, TypeAlias
from zoneinfo import ZoneInfo

import msgspec

Phase: TypeAlias = Literal["regular", "extended", "closed"]

_NS: Final = 1_000_000_000
_SATURDAY: Final = 5


class Span(msgspec.Struct, frozen=True, order=True):
    """From when until when a market trades, UTC ns; the end is not in it."""

    start_ns: int
    end_ns: int


class TradingHours(msgspec.Struct, frozen=True, kw_only=True):
    """The hours of one market; what lies outside the days that it knows is unknown."""

    timezone: str
    """IANA name of the zone that the exchange lives in."""
    days: tuple[date, ...]
    """The days that are known, of the exchange's zone, closed ones too; ascending."""
    trading: tuple[Span, ...]
    """When anything can trade; ascending, none touches another."""
    regular: tuple[Span, ...]
    """The regular hours among them; orders that are to fill outside say so."""

    def phase(self, time_ns: int) -> Phase | None:
        """Return what holds at a time; None if that is not known."""
        if _within(self.regular, time_ns):
            return "regular"
        if _within(self.trading, time_ns):
            return "extended"
        return "closed" if self._knows(time_ns) else None

    def opens_ns(self, time_ns: int, *, regular: bool = False) -> int | None:
        """Return when it next opens after a time, or its regular hours begin, UTC ns."""
        spans = self.regular if regular else self.trading
        return next((span.start_ns for span in spans if span.start_ns > time_ns), None)

    def day_ends_ns(self, time_ns: int, *, regular: bool = False) -> int | None:
        """Return when an order for the day that is made at a time is over, UTC ns.

        That is the end of the trading day that runs, or of the next one while the market is
        closed. None if it is not known.

        Parameters
        ----------
        regular
            True for an order that fills in regular hours only.
        """
        if not self._knows(time_ns):
            return None
        spans = self.regular if regular else self.trading
        ends = [last.end_ns for *_, last in self._by_trading_day(spans)]
        return next((end for end in ends if end > time_ns), None)

    def is_holiday(self, time_ns: int) -> bool:
        """Tell whether the market is closed all of a day that is no Saturday or Sunday."""
        day = self._local(time_ns).date()
        trades = any(self._trading_day(span) == day for span in self.trading)
        return day in self.days and day.weekday() < _SATURDAY and not trades

    @property
    def day_starts_s(self) -> int | None:
        """When a trading day usually begins, seconds after midnight in the exchange's zone.

        Before noon on the day itself, or, of an overnight session, on the day before. None if the
        market trades on no day that is known.
        """
        return _usual(
            self._second_of_day(first.start_ns) for first, *_ in self._by_trading_day(self.trading)
        )

    @property
    def regular_s(self) -> tuple[int, int] | None:
        """When regular hours usually begin and end, as `day_starts_s`; None if all hours are."""
        if self.regular == self.trading:
            return None
        days = list(self._by_trading_day(self.regular))
        start = _usual(self._second_of_day(first.start_ns) for first, *_ in days)
        end = _usual(self._second_of_day(last.end_ns) for *_, last in days)
        return None if start is None or end is None else (start, end)

    def _by_trading_day(self, spans: Iterable[Span]) -> Iterable[list[Span]]:
        return (list(group) for _, group in groupby(spans, self._trading_day))

    def _trading_day(self, span: Span) -> date:
        """The day that a span counts for: the one that it ends in, also after a night."""
        return self._local(span.end_ns - 1).date()

    def _second_of_day(self, time_ns: int) -> int:
        local = self._local(time_ns)
        return local.hour * 3600 + local.minute * 60 + local.second

    def _local(self, time_ns: int) -> datetime:
        return datetime.fromtimestamp(time_ns / _NS, UTC).astimezone(ZoneInfo(self.timezone))

    def _knows(self, time_ns: int) -> bool:
        if not self.days:
            return False
        start = self._midnight(self.days[0])
        end = self._midnight(self.days[-1] + timedelta(days=1))
        if self.trading:
            start, end = min(start, self.trading[0].start_ns), max(end, self.trading[-1].end_ns)
        return start <= time_ns < end

    def _midnight(self, day: date) -> int:
        zone = ZoneInfo(self.timezone)
        return round(datetime(day.year, day.month, day.day, tzinfo=zone).timestamp()) * _NS


def _within(spans: tuple[Span, ...], time_ns: int) -> Span | None:
    place = bisect_right(spans, time_ns, key=lambda span: span.start_ns) - 1
    return spans[place] if place >= 0 and time_ns < spans[place].end_ns else None


def _usual(seconds: Iterable[int]) -> int | None:
    counted = Counter(seconds).most_common(1)
    return counted[0][0] if counted else None
