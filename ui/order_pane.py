"""The pane beside the chart: account, prices, position, and how large the next order is."""

import math
from collections.abc import Sequence
from decimal import Decimal
from typing import Final

from PyQt6.QtCore import Qt, pyqtSignal
from PyQt6.QtWidgets import (
    QComboBox,
    QFormLayout,
    QFrame,
    QGridLayout,
    QLabel,
    QVBoxLayout,
    QWidget,
)

from ems.market import Market, is_paper
from ems.messages import Position
from ui import theme
from ui.bracket_choice import BracketChoice
from ui.field_arrows import field_arrows
from ui.figure import Figure, FigureTone
from ui.position_buttons import PositionButtons
from ui.profit import fees_text, money_text, unrealised
from ui.risk_fields import RiskFields
from ui.sizing_fields import SizingFields, Unit
from ui.style_property import set_style_property
from ui.terms_fields import TermsFields
from ui.worn_style import wear

_WIDTH: Final = 232


class OrderPane(QFrame):
    """Shows one account in one market.

    Signals
    -------
    account_chosen(str)
        The user chose another account.
    sizing_changed(Decimal, str, int)
        The user set another limit, unit (``"units"`` or ``"money"``), slots.
    risk_changed(Decimal or None, str)
        The user set another risk, and its unit; None = sizes are slots.
    terms_changed(OrderTerms)
        The user chose another type, time in force...
    preset_chosen(Preset or None)
        The user chose another bracket.
    deed_asked(str)
        A button of the position was pressed.
    editing_done()
        Enter or Esc in a field: the focus should go back to the chart.
    """

    account_chosen = pyqtSignal(str)
    sizing_changed = pyqtSignal(object, str, int)
    risk_changed = pyqtSignal(object, str)
    terms_changed = pyqtSignal(object)
    preset_chosen = pyqtSignal(object)
    deed_asked = pyqtSignal(str)
    editing_done = pyqtSignal()

    def __init__(self, market: Market, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._market = market
        self._position: Position | None = None
        self._last: float | None = None
        self.setObjectName("orderPane")
        self.setFixedWidth(_WIDTH)
        wear(self, lambda: _style() + field_arrows())
        self.badge = QLabel()
        self.badge.setObjectName("accountBadge")
        self.badge.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.account_choice = QComboBox()
        self.account_choice.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.bid, self.ask, self.spread, self.last = Figure(), Figure(), Figure(), Figure()
        self.position_size, self.avg_price = Figure(), Figure()
        self.unrealised, self.realised, self.fees = Figure(), Figure(), Figure()
        self.sizing, self.terms = SizingFields(), TermsFields()
        self.risk, self.bracket = RiskFields(), BracketChoice()
        self.deeds = PositionButtons()
        self.next_size, self.why, self.quote_note = Figure(), QLabel(), QLabel()
        self._arrange()
        self._connect()
        self.set_market(market)

    def set_market(self, market: Market) -> None:
        """Show another market: no prices and no position until they are set."""
        self._market = market
        self.sizing.set_market(market)
        self.risk.set_market(market)
        self.set_quote(None, None)
        self.set_last(None)
        self.set_position(None)
        self.set_next_size(None)

    def set_accounts(self, accounts: Sequence[str], current: str) -> None:
        """Offer these accounts; ``current`` is one of them and is shown."""
        self.account_choice.clear()
        self.account_choice.addItems(accounts)
        self.account_choice.setCurrentText(current)
        self.account_choice.setEnabled(len(accounts) > 1)
        self._show_badge(current)

    def set_sizing(self, limit: Decimal, unit: Unit, slots: int) -> None:
        """Show the account's sizing; announces nothing."""
        self.sizing.set_sizing(limit, unit, slots)

    def set_next_size(self, size: Decimal | None, why: str = "") -> None:
        """Show the size of the next order (None = unknown), and why it is none or less."""
        self.next_size.show_text(
            None if size is None else self._market.format_size(size), "warning" if why else ""
        )
        self.why.setText(why)
        self.why.setVisible(bool(why))

    def set_position(self, position: Position | None) -> None:
        """Show the position of the account in this market; None = flat, never traded."""
        self._position = position
        self.deeds.set_open(position is not None and bool(position.size))
        if position is None:
            self.position_size.show_text("flat")
            for figure in (self.avg_price, self.unrealised, self.realised, self.fees):
                figure.show_text(None)
            return
        market = self._market
        size = f"{'+' if position.size > 0 else ''}{market.format_size(position.size)}"
        self.position_size.show_text(size if position.size else "flat", _sign_tone(position.size))
        price = position.avg_price
        self.avg_price.show_text(None if price is None else market.format_price(price))
        self._show_money(self.realised, position.realised)
        self.fees.show_text(fees_text(position, market.currency), _sign_tone(-position.fees))
        self._show_unrealised()

    def set_quote(self, bid: float | None, ask: float | None) -> None:
        """Show the best bid and ask; None or NaN where there is none."""
        self.bid.show_text(self._price(bid))
        self.ask.show_text(self._price(ask))
        if _is_number(bid) and _is_number(ask):
            assert bid is not None
            assert ask is not None
            self.spread.show_text(self._price(ask - bid), "warning" if bid > ask else "")
        else:
            self.spread.show_text(None)

    def set_quote_age(self, words: str) -> None:
        """Say what is wrong with bid and ask: that they are old, or crossed; empty if nothing."""
        if words != self.quote_note.text():
            self.quote_note.setText(words)
            self.quote_note.setVisible(bool(words))

    def set_day_end(self, words: str) -> None:
        """Say when an order for the day is over; empty where that is not known."""
        self.terms.set_day_end(words)

    def set_last(self, price: float | None) -> None:
        """Show the last price, and what the position is worth at it."""
        self._last = price
        self.last.show_text(self._price(price))
        self._show_unrealised()

    def _price(self, price: float | None) -> str | None:
        return self._market.format_price(price) if _is_number(price) and price is not None else None

    def _show_unrealised(self) -> None:
        if self._position is not None:
            amount = unrealised(self._position, self._market, self._last)
            self._show_money(self.unrealised, amount)

    def _show_money(self, figure: Figure, amount: Decimal | None) -> None:
        if amount is None:
            figure.show_text(None)
        else:
            figure.show_text(money_text(amount, self._market.currency), _sign_tone(amount))

    def _show_badge(self, account: str) -> None:
        paper = is_paper(account)
        self.badge.setText("PAPER" if paper else "LIVE")
        self.badge.setToolTip("No real money" if paper else "Orders of this account are real")
        set_style_property(self.badge, "live", not paper)

    def _choose_account(self, choice: int) -> None:
        account = self.account_choice.itemText(choice)
        self._show_badge(account)
        self.account_chosen.emit(account)

    def _connect(self) -> None:
        self.account_choice.activated.connect(self._choose_account)
        self.sizing.sizing_changed.connect(self.sizing_changed)
        self.sizing.editing_done.connect(self.editing_done)
        self.risk.risk_changed.connect(self.risk_changed)
        self.risk.editing_done.connect(self.editing_done)
        self.terms.terms_changed.connect(self.terms_changed)
        self.terms.editing_done.connect(self.editing_done)
        self.deeds.asked.connect(self.deed_asked)
        self.bracket.preset_chosen.connect(self.preset_chosen)

    def _arrange(self) -> None:
        layout = QVBoxLayout(self)
        layout.setContentsMargins(10, 10, 10, 10)
        layout.setSpacing(5)
        layout.addWidget(self.badge)
        layout.addWidget(self.account_choice)
        _add_section(layout, "Market")
        layout.addLayout(_pairs(Ask=self.ask, Bid=self.bid, Spread=self.spread, Last=self.last))
        self.quote_note.setObjectName("why")
        self.quote_note.setWordWrap(True)
        self.quote_note.hide()
        layout.addWidget(self.quote_note)
        _add_section(layout, "Position")
        layout.addLayout(
            _rows(
                Size=self.position_size,
                Average=self.avg_price,
                Unrealised=self.unrealised,
                Realised=self.realised,
                Fees=self.fees,
            )
        )
        layout.addWidget(self.deeds)
        _add_section(layout, "Order size")
        layout.addWidget(self.sizing)
        layout.addWidget(self.risk)
        layout.addLayout(_rows(Next=self.next_size))
        self.why.setObjectName("why")
        self.why.setWordWrap(True)
        layout.addWidget(self.why)
        _add_section(layout, "Order")
        layout.addWidget(self.bracket)
        layout.addWidget(self.terms)
        layout.addStretch(1)


def _add_section(layout: QVBoxLayout, title: str) -> None:
    heading = QLabel(title.upper())
    heading.setObjectName("section")
    heading.setIndent(0)
    layout.addSpacing(4)
    layout.addWidget(heading)


def _rows(**figures: Figure) -> QFormLayout:
    form = QFormLayout()
    form.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.AllNonFixedFieldsGrow)
    form.setVerticalSpacing(3)
    for title, figure in figures.items():
        form.addRow(title, figure)
    return form


def _pairs(**figures: Figure) -> QGridLayout:
    """Return two figures a row."""
    grid = QGridLayout()
    grid.setVerticalSpacing(3)
    for column in (1, 3):
        grid.setColumnStretch(column, 1)
    for place, (title, figure) in enumerate(figures.items()):
        row, column = divmod(place, 2)
        grid.addWidget(QLabel(title), row, 2 * column)
        grid.addWidget(figure, row, 2 * column + 1)
    return grid


def _is_number(price: float | None) -> bool:
    return price is not None and math.isfinite(price)


def _sign_tone(amount: Decimal) -> FigureTone:
    if not amount:
        return ""
    return "gain" if amount > 0 else "loss"


def _style() -> str:
    return f"""
#orderPane {{ border-left: 1px solid {theme.BORDER}; }}
#orderPane QLabel {{ color: {theme.TEXT_MUTED}; }}
#orderPane #accountBadge {{
    background: {theme.PAPER}; color: {theme.INK}; font-size: 15px; font-weight: bold;
    padding: 6px; border-radius: 3px;
}}
#orderPane #accountBadge[live="true"] {{ background: {theme.LIVE}; color: white; }}
#orderPane #section {{
    font-size: 10px; font-weight: bold; padding-bottom: 3px;
    border-bottom: 1px solid {theme.BORDER};
}}
#orderPane #why {{ color: {theme.WARNING}; font-size: 11px; }}
    """
