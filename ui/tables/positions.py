"""The positions of every account, with what they are worth at the last price."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Final

from PyQt6.QtCore import QObject

from ems.market import Market
from ems.messages import ClientMsg, Position
from ui.profit import fees_text, money_text, unrealised
from ui.tables.cell_text import price_text
from ui.tables.row_model import Column, RowModel
from ui.tables.tone import Tone, profit_tone

UNREALISED_COLUMN: Final = 5

_UNKNOWN: Final = "—"
_LEAST: Final = Decimal("-Infinity")
"""Sorts before every number: what is not known."""


class PositionsModel(RowModel[Position]):
    """One row an account and market; a position that was never traded has none."""

    def __init__(self, markets: Mapping[str, Market], parent: QObject | None = None) -> None:
        self._markets = markets
        self._last: dict[str, float] = {}
        super().__init__(self._make_columns(), parent)

    def on_msg(self, msg: ClientMsg) -> None:
        """Take in what the EMS says; anything but a position is for others."""
        match msg:
            case Position():
                self._put_position(msg)

    def set_last(self, fqsn: str, price: float) -> None:
        """Value the positions of a market at its last price."""
        if self._last.get(fqsn) == price:
            return
        self._last[fqsn] = price
        for key, position in zip(self._keys, self._rows, strict=True):
            if position.symbol == fqsn and position.size:
                self.touch(key, UNREALISED_COLUMN)

    def _put_position(self, position: Position) -> None:
        key = f"{position.account} {position.symbol}"
        if _says_something(position):
            self.put(key, position)
        else:
            self.drop(key)

    def _unrealised(self, position: Position) -> Decimal | None:
        market = self._markets.get(position.symbol)
        if market is None:
            return None  # its multiplier is not known
        return unrealised(position, market, self._last.get(position.symbol))

    def _money(self, position: Position, amount: Decimal | None) -> str:
        if amount is None:
            return _UNKNOWN
        return money_text(amount, self._currency(position))

    def _fees(self, position: Position) -> str:
        return fees_text(position, self._currency(position))

    def _currency(self, position: Position) -> str:
        market = self._markets.get(position.symbol)
        return "" if market is None else market.currency

    def _size(self, position: Position) -> str:
        market = self._markets.get(position.symbol)
        size = f"{position.size:,f}" if market is None else market.format_size(position.size)
        return f"{size} (venue: {position.venue_size:,f})" if _differs(position) else size

    def _make_columns(self) -> tuple[Column[Position], ...]:
        def avg_price(position: Position) -> str:
            return price_text(self._markets.get(position.symbol), position.avg_price)

        def open_profit(position: Position) -> str:
            return self._money(position, self._unrealised(position))

        def open_profit_order(position: Position) -> Decimal:
            amount = self._unrealised(position)
            return _LEAST if amount is None else amount

        return (
            Column("Account", lambda p: p.account, lambda p: p.account),
            Column("Market", lambda p: p.symbol, lambda p: p.symbol),
            Column("Size", self._size, lambda p: p.size, number=True, tone=_size_tone, tip=_tip),
            Column("Average price", avg_price, lambda p: p.avg_price or _LEAST, number=True),
            Column(
                "Realised",
                lambda p: self._money(p, p.realised),
                lambda p: p.realised,
                number=True,
                tone=lambda p: profit_tone(p.realised),
            ),
            Column(
                "Unrealised",
                open_profit,
                open_profit_order,
                number=True,
                tone=lambda p: profit_tone(self._unrealised(p)),
            ),
            Column("Fees", self._fees, lambda p: p.fees, number=True),
        )


def _says_something(position: Position) -> bool:
    traded = position.size or position.realised or position.fees or position.other_fees
    return bool(traded or position.venue_size)


def _differs(position: Position) -> bool:
    return position.venue_size is not None and position.venue_size != position.size


def _size_tone(position: Position) -> Tone:
    return Tone.WARNING if _differs(position) else profit_tone(position.size)


def _tip(position: Position) -> str:
    return "The fills known here do not add up to the venue's figure." if _differs(position) else ""
