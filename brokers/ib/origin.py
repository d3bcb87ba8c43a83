"""Whose an order at IB is, and what this program may do with it.

Facts: an order belongs to the client id that placed it; nobody else can change or cancel it. Orders
typed into TWS belong to client 0 and have no order id until client 0 binds them, which gives them
one below zero.
https://interactivebrokers.github.io/tws-api/modifying_orders.html
"""

from typing import Final, NamedTuple
from uuid import UUID, uuid5

from ib_async.util import UNSET_INTEGER

_NAMESPACE: Final = UUID("3d0a6b0e-4a53-5c0e-9d59-7f4e6f0f1b07")
TWS_CLIENT: Final = 0


class Origin(NamedTuple):
    """Where an order comes from."""

    words: str
    """For the user; empty = made here."""
    forbidden: str
    """Why this program can neither change nor cancel it; empty = it can."""


def our_oid(order_ref: str) -> str | None:
    """Return the order id of ours in IB's ``orderRef``; None if it holds none."""
    try:
        return order_ref if str(UUID(order_ref)) == order_ref else None
    except ValueError:
        return None


def oid_in(order_ref: str, client_id: int, order_id: int) -> str | None:
    """Return the order id of ours in what IB says of an order; None if it was not placed by it.

    An order that was made in TWS is none of ours, whatever it says: who copies an order there
    copies its reference too.
    """
    by_hand = order_id <= 0 or order_id == UNSET_INTEGER  # an execution has the latter
    return None if client_id == TWS_CLIENT and by_hand else our_oid(order_ref)


def oid_elsewhere(account: str, perm_id: int) -> str:
    """Return our id of an order that was made elsewhere: the same one each time."""
    return str(uuid5(_NAMESPACE, f"{account}/{perm_id}"))


def origin(client_id: int, order_id: int, order_ref: str, *, here: int) -> Origin:
    """Return where an order comes from.

    Parameters
    ----------
    client_id, order_id, order_ref
        As IB tells them.
    here : int
        The client id of this program.
    """
    if client_id == here and order_id > 0:
        words = "" if our_oid(order_ref) else f"made by another program with client id {here}"
        return Origin(words, "")
    if client_id == TWS_CLIENT and order_id <= 0:
        if order_id < 0 and here == TWS_CLIENT:
            return Origin("made in TWS", "")
        return Origin(
            "made in TWS; change or cancel it there",
            "This order was made in TWS. Only a program with client id 0 can change or cancel it, "
            f"and this one has {here}: do it in TWS.",
        )
    return Origin(
        f"made by the API client {client_id}; change or cancel it there",
        f"This order belongs to the API client {client_id}; IB lets nobody else change or cancel "
        f"it, and this program is client {here}. Do it there, or in TWS.",
    )
