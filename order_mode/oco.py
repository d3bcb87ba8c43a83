"""One cancels the other: two orders that work already are tied.

An order's place in a group cannot be changed, so both are cancelled, and once both cancels are
confirmed they are placed anew together. For a moment there are none of them, but never four.
"""

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal

from msgspec.structs import replace

from ems.market import Market
from ems.messages import Link, Order
from order_mode.chart_port import ChartPort
from order_mode.dialog import Dialog
from order_mode.dialogs import Dialogs
from order_mode.labels import order_words
from order_mode.requests import Requests


@dataclass(slots=True)
class _Half:
    """One of the two orders."""

    dialog: Dialog
    order: Order
    """As it was when the cancel was asked for."""
    filled: Decimal
    """What of it was filled by then."""

    @property
    def hit(self) -> bool:
        """True if it was filled, or more of it, since."""
        return self.dialog.filled > self.filled or self.dialog.state == "closed"

    @property
    def rest(self) -> Order | None:
        """What of it is to be placed anew; None if nothing is left."""
        left = self.dialog.remaining
        return replace(self.order, size=left) if left > 0 else None


class Oco:
    """The orders of one chart that are being tied.

    Parameters
    ----------
    orders, requests
        What there is, and where the cancels and the new orders go.
    market, chart
        Of the orders; the user is told there if it did not work out.
    new_group
        Makes the name of a group.
    """

    def __init__(
        self,
        orders: Dialogs,
        requests: Requests,
        market: Market,
        chart: ChartPort,
        new_group: Callable[[], str],
    ) -> None:
        self._orders = orders
        self._requests = requests
        self._market = market
        self._chart = chart
        self._new_group = new_group
        self._marked: Dialog | None = None
        self._pairs: list[tuple[_Half, _Half]] = []

    @property
    def marked(self) -> Dialog | None:
        """The order that waits for another to be tied with."""
        return self._marked

    def why_not(self, key: str) -> str:
        """Return why an order cannot be tied, as a clause; empty if it can."""
        dialog = self._orders.by_oid.get(key)
        if dialog is None or dialog.order.action == "alert":
            return "it is no order"
        if dialog.order.link is not None:
            return "it is in a group already"
        if self._orders.groups.exits(key):
            return "it has exits"
        if self._orders.lost or dialog.why_fixed:
            return self._orders.lost or dialog.why_fixed
        if dialog.change is not None or dialog.state not in ("open", "dark_open"):
            return "something is asked for that is not confirmed"
        return ""

    def mark(self, key: str) -> None:
        """Mark an order, or tie it with the one that is marked; the same again takes it back."""
        before = self._marked
        self.unmark()
        if why := self.why_not(key):
            self._chart.notify(f"Not tied: {why}.", "warning")
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

    def on_dialog(self, dialog: Dialog) -> None:
        """Go on once both cancels are answered."""
        if dialog is self._marked and dialog.done:
            self._marked = None
        for pair in [pair for pair in self._pairs if dialog in (pair[0].dialog, pair[1].dialog)]:
            if all(_answered(half.dialog) for half in pair):
                self._pairs.remove(pair)
                self._finish(*pair)

    # ---- inside

    def _tie(self, first: Dialog, second: Dialog) -> None:
        if why := self.why_not(first.oid):
            self._chart.notify(f"Not tied: {self._words(first)}: {why}.", "warning")
            return
        if first.order.account != second.order.account:
            self._chart.notify("Not tied: they are of two accounts.", "warning")
            return
        halves = [_Half(one, one.target, one.filled) for one in (first, second)]
        self._pairs.append((halves[0], halves[1]))
        for half in halves:
            half.dialog.tying = True
            self._requests.cancel(half.dialog.oid)
        self.on_dialog(first)  # nothing may have been sent

    def _finish(self, first: _Half, second: _Half) -> None:
        for half in (first, second):
            half.dialog.tying = False
            if half.dialog.oid in self._orders.by_oid:
                self._orders.show(half.dialog)
        hit = [half for half in (first, second) if half.hit]
        gone = [half for half in (first, second) if half.dialog.state == "canceled"]
        if hit:
            self._leave_rest(hit, gone)
        elif len(gone) == 2:
            self._place(first, second)
        else:
            self._put_back(gone)

    def _place(self, first: _Half, second: _Half) -> None:
        link = Link(group=self._new_group(), role="peer")
        rests = [half.rest for half in (first, second)]
        orders = [replace(one, link=link) for one in rests if one is not None]
        self._requests.place_group(self._requests.linked(orders, link.group))

    def _leave_rest(self, hit: list[_Half], gone: list[_Half]) -> None:
        """One was filled in the meantime: the other stays cancelled, as if they had been tied."""
        for half in hit:
            if half in gone and half.rest is not None:
                self._requests.place_anew(half.rest)
        self._chart.notify(
            f"Not tied: {self._words(hit[0].dialog)} was filled meanwhile, so the other one is "
            "not placed anew.",
            "warning",
        )

    def _put_back(self, gone: list[_Half]) -> None:
        """A cancel did not come about: what is cancelled is placed as it was."""
        for half in gone:
            if half.rest is not None:
                self._requests.place_anew(half.rest)
        self._chart.notify("Not tied: one of them could not be cancelled.", "warning")

    def _words(self, dialog: Dialog) -> str:
        return order_words(self._market, dialog.order)


def _answered(dialog: Dialog) -> bool:
    """Tell whether the cancel of an order was granted, refused, or came too late.

    While its outcome is not known, nothing is placed: there might be two.
    """
    if dialog.done:
        return True
    status = dialog.status
    doubtful = status is not None and (status.stale or status.outcome_unknown)
    return not doubtful and not dialog.cancel_called
