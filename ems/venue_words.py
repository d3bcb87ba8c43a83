"""What the words of a venue mean for an order, given how the order stands here."""

from typing import Final

from msgspec.structs import replace

from ems.dialog_changes import Fact
from ems.messages import Request
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

UNHEARD_OF: Final = frozenset({S.SENT, S.UNKNOWN, S.HELD})
"""The venue has not said a word about an order in these states, or nobody heard it."""


def working(dialog: OrderDialog, fact: Fact) -> E:
    """Tell a confirmed change, and one that nobody here asked for, from the same again."""
    order, change = dialog.order, dialog.change
    price = order.price if fact.price is None else fact.price
    size = order.size if fact.size is None else fact.size
    if change is not None and change.price == price and change.size == size:
        return E.CHANGED
    if price != order.price or size != order.size:
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
    if dialog.state is S.CANCELING:
        why = dialog.reason or "The cancel was not carried out; the order still works."
        return replace(fact, reason=why, refused="cancel")
    if dialog.state is S.CHANGING:
        return replace(fact, reason="The change was not carried out.", refused="modify")
    return fact
