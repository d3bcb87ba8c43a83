"""The rows of a damaged journal that can be read, whichever version wrote it."""

import sqlite3
from collections.abc import Callable, Iterable, Iterator
from itertools import count
from pathlib import Path
from typing import Any, Final, TypeAlias

import msgspec

from ems.journal_decode import decoder
from ems.journal_tail import check_time, check_turn
from ems.market import Market
from ems.messages import BrokerdFill
from ems.order_dialog import OrderDialog

Row: TypeAlias = tuple[Any, ...]

COLUMNS: Final = {
    "dialog": (
        *("id", "oid", "active", "broker", "account", "symbol", "reqid", "changed_ns"),
        "body",
    ),
    "fill": ("seq", "broker", "account", "exec_id", "symbol", "oid", "time_ns", "body"),
    "event": ("seq", "time_ns", "dialog", "event", "state", "reason", "msg"),
    "market": ("fqsn", "body"),
    "tail": ("seq", "body"),
}
"""What is saved; the positions are counted anew from the fills."""
_COLUMNS_1: Final = {
    "dialog": ("oid", "active", "broker", "account", "symbol", "reqid", "body"),
    "fill": ("seq", "broker", "account", "exec_id", "symbol", "oid", "body"),
    "event": ("seq", "time_ns", "oid", "event", "state", "msg"),
}
"""Version 1 had no numbers for its orders, and no times but in the JSON."""

_decode_dialog: Final = decoder(OrderDialog)
_decode_fill: Final = decoder(BrokerdFill)


def _check_dialog(body: bytes) -> None:
    check_time(_decode_dialog(body).changed_ns)


def _check_fill(body: bytes) -> None:
    check_time(_decode_fill(body).time_ns)


_RECORDS: Final[dict[str, Callable[[bytes], object]]] = {
    "dialog": _check_dialog,
    "fill": _check_fill,
    "market": decoder(Market),
    "tail": check_turn,
}
"""What raises at a record that is none of ours."""


def rows_of(damaged: Path) -> dict[str, list[Row]]:
    """Return what can be read of each table, as this version has it."""
    if not _is_version_1(damaged):
        return {table: _sound(damaged, table, columns) for table, columns in COLUMNS.items()}
    dialogs, fills, events = (_sound(damaged, *table) for table in _COLUMNS_1.items())
    numbers = _numbers(dialogs, events)
    return {
        "dialog": [
            (numbers[oid], oid, *rest, _decode_dialog(body).changed_ns, body)
            for oid, *rest, body in dialogs
        ],
        "fill": [(*rest, _decode_fill(body).time_ns, body) for *rest, body in fills],
        "event": [
            (seq, time_ns, numbers[oid], event, state, None, msg)
            for seq, time_ns, oid, event, state, msg in events
            if oid in numbers
        ],
    }


def _is_version_1(damaged: Path) -> bool:
    """Tell by the tables: the row that says the version may be gone."""
    try:
        db = sqlite3.connect(damaged)
        try:
            columns = [name for _, name, *_ in db.execute("PRAGMA table_info(dialog)")]
        finally:
            db.close()
    except sqlite3.DatabaseError:
        return False
    return bool(columns) and "id" not in columns


def _numbers(dialogs: Iterable[Row], events: Iterable[Row]) -> dict[str, int]:
    """Number the orders of version 1 in the order in which they began."""
    began: dict[str, int] = {}
    for seq, _, oid, *_ in events:
        began[oid] = min(seq, began.get(oid, seq))
    oids = sorted((row[0] for row in dialogs), key=lambda oid: began.get(oid, 0))
    return dict(zip(oids, count(1), strict=False))


def _sound(damaged: Path, table: str, columns: tuple[str, ...]) -> list[Row]:
    return [row for row in _rows(damaged, table, columns) if _is_sound(table, row)]


def _rows(damaged: Path, table: str, columns: tuple[str, ...]) -> Iterator[Row]:
    """Yield what can be read from the front, then from the back, of a table with a hole."""
    seen = set()
    for order in ("ASC", "DESC"):
        query = f"SELECT {', '.join(columns)} FROM {table} ORDER BY {columns[0]} {order}"
        try:
            db = sqlite3.connect(damaged)
            try:
                for row in db.execute(query):
                    if row[0] not in seen:
                        seen.add(row[0])
                        yield row
            finally:
                db.close()
        except sqlite3.DatabaseError:
            continue  # the hole: the rest is tried from the other end


def _is_sound(table: str, row: Row) -> bool:
    """Tell whether the record in the row is one of ours."""
    if table not in _RECORDS:
        return True
    try:
        _RECORDS[table](row[-1])
    except (msgspec.DecodeError, TypeError):
        return False
    return True
