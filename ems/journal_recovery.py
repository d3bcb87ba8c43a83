"""Set a damaged journal aside, never delete it, and save what can still be read of it."""

import shutil
import sqlite3
import tempfile
import time
from pathlib import Path
from typing import Final, NamedTuple

from ems.journal_file import saved_path
from ems.journal_leftovers import leftovers, merge_fills
from ems.journal_salvage import COLUMNS, rows_of
from ems.journal_schema import create
from ems.journal_sorter import Sorter
from ems.journal_tail import Unsorted, check_turn, in_table
from ems.journal_tail_file import saved_tail

_GROUPS: Final = (
    "UPDATE dialog SET in_group = json_extract(CAST(body AS TEXT), '$.order.link.group')"
)
"""Older versions have no such column."""
_STRAY: Final = "DELETE FROM event WHERE dialog NOT IN (SELECT id FROM dialog)"
"""The story of an order that is lost: the next new order would be given its number."""
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

    The damaged file is renamed only once the new one is complete, and first of all its parts: so a
    crash in between loses nothing, and the next call goes on where it was.
    """
    fresh = saved_path(path)
    if path.exists() or not fresh.exists():
        aside = _free_name(path)
        fresh.unlink(missing_ok=True)
        _save(path, fresh)
    else:
        aside = max(path.parent.glob(f"{path.name}.damaged-*[0-9]"), default=_free_name(path))
    for part in _PARTS:
        source = Path(f"{path}{part}")
        if source.exists():
            source.rename(f"{aside}{part}")
    counts = _counts(fresh)
    fresh.rename(path)
    return Recovered(aside, *counts)


def _save(path: Path, fresh: Path) -> None:
    with tempfile.TemporaryDirectory(dir=path.parent) as folder:
        copy = Path(folder) / path.name
        for part in _PARTS:
            source = Path(f"{path}{part}")
            if source.exists():
                shutil.copyfile(source, f"{copy}{part}")
        _copy_readable(copy, fresh)


def _free_name(path: Path) -> Path:
    stamp = time.strftime("%Y%m%dT%H%M%S")
    path = path.with_name(f"{path.name}.damaged-{stamp}")
    candidate, number = path, 1
    while candidate.exists():
        number += 1
        candidate = path.with_name(f"{path.name}.{number}")
    return candidate


def _copy_readable(damaged: Path, fresh: Path) -> None:
    fresh.touch(mode=0o600)
    db = sqlite3.connect(fresh, isolation_level=None)
    try:
        create(db)
        db.execute("BEGIN")
        for table, rows in rows_of(damaged).items():
            columns = COLUMNS[table]
            marks = ", ".join("?" * len(columns))
            into = f"{table} ({', '.join(columns)})"
            db.executemany(f"INSERT OR IGNORE INTO {into} VALUES ({marks})", rows)
        db.execute(_GROUPS)
        db.execute(_STRAY)
        tail = Unsorted()
        tail.read(in_table(db))
        tail.read(saved_tail(damaged, check_turn))
        merge_fills(db, tail)
        db.execute("COMMIT")
        Sorter(db).sort(leftovers(db, tail), 0)
    finally:
        db.close()


def _counts(fresh: Path) -> tuple[int, ...]:
    db = sqlite3.connect(fresh)
    try:
        rows = (db.execute(f"SELECT count(*) FROM {what}").fetchone() for what in _COUNTED)
        return tuple(int(number) for (number,) in rows)
    finally:
        db.close()
