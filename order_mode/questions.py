"""What the EMS asks before it takes a request: shown on the chart, and sent again on a yes."""

from ems.messages import Order, Request, Status
from order_mode.chart_port import UserQuestion
from order_mode.dialog import Dialog
from order_mode.dialogs import Dialogs
from order_mode.labels import order_words
from order_mode.requests import Requests


class Questions:
    """The questions about the orders of one chart.

    Parameters
    ----------
    orders, requests
        What there is, and where a request that was said yes to goes again.
    """

    def __init__(self, orders: Dialogs, requests: Requests) -> None:
        self._orders = orders
        self._requests = requests
        self._market, self._chart = orders.market, orders.chart

    def on_question(self, dialog: Dialog, status: Status) -> None:
        """Ask what the status asks about a request for this order."""
        together = dialog.sent_with
        if together and together[0].oid != dialog.oid:
            return  # all of them are asked about with the first
        what: Request = status.refused or "new"
        asked = dialog.target
        consent = tuple(question.kind for question in status.asks)

        def answered(yes: bool) -> None:
            if self._orders.by_oid.get(dialog.oid) is not dialog or dialog.target != asked:
                return  # it is over, or another change was asked for meanwhile
            if not (yes and self._requests.send_again(dialog, what, consent)):
                self._give_up(dialog, what)

        title = order_words(self._market, asked)
        self._chart.ask(UserQuestion(dialog.oid, title, status.reason, answered))

    def on_offer(self, dialog: Dialog, change: Order, text: str) -> None:
        """Ask whether a change that its venue refused is to be asked for once more."""
        before = dialog.target

        def answered(yes: bool) -> None:
            still = self._orders.by_oid.get(dialog.oid) is dialog and dialog.target == before
            if yes and still:
                self._requests.change(dialog, change)
            elif yes:
                self._chart.notify("Not changed: the order has changed meanwhile.", "warning")

        title = order_words(self._market, change)
        self._chart.ask(UserQuestion(dialog.oid, title, text, answered))

    def _give_up(self, dialog: Dialog, what: Request) -> None:
        """Nothing has been sent: show that."""
        if what == "new":
            for oid in [order.oid for order in dialog.sent_with] or [dialog.oid]:
                if (other := self._orders.by_oid.get(oid)) is not None:
                    self._orders.remove(other)
        else:
            dialog.drop_change()
            self._orders.show(dialog)
