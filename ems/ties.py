"""Groups at a venue: which orders go out tied, and what it means that a venue ended one of them.

Pure functions of the records, as in `ems.group_rules`.
"""

from collections.abc import Collection, Sequence
from decimal import Decimal
from typing import Final

from ems.messages import ZERO, Order, Role, Tie, TieKind
from ems.order_dialog import OrderDialog
from ems.transitions import HERE, S

_KINDS: Final[dict[Role, TieKind]] = {"stop": "reduces", "target": "reduces", "peer": "cancels"}

FILLED_ELSEWHERE: Final = "Another order of its group was filled."
PUT_ANEW: Final = "Its venue cannot change it there: it is put anew, with the change."
TO_BE_TIED: Final = "It is put anew, tied to the other orders of its group."
TAKEN_ALONG: Final = "Its venue ended it together with another order of its group."
IN_ITS_PLACE: Final = "In the place of the one that its venue ended with another of its group."


# ---- as what an order goes out


def tie_for(
    order: Order,
    asked_size: Decimal | None,
    members: Sequence[OrderDialog],
    kinds: Collection[TieKind],
    *,
    may_grow: bool = False,
) -> Tie | None:
    """Return the group at the venue that an order joins as it leaves; None = it goes out alone.

    A venue ends the whole group once one order of it is filled completely. So only a stop and a
    target that each close all that there is are tied, never a target for a part of it. Alone in a
    group an order would gain nothing, and at some venues it could not be changed any more.

    Parameters
    ----------
    asked_size
        Of an exit of a position, what its owner wants it to close.
    members
        The orders of its group that are known, oldest first.
    kinds
        What the venue has.
    may_grow
        Its entry may fill on, so that it has to become larger again and again.
    """
    link = order.link
    kind = None if link is None else _KINDS.get(link.role)
    if link is None or kind not in kinds or kind is None or order.exec_mode == "dark":
        return None
    others = [one for one in members if one.oid != order.oid]
    if _was_refused_tied(order, others):
        return None
    if link.share != 1 or may_grow or not _has_company(order, asked_size, others):
        return None
    tied = _tied(order, members)
    for tie, ones in reversed(tied.items()):
        if tie.kind == kind and all(_takes(one, order, asked_size) for one in ones):
            return tie
    first = Tie(f"{link.group}/{order.account}", kind)
    return Tie(order.oid, kind) if first in tied else first


def _has_company(order: Order, asked_size: Decimal | None, others: Sequence[OrderDialog]) -> bool:
    """Tell whether another order is there, or about to leave, that it can be tied to."""
    if order.link is not None and order.link.role == "peer" and not others:
        return True  # those that are sent with it are not known yet
    again = replaced(others)
    return any(
        _is_company(one) and one.oid not in again and _belongs_to(one, order, asked_size)
        for one in others
        if not _was_refused_tied(one.order, others)
    )


def _was_refused_tied(order: Order, members: Sequence[OrderDialog]) -> bool:
    """Tell whether it takes the place of one that its venue refused, in a group there."""
    gone = order.link.instead if order.link else ""
    return any(one.oid == gone and one.state is S.ERROR for one in members)


def _is_company(one: OrderDialog) -> bool:
    """Tell whether an order is tied, is about to leave, or is being put anew."""
    if one.anew is not None and one.state in (S.CANCELING, S.CANCELED):
        return True
    return _lives(one) and (one.tie is not None or one.state is S.WAITING)


def _tied(order: Order, members: Sequence[OrderDialog]) -> dict[Tie, list[OrderDialog]]:
    """Return which orders of the account's are, or were, in which group at the venue."""
    tied: dict[Tie, list[OrderDialog]] = {}
    for one in members:
        is_other = one.oid != order.oid and one.order.account == order.account
        if one.tie is not None and one.state not in HERE and is_other:
            tied.setdefault(one.tie, []).append(one)
    return tied


def _takes(one: OrderDialog, order: Order, asked_size: Decimal | None) -> bool:
    """Tell whether an order may join the group at the venue that another one is in."""
    return _lives(one) and _belongs_to(one, order, asked_size)


def _lives(one: OrderDialog) -> bool:
    return one.active and not (one.cancel_called or one.done)


def _belongs_to(one: OrderDialog, order: Order, asked_size: Decimal | None) -> bool:
    """Tell whether two orders of a group are a stop and a target for as much, or two peers."""
    mine, its = order.link, one.order.link
    if mine is None or its is None or its.share != 1 or one.order.exec_mode == "dark":
        return False
    if one.order.account != order.account:
        return False
    return mine.role == "peer" or (mine.role != its.role and one.asked_size == asked_size)


# ---- what became of it there


def mates(one: OrderDialog, members: Sequence[OrderDialog]) -> list[OrderDialog]:
    """Return the other orders of its group at the venue, those that are over included."""
    if one.tie is None:
        return []
    return [
        other
        for other in members
        if other is not one and other.tie == one.tie and other.state not in HERE
    ]


def ended_there(one: OrderDialog) -> bool:
    """Tell whether the venue ended a tied order that nobody here wanted to end."""
    return one.tie is not None and one.state is S.CANCELED and one.cancel_reason is None


def was_taken_along(one: OrderDialog, members: Sequence[OrderDialog]) -> bool:
    """Tell whether the venue ended it because of another order of its group."""
    return ended_there(one) and any(_takes_along(other) for other in mates(one, members))


def is_unexplained(one: OrderDialog, members: Sequence[OrderDialog]) -> bool:
    """Tell whether it is not known yet what it was ended for: the word about another may come."""
    others = mates(one, members)
    return (
        ended_there(one)
        and not any(_takes_along(other) for other in others)
        and any(other.active for other in others)
    )


def why_ended(one: OrderDialog, members: Sequence[OrderDialog]) -> str:
    """Say why the venue ended a tied order, by what is known of the others; empty = unknown."""
    others = mates(one, members)
    if any(_ends_others_by_a_fill(other) for other in others):
        return FILLED_ELSEWHERE
    return TAKEN_ALONG if any(_takes_along(other) for other in others) else ""


def _ends_others_by_a_fill(other: OrderDialog) -> bool:
    if other.tie is not None and other.tie.kind == "cancels":
        return bool(other.done)
    return ZERO < other.order.size <= other.done


def _takes_along(other: OrderDialog) -> bool:
    """Tell whether an order has ended, or ends, in a way that ends its group at the venue."""
    if other.state in (S.CLOSED, S.ERROR):
        return True
    asked = other.cancel_reason is not None
    return asked and (other.cancel_called or other.state is S.CANCELED)


def comes_back(one: OrderDialog, members: Sequence[OrderDialog]) -> bool:
    """Tell whether another order is to be put in the place of one that has ended.

    An exit that was refused in a group at the venue is tried once more, alone.
    """
    if one.state is S.ERROR:
        return one.tie is not None and one.order.link is not None and one.order.link.role != "peer"
    put_anew = one.anew is not None and one.state is S.CANCELED
    return put_anew or was_taken_along(one, members)


def pair_to_tie(exits: Sequence[OrderDialog]) -> list[OrderDialog]:
    """Return the stop and the target that could be tied, and went out while their entry filled."""
    alive = [one for one in exits if one.active]
    if len(alive) != 2 or not all(_can_be_tied(one) for one in alive):
        return []
    roles = {one.order.link.role for one in alive if one.order.link}
    sizes = {one.order.size for one in alive}
    return alive if roles == {"stop", "target"} and len(sizes) == 1 else []


def _can_be_tied(one: OrderDialog) -> bool:
    untouched = not (one.done or one.triggered or one.was_dark)
    calm = one.state is S.OPEN and not (one.stale or one.cancel_called)
    share = one.order.link.share if one.order.link else 0
    return one.tie is None and untouched and calm and share == 1


def replaced(members: Sequence[OrderDialog]) -> set[str]:
    """Return the oids of the orders that another one was put in the place of."""
    return {one.order.link.instead for one in members if one.order.link and one.order.link.instead}


def is_up_to_its_venue(one: OrderDialog, left: Decimal, others: Sequence[OrderDialog]) -> bool:
    """Tell whether the size of a tied order is its venue's to set, or to explain.

    The venue makes it as small as it is to become; or has made it smaller than it should be, for a
    fill of another that was not heard of yet.

    Parameters
    ----------
    left
        How much of it is to be left to fill.
    others
        Its mates.
    """
    if left >= _remaining(one):
        return bool(with_more_left(one, others))
    return any(other.done and (other.over or left == _remaining(other)) for other in others)


def with_more_left(one: OrderDialog, others: Sequence[OrderDialog]) -> list[OrderDialog]:
    """Return the mates that live and of which more is left: as if the venue knew of a fill."""
    return [other for other in others if other.active and _remaining(other) > _remaining(one)]


def _remaining(one: OrderDialog) -> Decimal:
    return max(ZERO, one.order.size - one.done)
