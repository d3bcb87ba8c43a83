"""Moves what was committed last to the tables that it is looked for in."""

import json
import sqlite3
from collections.abc import Mapping
from typing import Any, Final, NamedTuple

import msgspec

from ems.journal_tail import Unsorted
from ems.messages import ReqId
from ems.order_dialog import OrderDialog
from ems.transitions import ACTIVE

_encode: Final = msgspec.json.Encoder().encode

_INSERT_DIALOG: Final = (
    "INSERT INTO dialog (id, active, reqid, changed_ns, body, broker, account, symbol, oid,"
    " in_group) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
)
_FIND: Final = (
    "SELECT oid, id, active, reqid, in_group FROM dialog"
    " WHERE oid IN (SELECT value FROM json_each(?))"
)
_UPDATE_DIALOG: Final = (
    "UPDATE dialog SET active = ?, reqid = ?, in_group = ?, changed_ns = ?, body = ? WHERE id = ?"
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
    group: str | None


class Sorter:
    """Writes to the tables of one journal; nobody else does."""

    def __init__(self, db: sqlite3.Connection) -> None:
        self._db = db
        self._rows: dict[str, _Row] = {}

    def sort(self, unsorted: Unsorted, run: int) -> None:
        """Write all of it in one transaction; what counts of the tail then is the run named.

        Raises
        ------
        sqlite3.Error
            If the disk refuses; nothing is changed.
        """
        try:
            self._db.execute("BEGIN IMMEDIATE")
            rows = self._write(unsorted, run)
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

    def _write(self, unsorted: Unsorted, run: int) -> dict[str, _Row]:
        """Write all of it within the transaction that is open; return where the orders are."""
        rows = self._dialogs(unsorted.dialogs)
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
        self._db.execute("INSERT OR REPLACE INTO meta VALUES ('tail_run', ?)", (str(run),))
        return rows

    def _dialogs(self, dialogs: Mapping[str, OrderDialog]) -> dict[str, _Row]:
        (last,) = self._db.execute("SELECT coalesce(max(id), 0) FROM dialog").fetchone()
        found = self._find([oid for oid in dialogs if oid not in self._rows])
        rows, new = {}, []
        for oid, dialog in dialogs.items():
            row = self._rows.get(oid) or found.get(oid)
            active = dialog.state in ACTIVE
            key = None if dialog.reqid is None else reqid_key(dialog.reqid)
            group = None if dialog.order.link is None else dialog.order.link.group
            if row is None:
                last += 1
                now = rows[oid] = _Row(last, active, key, group)
                new.append(_new_row(now, dialog))
            else:
                now = rows[oid] = _Row(row.number, active, key, group)
                self._update(row, now, dialog)
        self._db.executemany(_INSERT_DIALOG, new)
        return rows

    def _find(self, oids: list[str]) -> dict[str, _Row]:
        rows = self._db.execute(_FIND, (json.dumps(oids),))
        return {oid: _Row(number, bool(on), key, group) for oid, number, on, key, group in rows}

    def _update(self, row: _Row, now: _Row, dialog: OrderDialog) -> None:
        newest = dialog.changed_ns, _encode(dialog), row.number
        if row == now:
            self._db.execute(_UPDATE_BODY, newest)
        elif (row.reqid, row.group) == (now.reqid, now.group):
            self._db.execute(_UPDATE_ACTIVE, (now.active, *newest))
        else:
            self._db.execute(_UPDATE_DIALOG, (now.active, now.reqid, now.group, *newest))


def _new_row(row: _Row, dialog: OrderDialog) -> tuple[Any, ...]:
    order = dialog.order
    return (
        *(row.number, row.active, row.reqid, dialog.changed_ns, _encode(dialog)),
        *(dialog.broker, order.account, order.symbol, order.oid, row.group),
    )


def reqid_key(reqid: ReqId) -> str:
    """Return a venue's id as the journal has it: an int and a text that look alike differ."""
    return str(reqid) if type(reqid) is int else json.dumps(reqid)
