"""Dark to live and back: a cancel, and once it is confirmed, the rest as a new order.

Never the other way round: for a moment there is no order, but there are never two.
"""

from collections.abc import Callable

import msgspec

from ems.market import Market
from ems.messages import ExecMode
from order_mode.chart_port import ChartPort
from order_mode.dialog import Dialog
from order_mode.dialogs import Dialogs
from order_mode.labels import order_words
from order_mode.requests import Requests


class Conversions:
    """The orders of one chart that are to become live, or dark.

    Parameters
    ----------
    orders, requests
        What there is, and where the cancel and the new order go.
    market, chart
        Of the orders; the user is told there if it did not work out.
    new_oid
        Makes the id of the new order.
    """

    def __init__(
        self,
        orders: Dialogs,
        requests: Requests,
        market: Market,
        chart: ChartPort,
        new_oid: Callable[[], str],
    ) -> None:
        self._orders = orders
        self._requests = requests
        self._market = market
        self._chart = chart
        self._new_oid = new_oid

    def start(self, key: str, exec_mode: ExecMode) -> None:
        """Ask for the cancel of an order that is then to be placed anew in the other mode."""
        dialog = self._orders.by_oid.get(key)
        if dialog is None or dialog.resting is None or dialog.becoming is not None:
            return
        if dialog.target.exec_mode == exec_mode:
            return
        why = self._orders.lost or dialog.why_fixed
        if why or dialog.change is not None or dialog.state == "pending":
            self._give_up(dialog, exec_mode, why or "something is asked for that is not confirmed")
            return
        dialog.becoming = exec_mode
        self._requests.cancel(key)
        if not dialog.cancel_called:  # nothing was sent; the user has been told
            dialog.becoming = None

    def forget(self, dialog: Dialog) -> None:
        """Place nothing anew: the user wants the order gone, or the EMS speaks no more."""
        if dialog.becoming is not None:
            dialog.becoming = None
            self._orders.show(dialog)

    def on_dialog(self, dialog: Dialog) -> None:
        """Place the order anew once its cancel is confirmed; give up where it is not."""
        mode, status = dialog.becoming, dialog.status
        if mode is None or status is None:
            return
        if dialog.state == "canceled":
            dialog.becoming = None
            self._place(dialog, mode)
        elif dialog.done:
            self._give_up(dialog, mode, "it ended before its cancel")
        elif status.stale or status.outcome_unknown:
            self._give_up(dialog, mode, "the connection was lost; look what became of it")
        elif not dialog.cancel_called:
            self._give_up(dialog, mode, "its cancel was refused")

    def _place(self, dialog: Dialog, mode: ExecMode) -> None:
        if dialog.remaining <= 0:
            self._give_up(dialog, mode, "nothing of it was left")
            return
        order = msgspec.structs.replace(
            dialog.order, oid=self._new_oid(), exec_mode=mode, size=dialog.remaining
        )
        self._requests.place(order)

    def _give_up(self, dialog: Dialog, mode: ExecMode, why: str) -> None:
        dialog.becoming = None
        if dialog.oid in self._orders.by_oid:
            self._orders.show(dialog)
        what = order_words(self._market, dialog.order)
        self._chart.notify(f"Not made {mode}: {what}: {why}.", "warning")
