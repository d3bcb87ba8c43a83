"""Order mode, the controller of one chart: gestures in, orders out; statuses in, lines out."""

import uuid
from collections.abc import Callable
from dataclasses import replace

import msgspec

from ems.client import EmsClient
from ems.market import Market
from ems.messages import BrokerdFill, ClientMsg, Position, Status
from order_mode.chart_port import ChartPort
from order_mode.dialog import Dialog
from order_mode.dialogs import Dialogs
from order_mode.drag import Drag
from order_mode.gesture import Command, Gesture
from order_mode.keymap import Keymap
from order_mode.line import STAGED_KEY
from order_mode.requests import Requests
from order_mode.sizing import DEFAULT_SIZING, Sizing
from order_mode.staging import Staged, stage


def _kind(staged: Staged | None) -> object:
    """What of a staged order listeners show: all but its price, which is on the chart."""
    return staged and (staged.order.action, staged.order.exec_mode, staged.order.size, staged.why)


def _uuid4() -> str:
    return str(uuid.uuid4())


class OrderMode:
    """What a trader's hands do on one chart, and every order of its market.

    Call all of it from the thread of the GUI. Prices from the pointer are floats as the plot has
    them; they are snapped to the tick here.

    Parameters
    ----------
    client
        Where the requests go.
    market
        Of the chart.
    account
        New orders are for this one; orders of every account are shown.
    chart
        Draws the lines.
    sizing, keymap
        None = the defaults.
    new_oid
        Makes the id of a new order.
    """

    def __init__(
        self,
        client: EmsClient,
        market: Market,
        account: str,
        chart: ChartPort,
        sizing: Sizing | None = None,
        keymap: Keymap | None = None,
        *,
        new_oid: Callable[[], str] = _uuid4,
    ) -> None:
        self.market = market
        self.account = account
        self.keymap = keymap or Keymap()
        self.listeners: list[Callable[[], None]] = []
        """Each is called after anything here has changed: an order, the position, the sizing, what
        is staged (but for its price)."""
        self._client = client
        self._chart = chart
        self._sizing = sizing or DEFAULT_SIZING
        self._new_oid = new_oid
        self._gesture = Gesture(self.keymap)
        self._orders = Dialogs(market, chart, lambda dialog: self._drag.on_dialog(dialog))
        self._requests = Requests(client, self._orders, market, chart)
        self._drag = Drag(self._orders, self._requests, market, chart)
        self._pointer: float | None = None
        self._staged: Staged | None = None
        self._view_held = False

    # ---- what it knows

    @property
    def dialogs(self) -> dict[str, Dialog]:
        """Every order with a line, by ``oid``."""
        return self._orders.by_oid

    @property
    def fills(self) -> list[BrokerdFill]:
        """Every execution that the chart shows."""
        return self._orders.fills

    @property
    def position(self) -> Position | None:
        """The position of the account, None if the EMS told of none."""
        return self._orders.positions.get(self.account)

    @property
    def staged(self) -> Staged | None:
        """What a click would place now."""
        return self._staged

    @property
    def dragging(self) -> bool:
        """True while a line is in the trader's hand."""
        return self._drag.active

    @property
    def sizing(self) -> Sizing:
        """The rule for the size of the next order."""
        return self._sizing

    def set_sizing(self, sizing: Sizing) -> None:
        """Change the rule for the size of the next order."""
        self._sizing = sizing
        self._changed()

    def set_account(self, account: str) -> None:
        """Place new orders for this account from now on."""
        self.account = account
        self._changed()

    def set_last(self, price: float) -> None:
        """Take the last price of the market, for the distances in labels."""
        self._orders.set_last(price)
        self._restage()
        self._drag.show()

    # ---- keys

    def wants_key(self, key: str, modifiers: frozenset[str] | None = None) -> bool:
        """Tell whether `key_pressed` would use this key now; nothing changes."""
        if self.keymap.name_of(key) == "unstage":
            return self._gives_up
        return self._gesture.wants(key, modifiers)

    def key_pressed(
        self,
        key: str,
        *,
        time_ns: int,
        auto_repeat: bool = False,
        modifiers: frozenset[str] | None = None,
    ) -> bool:
        """Take a key press, as `Gesture.press`; return whether it was used."""
        gives_up = self._gives_up
        command = self._gesture.press(
            key, time_ns=time_ns, auto_repeat=auto_repeat, modifiers=modifiers
        )
        match command:
            case None:
                return False
            case Command.HOLD:
                if self._gesture.conflict:
                    self._chart.notify(self._gesture.conflict, "warning")
            case Command.SLOTS:
                self._take_slots()
            case Command.CANCEL:
                self.cancel_under_cursor()
            case Command.CANCEL_ALL:
                self.cancel_all()
            case Command.UNSTAGE:
                return self._escape(gives_up)
            case Command.HELP:
                if not self._chart.hide_keys():
                    self._chart.show_keys(self.keymap)
        self._restage()
        return True

    def key_released(self, key: str, *, auto_repeat: bool = False) -> bool:
        """Take a key release; return whether it was used."""
        used = self._gesture.release(key, auto_repeat=auto_repeat)
        self._restage()
        return used

    def disarm(self) -> None:
        """Let go of everything: the focus, or the window, went elsewhere."""
        self._gesture.disarm()
        self._chart.hide_keys()
        self.drag_aborted()

    # ---- pointer

    def pointer_moved(self, price: float | None) -> None:
        """Follow the pointer, or what moves under it; None = it is not over the plot."""
        self._pointer = price
        self._restage()

    def clicked(self, price: float) -> bool:
        """Place what is staged at this price; return whether anything was staged.

        What cannot be placed is told to the user, and the click counts as used.
        """
        self.pointer_moved(price)
        if self._staged is None:
            return False
        if self._staged.refused:
            self._chart.notify(self._staged.refused, "warning")
        else:
            self._requests.place(msgspec.structs.replace(self._staged.order, oid=self._new_oid()))
            self._changed()
        return True

    # ---- lines

    def drag_started(self, key: str) -> bool:
        """Take a line in hand; return False, and say why, if it cannot be moved."""
        started = self._drag.start(key)
        self._restage()
        return started

    def drag_moved(self, price: float) -> None:
        """Show the line in hand at this price."""
        self._drag.move(price)

    def drag_dropped(self, price: float) -> None:
        """Let the line go: ask once for the new price, if it is one."""
        self._drag.drop(price)
        self._changed()

    def drag_aborted(self) -> None:
        """Give the line in hand its price back; nothing is asked for."""
        self._drag.abort()
        self._restage()

    def cancel(self, key: str) -> None:
        """Ask for the end of an order, once; a refused one is dismissed."""
        self._requests.cancel(key)
        self._changed()

    def cancel_under_cursor(self) -> None:
        """Ask for the end of the order whose line the chart has marked."""
        key = self._chart.line_under_cursor()
        if key is not None:
            self.cancel(key)

    def cancel_all(self) -> None:
        """Ask for the end of every order, dark order and alert on this chart."""
        for key in list(self.dialogs):
            self.cancel(key)

    def acknowledge(self, key: str) -> None:
        """Remove the red line of a refused order: it has been seen."""
        dialog = self.dialogs.get(key)
        if dialog is not None and dialog.refusal:
            self._orders.remove(dialog)
            self._changed()

    # ---- messages

    def on_msg(self, msg: ClientMsg) -> None:
        """Take one message of the EMS."""
        self._orders.on_msg(msg)
        self._changed()

    def load_unknown_dialog_from_msg(self, status: Status) -> Dialog:
        """Return a new dialog, with its line, for an order that this chart did not submit.

        At start-up, from another client, from the venue's own app. Raises ValueError if the
        status has no ``req``.
        """
        return self._orders.load_unknown(status)

    async def load_fills(self) -> None:
        """Show the executions in the journal."""
        for fill in await self._client.fills(self.market.fqsn):
            self._orders.show_fill(fill)
        self._changed()

    def lose(self, reason: str) -> None:
        """Take note that the EMS no longer speaks: lines go stale, nothing can be placed."""
        self.disarm()
        self._orders.lose(reason)
        self._changed()

    # ---- inside

    def _changed(self) -> None:
        if not self._restage():
            self._tell()

    def _tell(self) -> None:
        for listener in self.listeners:
            listener()

    def _restage(self) -> bool:
        """Work out anew what a click would place, and show it; return whether listeners heard."""
        before, self._staged = self._staged, self._stage()
        if self._staged is not None:
            held = self._orders.holding(self.account)
            self._chart.show_line(self._staged.line(self.market, self._orders.last, held))
        elif before is not None:
            self._chart.remove_line(STAGED_KEY)
        self._hold_view(self._staged is not None or self._drag.active)
        other = _kind(before) != _kind(self._staged)
        if other:
            self._tell()
        return other

    def _stage(self) -> Staged | None:
        intent = self._gesture.intent
        if intent is None or self._pointer is None or self._drag.active:
            return None
        return stage(
            intent,
            self.market.round_price(self._pointer),
            self.market,
            self.account,
            self._sizing,
            self._orders.exposure(self.account),
        )

    def _hold_view(self, hold: bool) -> None:
        if hold != self._view_held:
            self._view_held = hold
            (self._chart.hold_view if hold else self._chart.release_view)()

    def _take_slots(self) -> None:
        intent = self._gesture.intent
        if intent is not None and intent.slots is not None:
            self.set_sizing(replace(self._sizing, slots=intent.slots))

    @property
    def _gives_up(self) -> bool:
        """True if there is something that the unstage key would give up."""
        hands = self._gesture
        return hands.intent is not None or bool(hands.conflict) or self._drag.active

    def _escape(self, gave_up: bool) -> bool:
        keys_shown = self._chart.hide_keys()
        self.drag_aborted()
        return gave_up or keys_shown
