"""Placing without keys: what a menu at a price offers, shows and does."""

from collections.abc import Callable

from msgspec.structs import replace

from ems.messages import Order
from ems.type_families import TRAILING
from order_mode.alert_terms import AlertTerms
from order_mode.dialogs import Dialogs
from order_mode.order_types import TYPE_WORDS
from order_mode.price_choices import Choice, break_even_choices, choices_at, other_choices_at
from order_mode.requests import Requests
from order_mode.stager import Stager


class PriceMenu:
    """The mouse's way to what the keys do.

    Parameters
    ----------
    orders, requests
        What there is, and where what is chosen goes.
    stager
        Works out sizes, and shows what is pointed at.
    changed
        Called after anything has changed.
    """

    def __init__(
        self,
        orders: Dialogs,
        requests: Requests,
        stager: Stager,
        changed: Callable[[], object],
    ) -> None:
        self._orders = orders
        self._market, self._chart = orders.market, orders.chart
        self._requests = requests
        self._stager = stager
        self._changed = changed

    def choices(self, price: float) -> list[Choice]:
        """Return what can be placed at a price, each with the size that it would have."""
        position = self._orders.exposure(self._stager.account).position
        return choices_at(self._market.round_price(price), self._market, self._stager, position)

    def other_choices(self, price: float) -> list[Choice]:
        """Return what the other types of order would be at a price, and market orders."""
        at = self._market.round_price(price)
        return other_choices_at(at, self._market, self._stager, self._orders.prices)

    def break_even_choices(self) -> list[Choice]:
        """Return exits of the whole position where it pays for its fees; none if unknown."""
        held = self._orders.holdings.of(self._stager.account)
        return break_even_choices(held, self._market, self._stager)

    def preview(self, choice: Choice | None) -> None:
        """Show what a choice would place, as if it were staged; None = nothing any more."""
        self._stager.previewed = None if choice is None else choice.staged
        self._changed()

    def choose(self, choice: Choice) -> None:
        """Place what was offered; if it would be another order by now, say so and place nothing."""
        now = self._stager.stage_at(choice.intent, choice.staged.order.price)
        if _same(now.order, choice.staged.order):
            self._requests.place_staged(now)
            self._changed()
            return
        size = f"{self._market.format_size(now.order.size)} {TYPE_WORDS[now.order.type]}"
        self._chart.notify(
            f"Not placed: {choice.text}. Meanwhile it would be {size} for {self._stager.account}; "
            "open the menu again.",
            "warning",
        )

    def place_alert(self, price: float, terms: AlertTerms) -> None:
        """Set an alert at a price, with a note, repeating, or for a while."""
        alert = next(one for one in self.choices(price) if one.intent.action == "alert")
        self._requests.place_anew(terms.applied(alert.staged.order))
        self._changed()


def _same(order: Order, offered: Order) -> bool:
    """Tell whether an order is what was offered; a trailing stop follows the market."""
    if order.type in TRAILING:
        now = {"price": offered.price, "limit_price": offered.limit_price, "trail": offered.trail}
        order = replace(order, **now)
    return order == offered
