"""A small window for the terms of an alert: its note, how often it rings, and until when."""

import time
from collections.abc import Callable, Mapping
from typing import Final

from PyQt6.QtWidgets import QWidget

from ems.messages import Order
from order_mode.alert_terms import AlertTerms
from order_mode.typed_order import NotAnOrder
from ui.expiry import expiry_ns, written_time
from ui.order_editor import Editor

_ONCE: Final = "once"
_EVERY: Final = "every time"
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
        "Expires (UTC)": "" if until is None else written_time(until),
    }
    return Editor(title, "Set the alert", fields, take, parent)
