"""Dark to live and back, and alerts with other words: a cancel, and once it is confirmed, anew.

Never the other way round: for a moment there is no order, but there are never two. An entry goes
and comes with its exits.
"""

import msgspec

from ems.messages import Order
from order_mode.bracket import resized
from order_mode.dialog import Dialog
from order_mode.dialogs import Dialogs
from order_mode.labels import order_words
from order_mode.requests import Requests


class Conversions:
    """The orders of one chart that are to be replaced by another one each.

    Parameters
    ----------
    orders, requests
        What there is, and where the cancel and the new order go.
    """

    def __init__(self, orders: Dialogs, requests: Requests) -> None:
        self._orders = orders
        self._requests = requests
        self._market, self._chart = orders.market, orders.chart
        self._exits: dict[str, list[Order]] = {}

    def start(self, key: str, successor: Order) -> None:
        """Ask for the cancel of an order whose rest is then to be placed as its successor is."""
        dialog = self._orders.by_oid.get(key)
        if dialog is None or dialog.done or dialog.successor is not None:
            return
        if successor == dialog.target:
            return
        why = self._orders.lost or dialog.why_fixed or self._orders.arming.why_locked(successor)
        if why or dialog.change is not None or dialog.state not in ("open", "dark_open"):
            why = why or "something is asked for that is not confirmed"
            self._give_up(dialog, successor, why)
            return
        dialog.successor = successor
        self._exits[key] = [one.target for one in self._orders.groups.exits(key)]
        self._requests.cancel(key)
        if not dialog.cancel_called:  # nothing was sent; the user has been told
            dialog.successor = None

    def forget(self, dialog: Dialog) -> None:
        """Place nothing anew: the user wants the order gone, or the EMS speaks no more."""
        if dialog.successor is not None:
            dialog.successor = None
            self._exits.pop(dialog.oid, None)
            self._orders.show(dialog)

    def on_dialog(self, dialog: Dialog) -> None:
        """Place the successor once the cancel is confirmed; give up where it is not."""
        successor, status = dialog.successor, dialog.status
        if successor is None or status is None:
            return
        if dialog.state == "canceled":
            dialog.successor = None
            self._place(dialog, successor)
        elif dialog.done:
            self._give_up(dialog, successor, "it ended before its cancel")
        elif status.stale or status.outcome_unknown:
            self._give_up(dialog, successor, "the connection was lost; look what became of it")
        elif not dialog.cancel_called:
            self._give_up(dialog, successor, "its cancel was refused")

    def _place(self, dialog: Dialog, successor: Order) -> None:
        if successor.action != "alert" and dialog.remaining <= 0:
            self._give_up(dialog, successor, "nothing of it was left")
            return
        order = msgspec.structs.replace(successor, size=dialog.remaining)
        exits = self._exits.pop(dialog.oid, [])
        if exits:
            self._requests.place_bracket(order, resized(exits, order.size, self._market))
        else:
            self._requests.place_anew(order)

    def _give_up(self, dialog: Dialog, successor: Order, why: str) -> None:
        dialog.successor = None
        self._exits.pop(dialog.oid, None)
        if dialog.oid in self._orders.by_oid:
            self._orders.show(dialog)
        what = order_words(self._market, dialog.order)
        same = successor.exec_mode == dialog.order.exec_mode
        into = "Not changed" if same else f"Not made {successor.exec_mode}"
        self._chart.notify(f"{into}: {what}: {why}.", "warning")
