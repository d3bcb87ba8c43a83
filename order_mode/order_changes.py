"""Changes of one order that are more than a drag: typed ones, its mode, an alert's terms."""

from collections.abc import Callable
from decimal import ROUND_UP, Decimal
from typing import Final

from msgspec.structs import replace

from ems.messages import ExecMode, Order, OrderType
from order_mode.alert_terms import AlertTerms
from order_mode.conversion import Conversions
from order_mode.dialog import Dialog
from order_mode.dialogs import Dialogs
from order_mode.order_types import is_exit, shifted
from order_mode.replacements import Replacements
from order_mode.sizing import room_for
from order_mode.stager import Stager
from order_mode.trail_distance import behind
from order_mode.typed_order import NotAnOrder, Typed, typed_change, typed_trail

_FINE: Final = Decimal("1e-9")


class OrderChanges:
    """What the menu of a line can ask for, besides its cancel.

    Parameters
    ----------
    orders, changes, conversions
        What there is, and where the changes go.
    stager
        Has the sizing whose limit typed sizes must respect.
    changed
        Called after anything has changed.
    """

    def __init__(
        self,
        orders: Dialogs,
        changes: Replacements,
        conversions: Conversions,
        stager: Stager,
        changed: Callable[[], object],
    ) -> None:
        self._orders = orders
        self._market, self._atr = orders.market, orders.chart.atr
        self._changes = changes
        self._conversions = conversions
        self._stager = stager
        self._changed = changed

    def convert(self, key: str, exec_mode: ExecMode) -> None:
        """Turn a dark order live or a live one dark: cancel it, then place the rest anew.

        The new order, with an id of its own, goes out only once the cancel is confirmed.
        """
        dialog = self._orders.by_oid.get(key)
        if dialog is not None and dialog.resting is not None:
            self._conversions.start(key, replace(dialog.target, exec_mode=exec_mode))
            self._changed()

    def make_trailing(self, key: str, text: str) -> None:
        """Turn a stop into one that trails: cancelled, and placed anew once that is confirmed.

        It stands where it stood, or nearer to the market where the trail says so. A limit behind it
        stays as far behind.

        Raises
        ------
        NotAnOrder
            If the text says no trail; see `order_mode.typed_order.typed_trail`.
        """
        dialog = self._orders.by_oid.get(key)
        if dialog is None or dialog.done:
            raise NotAnOrder("There is no such order any more.")
        order, market = dialog.target, self._market
        trail = typed_trail(market, text, order.price, self._atr())
        last = self._orders.prices.last
        level = order.price
        if last is not None and not dialog.waits and order.action != "alert":
            there = behind(trail, market.round_price(last), order.action, market)
            level = (min if order.action == "buy" else max)(level, there)
        kind: OrderType = "trailing_stop" if order.limit_price is None else "trailing_stop_limit"
        new = replace(shifted(order, level - order.price, market), type=kind, trail=trail)
        self._conversions.start(key, new)
        self._changed()

    def make_plain(self, key: str) -> None:
        """Turn a trailing stop into one that stays where it stands; anew, as `make_trailing`."""
        dialog = self._orders.by_oid.get(key)
        if dialog is not None and dialog.target.trail is not None:
            limited = dialog.target.limit_price is not None
            kind: OrderType = "stop_limit" if limited else "stop"
            order = replace(dialog.target, type=kind, trail=None)
            to_tick = self._market.round_price(order.price) - order.price
            order = shifted(order, to_tick, self._market)
            self._conversions.start(key, order)
            self._changed()

    def change_alert(self, key: str, terms: AlertTerms) -> None:
        """Give an alert other terms: it is cancelled, and set anew once that is confirmed."""
        dialog = self._orders.by_oid.get(key)
        if dialog is not None and dialog.order.action == "alert":
            self._conversions.start(key, terms.applied(dialog.target))
            self._changed()

    def change_typed(self, key: str, typed: Typed) -> None:
        """Ask for what was typed.

        What a modify changes is prices and size: with another time in force an order is cancelled,
        and placed anew once that is confirmed.

        Raises
        ------
        NotAnOrder
            If that cannot be asked for; the text says why.
        """
        dialog = self._orders.by_oid.get(key)
        if dialog is None or dialog.done:
            raise NotAnOrder("There is no such order any more.")
        if why := self._orders.lost or dialog.why_fixed:
            raise NotAnOrder(f"It cannot be changed: {why}.")
        order = typed_change(self._market, dialog.target, dialog.filled, typed, self._atr())
        if is_exit(order):
            order = self._shared(dialog.target, order)
        else:
            self._check_limit(dialog, order)
        same_time = (order.tif, order.expires_ns) == (dialog.target.tif, dialog.target.expires_ns)
        if same_time:
            self._changes.change(dialog, order)
        else:
            self._conversions.start(key, order)
        self._changed()

    def _shared(self, before: Order, order: Order) -> Order:
        """Return an exit with what its typed size means: of an entry, it is a share of that."""
        covers = self._orders.entry_size(before)
        if covers is None or order.size == before.size or order.link is None:
            return order
        if order.size > covers:
            size = self._market.format_size(covers)
            raise NotAnOrder(f"It can close {size}, which is what its entry is for.")
        share = (order.size / covers).quantize(_FINE, ROUND_UP)  # never a lot too small
        return replace(order, size=before.size, link=replace(order.link, share=share))

    def _check_limit(self, dialog: Dialog, order: Order) -> None:
        """Refuse a typed size that would take the position past the limit."""
        if order.action == "alert" or order.size <= dialog.target.size:
            return
        if order.account != self._stager.account:
            return  # of another account, whose limit is not the one in the pane
        exposure = self._orders.exposure(order.account, without=dialog)
        sizing = self._stager.sizing
        room = room_for(sizing, self._market, exposure, order.action, order.price)
        left = order.size - dialog.filled
        if left > room:
            raise NotAnOrder(
                f"The limit leaves room for {self._market.format_size(room)}, "
                f"and {self._market.format_size(left)} would be at work."
            )
