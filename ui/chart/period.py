"""How much one bar holds: a length of time, a day, week or month of the calendar, or some ticks."""

from enum import Enum
from typing import Final, Protocol

import msgspec
import numpy as np

from ui.chart.local_clock import DAY, SECOND, LocalClock, Times
from ui.period_text import read_length_ns, read_period

MINUTE: Final = 60 * SECOND
HOUR: Final = 60 * MINUTE
_WEEK: Final = 7 * DAY
_SUNDAY_TO_MONDAY: Final = 3
"""1970-01-01 was a Thursday: so many days after the Monday of its week."""
_LENGTHS: Final = (
    ("W", _WEEK),
    ("D", DAY),
    ("h", HOUR),
    ("m", MINUTE),
    ("s", SECOND),
    ("ms", 1_000_000),
)


class Period(Protocol):
    """What one bar holds."""

    @property
    def text(self) -> str:
        """As traders write it: ``5m``, ``1D``, ``1M``, ``100t``. Periods are the same if it is."""

    @property
    def usual_ns(self) -> int:
        """How long a bar is, or usually is, ns; for `TickPeriod` the bars tell."""

    def start_of(self, time_ns: int, known_ns: int) -> int:
        """Return when the bar begins that a moment is in; ``known_ns`` is the start of another."""

    def end_of(self, start_ns: int) -> int:
        """Return when the bar that begins at ``start_ns`` is over, UTC ns."""


class FixedPeriod(msgspec.Struct, frozen=True):
    """So many nanoseconds; bars begin where those before them did."""

    ns: int

    def __post_init__(self) -> None:
        if self.ns <= 0:
            raise ValueError(f"a bar of {self.ns} ns is none; the period must be positive")

    @property
    def text(self) -> str:
        """``1m``, ``4h``, ``250ms``."""
        for unit, length in _LENGTHS:
            if self.ns % length == 0:
                return f"{self.ns // length}{unit}"
        return f"{self.ns}ns"

    @property
    def usual_ns(self) -> int:
        """How long a bar is."""
        return self.ns

    def start_of(self, time_ns: int, known_ns: int) -> int:
        """Return when the bar begins that a moment is in."""
        return time_ns - (time_ns - known_ns) % self.ns

    def end_of(self, start_ns: int) -> int:
        """Return when the bar is over."""
        return start_ns + self.ns


class Unit(Enum):
    """A part of the calendar; the value is how it is written and how long it usually is."""

    DAY = ("D", DAY)
    WEEK = ("W", _WEEK)
    MONTH = ("M", 2_629_746 * SECOND)
    """A twelfth of the mean year of the Gregorian calendar."""


class CalendarPeriod(msgspec.Struct, frozen=True):
    """A day, a week or a month on the clock of a zone, however long it is.

    Attributes
    ----------
    zone : str
        IANA name; its midnights are where bars begin.
    first_weekday : int
        With which day a week begins: 0 Monday, 6 Sunday.
    early_s : int
        So many seconds before midnight a day begins: 7 hours where Monday's session begins on
        Sunday at 17:00. The bar has the date, and so the midnight, of its day.
    """

    unit: Unit
    zone: str = "UTC"
    first_weekday: int = 0
    early_s: int = 0

    @property
    def text(self) -> str:
        """``1D``, ``1W`` or ``1M``."""
        return f"1{self.unit.value[0]}"

    @property
    def usual_ns(self) -> int:
        """How long a bar usually is."""
        return self.unit.value[1]

    def starts_of(self, times: Times) -> Times:
        """Return the starts of the bars that moments are in, UTC ns."""
        days = self._days(_clock(self.zone).local(times))
        return _clock(self.zone).utc(self._first_days(days) * DAY)

    def start_of(self, time_ns: int, known_ns: int) -> int:
        """Return when the bar begins that a moment is in."""
        return int(self.starts_of(np.array([time_ns], np.int64))[0])

    def end_of(self, start_ns: int) -> int:
        """Return when the bar that begins at ``start_ns`` is over."""
        clock = _clock(self.zone)
        day = int(self._first_days(self._days(clock.local(np.array([start_ns], np.int64))))[0])
        if self.unit is Unit.MONTH:
            month = np.datetime64(day, "D").astype("datetime64[M]") + 1
            day = int(month.astype("datetime64[D]").astype(np.int64))
        else:
            day += 7 if self.unit is Unit.WEEK else 1
        end = day * DAY - self.early_s * SECOND
        return int(clock.utc(np.array([end], np.int64))[0])

    def in_zone(self, zone: str, first_weekday: int, early_s: int = 0) -> "CalendarPeriod":
        """Return the same part of the calendar on another clock."""
        return msgspec.structs.replace(
            self, zone=zone, first_weekday=first_weekday, early_s=early_s
        )

    def _days(self, local: Times) -> Times:
        """Return of which days wall-clock times are, counted from 1970-01-01."""
        return (local + self.early_s * SECOND) // DAY

    def _first_days(self, days: Times) -> Times:
        """Return the first day of what each day is in; days are counted from 1970-01-01."""
        if self.unit is Unit.DAY:
            return days
        if self.unit is Unit.WEEK:
            return days - (days + _SUNDAY_TO_MONDAY - self.first_weekday) % 7
        months = days.astype("datetime64[D]").astype("datetime64[M]")
        return months.astype("datetime64[D]").astype(np.int64)


class TickPeriod(msgspec.Struct, frozen=True):
    """So many ticks, in however long a time."""

    count: int

    @property
    def text(self) -> str:
        """``100t``."""
        return f"{self.count}t"

    @property
    def usual_ns(self) -> int:
        """Nothing is known without bars: a second a bar."""
        return SECOND

    def start_of(self, time_ns: int, known_ns: int) -> int:
        """Return when a bar begins whose first tick is at a moment."""
        return time_ns

    def end_of(self, start_ns: int) -> int:
        """Return the end of time: only ticks end such a bar."""
        return 2**63 - 1


_clocks: dict[str, LocalClock] = {}


def _clock(zone: str) -> LocalClock:
    if zone not in _clocks:
        _clocks[zone] = LocalClock(zone)
    return _clocks[zone]


def as_period(period: Period | int) -> Period:
    """Return a period; a number is a length of time in nanoseconds.

    Raises
    ------
    ValueError
        If it is not positive.
    """
    return FixedPeriod(period) if isinstance(period, int) else period


def period_of_ns(period_ns: int) -> Period:
    """Return what is meant by so many nanoseconds: a day or a week is one of the calendar."""
    by_length: dict[int, Period] = {
        DAY: CalendarPeriod(Unit.DAY),
        _WEEK: CalendarPeriod(Unit.WEEK),
    }
    return by_length.get(period_ns) or FixedPeriod(period_ns)


def parse_period(text: str) -> Period:
    """Return the period of ``30s``, ``5m``, ``1h``, ``1d``, ``1w``, ``1M`` or ``100t``.

    Raises
    ------
    ValueError
        If the text is no period; says what is.
    """
    count, unit = read_period(text)
    if unit == "t":
        return TickPeriod(count)
    return CalendarPeriod(Unit.MONTH) if unit == "M" else period_of_ns(read_length_ns(text))
