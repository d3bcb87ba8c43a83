"""Executions that wait in memory for the journal's next commit, and corrections of executions."""

import sqlite3
from collections.abc import Iterable, Iterator
from typing import Any, Final

from ems.market import broker_of
from ems.messages import BrokerdFill, encode

_INSERT: Final = (
    "INSERT INTO fill (broker, account, exec_id, symbol, oid, time_ns, body)"
    " VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT (broker, account, exec_id)"
    " DO UPDATE SET oid = excluded.oid, body = excluded.body WHERE fill.oid IS NULL"
)
_CORRECT: Final = (
    "UPDATE fill SET exec_id = ?, oid = ?, body = ?"
    " WHERE broker = ? AND account = ? AND exec_id = ? RETURNING seq"
)
_FORGET_SNAPSHOT: Final = (
    "DELETE FROM meta WHERE key = 'positions_seq' AND CAST(value AS INTEGER) >= ?"
)
_FORGET_POSITIONS: Final = (
    "DELETE FROM position WHERE NOT EXISTS (SELECT 1 FROM meta WHERE key = 'positions_seq')"
)


class WaitingFills:
    """What is to be written of executions, and how each will be then."""

    def __init__(self) -> None:
        self._noted: dict[tuple[str, str], BrokerdFill] = {}
        self._corrected: dict[tuple[str, str], BrokerdFill] = {}
        """By the place of each: its key in the file once `_noted` is written."""

    def __iter__(self) -> Iterator[BrokerdFill]:
        """Yield each as it will be, also what is put right and is not noted here."""
        yield from (self._noted | self._corrected).values()

    def get(self, account: str, exec_id: str) -> BrokerdFill | None:
        """Return an execution that waits; one that was replaced is found as what replaced it."""
        place = self._place(account, exec_id) if self._corrected else (account, exec_id)
        return self._corrected.get(place) or self._noted.get(place)

    def note(self, fill: BrokerdFill) -> None:
        """Let an execution wait: a new one, or one whose order is known now."""
        place = self._place(fill.account, fill.exec_id)
        (self._corrected if place in self._corrected else self._noted)[place] = fill

    def correct(self, fill: BrokerdFill) -> None:
        """Let it wait that an execution takes the place of the one that it replaces."""
        self._corrected[self._place(fill.account, fill.replaces)] = fill

    def over(self, written: Iterable[BrokerdFill], symbol: str | None) -> Iterator[BrokerdFill]:
        """Yield executions of the file as they are known now, then those that it has not yet."""
        noted = dict(self._noted)
        for fill in written:
            key = (fill.account, fill.exec_id)
            claimed = noted.pop(key, fill)
            yield self._corrected.get(key, claimed)
        for key, fill in noted.items():
            if symbol is None or fill.symbol == symbol:
                yield self._corrected.get(key, fill)

    def keys(self) -> Iterator[tuple[str, str, str]]:
        """Yield the key of each execution that the file has once this is written."""
        for fill in (*self._noted.values(), *self._corrected.values()):
            yield broker_of(fill.account), fill.account, fill.exec_id

    def write(self, db: sqlite3.Connection) -> None:
        """Write all of it, within the transaction that is open.

        A snapshot of the positions that has counted what is corrected is no shortcut any more.
        """
        db.executemany(_INSERT, [_row(fill) for fill in self._noted.values()])
        for (account, exec_id), fill in self._corrected.items():
            values = (fill.exec_id, fill.oid, encode(fill), broker_of(account), account, exec_id)
            for (seq,) in db.execute(_CORRECT, values).fetchall():
                db.execute(_FORGET_SNAPSHOT, (seq,))
        if self._corrected:
            db.execute(_FORGET_POSITIONS)

    def clear(self) -> None:
        """Forget all: it is written."""
        self._noted.clear()
        self._corrected.clear()

    def _place(self, account: str, exec_id: str) -> tuple[str, str]:
        """Return the key in the file of an execution: its own, or that of what it replaced."""
        for place, fill in self._corrected.items():
            if (fill.account, fill.exec_id) == (account, exec_id):
                return place
        return account, exec_id


def _row(fill: BrokerdFill) -> tuple[Any, ...]:
    return (
        broker_of(fill.account),
        fill.account,
        fill.exec_id,
        fill.symbol,
        fill.oid,
        fill.time_ns,
        encode(fill),
    )
