"""The one gate that every request passes before it leaves, whoever makes it."""

from collections.abc import Mapping, Sequence

from ems.judged_order import only_closes
from ems.market import Market, broker_of
from ems.messages import BrokerdOrder, Order
from ems.order_dialog import OrderDialog
from ems.order_type_checks import OrderTypeChecks
from ems.plain_orders import PlainOrders, is_uuid
from ems.refusal import Refusal
from ems.risk_checks import RiskChecks


class Gate:
    """Says why a request may not go out, in one sentence, or None if it may.

    First what makes no sense, then what is beyond a limit.

    Parameters
    ----------
    brokers
        Account names by broker: ``{"paper": ("paper",)}``.
    markets
        The markets that the EMS knows, by fqsn; read at each call.
    types
        Checks what an order's type asks for.
    checks
        Arming, the limits, and what has to be asked.
    plain
        Knows which orders pass all of it without a look at each.
    """

    def __init__(
        self,
        brokers: Mapping[str, tuple[str, ...]],
        markets: Mapping[str, Market],
        types: OrderTypeChecks,
        checks: RiskChecks,
        plain: PlainOrders,
    ) -> None:
        self._plain = plain
        self._types = types
        self._brokers = brokers
        self._markets = markets
        self._checks = checks

    def passes_at_a_glance(self, order: Order) -> bool:
        """Tell of a new order for sure that nothing here has a word to say; False = ask."""
        return self._plain.passes(order)

    def refuses_new(self, order: Order) -> str | None:
        """Say why a new order, dark order or alert makes no sense."""
        return (
            self._bad_oid(order)
            or self._bad_account(order)
            or self._bad_numbers(order)
            or self._types.refuses_new(order)
        )

    def limits_new(
        self, order: Order, consent: tuple[str, ...], beside: Sequence[Order] = ()
    ) -> Refusal | None:
        """Check a new order that makes sense against arming, limits and questions.

        Parameters
        ----------
        order
            As it is to leave, or to be held.
        consent
            What its owner has said yes to.
        beside
            New orders that are sent with it and passed before it.
        """
        return None if order.action == "alert" else self._checks.new(order, consent, beside)

    def taken(self, order: Order) -> None:
        """Note that a new order is taken."""
        if order.action != "alert":
            self._checks.taken(order)

    def not_taken(self, order: Order) -> None:
        """Note that a new order did not begin after all: the same again is no duplicate."""
        self._checks.not_taken(order)

    def refuses_change(
        self, dialog: OrderDialog, order: Order, consent: tuple[str, ...]
    ) -> Refusal | None:
        """Check a modify of the order in the dialog."""
        bad = (
            self._bad_change(dialog, order)
            or self._bad_numbers(order, dialog)
            or self._types.refuses_change(dialog, order)
        )
        if bad is not None:
            return Refusal(bad, "order")
        return None if order.action == "alert" else self._checks.change(dialog, order, consent)

    def refuses_trigger(self, dialog: OrderDialog, leaving: Order) -> Refusal | None:
        """Check a dark order, and as what it leaves, at the moment its price is touched."""
        if self._plain.may_leave(dialog):
            return None
        bad = self._bad_account(dialog.order) or self._bad_numbers(dialog.order)
        if bad is not None:
            return Refusal(bad, "order")
        return self._checks.trigger(dialog, leaving)

    def refuses_release(self, dialog: OrderDialog) -> Refusal | None:
        """Check an order that its group lets go; what only closes meets no limit."""
        if only_closes(dialog.order):
            bad = self._bad_account(dialog.order) or self._bad_numbers(dialog.order)
            return None if bad is None else Refusal(bad, "order")
        return self.refuses_trigger(dialog, dialog.order)

    def withdrawn(self, order: Order) -> None:
        """Note that a client cancels an order. A cancel is never refused."""
        self._checks.withdrawn(order)

    def stops_change(self, dialog: OrderDialog, request: BrokerdOrder) -> str | None:
        """Check a modify at the moment it leaves: it may have waited for the venue."""
        if self._checks.only_shrinks(dialog, request):
            return None
        if request.symbol not in self._markets:  # kept over a restart, and nobody watches it yet
            return f"The market {request.symbol!r} is not open here; ask for it first."
        refusal = self._checks.leaving(dialog, request)
        return None if refusal is None else refusal.text

    def _bad_change(self, dialog: OrderDialog, order: Order) -> str | None:
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
        return None

    def _bad_oid(self, order: Order) -> str | None:
        if is_uuid(order.oid):
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

    def _bad_numbers(self, order: Order, dialog: OrderDialog | None = None) -> str | None:
        market = self._markets.get(order.symbol)
        if market is None:
            return f"The market {order.symbol!r} is not open here; ask for it first."
        asks_for_price = not (dialog and _stands_there(dialog.order, order))
        if asks_for_price and (why := market.no_price(order.price)):
            return why
        if order.action == "alert" or _sized_by_its_group(order):
            return None
        if not market.is_size(order.size):
            return f"{order.size} is no size in {market.fqsn}: its lot size is {market.lot_size}."
        return None


def _sized_by_its_group(order: Order) -> bool:
    return order.link is not None and order.link.role == "flatten"


def _stands_there(now: Order, asked: Order) -> bool:
    """Tell whether a price is only where a trailing stop stands: it may lie between two ticks."""
    return asked.trail is not None and asked.price == now.price
