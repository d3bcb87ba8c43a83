"""IB's way to write trading hours: ``20261123:0400-20261123:2000;20261126:CLOSED``.

Since TWS 970 each end has its date. Before, one date stood for the trading day, and a session that
ends earlier in the day than it begins began on the day before: ``20130114:1700-1515,1530-1615``.
Sources: https://interactivebrokers.github.io/tws-api/classIBApi_1_1ContractDetails.html;
https://github.com/erdewit/ib_insync/issues/56; https://github.com/cbilson/ib-re-actor/issues/8
"""

import logging
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from itertools import pairwise
from typing import Final
from zoneinfo import ZoneInfo

from ib_async import ContractDetails

from ems.trading_hours import Span, TradingHours

log = logging.getLogger(__name__)

_CLOSED: Final = "CLOSED"
_YEARS: Final = range(1980, 2200)
_LONGEST: Final = timedelta(days=8)
"""A span that is longer is a mistake: crypto currencies trade on from week to week."""


def trading_hours(details: ContractDetails, timezone: str) -> TradingHours | None:
    """Return the hours of a contract; None if IB does not tell them, or not in words we know.

    Parameters
    ----------
    timezone
        IANA name of `ContractDetails.timeZoneId`, in which the hours are written.
    """
    zone = ZoneInfo(timezone)
    try:
        days, trading = _read(details.tradingHours, zone)
        regular_days, regular = _read(details.liquidHours, zone)
    except (ValueError, OverflowError, OSError) as error:
        log.warning("IB's trading hours cannot be read: %s", error)
        return None
    if not days:
        return None
    return TradingHours(
        timezone=timezone,
        days=days,
        trading=trading,
        regular=regular if regular_days else trading,
    )


def _read(text: str, zone: ZoneInfo) -> tuple[tuple[date, ...], tuple[Span, ...]]:
    days: set[date] = set()
    spans: set[Span] = set()
    for entry in filter(None, (part.strip() for part in text.split(";"))):
        head, _, rest = entry.partition(":")
        day = _day(head)
        days.add(day)
        if rest != _CLOSED:
            for start, end in _sessions(day, rest):
                spans.add(_span(start, end, zone))
                days.add((end - timedelta(microseconds=1)).date())
    return tuple(sorted(days)), _checked(sorted(spans))


def _sessions(day: date, text: str) -> Iterator[tuple[datetime, datetime]]:
    """Yield the local begin and end of each session of an entry."""
    for session in text.split(","):
        begin, dash, end = session.partition("-")
        if not dash:
            raise ValueError(f"{text!r} is no span of time")
        start, stop = _moment(day, begin), _moment(day, end)
        if ":" not in end and stop <= start:
            start -= timedelta(days=1)
        if not timedelta() < stop - start <= _LONGEST:
            raise ValueError(f"a session from {start} to {stop}")
        yield start, stop


def _day(text: str) -> date:
    day = datetime.strptime(text, "%Y%m%d").date()
    if day.year not in _YEARS:
        raise ValueError(f"a session on {day}")
    return day


def _moment(day: date, text: str) -> datetime:
    """Read ``0930``, or ``20261123:0930``; the day ends at ``2400``."""
    if ":" in text:
        head, _, text = text.partition(":")
        day = _day(head)
    if len(text) != len("0930") or not text.isdecimal():
        raise ValueError(f"{text!r} is no time of day")
    hours, minutes = int(text[:2]), int(text[2:])
    if hours * 60 + minutes > 24 * 60 or minutes > 59:
        raise ValueError(f"{text!r} is no time of day")
    return datetime(day.year, day.month, day.day) + timedelta(hours=hours, minutes=minutes)


def _span(start: datetime, end: datetime, zone: ZoneInfo) -> Span:
    seconds = [round(at.replace(tzinfo=zone).timestamp()) for at in (start, end)]
    return Span(*(second * 1_000_000_000 for second in seconds))


def _checked(spans: list[Span]) -> tuple[Span, ...]:
    """Return the spans; raises `ValueError` if two overlap. Two may touch, as days of a week."""
    for before, after in pairwise(spans):
        if after.start_ns < before.end_ns:
            raise ValueError(f"two sessions at once: {before} and {after}")
    return tuple(spans)
