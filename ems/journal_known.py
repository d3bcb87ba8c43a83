"""Which orders and executions the tables cannot have: most that are looked for are new.

A look into the tables costs several times as much as a look here. A key is one byte at a place that
its hash says, and two keys may share one: "perhaps" is asked of the tables, "no" is for sure. What
the tables have from before is learnt bit by bit; until then all answers are "perhaps".
"""

import sqlite3
from collections.abc import Iterable
from typing import Final

SLICE: Final = 500
"""So many are learnt at a time: less than a millisecond."""
LARGEST: Final = 1_000_000
"""More than these are not learnt."""
_PER_KEY: Final = 8
_LEAST: Final = 1 << 20


class Known:
    """The keys of one table.

    Parameters
    ----------
    db
        The open file.
    table : str
        Its name.
    columns : tuple of str
        What makes a key, in the order of an index.
    """

    def __init__(self, db: sqlite3.Connection, table: str, columns: tuple[str, ...]) -> None:
        self._db = db
        names, marks = ", ".join(columns), ", ".join("?" * len(columns))
        self._first = f"SELECT {names} FROM {table} ORDER BY {names} LIMIT {SLICE}"
        self._next = (
            f"SELECT {names} FROM {table} WHERE ({names}) > ({marks})"
            f" ORDER BY {names} LIMIT {SLICE}"
        )
        count = _rows_at_most(db, table)
        room = _LEAST if count > LARGEST else max(_LEAST, count * _PER_KEY)
        self._places = bytearray(1 << room.bit_length())
        self._mask: Final = len(self._places) - 1
        self._last: tuple[str, ...] | None = None
        self._all = False
        self._given_up = count > LARGEST
        self.learn()

    def may_have(self, key: tuple[str, ...]) -> bool:
        """Tell whether the key may be in the table; False is for sure."""
        return not self._all or self._places[hash(key) & self._mask] != 0

    def add(self, keys: Iterable[tuple[str, ...]]) -> None:
        """Take in keys that the table has from now on."""
        places, mask = self._places, self._mask
        for key in keys:
            places[hash(key) & mask] = 1

    def learn(self) -> bool:
        """Read some more of the table; False if there is nothing more to learn."""
        if self._all or self._given_up:
            return False
        try:
            if self._last is None:
                rows = self._db.execute(self._first).fetchall()
            else:
                rows = self._db.execute(self._next, self._last).fetchall()
        except sqlite3.Error:  # a hole in the file: it is told by whoever needs what is there
            self._given_up = True
            return False
        self.add(rows)
        if len(rows) < SLICE:
            self._all = True
        else:
            self._last = rows[-1]
        return not self._all


def _rows_at_most(db: sqlite3.Connection, table: str) -> int:
    """Return how many rows a table has at most; too many to learn if it does not say."""
    try:
        (count,) = db.execute(f"SELECT coalesce(max(rowid), 0) FROM {table}").fetchone()
    except sqlite3.Error:
        return LARGEST + 1
    assert isinstance(count, int)
    return count
