"""The alerts that are armed, in every market."""

from collections.abc import Mapping

from PyQt6.QtCore import QObject

from ems.market import Market
from ems.messages import DONE_RESPS, ClientMsg, Order, Status
from ui.tables.cell_text import clock, price_text, short_id
from ui.tables.row_model import Column, RowModel
from ui.tables.tone import Tone


class AlertsModel(RowModel[Status]):
    """One row an alert, keyed by its ``oid``; one that rang or was cancelled leaves."""

    def __init__(self, markets: Mapping[str, Market], parent: QObject | None = None) -> None:
        super().__init__(_columns(markets), parent)

    def on_msg(self, msg: ClientMsg) -> None:
        """Take in what the EMS says; anything but an alert is for others."""
        if not isinstance(msg, Status) or msg.req is None or msg.req.action != "alert":
            return
        if msg.resp in DONE_RESPS or msg.resp == "triggered":
            self.drop(msg.oid)
        else:
            self.put(msg.oid, msg)


def _alert(status: Status) -> Order:
    assert status.req is not None
    return status.req


def _expiry(status: Status) -> str:
    expires_ns = _alert(status).expires_ns
    return "" if expires_ns is None else clock(expires_ns)


def _columns(markets: Mapping[str, Market]) -> tuple[Column[Status], ...]:
    def price(status: Status) -> str:
        alert = _alert(status)
        return price_text(markets.get(alert.symbol), alert.price)

    return (
        Column("Time", lambda s: clock(s.time_ns), lambda s: s.time_ns),
        Column("Market", lambda s: _alert(s).symbol, lambda s: _alert(s).symbol),
        Column("Price", price, lambda s: _alert(s).price, number=True),
        Column("Rings", _rings, _rings),
        Column("Expires", _expiry, lambda s: _alert(s).expires_ns or 2**63),
        Column("Id", lambda s: short_id(s.oid), lambda s: s.oid, tone=lambda _: Tone.DIM),
        Column("Note", lambda s: _alert(s).note, lambda s: _alert(s).note),
    )


def _rings(status: Status) -> str:
    return "every time" if _alert(status).repeats else "once"
