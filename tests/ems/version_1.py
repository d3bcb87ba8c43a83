"""A journal as version 1 wrote it, made by code."""

import sqlite3
from decimal import Decimal
from pathlib import Path

import msgspec

from ems.messages import BrokerdFill, Order, encode
from ems.order_dialog import OrderDialog
from ems.transitions import ACTIVE

SCHEMA_1 = """
CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT;
CREATE TABLE event (
    seq INTEGER PRIMARY KEY, time_ns INTEGER NOT NULL, oid TEXT NOT NULL, event TEXT NOT NULL,
    state TEXT NOT NULL, msg BLOB
) STRICT;
CREATE INDEX event_oid ON event (oid);
CREATE TABLE dialog (
    oid TEXT PRIMARY KEY, active INTEGER NOT NULL, broker TEXT NOT NULL, account TEXT NOT NULL,
    symbol TEXT NOT NULL, reqid TEXT, body BLOB NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX dialog_active ON dialog (active) WHERE active;
CREATE INDEX dialog_reqid ON dialog (broker, account, reqid);
CREATE TABLE fill (
    seq INTEGER PRIMARY KEY, broker TEXT NOT NULL, account TEXT NOT NULL, exec_id TEXT NOT NULL,
    symbol TEXT NOT NULL, oid TEXT, body BLOB NOT NULL, UNIQUE (broker, account, exec_id)
) STRICT;
CREATE INDEX fill_symbol ON fill (symbol);
INSERT INTO meta VALUES ('version', '1');
"""


def make(path: Path, dialogs: list[OrderDialog], fills: list[BrokerdFill]) -> None:
    """Write these orders, two events each, and these fills."""
    with sqlite3.connect(path) as db:
        db.executescript(SCHEMA_1)
        for dialog in dialogs:
            order = dialog.order
            for event in ("SUBMIT", "ACK"):
                db.execute(
                    "INSERT INTO event (time_ns, oid, event, state, msg) VALUES (?, ?, ?, ?, ?)",
                    (dialog.changed_ns, order.oid, event, dialog.state.value, encode(order)),
                )
            reqid = None if dialog.reqid is None else str(dialog.reqid)
            body = msgspec.json.encode(dialog)
            active = dialog.state in ACTIVE
            row = (order.oid, active, dialog.broker, order.account, order.symbol, reqid, body)
            db.execute("INSERT INTO dialog VALUES (?, ?, ?, ?, ?, ?, ?)", row)
        for fill in fills:
            db.execute(
                "INSERT INTO fill (broker, account, exec_id, symbol, oid, body)"
                " VALUES (?, ?, ?, ?, ?, ?)",
                ("scripted", fill.account, fill.exec_id, fill.symbol, fill.oid, encode(fill)),
            )
    db.close()


def a_fill(order: Order, exec_id: str) -> BrokerdFill:
    """One unit of the order at its price."""
    return BrokerdFill(
        reqid=7, account=order.account, symbol=order.symbol, exec_id=exec_id,
        action=order.action,  # type: ignore[arg-type]
        size=Decimal(1), price=order.price, broker_time_ns=5, time_ns=6, oid=order.oid,
    )  # fmt: skip
