"""That a market is closed, and when it opens, in words."""

from datetime import UTC, datetime
from typing import Final
from zoneinfo import ZoneInfo

from ems.trading_hours import TradingHours

_NS: Final = 1_000_000_000


def hours_words(hours: TradingHours | None, now_ns: int) -> str:
    """Say that a market is closed or outside its regular hours; empty if it is neither.

    It is empty too where the hours are not known.
    """
    phase = None if hours is None else hours.phase(now_ns)
    if hours is None or phase in (None, "regular"):
        return ""
    if phase == "extended":
        begins = hours.opens_ns(now_ns, regular=True)
        rest = "" if begins is None else f", which begin {moment_words(hours, begins, now_ns)}"
        return f"Outside regular hours{rest}"
    what = "Market closed, holiday" if hours.is_holiday(now_ns) else "Market closed"
    opens = hours.opens_ns(now_ns)
    return what if opens is None else f"{what} · opens {moment_words(hours, opens, now_ns)}"


def day_end_words(hours: TradingHours | None, now_ns: int) -> str:
    """Say when an order for the day that is made now is over; empty if that is not known.

    An order that fills outside regular hours may be over later than one that does not.
    """
    if hours is None:
        return ""
    regular = hours.day_ends_ns(now_ns, regular=True)
    later = hours.day_ends_ns(now_ns)
    if regular is None:
        return ""
    text = f"A day order made now ends {moment_words(hours, regular, now_ns)}"
    if later is None or later == regular:
        return text
    return f"{text}; one that fills outside regular hours {moment_words(hours, later, now_ns)}"


def moment_words(hours: TradingHours, time_ns: int, now_ns: int) -> str:
    """Return a time as the exchange's clock shows it, with its day unless that is today."""
    zone = ZoneInfo(hours.timezone)
    moment, now = (
        datetime.fromtimestamp(at / _NS, UTC).astimezone(zone) for at in (time_ns, now_ns)
    )
    day = "" if moment.date() == now.date() else f"{moment:%a} {moment.day} {moment:%b} "
    return f"{day}{moment:%H:%M %Z}"
