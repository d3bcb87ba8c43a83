"""Whether a new order fits into the group that it names."""

from collections.abc import Callable, Sequence
from decimal import Decimal

from ems.dialog_index import DialogIndex
from ems.group_index import GroupIndex
from ems.messages import ZERO, Order


class GroupChecks:
    """Says why an order cannot be in the group that it names.

    Parameters
    ----------
    index, groups
        The orders that are known.
    position
        Returns the signed size of the position of an account in a market.
    through
        Says why an order whose price is looked at from now on would go out at once.
    """

    def __init__(
        self,
        index: DialogIndex,
        groups: GroupIndex,
        position: Callable[[str, str], Decimal],
        through: Callable[[Order], str | None],
    ) -> None:
        self._through = through
        self._index = index
        self._groups = groups
        self._position = position

    def refuses(self, order: Order, among: Sequence[Order]) -> str | None:
        """Check a new order; ``among`` are those that it was sent with, itself included."""
        link = order.link
        if link is None:
            return None
        if not ZERO < link.share <= 1:
            return f"An exit's share is above 0 and up to 1, not {link.share}."
        if link.group == order.oid:
            return "An order cannot be in the group of itself."
        if link.role in ("stop", "target"):
            return self._bad_exit(order, among)
        if link.role == "flatten" and order.type != "market":
            return "An order that flattens is a market order."
        return None

    def _bad_exit(self, order: Order, among: Sequence[Order]) -> str | None:
        assert order.link is not None
        if order.action == "alert":
            return "An alert cannot be an exit."
        entry = next((one for one in among if one.oid == order.link.group), None)
        dialog = None if entry is not None else self._index.by_oid(order.link.group)
        if dialog is not None:
            entry = dialog.order
            if dialog.over and not dialog.filled:
                return "The entry of this exit ended without a fill."
        if entry is None:
            return self._no_position(order)
        if (entry.symbol, entry.account) != (order.symbol, order.account):
            return "An exit has the market and the account of its entry."
        if entry.action == order.action:
            return f"An exit of a {entry.action} order is on the other side."
        if refusal := self._too_much(order, among):
            return refusal
        if dialog is not None and dialog.filled:
            return self._through(order)
        return wrong_side_of_entry(order, entry if dialog is None else dialog.wanted)

    def _no_position(self, order: Order) -> str | None:
        """Check an exit of a position: there has to be one on the other side."""
        size = self._position(order.account, order.symbol)
        there = size if order.action == "sell" else -size
        if there > 0:
            return self._through(order)
        return f"There is no position in {order.symbol} that a {order.action} could close."

    def _too_much(self, order: Order, among: Sequence[Order]) -> str | None:
        """Check that the shares of the stops, or of the targets, of an entry add up to one."""
        assert order.link is not None
        name, role = order.link.group, order.link.role
        group = self._groups.of(name)
        known = [] if group is None else [one.order for one in group.members if one.active]
        links = [one.link for one in (*known, *among) if one.link is not None]
        total = sum((link.share for link in links if (link.group, link.role) == (name, role)), ZERO)
        if total <= 1:
            return None
        return f"The shares of the {role}s of this entry add up to {total}, more than the whole."


def wrong_side_of_entry(order: Order, entry: Order) -> str | None:
    """Say why a stop cannot protect an entry at its price; None if it can, or if it is a target."""
    if order.link is None or order.link.role != "stop":
        return None
    sells = order.action == "sell"
    if (order.price < entry.price) if sells else (order.price > entry.price):
        return None
    where, right = ("at or above", "below") if sells else ("at or below", "above")
    return (
        f"A {order.action} stop at {order.price} is {where} the price of its entry, "
        f"{entry.price}: it would go out as soon as that is filled. Put it {right} it."
    )
