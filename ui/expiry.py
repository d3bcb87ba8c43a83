"""When something ends, as it is typed: after a while, at a time, or never."""

from datetime import UTC, datetime
from typing import Final

from order_mode.typed_order import NotAnOrder
from ui.period_text import read_length_ns

_TIME: Final = "%Y-%m-%d %H:%M"


def expiry_ns(text: str, now_ns: int) -> int | None:
    """Return when something expires: after ``2h``, at ``2026-12-24 17:00`` UTC, or never.

    Raises
    ------
    NotAnOrder
        If the text is neither of these, or in the past.
    """
    text = text.strip()
    if not text:
        return None
    try:
        return now_ns + read_length_ns(text)
    except ValueError:
        pass
    try:
        until = datetime.strptime(text, _TIME).replace(tzinfo=UTC)
    except ValueError:
        raise NotAnOrder(
            f"{text!r} is no expiry; write 30m, 2h or 1d, a time as 2026-12-24 17:00, or nothing."
        ) from None
    expires_ns = int(until.timestamp()) * 1_000_000_000
    if expires_ns <= now_ns:
        raise NotAnOrder(f"{text} UTC is in the past.")
    return expires_ns


def written_time(time_ns: int) -> str:
    """Return a time as it can be typed, UTC."""
    return datetime.fromtimestamp(time_ns / 1e9, UTC).strftime(_TIME)
