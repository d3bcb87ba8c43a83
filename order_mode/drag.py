"""A line in the trader's hand: shown where it is held, asked for once when it is let go."""

from order_mode.dialog import Dialog
from order_mode.dialogs import Dialogs
from order_mode.labels import order_words
from order_mode.replacements import Replacements


class Drag:
    """At most one line in hand, and its exits where they go along.

    Parameters
    ----------
    orders
        The lines there are.
    changes
        Where the one modify goes.
    """

    def __init__(self, orders: Dialogs, changes: Replacements) -> None:
        self._orders = orders
        self._changes = changes
        self._market, self._chart = orders.market, orders.chart
        self._dialog: Dialog | None = None
        self._followers: list[Dialog] = []

    @property
    def active(self) -> bool:
        """True while a line is in hand."""
        return self._dialog is not None

    def start(self, key: str, *, together: bool = False, other_key: str = "shift") -> bool:
        """Take a line in hand; return False, and say why, if it cannot be moved.

        Together, the exits that are tied to it go along, but for those that cannot be moved. Its
        label says which of the two it is, and with which key it is the other.
        """
        dialog = self._orders.by_oid.get(key)
        if dialog is None:
            return False
        why = self._orders.lost or dialog.why_fixed or self._orders.arming.why_locked(dialog.order)
        if why:
            what = order_words(self._market, dialog.order)
            self._chart.notify(f"Cannot move {what}: {why}.", "warning")
            return False
        self._dialog = dialog
        exits = self._orders.groups.exits(key)
        if exits:
            words = ("with its exits", "alone") if together else ("alone", "with its exits")
            dialog.hand_words = f"{words[0]} ({other_key}: {words[1]})"
        self._followers = [one for one in exits if together and not one.why_fixed]
        for follower in self._followers:
            follower.follows = True
        self.move(float(dialog.target.price))
        return True

    def move(self, price: float) -> None:
        """Show the line at this price, snapped to the tick."""
        if self._dialog is not None:
            self._dialog.drag_price = self._market.round_price(price)
            by = self._dialog.drag_price - self._dialog.target.price
            for follower in self._followers:
                follower.drag_price = self._market.round_price(follower.target.price + by)
            self.show()

    def show(self) -> None:
        """Draw the line in hand anew: the last price is another."""
        if self._dialog is not None:
            for dialog in (self._dialog, *self._followers):
                self._orders.show(dialog)

    def drop(self, price: float) -> None:
        """Let the line go: ask once for the new price, if it is one."""
        if self._dialog is None:
            return
        self.move(price)
        asked = [(dialog, dialog.shown) for dialog in (self._dialog, *self._followers)]
        self.abort()
        for dialog, order in asked:
            self._changes.change(dialog, order)

    def abort(self) -> None:
        """Give the line its price back; nothing is asked for."""
        dialog, self._dialog = self._dialog, None
        followers, self._followers = self._followers, []
        for one in (*([] if dialog is None else [dialog]), *followers):
            one.drag_price, one.follows, one.hand_words = None, False, ""
            if one.oid in self._orders.by_oid:
                self._orders.show(one)

    def on_dialog(self, dialog: Dialog) -> None:
        """End the drag of an order that cannot be moved any more; such an exit stays behind."""
        if dialog in self._followers and dialog.why_fixed:
            self._followers.remove(dialog)
            dialog.drag_price, dialog.follows = None, False
            if dialog.oid in self._orders.by_oid:
                self._orders.show(dialog)
        if dialog is self._dialog and dialog.why_fixed:
            self.abort()
            what = order_words(self._market, dialog.order)
            self._chart.notify(f"Not moved: {what}: {dialog.why_fixed}.", "warning")
