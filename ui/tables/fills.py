"""Every execution that was heard of, newest first."""

from collections.abc import Mapping
from typing import Final

from PyQt6.QtCore import QObject

from ems.market import Market
from ems.messages import BrokerdFill, ClientMsg, Status
from ui.tables.cell_text import clock, price_text, short_id, size_text
from ui.tables.row_model import Column, RowModel
from ui.tables.tone import SIDE_TONES, Tone

LONGEST: Final = 10_000
"""The oldest rows leave beyond this many."""


class FillsModel(RowModel[BrokerdFill]):
    """One row an execution, however often it is told."""

    def __init__(self, markets: Mapping[str, Market], parent: QObject | None = None) -> None:
        super().__init__(_columns(markets), parent)

    def on_msg(self, msg: ClientMsg) -> None:
        """Take in what the EMS says; anything but a fill is for others."""
        match msg:
            case Status(resp="fill", brokerd_msg=BrokerdFill() as fill):
                self.add(fill)

    def add(self, fill: BrokerdFill) -> None:
        """Take in one execution, as those of the journal at start-up."""
        if fill.replaces and fill.replaces != fill.exec_id:
            self.drop(f"{fill.account} {fill.replaces}")
        self.put(f"{fill.account} {fill.exec_id}", fill)
        if len(self._rows) > LONGEST:
            self.drop_oldest(LONGEST // 10)


def _fee(fill: BrokerdFill) -> str:
    return f"{fill.fee:,f} {fill.fee_currency}".rstrip() if fill.fee else ""


def _columns(markets: Mapping[str, Market]) -> tuple[Column[BrokerdFill], ...]:
    def size(fill: BrokerdFill) -> str:
        return size_text(markets.get(fill.symbol), fill.size)

    def price(fill: BrokerdFill) -> str:
        return price_text(markets.get(fill.symbol), fill.price)

    return (
        Column(
            "Time",
            lambda f: clock(f.broker_time_ns),
            lambda f: (f.broker_time_ns, f.time_ns),
        ),
        Column("Market", lambda f: f.symbol, lambda f: f.symbol),
        Column(
            "Side",
            lambda f: f.action.upper(),
            lambda f: f.action,
            tone=lambda f: SIDE_TONES[f.action],
        ),
        Column("Size", size, lambda f: f.size, number=True),
        Column("Price", price, lambda f: f.price, number=True),
        Column("Fee", _fee, lambda f: f.fee, number=True),
        Column("Account", lambda f: f.account, lambda f: f.account),
        Column("Order", lambda f: short_id(f.oid or ""), lambda f: f.oid or "", tone=_dim),
        Column("Execution", lambda f: f.exec_id, lambda f: f.exec_id, tone=_dim),
    )


def _dim(_: BrokerdFill) -> Tone:
    return Tone.DIM
