"""A line in the trader's hand: shown where it is held, asked for once when it is let go."""

from ems.market import Market
from order_mode.chart_port import ChartPort
from order_mode.dialog import Dialog
from order_mode.dialogs import Dialogs
from order_mode.labels import order_words
from order_mode.requests import Requests


class Drag:
    """At most one line in hand.

    Parameters
    ----------
    orders
        The lines there are.
    requests
        Where the one modify goes.
    market, chart
        Of the orders; the user is told there why a line cannot be moved.
    """

    def __init__(
        self, orders: Dialogs, requests: Requests, market: Market, chart: ChartPort
    ) -> None:
        self._orders = orders
        self._requests = requests
        self._market = market
        self._chart = chart
        self._dialog: Dialog | None = None

    @property
    def active(self) -> bool:
        """True while a line is in hand."""
        return self._dialog is not None

    def start(self, key: str) -> bool:
        """Take a line in hand; return False, and say why, if it cannot be moved."""
        dialog = self._orders.by_oid.get(key)
        if dialog is None:
            return False
        why = self._orders.lost or dialog.why_fixed or self._orders.why_locked(dialog.order)
        if why:
            what = order_words(self._market, dialog.order)
            self._chart.notify(f"Cannot move {what}: {why}.", "warning")
            return False
        self._dialog = dialog
        self.move(float(dialog.target.price))
        return True

    def move(self, price: float) -> None:
        """Show the line at this price, snapped to the tick."""
        if self._dialog is not None:
            self._dialog.drag_price = self._market.round_price(price)
            self.show()

    def show(self) -> None:
        """Draw the line in hand anew: the last price is another."""
        if self._dialog is not None:
            self._orders.show(self._dialog)

    def drop(self, price: float) -> None:
        """Let the line go: ask once for the new price, if it is one."""
        dialog = self._dialog
        if dialog is not None:
            self.abort()
            self._requests.move(dialog, self._market.round_price(price))

    def abort(self) -> None:
        """Give the line its price back; nothing is asked for."""
        dialog, self._dialog = self._dialog, None
        if dialog is not None:
            dialog.drag_price = None
            if dialog.oid in self._orders.by_oid:
                self._orders.show(dialog)

    def on_dialog(self, dialog: Dialog) -> None:
        """End the drag of an order that can no longer be moved."""
        if dialog is self._dialog and dialog.why_fixed:
            self.abort()
            what = order_words(self._market, dialog.order)
            self._chart.notify(f"Not moved: {what}: {dialog.why_fixed}.", "warning")
