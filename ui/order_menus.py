"""The menus of order mode: of a price, of an order's line, and of the position's."""

from collections.abc import Callable
from decimal import Decimal
from functools import partial
from typing import Final

import pyqtgraph as pg
from PyQt6.QtCore import QPoint, Qt
from PyQt6.QtGui import QAction
from PyQt6.QtWidgets import QMenu, QWidget

from ems.messages import ExecMode
from ems.type_families import STOPS
from order_mode.dialog import Dialog
from order_mode.labels import order_words
from order_mode.line import POSITION_KEY
from order_mode.order_mode import OrderMode
from order_mode.position_hand import DEEDS
from order_mode.price_choices import Choice
from ui.alert_editor import alert_editor
from ui.bracket_editor import bracket_editor
from ui.order_editor import change_editor, price_editor, trail_editor


class OrderMenus:
    """Makes and opens the menus; an editor that one of them asks for opens where it was.

    Parameters
    ----------
    mode
        Does what is chosen.
    view
        What they lie over.
    box : pg.ViewBox
        Of the plot; its own menu, if it has one, is a part of the menu of a price.
    """

    def __init__(self, mode: OrderMode, view: QWidget, box: pg.ViewBox) -> None:
        self._mode = mode
        self._view = view
        self._box = box

    def open_at_line(self, key: str, price: float, at: QPoint) -> None:
        """Open the menu of the line with this key; ``at`` is a point of the screen."""
        menu = self._new_menu()
        dialog = self._mode.dialogs.get(key)
        if key == POSITION_KEY:
            self._fill_position(menu, at)
        elif dialog is not None:
            self._fill_line(menu, dialog, at)
        else:
            return
        here = _submenu(menu, f"At {self._price_words(price)}")
        self._fill_price(here, price, at)
        menu.popup(at)

    def open_at_price(self, price: float, at: QPoint) -> None:
        """Open the menu of what can be placed at a price; ``at`` is a point of the screen."""
        menu = self._new_menu()
        self._fill_price(menu, price, at)
        menu.addSeparator()
        cancel = self._keyed("Cancel all on this chart", "cancel", times=2)
        _add(menu, cancel, self._mode.cancel_all).setEnabled(bool(self._mode.dialogs))
        plot_menu = self._box.menu if self._box.menuEnabled() else None
        if plot_menu is not None:
            plot_menu.setTitle("Plot")
            menu.addMenu(plot_menu)
        menu.popup(at + _BELOW)

    def open_exits(self, key: str, at: QPoint) -> None:
        """Open the menu of the exits that an order or the position can have."""
        menu = self._new_menu()
        self._fill_exits(menu, key, at)
        menu.popup(at)

    # ---- what is in them

    def _fill_price(self, menu: QMenu, price: float, at: QPoint) -> None:
        by_action: dict[QAction, Choice] = {}
        for choice in self._mode.menu.choices(price):
            action = _add(menu, choice.text, partial(self._choose, choice))
            action.setEnabled(choice.possible)
            by_action[action] = choice
        others = self._mode.menu.other_choices(price)
        if others:
            submenu = menu.addMenu("Other types of order")
            assert submenu is not None
            for choice in others:
                action = _add(submenu, choice.text, partial(self._choose, choice))
                action.setEnabled(choice.possible)
                by_action[action] = choice
        menu.hovered.connect(lambda action: self._mode.menu.preview(by_action.get(action)))
        menu.aboutToHide.connect(lambda: self._mode.menu.preview(None))
        menu.addSeparator()
        _add(menu, "Alert with a note…", lambda: self._ask_alert(price, at))
        _add(menu, "Another price…", lambda: self._ask_price(at))

    def _fill_line(self, menu: QMenu, dialog: Dialog, at: QPoint) -> None:
        mode, key = self._mode, dialog.oid
        words = order_words(mode.market, dialog.order)
        if dialog.refusal:
            _add(menu, f"Dismiss refused {words}", lambda: mode.cancel(key))
            return
        what = "price" if dialog.order.action == "alert" else "price or size"
        change = _add(menu, f"Change {what}…", lambda: self._edit(key, at))
        change.setEnabled(not dialog.why_fixed)
        if dialog.order.action == "alert":
            terms = _add(menu, "Note, repeat, expiry…", lambda: self._edit_alert(key, at))
            terms.setEnabled(not dialog.why_fixed)
        if dialog.resting is not None:
            other: ExecMode = "live" if dialog.order.exec_mode == "dark" else "dark"
            turn = _add(menu, _TURN[other], lambda: mode.changes.convert(key, other))
            turn.setEnabled(not dialog.why_fixed and dialog.state in ("open", "dark_open"))
        self._add_trail(menu, dialog, at)
        if dialog.takes_exits:
            self._fill_exits(_submenu(menu, self._keyed("Exits", "bracket")), key, at)
        self._add_tie(menu, dialog)
        cancel = _add(menu, self._keyed(f"Cancel {words}", "cancel"), lambda: mode.cancel(key))
        cancel.setEnabled(not dialog.cancel_called)

    def _add_trail(self, menu: QMenu, dialog: Dialog, at: QPoint) -> None:
        """Offer to let a stop trail, or to let it stay."""
        order, key, changes = dialog.target, dialog.oid, self._mode.changes
        if order.action == "alert" or order.type not in STOPS:
            return
        if order.trail is None:
            turn = _add(menu, f"Let it trail… {_ANEW}", lambda: self._ask_trail(key, at))
        else:
            turn = _add(menu, f"Let it stay where it is {_ANEW}", lambda: changes.make_plain(key))
        rests = dialog.waits or dialog.state in ("open", "dark_open")
        turn.setEnabled(not dialog.why_fixed and rests)

    def _add_tie(self, menu: QMenu, dialog: Dialog) -> None:
        oco = self._mode.oco
        if dialog.order.action == "alert":
            return
        text = "One cancels the other (OCO): then choose the other"
        if oco.marked is dialog:
            text = "Not this one: mark no order"
        elif oco.marked is not None:
            other = order_words(self._mode.market, oco.marked.order)
            text = f"One cancels the other (OCO): with {other}"
        tie = _add(menu, self._keyed(text, "tie"), lambda: oco.mark(dialog.oid))
        tie.setEnabled(not oco.why_not(dialog.oid))
        if oco.is_tied(dialog.oid):
            untie = _add(menu, "Tie it with no other any more", lambda: oco.untie(dialog.oid))
            untie.setEnabled(not dialog.why_fixed)

    def _fill_exits(self, menu: QMenu, key: str, at: QPoint) -> None:
        exits = self._mode.exits
        why = exits.why_none(key)
        if why:
            _add(menu, why, lambda: None).setEnabled(False)
            return
        for preset in self._mode.presets:
            _add(menu, preset.name, partial(exits.attach_preset, key, preset))
        _add(menu, "Another bracket…", lambda: self._ask_bracket(key, at))
        menu.addSeparator()
        _add(menu, "At a price…", lambda: self._ask_exit_price(key, at))
        safety = "Safety stop at the venue, behind what is held here…"
        _add(menu, safety, lambda: self._ask_safety(key, at))
        cancel = _add(menu, "Cancel its exits", lambda: exits.remove_all(key))
        cancel.setEnabled(exits.has_exits(key))

    def _fill_position(self, menu: QMenu, at: QPoint) -> None:
        for deed in DEEDS:
            words = self._keyed(self._mode.hand.words(deed), deed)
            action = _add(menu, words, partial(self._mode.hand.do, deed))
            action.setEnabled(self._mode.hand.can(deed))
        self._fill_exits(_submenu(menu, self._keyed("Exits", "bracket")), POSITION_KEY, at)
        menu.addSeparator()
        for choice in self._mode.menu.break_even_choices():
            text = f"At break-even: {choice.text}"
            _add(menu, text, partial(self._choose, choice)).setEnabled(choice.possible)

    # ---- what they do

    def _choose(self, choice: Choice) -> None:
        self._mode.menu.preview(None)
        self._mode.menu.choose(choice)

    def _edit(self, key: str, at: QPoint) -> None:
        dialog = self._mode.dialogs.get(key)
        if dialog is not None:
            change_editor(self._mode, dialog, self._view).open_at(at)

    def _edit_alert(self, key: str, at: QPoint) -> None:
        dialog = self._mode.dialogs.get(key)
        if dialog is not None:
            title = f"The alert at {self._price_words(float(dialog.order.price))}"
            change = partial(self._mode.changes.change_alert, key)
            alert_editor(title, dialog.order, change, self._view).open_at(at)

    def _ask_alert(self, price: float, at: QPoint) -> None:
        title = f"An alert at {self._price_words(price)}"
        place = partial(self._mode.menu.place_alert, price)
        alert_editor(title, None, place, self._view).open_at(at)

    def _ask_price(self, at: QPoint) -> None:
        def open_there(price: Decimal) -> None:
            self.open_at_price(float(price), at)

        price_editor(self._mode.market, open_there, self._view).open_at(at)

    def _ask_exit_price(self, key: str, at: QPoint) -> None:
        def attach(price: Decimal) -> None:
            self._mode.exits.attach_at(key, float(price))

        title = "A stop-loss or take-profit, by its side, at"
        price_editor(self._mode.market, attach, self._view, title, "Attach").open_at(at)

    def _ask_trail(self, key: str, at: QPoint) -> None:
        trail_editor(partial(self._mode.changes.make_trailing, key), self._view).open_at(at)

    def _ask_safety(self, key: str, at: QPoint) -> None:
        title = "A wide stop at the venue, for when the program is closed, at"
        attach = partial(self._mode.exits.attach_safety, key)
        price_editor(self._mode.market, attach, self._view, title, "Attach").open_at(at)

    def _ask_bracket(self, key: str, at: QPoint) -> None:
        attach = partial(self._mode.exits.attach_preset, key)
        bracket_editor(attach, "Attach", self._view).open_at(at)

    def _keyed(self, words: str, name: str, times: int = 1) -> str:
        """Return the words of an entry, and at the right the key that does the same."""
        key = next(iter(self._mode.keymap.keys_of(name)), "")
        return f"{words}\t{key * times}" if key else words

    def _price_words(self, price: float) -> str:
        market = self._mode.market
        return market.format_price(market.round_price(price))

    def _new_menu(self) -> QMenu:
        menu = QMenu(self._view)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        return menu


_ANEW: Final = "(cancel, then place it anew)"

_BELOW: Final = QPoint(0, 14)
"""The label of what would be placed stays in sight above the menu."""

_TURN: Final[dict[ExecMode, str]] = {
    "live": "Make it live (cancel, then place the rest at the venue)",
    "dark": "Make it dark (cancel, then hold the rest here)",
}


def _add(menu: QMenu, text: str, do: Callable[[], None]) -> QAction:
    action = menu.addAction(text)
    assert action is not None
    action.triggered.connect(lambda: do())
    return action


def _submenu(menu: QMenu, title: str) -> QMenu:
    menu.addSeparator()
    submenu = menu.addMenu(title)
    assert submenu is not None
    return submenu
