"""Which orders of a chart belong together, and what that says about each of them."""

from collections import defaultdict
from collections.abc import Iterable
from decimal import Decimal

from ems.market import Market
from ems.messages import ZERO, Order
from order_mode.dialog import Dialog
from order_mode.dialog_line import NO_GROUP, GroupWords
from order_mode.exit_lines import bracket_words, stop_distance
from order_mode.holdings import Holdings
from order_mode.line import POSITION_KEY


class Groups:
    """The orders of one chart by their groups.

    Parameters
    ----------
    market
        Of the orders.
    holdings
        What each account holds.
    """

    def __init__(self, market: Market, holdings: Holdings) -> None:
        self._market = market
        self._holdings = holdings
        self._dialogs: dict[str, Dialog] = {}
        self._members: defaultdict[str, dict[str, Dialog]] = defaultdict(dict)

    def add(self, dialog: Dialog) -> None:
        """Take note of an order."""
        self._dialogs[dialog.oid] = dialog
        link = dialog.order.link
        if link is not None:
            self._members[link.group][dialog.oid] = dialog

    def remove(self, dialog: Dialog) -> None:
        """Forget an order."""
        self._dialogs.pop(dialog.oid, None)
        link = dialog.order.link
        if link is not None:
            self._leave(link.group, dialog)

    def _leave(self, group: str, dialog: Dialog) -> None:
        members = self._members.get(group, {})
        members.pop(dialog.oid, None)
        if not members:
            self._members.pop(group, None)

    def relink(self, dialog: Dialog, before: Order) -> None:
        """Take note that an order has another place in a group than before."""
        now = dialog.order.link
        if before.link is not None and (now is None or now.group != before.link.group):
            self._leave(before.link.group, dialog)
        self.add(dialog)

    def members(self, order: Order) -> list[Dialog]:
        """Return the orders of the group that an order names."""
        return [] if order.link is None else list(self._members.get(order.link.group, {}).values())

    def peers(self, dialog: Dialog) -> list[Dialog]:
        """Return the others of which it would cancel, or be cancelled by, the first that fills."""
        link = dialog.order.link
        if link is None or link.role != "peer":
            return []
        return [one for one in self.members(dialog.order) if one is not dialog]

    def exits(self, group: str) -> list[Dialog]:
        """Return the stops and targets of a group that are not over."""
        return [
            one
            for one in self._members.get(group, {}).values()
            if not one.done and one.order.link and one.order.link.role in ("stop", "target")
        ]

    def linked(self) -> list[Dialog]:
        """Return every order that has a place in a group and is not over."""
        members = (one for group in self._members.values() for one in group.values())
        return [one for one in members if not one.done]

    def related(self, dialog: Dialog) -> Iterable[Dialog]:
        """Return the others whose lines say something about this one."""
        link = dialog.order.link
        if link is None:
            return self.exits(dialog.oid)
        entry = self._dialogs.get(link.group)
        others = [one for one in self._members.get(link.group, {}).values() if one is not dialog]
        return others if entry is None else [entry, *others]

    def words(self, dialog: Dialog) -> GroupWords:
        """Return what its group says about an order."""
        link = dialog.order.link
        if link is None:
            return self._of_entry(dialog)
        if link.role == "peer":
            first = next(iter(self._members[link.group]))
            tie = "" if first == dialog.oid else first
            alone = all(one.done for one in self.peers(dialog))
            return GroupWords(tie=tie, tied=self.is_tied(dialog), alone=alone)
        if link.role not in ("stop", "target"):
            return NO_GROUP
        entry = self._dialogs.get(link.group)
        if entry is None or entry.done:
            return self._of_position_exit(dialog)
        paid = _paid(entry)
        one_r = stop_distance(paid, _orders(self.exits(entry.oid)))
        return GroupWords(entry.oid, paid, one_r, tied=self.is_tied(dialog))

    def is_tied(self, dialog: Dialog) -> bool:
        """Tell whether its venue itself keeps an order in step with another of its group."""
        tie = dialog.status.tie if dialog.status else None
        link = dialog.order.link
        if tie is None or link is None:
            return False
        others = (one for one in self._members.get(link.group, {}).values() if one is not dialog)
        return any(not one.done and one.status and one.status.tie == tie for one in others)

    def _of_entry(self, dialog: Dialog) -> GroupWords:
        exits = self.exits(dialog.oid)
        if not exits:
            return NO_GROUP
        return GroupWords(risk=bracket_words(dialog.shown, _orders(exits), self._market))

    def _of_position_exit(self, dialog: Dialog) -> GroupWords:
        account = dialog.order.account
        held = self._holdings.of(account)
        long = dialog.order.action == "sell"
        if held.avg_price is None or held.size == ZERO or (held.size > 0) != long:
            return GroupWords(tied=self.is_tied(dialog))
        one_r = self._holdings.one_r(account)
        return GroupWords(POSITION_KEY, held.avg_price, one_r, tied=self.is_tied(dialog))


def _orders(dialogs: Iterable[Dialog]) -> list[Order]:
    return [dialog.shown for dialog in dialogs]


def _paid(entry: Dialog) -> Decimal:
    average = entry.status.avg_price if entry.status else None
    return entry.shown.price if average is None else average
