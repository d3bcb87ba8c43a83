"""IB's words for the state of an order, and what each means here: one table.

Sources: IB's manual of ``orderStatus`` [1]_ and its older one [2]_; what `ib_async` adds [3]_;
recorded traffic and bug reports where the manuals are silent, named in the row.

References
----------
.. [1] https://interactivebrokers.github.io/tws-api/order_submission.html
.. [2] http://www.interactivebrokers.com/php/apiUsersGuide/apiguide/java/orderstatus.htm
.. [3] https://github.com/ib-api-reloaded/ib_async/blob/main/ib_async/order.py
"""

from decimal import Decimal
from enum import Enum, auto
from typing import Final, NamedTuple

from ems.messages import ZERO


class Meaning(Enum):
    """What a word says of the order."""

    PENDING = auto()  # IB has it, it does not work yet
    OPEN = auto()  # works, or is held by IB until its condition
    CANCELING = auto()  # as it was; a cancel is on its way and it can still fill
    CANCELED = auto()
    FILLED = auto()  # completely, if nothing remains
    HELD_OR_REFUSED = auto()  # `whyHeld` and the error codes tell which
    NOTHING = auto()  # a word of the library, not of IB


class Row(NamedTuple):
    """One word."""

    meaning: Meaning
    source: str


STATUS: Final[dict[str, Row]] = {
    # ---- acknowledged, not working
    "PendingSubmit": Row(Meaning.PENDING, "[1] sent, its destination has not confirmed it"),
    "ApiPending": Row(Meaning.PENDING, "[3] taken by TWS, not yet passed on"),
    # ---- working
    "PreSubmitted": Row(Meaning.OPEN, "[1] accepted; IB holds it until its condition is met"),
    "Submitted": Row(Meaning.OPEN, "[1] works at its destination; a partly filled one stays so"),
    # ---- on its way out
    "PendingCancel": Row(
        Meaning.CANCELING, "[1] not confirmed; seen to fill: github.com/scmhub/ibsync/pull/23"
    ),
    "ApiCancelled": Row(
        Meaning.CANCELED, "[1] cancelled through the API before it was acknowledged"
    ),
    "Cancelled": Row(Meaning.CANCELED, "[1] the rest is confirmed cancelled, by whomever"),
    # ---- over
    "Filled": Row(Meaning.FILLED, "[1] completely filled"),
    # ---- either
    "Inactive": Row(
        Meaning.HELD_OR_REFUSED,
        "[2] refused, or held; with whyHeld it can come alive: nautilus_trader/pull/3723",
    ),
    # ---- never sent by IB: `ib_async.IB` gives them, which is not used here
    "ValidationError": Row(Meaning.NOTHING, "[3] set on a warning; the order is as it was"),
    "ApiUpdate": Row(Meaning.NOTHING, "[3] names a change of the order, not a state"),
}


WORKING: Final = frozenset(word for word, row in STATUS.items() if row.meaning is Meaning.OPEN)
"""The words for an order that works, or is held by IB until its condition."""


class Told(NamedTuple):
    """A state as the EMS is told."""

    status: str
    """As `ems.messages.BrokerdStatus.status`; empty = the word changes nothing."""
    reason: str = ""
    cancel_called: bool = False


_HELD: Final = {
    "locate": "held by IB: shares to borrow for a short sale are being looked for",
    "trigger": "held by IB until its trigger price is reached",
    "child": "held by IB until its parent order fills",
}


def told(
    word: str, *, before: str, remaining: Decimal | None, why_held: str = "", refusal: str = ""
) -> Told | None:
    """Return what the EMS is told of a status word; None for a word that nobody has documented.

    Parameters
    ----------
    word : str
        IB's status.
    before : str
        What the EMS was told last: ``pending`` or ``open``.
    remaining : Decimal or None
        Size that is not filled; None = not said.
    why_held : str
        IB's own word for why it holds the order.
    refusal : str
        The text of an error code that refused the order, if one came.
    """
    row = STATUS.get(word)
    if row is None:
        return None
    match row.meaning:
        case Meaning.PENDING:
            return Told("pending", _held(why_held))
        case Meaning.OPEN:
            return Told("open", _held(why_held))
        case Meaning.CANCELING:
            return Told(before, cancel_called=True)
        case Meaning.CANCELED:
            return Told("error", refusal) if refusal else Told("canceled")
        case Meaning.FILLED:
            return Told("closed") if remaining is None or remaining <= ZERO else Told("open")
        case Meaning.HELD_OR_REFUSED:
            return _inactive(why_held, refusal)
    return Told("")


def _inactive(why_held: str, refusal: str) -> Told:
    if why_held:
        return Told("pending", _held(why_held))
    if refusal:
        return Told("error", refusal)
    return Told("pending", "inactive at IB: held there, for it can still come alive")


def _held(why_held: str) -> str:
    if not why_held:
        return ""
    return _HELD.get(why_held, f"held by IB: {why_held}")
