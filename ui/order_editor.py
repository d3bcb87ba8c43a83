"""Small windows to type a price or a size into; the chart goes on behind them."""

import time
from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Final

from PyQt6.QtCore import QPoint, Qt
from PyQt6.QtWidgets import (
    QComboBox,
    QDialog,
    QDialogButtonBox,
    QFormLayout,
    QLabel,
    QLineEdit,
    QVBoxLayout,
    QWidget,
)

from ems.market import Market
from ems.messages import TimeInForce
from order_mode.dialog import Dialog
from order_mode.labels import order_words
from order_mode.order_mode import OrderMode
from order_mode.typed_order import NotAnOrder, Typed, typed_price
from ui import theme
from ui.expiry import expiry_ns, written_time
from ui.worn_style import wear

TIF_WORDS: Final[dict[TimeInForce, str]] = {
    "gtc": "GTC: until cancelled",
    "day": "day: to its end",
    "ioc": "IOC: at once or not",
    "gtd": "until a time",
}
_WIDTH: Final = 320


class Editor(QDialog):
    """A few fields, a line for what is wrong with them, and two buttons; never blocks.

    Parameters
    ----------
    title
        What is typed here.
    do_it
        The text of the button that asks for it.
    texts
        What is in each field at first, by its name; of a tuple one is chosen, at first the first.
    take
        Called with what was typed, by name; raises `NotAnOrder` with what is wrong with it.
    """

    def __init__(
        self,
        title: str,
        do_it: str,
        texts: Mapping[str, str | tuple[str, ...]],
        take: Callable[[Mapping[str, str]], None],
        parent: QWidget,
    ) -> None:
        super().__init__(parent)
        self._take = take
        self.setWindowTitle(title)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setFixedWidth(_WIDTH)
        self.fault = QLabel()
        self.fault.setWordWrap(True)
        self.fault.setTextFormat(Qt.TextFormat.PlainText)
        wear(self.fault, lambda: f"color: {theme.ERROR};")
        self.fields = {n: self._field(t) for n, t in texts.items() if isinstance(t, str)}
        self.choices = {n: _choice(t) for n, t in texts.items() if isinstance(t, tuple)}
        self._arrange(title, do_it)

    def open_at(self, at: QPoint) -> None:
        """Show it near a point of the screen, and let the program go on."""
        self.move(at)
        self.show()
        self.activateWindow()

    def accept(self) -> None:
        """Ask for what was typed; stay open and say so if it cannot be asked for."""
        try:
            self._take(self._typed())
        except NotAnOrder as error:
            self.fault.setText(str(error))
            return
        super().accept()

    def _typed(self) -> dict[str, str]:
        typed = {name: field.text() for name, field in self.fields.items()}
        return typed | {name: choice.currentText() for name, choice in self.choices.items()}

    def _field(self, text: str) -> QLineEdit:
        field = QLineEdit(text)
        field.setFont(theme.number_font())
        field.selectAll()
        field.textEdited.connect(self.fault.clear)
        return field

    def _arrange(self, title: str, do_it: str) -> None:
        layout = QVBoxLayout(self)
        heading = QLabel(title)
        heading.setWordWrap(True)
        layout.addWidget(heading)
        form = QFormLayout()
        for name, field in (self.fields | self.choices).items():
            form.addRow(name, field)
        layout.addLayout(form)
        layout.addWidget(self.fault)
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Cancel)
        buttons.addButton(do_it, QDialogButtonBox.ButtonRole.AcceptRole)
        buttons.accepted.connect(self.accept)
        buttons.rejected.connect(self.reject)
        layout.addWidget(buttons)


def _choice(texts: tuple[str, ...]) -> QComboBox:
    choice = QComboBox()
    choice.addItems(texts)
    return choice


def change_editor(mode: OrderMode, dialog: Dialog, parent: QWidget) -> Editor:
    """Return an editor for price and size of an order.

    The order may end or change while it is open; then it says so and asks for nothing.
    """
    order = dialog.target
    texts: dict[str, str | tuple[str, ...]] = {"Price": f"{order.price:f}"}
    if order.limit_price is not None:
        texts["Limit"] = f"{order.limit_price:f}"
    if order.trail is not None:
        percent = " %" if order.trail.unit == "percent" else ""
        texts["Trail"] = f"{order.trail.amount:f}{percent}"
    if order.action != "alert":
        texts["Size"] = mode.market.format_size(order.size).replace(",", "")
    if order.action != "alert":
        texts["Time in force"] = (TIF_WORDS[order.tif], *_others(order.tif))
        texts["Until (UTC)"] = "" if order.expires_ns is None else written_time(order.expires_ns)

    def take(typed: Mapping[str, str]) -> None:
        numbers = {"Price", "Limit", "Trail", "Size"}
        touched = {n: text for n, text in typed.items() if n not in numbers or text != texts[n]}
        mode.changes.change_typed(order.oid, _typed(touched))

    title = f"Change {order_words(mode.market, order)}"
    if order.trail is not None:
        title += ". A trail is a distance in price, or 20 ticks, 2 %, 1.5 atr."
    return Editor(title, "Change", texts, take, parent)


def _others(tif: TimeInForce) -> tuple[str, ...]:
    return tuple(words for name, words in TIF_WORDS.items() if name != tif)


def _typed(texts: Mapping[str, str]) -> Typed:
    """Return what was typed; what was not touched stays as it is by now: a stop may trail on."""
    words, until = texts.get("Time in force"), texts.get("Until (UTC)", "").strip()
    tif = next((name for name, said in TIF_WORDS.items() if said == words), None)
    expires_ns = expiry_ns(until, time.time_ns())
    if tif == "gtd" and expires_ns is None:
        raise NotAnOrder("Until when? Write 30m, 2h or 1d, or a time as 2026-12-24 17:00.")
    if tif is not None and tif != "gtd" and expires_ns is not None:
        tif = "gtd"  # who types a time means it
    return Typed(
        texts.get("Price"),
        texts.get("Size"),
        limit=texts.get("Limit"),
        trail=texts.get("Trail"),
        tif=tif,
        expires_ns=expires_ns,
    )


def price_editor(
    market: Market,
    then: Callable[[Decimal], None],
    parent: QWidget,
    title: str = "A price to place something at",
    do_it: str = "Open its menu",
) -> Editor:
    """Return an editor for a price of the market, which ``then`` is called with."""

    def take(typed: Mapping[str, str]) -> None:
        then(typed_price(market, typed["Price"]))

    return Editor(title, do_it, {"Price": ""}, take, parent)


def trail_editor(then: Callable[[str], None], parent: QWidget) -> Editor:
    """Return an editor for how far a stop is to trail, as text; ``then`` may refuse it."""
    title = "How far it trails: a distance in price, or 20 ticks, 2 %, 1.5 atr"

    def take(typed: Mapping[str, str]) -> None:
        then(typed["Trail"])

    return Editor(title, "Let it trail", {"Trail": ""}, take, parent)
