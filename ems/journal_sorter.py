"""Moves what was committed last to the tables that it is looked for in."""

import json
import sqlite3
from typing import Any, Final, NamedTuple

import msgspec

from ems.journal_tail import Unsorted
from ems.messages import ReqId
from ems.order_dialog import OrderDialog
from ems.transitions import ACTIVE

_encode: Final = msgspec.json.Encoder().encode

_INSERT_DIALOG: Final = (
    "INSERT INTO dialog (active, reqid, changed_ns, body, broker, account, symbol, oid)"
    " VALUES (?, ?, ?, ?, ?, ?, ?, ?)"
    " ON CONFLICT (oid) DO UPDATE SET active = excluded.active, reqid = excluded.reqid,"
    " changed_ns = excluded.changed_ns, body = excluded.body RETURNING id"
)
_UPDATE_DIALOG: Final = (
    "UPDATE dialog SET active = ?, reqid = ?, changed_ns = ?, body = ? WHERE id = ?"
)
_UPDATE_ACTIVE: Final = "UPDATE dialog SET active = ?, changed_ns = ?, body = ? WHERE id = ?"
_UPDATE_BODY: Final = "UPDATE dialog SET changed_ns = ?, body = ? WHERE id = ?"
"""Touches no index: what most events need."""
_INSERT_EVENT: Final = (
    "INSERT INTO event (time_ns, event, state, reason, msg, dialog) VALUES (?, ?, ?, ?, ?, ?)"
)


class _Row(NamedTuple):
    """Where the file has an order, and under what its indexes have it."""

    number: int
    active: bool
    reqid: str | None


class Sorter:
    """Writes to the tables of one journal; nobody else does."""

    def __init__(self, db: sqlite3.Connection) -> None:
        self._db = db
        self._rows: dict[str, _Row] = {}

    def sort(self, unsorted: Unsorted) -> None:
        """Write all of it, and empty the tail, in one transaction.

        Raises
        ------
        sqlite3.Error
            If the disk refuses; nothing is changed.
        """
        try:
            self._db.execute("BEGIN IMMEDIATE")
            rows = self._write(unsorted)
            self._db.execute("COMMIT")
        except sqlite3.Error:
            if self._db.in_transaction:
                self._db.execute("ROLLBACK")
            raise
        for oid, row in rows.items():
            if row.active:
                self._rows[oid] = row
            else:
                self._rows.pop(oid, None)  # over: it is hardly written again

    def _write(self, unsorted: Unsorted) -> dict[str, _Row]:
        """Write all of it within the transaction that is open; return where the orders are."""
        rows = {oid: self._dialog(dialog) for oid, dialog in unsorted.dialogs.items()}
        self._db.executemany(
            _INSERT_EVENT,
            [
                (one.time_ns, one.event, one.state, one.reason, one.msg, rows[one.oid].number)
                for one in unsorted.events
                if one.oid
            ],
        )
        unsorted.fills.write(self._db)
        self._db.executemany(
            "INSERT OR REPLACE INTO market VALUES (?, ?)",
            [(market.fqsn, _encode(market)) for market in unsorted.markets],
        )
        self._db.execute("DELETE FROM tail")
        return rows

    def _dialog(self, dialog: OrderDialog) -> _Row:
        order, body = dialog.order, _encode(dialog)
        active = dialog.state in ACTIVE
        key = None if dialog.reqid is None else reqid_key(dialog.reqid)
        row = self._rows.get(order.oid)
        values: tuple[Any, ...]
        if row is None:
            values = (active, key, dialog.changed_ns, body, dialog.broker, order.account)
            done = self._db.execute(_INSERT_DIALOG, (*values, order.symbol, order.oid))
            return _Row(done.fetchone()[0], active, key)
        if (row.active, row.reqid) == (active, key):
            self._db.execute(_UPDATE_BODY, (dialog.changed_ns, body, row.number))
            return row
        if row.reqid == key:
            self._db.execute(_UPDATE_ACTIVE, (active, dialog.changed_ns, body, row.number))
        else:
            self._db.execute(_UPDATE_DIALOG, (active, key, dialog.changed_ns, body, row.number))
        return _Row(row.number, active, key)


def reqid_key(reqid: ReqId) -> str:
    """Return a venue's id as the journal has it: an int and a text that look alike differ."""
    return str(reqid) if type(reqid) is int else json.dumps(reqid)
