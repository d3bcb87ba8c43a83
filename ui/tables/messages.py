"""What happened, one sentence each, newest first."""

from collections.abc import Mapping
from typing import Final, Literal, TypeAlias

import msgspec
from PyQt6.QtCore import QObject

from ems.market import Market
from ems.messages import BrokerdFill, ClientMsg, Connection, Notice, Order, Status
from ui.tables.cell_text import clock, price_text, size_text
from ui.tables.row_model import Column, RowModel
from ui.tables.tone import Tone

LONGEST: Final = 5_000
"""The oldest rows leave beyond this many."""

Level: TypeAlias = Literal["info", "fill", "alert", "warning", "error"]

_TONES: Final[dict[Level, Tone]] = {
    "info": Tone.DIM,
    "fill": Tone.GAIN,
    "alert": Tone.ALERT,
    "warning": Tone.WARNING,
    "error": Tone.FAULT,
}


class MessageRow(msgspec.Struct, frozen=True):
    """One sentence."""

    number: int
    """Counts up: the order of arrival."""
    time_ns: int
    level: Level
    text: str
    oid: str = ""
    """The order that it is about, if it is about one."""


class MessagesModel(RowModel[MessageRow]):
    """One row an event that the user may want to read up on."""

    def __init__(self, markets: Mapping[str, Market], parent: QObject | None = None) -> None:
        self._markets = markets
        self._count = 0
        super().__init__(_COLUMNS, parent)

    def on_msg(self, msg: ClientMsg) -> None:
        """Take in what the EMS says, if there is something to say about it."""
        match msg:
            case Notice():
                self.add(msg.level, msg.text, msg.time_ns)
            case Connection(up=True):
                self.add("info", f"Connected to {msg.broker}.", msg.time_ns)
            case Connection():
                reason = f": {msg.reason}" if msg.reason else "."
                self.add("warning", f"Connection to {msg.broker} lost{reason}", msg.time_ns)
            case Status():
                said = self._status_sentence(msg)
                if said is not None:
                    self.add(*said, msg.time_ns, msg.oid)

    def add(self, level: Level, text: str, time_ns: int, oid: str = "") -> None:
        """Add one sentence; ``time_ns`` is UTC."""
        self._count += 1
        self.put(str(self._count), MessageRow(self._count, time_ns, level, text, oid))
        if len(self._rows) > LONGEST:
            self.drop_oldest(LONGEST // 10)

    def _status_sentence(self, status: Status) -> tuple[Level, str] | None:
        order = self._order_words(status)
        why = f": {status.reason}" if status.reason else ""
        if status.refused is not None:
            return "error", f"Refused: {_REQUESTS[status.refused]}{order}{why}"
        match status.resp:
            case "error":
                return "error", f"Refused: {order}{why}"
            case "fill":
                return self._fill_said(status, order)
            case "closed":
                return "info", f"Filled completely: {order}{self._average(status)}"
            case "canceled":
                return "info", f"Cancelled: {order}{why}"
            case "triggered" if status.req is not None and status.req.action == "alert":
                return "alert", f"Reached: {order}"
            case "triggered":
                return "info", f"Triggered: {order}"
        if status.outcome_unknown:
            return "warning", f"Outcome unknown, the venue is being asked: {order}{why}"
        asked = "Cancel asked for: " if status.cancel_called else ""
        return ("warning" if status.stale else "info", f"{asked}{order}{why}") if why else None

    def _fill_said(self, status: Status, order: str) -> tuple[Level, str] | None:
        fill = status.brokerd_msg
        if isinstance(fill, BrokerdFill) and fill.replaces == fill.exec_id:
            return None  # only its fee has become known
        return "fill", self._fill_sentence(status, order)

    def _fill_sentence(self, status: Status, order: str) -> str:
        fill = status.brokerd_msg
        if not isinstance(fill, BrokerdFill):
            return f"Filled in part: {order}"
        market = self._markets.get(fill.symbol)
        size, price = size_text(market, fill.size), price_text(market, fill.price)
        left = size_text(market, status.remaining)
        what = "Fill corrected by the venue" if fill.replaces else "Filled"
        return f"{what}: {size} at {price} of {order}" + (f", {left} left" if left else "")

    def _average(self, status: Status) -> str:
        if status.avg_price is None or status.req is None:
            return ""
        market = self._markets.get(status.req.symbol)
        return f", average price {price_text(market, status.avg_price)}"

    def _order_words(self, status: Status) -> str:
        return f"order {status.oid}" if status.req is None else self._words(status.req)

    def _words(self, order: Order) -> str:
        market = self._markets.get(order.symbol)
        price = price_text(market, order.price)
        if order.action == "alert":
            return f"alert {order.symbol} at {price}"
        size = size_text(market, order.size)
        return f"{order.action} {size} {order.symbol} at {price} ({order.account})"


_REQUESTS: Final = {"new": "", "modify": "change of ", "cancel": "cancel of "}

_COLUMNS: Final[tuple[Column[MessageRow], ...]] = (
    Column("Time", lambda m: clock(m.time_ns), lambda m: m.number),
    Column("Level", lambda m: m.level, lambda m: m.level, tone=lambda m: _TONES[m.level]),
    Column("Text", lambda m: m.text, lambda m: m.text, tip=lambda m: m.text),
)
