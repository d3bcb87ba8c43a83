"""Order mode, the controller of one chart: gestures in, orders out; statuses in, lines out."""

import uuid
from collections.abc import Callable, Collection, Sequence

from ems.client import EmsClient
from ems.market import Market
from ems.messages import BrokerdFill, ClientMsg, Position, Status
from ems.ports import Abilities
from order_mode.bracket import Preset
from order_mode.chart_port import ChartPort
from order_mode.conversion import Conversions
from order_mode.dialog import Dialog
from order_mode.dialogs import Dialogs
from order_mode.drag import Drag
from order_mode.exit_hand import ExitHand
from order_mode.gesture import Gesture
from order_mode.key_commands import KeyCommands
from order_mode.keymap import Keymap
from order_mode.labels import DEFAULT_FIELDS, Field
from order_mode.oco import Oco
from order_mode.order_changes import OrderChanges
from order_mode.order_terms import DEFAULT_TERMS, OrderTerms
from order_mode.position_hand import PositionHand
from order_mode.position_line import PositionLine
from order_mode.price_menu import PriceMenu
from order_mode.questions import Questions
from order_mode.replacements import Replacements
from order_mode.requests import Requests
from order_mode.sizing import DEFAULT_SIZING, Sizing
from order_mode.stager import Stager
from order_mode.staging import Staged


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
    terms
        What new orders are besides price and size.
    presets
        The brackets that there are to choose from.
    label_fields
        What the labels of resting lines show.
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
        terms: OrderTerms = DEFAULT_TERMS,
        presets: Sequence[Preset] = (),
        label_fields: Collection[Field] = DEFAULT_FIELDS,
        new_oid: Callable[[], str] = _uuid4,
    ) -> None:
        self.market = market
        self.presets: tuple[Preset, ...] = tuple(presets)
        """The brackets that there are to choose from."""
        self.keymap = keymap or Keymap()
        self.listeners: list[Callable[[], None]] = []
        """Each is called after anything here has changed: an order, the position, the sizing, what
        is staged (but for its price)."""
        self.line_listeners: list[Callable[[str], None]] = []
        """Each is called with the ``oid`` of an order whose line was clicked."""
        self._client = client
        self._chart = chart
        self._gesture = Gesture(self.keymap)
        orders = self._orders = Dialogs(market, chart, self._on_dialog, label_fields)
        requests = self._requests = Requests(client, orders, new_oid)
        self._conversions = Conversions(orders, requests)

        def abilities(name: str) -> Abilities:
            return client.abilities(name, market.fqsn)

        changes = Replacements(orders, requests, self._conversions, abilities)
        self._drag = Drag(orders, changes)
        questions = Questions(orders, requests)
        orders.on_question = questions.on_question
        orders.on_offer = questions.on_offer
        self.oco = Oco(orders, requests, new_oid)
        """Two orders of which one cancels the other."""
        self._position_line = PositionLine(orders)
        stager = Stager(orders, account, sizing or DEFAULT_SIZING, terms, abilities)
        self._stager = stager
        self.menu = PriceMenu(orders, requests, stager, self._changed)
        """Placing without keys."""
        self.exits = ExitHand(orders, requests, stager, self._changed)
        """Exits of what is there already."""
        self.hand = PositionHand(orders, requests, stager, changes, self.exits, new_oid)
        """What is done with a whole position."""
        self.changes = OrderChanges(orders, changes, self._conversions, stager, self._changed)
        """Changes of one order that are more than a drag."""
        self._keys = KeyCommands(self, self._gesture, chart, self._changed)

    # ---- what it knows

    @property
    def account(self) -> str:
        """New orders are for this one."""
        return self._stager.account

    @property
    def last(self) -> float | None:
        """Last price of the market; None before the first."""
        return self._orders.last

    @property
    def dialogs(self) -> dict[str, Dialog]:
        """Every order with a line, by ``oid``."""
        return self._orders.by_oid

    @property
    def fills(self) -> list[BrokerdFill]:
        """Every execution that the chart shows."""
        return self._orders.holdings.fills

    @property
    def position(self) -> Position | None:
        """The position of the account, None if the EMS told of none."""
        return self._orders.holdings.positions.get(self.account)

    @property
    def staged(self) -> Staged | None:
        """What a click, or the choice that a menu points at, would place now."""
        return self._stager.staged

    @property
    def dragging(self) -> bool:
        """True while a line, or an exit pulled out of one, is in the trader's hand."""
        return self._drag.active or self.exits.pulling

    @property
    def sizing(self) -> Sizing:
        """The rule for the size of the next order."""
        return self._stager.sizing

    def set_sizing(self, sizing: Sizing) -> None:
        """Change the rule for the size of the next order."""
        self._stager.sizing = sizing
        self._changed()

    @property
    def terms(self) -> OrderTerms:
        """What the next order is besides its price and size."""
        return self._stager.terms

    @property
    def preset(self) -> Preset | None:
        """The bracket that the next entry gets; None = no exits."""
        return self._stager.preset

    def set_preset(self, preset: Preset | None) -> None:
        """Change the bracket that the next entry gets."""
        self._stager.preset = preset
        self._changed()

    def add_preset(self, preset: Preset) -> None:
        """Offer one more bracket, and choose it."""
        if preset not in self.presets:
            self.presets = (*self.presets, preset)
        self.set_preset(preset)

    def set_terms(self, terms: OrderTerms) -> None:
        """Change what the next order is besides its price and size."""
        self._stager.terms = terms
        self._changed()

    def set_account(self, account: str) -> None:
        """Place new orders for this account from now on."""
        self._stager.account = account
        self._position_line.show(account)
        self._changed()

    def set_last(self, price: float) -> None:
        """Take the last price of the market, for the distances in labels."""
        self._orders.set_last(price)
        self._position_line.show(self.account)
        self._restage(by_market=True)
        self._drag.show()

    def set_quote(self, bid: float, ask: float) -> None:
        """Take the best bid and ask: on which side of them a click lies makes it limit or stop."""
        self._orders.set_quote(bid, ask)
        self._restage(by_market=True)

    # ---- keys

    def wants_key(self, key: str, modifiers: frozenset[str] | None = None) -> bool:
        """Tell whether `key_pressed` would use this key now; nothing changes."""
        return self._keys.wants(key, modifiers)

    def key_pressed(
        self,
        key: str,
        *,
        time_ns: int,
        auto_repeat: bool = False,
        modifiers: frozenset[str] | None = None,
    ) -> bool:
        """Take a key press, as `Gesture.press`; return whether it was used."""
        used = self._keys.pressed(
            key, time_ns=time_ns, auto_repeat=auto_repeat, modifiers=modifiers
        )
        if used:
            self._restage()
        return used

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
        self.exits.put_back()

    # ---- pointer

    def pointer_moved(self, price: float | None) -> None:
        """Follow the pointer, or what moves under it; None = it is not over the plot."""
        if price != self._stager.pointer:  # a press comes at the place of the last move
            self._stager.pointer = price
            self._restage()

    def clicked(self, price: float) -> bool:
        """Place what is staged at this price; return whether anything was staged.

        What cannot be placed is told to the user, and the click counts as used.
        """
        unseen = self._stager.why_unseen()
        if self._stager.previewed is not None or price != self._stager.pointer:
            self._stager.previewed, self._stager.pointer = None, price
            self._restage()  # else what is shown is what is placed: each change is staged anew
        if self.staged is None:
            return False
        if unseen:
            self._chart.notify(unseen, "warning")
            return True
        self._requests.place_staged(self.staged)
        self._changed()
        return True

    # ---- lines

    def drag_started(self, key: str, *, together: bool = False, other_key: str = "shift") -> bool:
        """Take a line in hand; return False, and say why, if it cannot be moved.

        Parameters
        ----------
        together
            With it go the exits that are tied to it.
        other_key
            With which it is the other way round, for the label to say.
        """
        started = self._drag.start(key, together=together, other_key=other_key)
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
        dialog = self.dialogs.get(key)
        if dialog is not None:
            self._conversions.forget(dialog)
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

    def line_clicked(self, key: str) -> None:
        """Tell who listens; the red line of a refused order goes, for it has been seen."""
        dialog = self.dialogs.get(key)
        if dialog is None:
            return
        if dialog.refusal:
            self._orders.remove(dialog)
            self._changed()
        for listener in self.line_listeners:
            listener(key)

    # ---- messages

    def on_msg(self, msg: ClientMsg) -> None:
        """Take one message of the EMS."""
        self._orders.on_msg(msg)
        self._position_line.show(self.account)
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
        self._position_line.show(self.account)
        self._changed()

    def lose(self, reason: str) -> None:
        """Take note that the EMS no longer speaks: lines go stale, nothing can be placed."""
        self.disarm()
        for dialog in self.dialogs.values():
            dialog.successor = None
        self._orders.lose(reason)
        self._position_line.show(self.account)
        self._changed()

    # ---- inside

    def _on_dialog(self, dialog: Dialog) -> None:
        self._drag.on_dialog(dialog)
        self._conversions.on_dialog(dialog)
        self.oco.on_dialog(dialog)

    def _changed(self) -> None:
        if not self._restage():
            self._tell()

    def _tell(self) -> None:
        for listener in self.listeners:
            listener()

    def _restage(self, *, by_market: bool = False) -> bool:
        """Show anew what a click would place; return whether listeners heard of it."""
        other = self._stager.restage(
            self._gesture.intent, dragging=self.dragging, by_market=by_market
        )
        if other:
            self._tell()
        return other
