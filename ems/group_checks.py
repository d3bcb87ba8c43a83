"""Whether a new order fits into the group that it names."""

from collections.abc import Callable, Sequence
from decimal import Decimal

from msgspec.structs import replace

from ems.dialog_index import DialogIndex
from ems.group_index import GroupIndex
from ems.group_rules import ALL_SHARES, is_held
from ems.messages import ZERO, Link, Order
from ems.order_dialog import OrderDialog
from ems.transitions import HERE


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
    must_hold
        Tells whether a live order is held here, as its venue cannot do what it asks.
    """

    def __init__(
        self,
        index: DialogIndex,
        groups: GroupIndex,
        position: Callable[[str, str], Decimal],
        through: Callable[[Order], str | None],
        must_hold: Callable[[Order], bool],
    ) -> None:
        self._must_hold = must_hold
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
            return _no_share(link.share)
        if link.group == order.oid:
            return "An order cannot be in the group of itself."
        if refusal := self._not_like_the_others(order, among):
            return refusal
        if link.role in ("stop", "target"):
            return self._bad_exit(order, among)
        if link.role == "flatten" and order.type != "market":
            return "An order that flattens is a market order."
        if link.role == "after" and not self._has_flatten(order, among):
            return "An order that comes after a flatten is sent together with it."
        return None

    def first_stop(self, order: Order) -> Decimal | None:
        """Return where the first stop of an order's group was placed; itself if it is the first.

        None for an order that is no stop.
        """
        if order.link is None or order.link.role != "stop":
            return None
        group = self._groups.of(order.link.group)
        stops = () if group is None else group.having("stop")
        first = next((one.first_price for one in stops if one.first_price is not None), None)
        return order.price if first is None else first

    def refuses_link(self, dialog: OrderDialog, link: Link) -> str | None:
        """Check another place in a group for an order that is there already."""
        now = dialog.order.link
        if now is not None and (now.group, now.role) == (link.group, link.role):
            return self._bad_share(dialog, link)
        if dialog.tie is not None and dialog.state not in HERE:
            return "Its venue keeps it in a group with others. Cancel it, and place another."
        if link.role != "peer" or (now is not None and now.role != "peer"):
            return "The place of an order in its group cannot be changed; cancel it."
        if dialog.order.action == "alert":
            return "An alert cannot be a peer."
        if now is None and self._groups.concerns(dialog):
            return "An order with exits cannot be the peer of another."
        if dialog.filled and link.group:
            return "It is filled in part: tied to another, it would cancel that at once."
        order = replace(dialog.order, link=link)
        return self._not_like_the_others(order, [order])

    def _bad_share(self, dialog: OrderDialog, link: Link) -> str | None:
        if link.role not in ("stop", "target") or self._index.by_oid(link.group) is None:
            return "It has no share of an entry that could be changed."
        order = replace(dialog.order, link=link)
        if not ZERO < link.share <= 1:
            return _no_share(link.share)
        return self._too_much(order, [order])

    def _not_like_the_others(self, order: Order, among: Sequence[Order]) -> str | None:
        """Peers may trade anywhere; all other members of a group are of one position."""
        assert order.link is not None
        group = self._groups.of(order.link.group)
        members = () if group is None else group.members
        for other in (*(one.order for one in members), *among):
            if other.link is None or other.link.group != order.link.group:
                continue
            if (other.link.role == "peer") != (order.link.role == "peer"):
                return "The peers of an OCO group and other orders cannot share a group."
            if order.link.role != "peer" and (other.symbol, other.account) != (
                order.symbol,
                order.account,
            ):
                return "The orders of a group have one market and one account."
            exits = {order.link.role, other.link.role} <= {"stop", "target"}
            if exits and other.action != order.action:
                return "The exits of a group are all on one side."
        return None

    def _has_flatten(self, order: Order, among: Sequence[Order]) -> bool:
        assert order.link is not None
        links = [one.link for one in among if one.link is not None]
        return any(link.role == "flatten" and link.group == order.link.group for link in links)

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
        name, role, held = order.link.group, order.link.role, self._is_held(order)
        group = self._groups.of(name)
        members = () if group is None else group.members
        others = (one for one in members if one.active and one.oid != order.oid)
        alike = [one.order for one in others if is_held(one) == held]
        alike += [one for one in among if self._is_held(one) == held]
        links = [one.link for one in alike if one.link is not None]
        total = sum((link.share for link in links if (link.group, link.role) == (name, role)), ZERO)
        if total <= ALL_SHARES:
            return None
        return f"The shares of the {role}s of this entry add up to {total}, more than the whole."

    def _is_held(self, order: Order) -> bool:
        return order.exec_mode == "dark" or self._must_hold(order)


def _no_share(share: Decimal) -> str:
    return f"An exit's share is above 0 and up to 1, not {share}."


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
