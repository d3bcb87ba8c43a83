"""How a position is closed: nothing new goes out, all that works ends, then what is left is closed.

Pure functions of the records, as in `ems.group_rules`.
"""

from collections.abc import Callable, Iterable, Sequence
from decimal import Decimal
from typing import Final

from ems.group_rules import Group, Step, can_cancel
from ems.messages import Action
from ems.order_dialog import OrderDialog
from ems.transitions import HERE, E, S

BEING_CLOSED: Final = "The position is being closed."
ALREADY_FLAT: Final = "The position was flat already."


def flattening(groups: Iterable[Group]) -> OrderDialog | None:
    """Return the order that closes the position of this place, from when it is asked for."""
    for group in groups:
        for one in group.having("flatten"):
            if one.active:
                return one
    return None


def flatten_due(
    flatten: OrderDialog,
    active: Iterable[OrderDialog],
    there: Decimal,
    owed: Callable[[], bool],
) -> list[Step]:
    """Return what is to be done to close a position.

    Parameters
    ----------
    active
        Every order of the account and market that is not over.
    there
        The signed size of the position that is really there.
    owed
        Tells whether what is there may still change, though no order is active.
    """
    if flatten.state is not S.WAITING:
        return []
    others = [one for one in active if _is_in_the_way(one)]
    ends = [Step(one, E.CANCEL, reason=BEING_CLOSED) for one in others if can_cancel(one)]
    if others:
        return sorted(ends, key=lambda step: step.dialog.state not in HERE)  # triggers first
    if owed():
        return []
    if not there:
        return [Step(flatten, E.CANCEL, reason=ALREADY_FLAT)]
    action: Action = "sell" if there > 0 else "buy"
    return [Step(flatten, E.RELEASE, abs(there), action=action)]


def _is_in_the_way(one: OrderDialog) -> bool:
    order = one.order
    mine = order.link is not None and order.link.role in ("flatten", "after")
    return order.action != "alert" and not mine


def after_due(groups: Sequence[Group], there: Decimal) -> list[Step]:
    """Return what becomes of orders that wait until a position is closed."""
    return [step for group in groups for step in _after_due(group, there)]


def _after_due(group: Group, there: Decimal) -> list[Step]:
    waiting = [one for one in group.having("after") if one.state is S.WAITING]
    flattens = group.having("flatten")
    if not waiting or any(one.active or _is_counted_late(one) for one in flattens):
        return []
    why = _why_not(flattens[-1] if flattens else None, there)
    if why:
        return [Step(one, E.CANCEL, reason=why) for one in waiting]
    return [Step(one, E.RELEASE) for one in waiting]


def _is_counted_late(one: OrderDialog) -> bool:
    """Tell whether the venue has called an order filled before it told of its fills."""
    return one.state is S.CLOSED and one.filled < one.order.size


def _why_not(flatten: OrderDialog | None, there: Decimal) -> str:
    """Say why an order may not follow; empty if the position is closed."""
    if flatten is None:
        return "There is no order that closes the position before it."
    if there:
        return f"The position was not closed: {there} is left."
    if flatten.state is S.CLOSED or flatten.reason == ALREADY_FLAT:
        return ""
    return f"The position was not closed. {flatten.reason}".strip()
