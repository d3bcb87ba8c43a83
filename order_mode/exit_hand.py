"""Attaching exits by hand: from a preset, at a typed price, or dragged out of a line."""

from collections.abc import Callable
from decimal import Decimal
from typing import Final

from ems.messages import Order
from order_mode.bracket import Preset
from order_mode.dialog import Dialog
from order_mode.dialogs import Dialogs
from order_mode.exit_distance import NoExit
from order_mode.exit_lines import staged_exit_line, stop_distance
from order_mode.exit_maker import ExitMaker, Owner
from order_mode.line import POSITION_KEY, STAGED_KEY, Line
from order_mode.requests import Requests
from order_mode.stager import Stager

_PULLED: Final = f"{STAGED_KEY}:pulled"


class ExitHand:
    """What a trader's hand does about exits of what is there already.

    Parameters
    ----------
    orders, requests
        What there is, and where the exits go.
    stager
        Knows the account, and the terms of orders.
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
        self._maker = ExitMaker(orders)
        self._pulled: str | None = None

    @property
    def pulling(self) -> bool:
        """True while an exit is being dragged out of a line."""
        return self._pulled is not None

    def why_none(self, key: str) -> str:
        """Return why a line can have no exits, as a sentence; empty if it can."""
        try:
            self._maker.owner(key, self._stager.account)
        except NoExit as error:
            return str(error)
        return ""

    def attach_preset(self, key: str, preset: Preset) -> None:
        """Attach the exits of a preset to an order or to the position."""

        def make(owner: Owner) -> list[Order]:
            return self._maker.of_preset(owner, preset, self._stager.terms.limit_offset)

        self._attach(key, make)

    def attach_at(self, key: str, price: float) -> None:
        """Attach one exit at a price: a stop-loss or a take-profit, by its side."""
        at = self._market.round_price(price)
        self._attach(key, lambda owner: [self._maker.at_price(owner, at)])

    def attach_stop(self, key: str, price: Decimal) -> None:
        """Attach a stop-loss at a price; one that would go out at once is refused."""
        self._attach(key, lambda owner: [self._maker.stop_at(owner, price)])

    def attach_safety(self, key: str, price: Decimal) -> None:
        """Attach a wide stop at the venue behind stops that are held here."""
        self._attach(key, lambda owner: [self._maker.safety_at(owner, price)])

    def remove_all(self, key: str) -> None:
        """Ask for the end of every exit of an order or of the position."""
        for dialog in self._exits(key):
            self._requests.cancel(dialog.oid)
        self._changed()

    def has_exits(self, key: str) -> bool:
        """Tell whether there is any exit to take away."""
        return bool(self._exits(key))

    # ---- dragged out of a line

    def pull(self, key: str) -> bool:
        """Begin to drag an exit out of a line; return False, and say why, if it can have none."""
        why = self.why_none(key)
        if why:
            self._chart.notify(why, "warning")
            return False
        self._pulled = key
        self._changed()
        return True

    def pulled_to(self, price: float) -> None:
        """Show the exit that would be attached at this price."""
        if self._pulled is None:
            return
        at = self._market.round_price(price)
        try:
            owner = self._maker.owner(self._pulled, self._stager.account)
            exit_ = self._maker.at_price(owner, at)
        except NoExit:
            self._chart.remove_line(_PULLED)
            return
        self._chart.show_line(self._line(self._pulled, owner, exit_))

    def pulled_out(self, price: float) -> None:
        """Let the exit go: attach it here, or say why not."""
        key = self._pulled
        self.put_back()
        if key is not None:
            self.attach_at(key, price)

    def put_back(self) -> None:
        """Attach nothing after all."""
        if self._pulled is not None:
            self._pulled = None
            self._chart.remove_line(_PULLED)
            self._changed()

    # ---- inside

    def _attach(self, key: str, make: Callable[[Owner], list[Order]]) -> None:
        try:
            owner = self._maker.owner(key, self._stager.account)
            exits = make(owner)
        except NoExit as error:
            self._chart.notify(f"Not attached: {error}", "warning")
            return
        self._requests.place_exits(exits, owner.entry.oid)
        self._changed()

    def _exits(self, key: str) -> list[Dialog]:
        if key == POSITION_KEY:
            return self._orders.position_exits(self._stager.account)
        return self._orders.groups.exits(key)

    def _line(self, key: str, owner: Owner, exit_: Order) -> Line:
        entry = owner.entry
        one_r = stop_distance(entry.price, [*owner.exits, exit_])
        if owner.is_position:
            one_r = self._orders.holdings.one_r(entry.account) or one_r
        return staged_exit_line(self._market, exit_, _PULLED, key, entry.price, one_r)
