"""Changes that a venue cannot make: it is asked whether to cancel the order and place another."""

from collections.abc import Callable

from msgspec.structs import replace

from ems.market import broker_of
from ems.messages import Order
from ems.ports import Abilities
from order_mode.chart_port import UserQuestion
from order_mode.conversion import Conversions
from order_mode.dialog import Dialog
from order_mode.dialogs import Dialogs
from order_mode.labels import order_words
from order_mode.order_types import trail_words
from order_mode.requests import Requests


class Replacements:
    """The way of every change of an order that is there.

    Parameters
    ----------
    orders
        Those of the chart.
    requests, conversions
        Where a change goes, and where an order that has to be replaced.
    abilities
        Returns what the broker of an account can do here.
    """

    def __init__(
        self,
        orders: Dialogs,
        requests: Requests,
        conversions: Conversions,
        abilities: Callable[[str], Abilities],
    ) -> None:
        self._market, self._chart = orders.market, orders.chart
        self._requests = requests
        self._conversions = conversions
        self._abilities = abilities

    def change(self, dialog: Dialog, order: Order) -> None:
        """Ask that the order become as given; the user is asked first if it has to be replaced."""
        if order.trail == dialog.target.trail or self._can_retrail(dialog):
            self._requests.change(dialog, order)
            return
        asked = dialog.target

        def answered(yes: bool) -> None:
            if yes and _same_but_for_its_level(dialog.target, asked):
                self._conversions.start(dialog.oid, order)
            elif yes:
                self._chart.notify("Not changed: the order has changed meanwhile.", "warning")

        title = order_words(self._market, order)
        self._chart.ask(UserQuestion(dialog.oid, title, self._text(order), answered))

    def _can_retrail(self, dialog: Dialog) -> bool:
        held = dialog.waits or dialog.order.exec_mode == "dark"
        return held or self._abilities(dialog.order.account).retrail

    def _text(self, order: Order) -> str:
        assert order.trail is not None
        price, trail = (
            self._market.format_price(order.price),
            trail_words(self._market, order.trail),
        )
        return (
            f"{broker_of(order.account)} cannot change how far a stop trails. It is cancelled, and "
            f"another one is placed at {price} that trails {trail}. "
            "Until that is there nothing stops you out, and the best price so far is forgotten."
        )


def _same_but_for_its_level(now: Order, before: Order) -> bool:
    """Tell whether a trailing stop is as it was: where it stands follows the price."""
    return replace(now, price=before.price, limit_price=before.limit_price) == before
