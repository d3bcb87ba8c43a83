"""One cancels the other: two orders that work already get a place in one group.

The EMS alone knows who is in which group. So nothing is cancelled for it, and both keep their place
in their venue's queue.
"""

from collections.abc import Callable
from typing import NamedTuple

from msgspec.structs import replace

from ems.messages import Link, Order
from order_mode.dialog import Dialog
from order_mode.dialogs import Dialogs
from order_mode.labels import order_words
from order_mode.requests import Requests


class _Pair(NamedTuple):
    """Two orders that are to be in one group."""

    first: Dialog
    second: Dialog
    group: str
    first_was_in: bool
    """It was in the group before, with others."""


class Oco:
    """The orders of one chart that are being tied.

    Parameters
    ----------
    orders, requests
        What there is, and where the changes go.
    new_group
        Makes the name of a group.
    """

    def __init__(self, orders: Dialogs, requests: Requests, new_group: Callable[[], str]) -> None:
        self._orders = orders
        self._requests = requests
        self._market, self._chart = orders.market, orders.chart
        self._new_group = new_group
        self._marked: Dialog | None = None
        self._pairs: list[_Pair] = []

    @property
    def marked(self) -> Dialog | None:
        """The order that waits for another to be tied with."""
        return self._marked

    def is_tied(self, key: str) -> bool:
        """Tell whether an order is in a group of which one cancels the others."""
        dialog = self._orders.by_oid.get(key)
        return dialog is not None and _group(dialog.order) != ""

    def why_not(self, key: str) -> str:
        """Return why an order cannot be tied, as a clause; empty if it can."""
        dialog = self._orders.by_oid.get(key)
        if dialog is None or dialog.order.action == "alert":
            return "it is no order"
        if dialog.order.link is not None and not _group(dialog.order):
            return "it is in a group already"
        if self._orders.groups.exits(key):
            return "it has exits of its own, and they end with it; cancel them first"
        if why := self._orders.lost or dialog.why_fixed:
            return why
        if dialog.filled:
            return "it is filled in part, so the other one would be cancelled at once"
        return "a change is asked for that is not confirmed" if dialog.change is not None else ""

    def mark(self, key: str) -> None:
        """Mark an order, or tie it with the one that is marked; the same again takes it back."""
        before = self._marked
        self.unmark()
        if why := self.why_not(key):
            asked = self._orders.by_oid.get(key)
            what = "" if asked is None else f"{self._words(asked)}: "
            self._chart.notify(f"Not tied: {what}{why}.", "warning")
            return
        dialog = self._orders.by_oid[key]
        if before is None:
            self._marked = dialog
            dialog.marked = True
            self._orders.show(dialog)
        elif before is not dialog:
            self._tie(before, dialog)

    def unmark(self) -> bool:
        """Mark nothing; return False if nothing was marked."""
        dialog, self._marked = self._marked, None
        if dialog is None:
            return False
        dialog.marked = False
        if dialog.oid in self._orders.by_oid:
            self._orders.show(dialog)
        return True

    def untie(self, key: str) -> None:
        """Take an order out of its group; it works on alone."""
        dialog = self._orders.by_oid.get(key)
        if dialog is None or not self.is_tied(key):
            return
        self._link(dialog, "")
        others = self._orders.groups.peers(dialog)
        if len(others) == 1:  # a group of one is none
            self._link(others[0], "")

    def on_dialog(self, dialog: Dialog) -> None:
        """Look whether both are tied; where one could not be, the other is not either."""
        if dialog is self._marked and dialog.done:
            self._marked = None
        for pair in [pair for pair in self._pairs if dialog in pair[:2]]:
            self._look_at(pair)

    # ---- inside

    def _tie(self, first: Dialog, second: Dialog) -> None:
        """Put two orders into one group, or one of them into the group of the other."""
        if why := self.why_not(first.oid):
            self._chart.notify(f"Not tied: {self._words(first)}: {why}.", "warning")
            return
        if first.order.account != second.order.account:
            self._chart.notify("Not tied: they are of two accounts.", "warning")
            return
        if _group(second.order):
            first, second = second, first
        if _group(second.order):
            self._chart.notify("Not tied: both are in groups already.", "warning")
            return
        group = _group(first.order)
        pair = _Pair(first, second, group or self._new_group(), bool(group))
        self._pairs.append(pair)
        for one in pair[:2]:
            self._link(one, pair.group)

    def _link(self, dialog: Dialog, group: str) -> None:
        link = Link(group=group, role="peer")
        self._requests.change(dialog, replace(dialog.target, link=link))

    def _look_at(self, pair: _Pair) -> None:
        tied = [_group(one.order) == pair.group and not one.done for one in pair[:2]]
        open_ = any(
            not is_in and one.change is not None and not one.done
            for one, is_in in zip(pair[:2], tied, strict=True)
        )
        if open_:
            return
        self._pairs.remove(pair)
        if all(tied):
            return
        if tied[0] and not pair.first_was_in:
            self._link(pair.first, "")
        elif tied[1]:
            self._link(pair.second, "")
        lost = next(one for one, is_in in zip(pair[:2], tied, strict=True) if not is_in)
        self._chart.notify(f"Not tied: {self._words(lost)}: {_why(lost)}.", "warning")

    def _words(self, dialog: Dialog) -> str:
        return order_words(self._market, dialog.order)


def _group(order: Order) -> str:
    """Return the name of the group that an order is a peer in; empty for none."""
    link = order.link
    return link.group if link is not None and link.role == "peer" else ""


def _why(dialog: Dialog) -> str:
    if dialog.done:
        return "it is over"
    return (dialog.status.reason.rstrip(".") if dialog.status else "") or "it was not sent"
