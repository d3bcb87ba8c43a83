"""The one gate that every request passes before it leaves, whoever makes it."""

import re
from collections.abc import Mapping
from typing import Final

from ems.market import Market, broker_of
from ems.messages import Order
from ems.order_dialog import OrderDialog

_UUID: Final = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
"""As `uuid.UUID` writes it."""


class Gate:
    """Says why a request may not go out, in one sentence, or None if it may.

    Parameters
    ----------
    brokers
        Account names by broker: ``{"paper": ("paper",)}``.
    markets
        The markets that the EMS knows, by fqsn; read at each call.
    """

    def __init__(
        self, brokers: Mapping[str, tuple[str, ...]], markets: Mapping[str, Market]
    ) -> None:
        self._brokers = brokers
        self._markets = markets

    def refuses_new(self, order: Order) -> str | None:
        """Check a new order, dark order or alert."""
        return self._bad_oid(order) or self._bad_account(order) or self._bad_numbers(order)

    def refuses_change(self, dialog: OrderDialog, order: Order) -> str | None:
        """Check a modify of the order in the dialog."""
        now = dialog.order
        for what, old, new in (
            ("side", now.action, order.action),
            ("market", now.symbol, order.symbol),
            ("account", now.account, order.account),
        ):
            if old != new:
                return f"The {what} of an order cannot be changed ({old} to {new}); cancel it."
        if dialog.cancel_called:
            return "A cancel of this order is on its way; it cannot be changed."
        if dialog.stale:
            return f"The connection to {dialog.broker} is lost; the order cannot be changed now."
        if order.action != "alert" and order.size < dialog.filled:
            return f"{dialog.filled} of the order is filled; its size cannot become {order.size}."
        return self._bad_numbers(order)

    def refuses_trigger(self, dialog: OrderDialog) -> str | None:
        """Check a dark order at the moment its price is touched."""
        return self._bad_account(dialog.order) or self._bad_numbers(dialog.order)

    def _bad_oid(self, order: Order) -> str | None:
        if _UUID.fullmatch(order.oid):
            return None
        return f"The order id {order.oid!r} is not a uuid in its usual form."

    def _bad_account(self, order: Order) -> str | None:
        broker = broker_of(order.account)
        accounts = self._brokers.get(broker)
        if accounts is None:
            names = ", ".join(sorted(self._brokers)) or "none"
            return f"No broker has the account {order.account!r} (brokers: {names})."
        if order.account not in accounts:
            names = ", ".join(accounts) or "none"
            return f"{broker} has no account {order.account!r}; it has {names}."
        if order.brokers and order.brokers != (broker,):
            return f"The account {order.account!r} cannot trade at {', '.join(order.brokers)}."
        return None

    def _bad_numbers(self, order: Order) -> str | None:
        market = self._markets.get(order.symbol)
        if market is None:
            return f"The market {order.symbol!r} is not open here; ask for it first."
        if not (market.is_price(order.price) and order.price > 0):
            return (
                f"{order.price} is no price of {market.fqsn}: its tick size is {market.tick_size}."
            )
        if order.action == "alert":
            return None
        if not market.is_size(order.size):
            return f"{order.size} is no size in {market.fqsn}: its lot size is {market.lot_size}."
        return None
