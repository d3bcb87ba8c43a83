"""Set a damaged journal aside, never delete it, and save what can still be read of it."""

import shutil
import sqlite3
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final, NamedTuple

import msgspec

from ems.journal_decode import decoder
from ems.journal_schema import create
from ems.journal_sorter import Sorter
from ems.journal_tail import Unsorted, check_turn, in_table
from ems.journal_tail_file import saved_tail
from ems.market import Market
from ems.messages import BrokerdFill
from ems.order_dialog import OrderDialog

_COLUMNS: Final = {
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
_GROUPS: Final = (
    "UPDATE dialog SET in_group = json_extract(CAST(body AS TEXT), '$.order.link.group')"
)
"""Older versions have no such column."""
_RECORDS: Final = {
    "dialog": decoder(OrderDialog),
    "fill": decoder(BrokerdFill),
    "market": decoder(Market),
    "tail": check_turn,
}
_COUNTED: Final = ("dialog WHERE active", "dialog", "fill", "event")
_PARTS: Final = ("", "-wal", "-shm", "-tail")


class Recovered(NamedTuple):
    """What was saved from a damaged journal."""

    set_aside: Path
    """Where the damaged file is now."""
    active_orders: int
    orders: int
    fills: int
    events: int

    def sentence(self) -> str:
        """Return what to tell the user."""
        return (
            f"It was set aside as {self.set_aside} and a new one made with what could be read: "
            f"{self.active_orders} active of {self.orders} orders, {self.fills} fills, "
            f"{self.events} events. Compare them with your broker, then start again."
        )


def recover(path: Path) -> Recovered:
    """Replace the damaged journal at ``path`` by one with all that can be read of it.

    The damaged file is renamed only once the new one is complete, so that a crash in between
    loses nothing.
    """
    stamp = time.strftime("%Y%m%dT%H%M%S")
    aside = _free_name(path.with_name(f"{path.name}.damaged-{stamp}"))
    fresh = path.with_name(path.name + ".recovered")
    fresh.unlink(missing_ok=True)
    with tempfile.TemporaryDirectory(dir=path.parent) as folder:
        copy = Path(folder) / path.name
        for part in _PARTS:
            source = Path(f"{path}{part}")
            if source.exists():
                shutil.copyfile(source, f"{copy}{part}")
        counts = _copy_readable(copy, fresh)
    for part in _PARTS:
        source = Path(f"{path}{part}")
        if source.exists():
            source.rename(f"{aside}{part}")
    fresh.rename(path)
    return Recovered(aside, *counts)


def _free_name(path: Path) -> Path:
    candidate, number = path, 1
    while candidate.exists():
        number += 1
        candidate = path.with_name(f"{path.name}.{number}")
    return candidate


def _copy_readable(damaged: Path, fresh: Path) -> tuple[int, ...]:
    fresh.touch(mode=0o600)
    db = sqlite3.connect(fresh, isolation_level=None)
    try:
        create(db)
        db.execute("BEGIN")
        for table, columns in _COLUMNS.items():
            marks = ", ".join("?" * len(columns))
            rows = [row for row in _rows(damaged, table, columns) if _is_sound(table, row)]
            into = f"{table} ({', '.join(columns)})"
            db.executemany(f"INSERT OR IGNORE INTO {into} VALUES ({marks})", rows)
        db.execute(_GROUPS)
        db.execute("COMMIT")
        unsorted = Unsorted()
        unsorted.read(in_table(db))
        unsorted.read(saved_tail(damaged, check_turn))
        Sorter(db).sort(unsorted, 0)
        return tuple(_count(db, what) for what in _COUNTED)
    finally:
        db.close()


def _count(db: sqlite3.Connection, what: str) -> int:
    (number,) = db.execute(f"SELECT count(*) FROM {what}").fetchone()
    assert isinstance(number, int)
    return number


def _rows(damaged: Path, table: str, columns: tuple[str, ...]) -> Iterator[tuple[Any, ...]]:
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


def _is_sound(table: str, row: tuple[Any, ...]) -> bool:
    """Tell whether the record in the row is one of ours."""
    if table not in _RECORDS:
        return True
    try:
        _RECORDS[table](row[-1])
    except (msgspec.DecodeError, TypeError):
        return False
    return True
