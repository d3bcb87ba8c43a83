"""A small window for the terms of an alert: its note, how often it rings, and until when."""

import time
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Final

from PyQt6.QtWidgets import QWidget

from ems.messages import Order
from order_mode.alert_terms import AlertTerms
from order_mode.typed_order import NotAnOrder
from ui.config import parse_period
from ui.order_editor import Editor

_ONCE: Final = "once"
_EVERY: Final = "every time"
_TIME: Final = "%Y-%m-%d %H:%M"
_LONGEST_NOTE: Final = 60


def alert_editor(
    title: str, alert: Order | None, then: Callable[[AlertTerms], None], parent: QWidget
) -> Editor:
    """Return an editor for the terms of an alert, which ``then`` is called with.

    Parameters
    ----------
    title
        Which alert it is.
    alert
        As it is; None for a new one.
    """
    note = "" if alert is None else alert.note
    repeats = alert is not None and alert.repeats
    until = None if alert is None else alert.expires_ns

    def take(typed: Mapping[str, str]) -> None:
        said = typed["Note"].strip()
        if len(said) > _LONGEST_NOTE:
            raise NotAnOrder(f"The note has {len(said)} letters; {_LONGEST_NOTE} fit on a line.")
        expires_ns = expiry_ns(typed["Expires (UTC)"], time.time_ns())
        then(AlertTerms(said, typed["Rings"] == _EVERY, expires_ns))

    fields: dict[str, str | tuple[str, ...]] = {
        "Note": note,
        "Rings": (_EVERY, _ONCE) if repeats else (_ONCE, _EVERY),
        "Expires (UTC)": "" if until is None else _written(until),
    }
    return Editor(title, "Set the alert", fields, take, parent)


def expiry_ns(text: str, now_ns: int) -> int | None:
    """Return when an alert expires: after ``2h``, at ``2026-12-24 17:00`` UTC, or never.

    Raises
    ------
    NotAnOrder
        If the text is neither of these, or in the past.
    """
    text = text.strip()
    if not text:
        return None
    try:
        return now_ns + parse_period(text)
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


def _written(time_ns: int) -> str:
    return datetime.fromtimestamp(time_ns / 1e9, UTC).strftime(_TIME)
