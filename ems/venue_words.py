"""What the words of a venue mean for an order, given how the order stands here."""

from typing import Final

from msgspec.structs import replace

from ems.dialog_changes import Fact, as_said, is_done
from ems.messages import ZERO, Request
from ems.order_dialog import OrderDialog
from ems.transitions import E, S

STATUS_EVENT: Final[dict[str, E]] = {
    "pending": E.PENDING,
    "open": E.WORKING,
    "closed": E.FILLED,
    "canceled": E.CANCELED,
    "error": E.REFUSED,
}
REFUSED_EVENT: Final[dict[Request, E]] = {
    "new": E.REFUSED,
    "modify": E.CHANGE_REFUSED,
    "cancel": E.CANCEL_REFUSED,
}

UNHEARD_OF: Final = frozenset({S.SENT, S.UNKNOWN, S.HELD, S.WAITING})
"""The venue has not said a word about an order in these states, or nobody heard it."""


def working(dialog: OrderDialog, fact: Fact) -> E:
    """Tell a confirmed change, and one that nobody here asked for, from the same again."""
    said = as_said(dialog.order, fact)
    if is_done(dialog, said):
        return E.CHANGED
    if said is not dialog.order or fact.triggered > dialog.triggered:
        return E.MOVED
    return E.WORKING


def standing(dialog: OrderDialog, fact: Fact) -> E:
    """What it means that the venue, asked, says: it works, and so."""
    event = working(dialog, fact)
    return event if dialog.state is S.OPEN or event is E.CHANGED else E.STILL_THERE


def likely_refused(dialog: OrderDialog) -> Request:
    """What a refusal means that does not say what it refuses."""
    if dialog.reqid is None or dialog.state is S.ACKED:
        return "new"
    if dialog.state is S.CANCELING:
        return "cancel"
    return "modify"


def with_reason(dialog: OrderDialog, event: E, fact: Fact) -> Fact:
    """Say what became of the request whose outcome was asked for."""
    if event is not E.STILL_THERE or fact.reason:
        return fact
    if dialog.state is S.CANCELING and dialog.anew is not None:
        return replace(fact, reason="The change was not carried out.", refused="modify")
    if dialog.state is S.CANCELING:
        why = dialog.reason or "The cancel was not carried out; the order still works."
        return replace(fact, reason=why, refused="cancel")
    if dialog.state is S.CHANGING:
        return replace(fact, reason="The change was not carried out.", refused="modify")
    return fact


def not_sent(dialog: OrderDialog, what: Request) -> E:
    """What it means that a request did not leave, for sure."""
    if what != "new":
        return E.NOT_SENT
    return E.NOT_SENT_DARK if dialog.was_dark else _of_group(dialog, E.NOT_SENT_GROUP, E.NOT_SENT)


def not_there(dialog: OrderDialog) -> E:
    """What it means that the venue, asked, does not know the order."""
    if dialog.state is not S.UNKNOWN or dialog.reqid is not None:
        return E.FILLED if ZERO < dialog.order.size <= dialog.filled else E.NOT_THERE
    if dialog.was_dark:
        return E.NOT_THERE_DARK
    return _of_group(dialog, E.NOT_THERE_GROUP, E.NOT_THERE)


def _of_group(dialog: OrderDialog, waits_again: E, ends: E) -> E:
    """An order that its group had let go waits for its group again."""
    link = dialog.order.link
    return ends if link is None or link.role == "peer" else waits_again
