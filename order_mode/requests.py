"""What goes out: each request once, and what was asked for shows at once as asked for."""

from collections.abc import Callable, Sequence

import msgspec

from ems.client import EmsClient
from ems.errors import EmsError
from ems.messages import Cancel, Order, Request
from order_mode.dialog import Dialog
from order_mode.dialogs import Dialogs
from order_mode.staging import Staged


class Requests:
    """Places, moves and cancels the orders of one chart.

    Parameters
    ----------
    client
        Where the requests go.
    orders
        What the chart knows; a request is noted there, and the user told if it was not sent.
    new_oid
        Makes the id of a new order.
    """

    def __init__(self, client: EmsClient, orders: Dialogs, new_oid: Callable[[], str]) -> None:
        self._client = client
        self._orders = orders
        self._market, self._chart = orders.market, orders.chart
        self._new_oid = new_oid

    def place_staged(self, staged: Staged) -> None:
        """Submit what is staged; what cannot be placed is told to the user."""
        if staged.refused:
            self._chart.notify(staged.refused, "warning")
        elif staged.exits:
            self.place_bracket(staged.order, staged.exits)
        else:
            self.place_anew(staged.order)

    def place_bracket(self, entry: Order, exits: Sequence[Order]) -> None:
        """Submit an entry with its exits, all or none, under ids of their own."""
        entry = msgspec.structs.replace(entry, oid=self._new_oid())
        self.place_group([entry, *self.linked(exits, entry.oid)])

    def place_exits(self, exits: Sequence[Order], group: str | None = None) -> None:
        """Submit exits of what is there already: of an order, or of a position if None."""
        self.place_group(self.linked(exits, group or self._new_oid()))

    def linked(self, orders: Sequence[Order], group: str) -> list[Order]:
        """Return orders like these in a group, under ids of their own."""
        return [
            msgspec.structs.replace(
                order,
                oid=self._new_oid(),
                link=msgspec.structs.replace(order.link, group=group) if order.link else None,
            )
            for order in orders
        ]

    def place_group(self, orders: Sequence[Order]) -> None:
        """Submit new orders that are taken or refused together."""
        if self._sent(lambda: self._client.submit_group(orders)):
            for order in orders:
                if order.oid not in self._orders.by_oid:
                    dialog = Dialog(order, self._market)
                    dialog.sent_with = tuple(orders)
                    self._orders.add(dialog)

    def place_anew(self, order: Order) -> None:
        """Submit an order like this one, under an id of its own."""
        self.place(msgspec.structs.replace(order, oid=self._new_oid()))

    def place(self, order: Order) -> None:
        """Submit a new order."""
        if self._sent(lambda: self._client.submit(order)) and order.oid not in self._orders.by_oid:
            self._orders.add(Dialog(order, self._market))

    def change(self, dialog: Dialog, order: Order) -> None:
        """Ask that the order become as given, if that is a change."""
        if order != dialog.target and self._sent(lambda: self._client.modify(order)):
            dialog.ask_change(order)
            self._orders.show(dialog)

    def send_again(self, dialog: Dialog, what: Request, consent: tuple[str, ...]) -> bool:
        """Ask once more for what the EMS had questions about; return whether it was sent."""
        order = msgspec.structs.replace(dialog.target, consent=consent)
        if what == "modify":
            return self._sent(lambda: self._client.modify(order))
        if not dialog.sent_with:
            return self._sent(lambda: self._client.submit(order))
        group = [msgspec.structs.replace(one, consent=consent) for one in dialog.sent_with]
        return self._sent(lambda: self._client.submit_group(group))

    def cancel(self, key: str) -> None:
        """Ask for the end of an order, once; a refused one is dismissed."""
        dialog = self._orders.by_oid.get(key)
        if dialog is None or dialog.cancel_called:
            return
        if dialog.refusal:
            self._orders.remove(dialog)
            return
        order = dialog.order
        request = Cancel(oid=order.oid, symbol=order.symbol, account=order.account)
        if self._sent(lambda: self._client.cancel(request)):
            dialog.ask_cancel()
            self._orders.show(dialog)

    def _sent(self, send: Callable[[], None]) -> bool:
        """Send, and return whether the EMS took it; if not, the user is told."""
        if self._orders.lost:
            self._chart.notify(f"Nothing was sent: {self._orders.lost}", "error")
            return False
        try:
            send()
        except EmsError as error:
            self._chart.notify(f"Nothing was sent: {error}", "error")
            return False
        return True
