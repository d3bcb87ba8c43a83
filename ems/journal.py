"""The journal: every request before it is sent, every event as it comes, in one SQLite file.

WAL with ``synchronous=NORMAL``: what is committed survives ``kill -9`` at any moment. A record is
written with `record_*` and is safe once `commit` has returned; nothing leaves the EMS before that.
"""

import json
import sqlite3
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Final, NamedTuple

import msgspec
from filelock import FileLock, Timeout

from ems.errors import EmsError, JournalDamaged, JournalLocked, JournalUnreadable, JournalWriteError
from ems.market import broker_of
from ems.messages import BrokerdFill, Message, ReqId, encode
from ems.order_dialog import OrderDialog
from ems.transitions import ACTIVE

VERSION: Final = 1

SCHEMA: Final = """
CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT;
CREATE TABLE event (
    seq INTEGER PRIMARY KEY,
    time_ns INTEGER NOT NULL,
    oid TEXT NOT NULL,
    event TEXT NOT NULL,
    state TEXT NOT NULL,
    msg BLOB
) STRICT;
CREATE INDEX event_oid ON event (oid);
CREATE TABLE dialog (
    oid TEXT PRIMARY KEY,
    active INTEGER NOT NULL,
    broker TEXT NOT NULL,
    account TEXT NOT NULL,
    symbol TEXT NOT NULL,
    reqid TEXT,
    body BLOB NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX dialog_active ON dialog (active) WHERE active;
CREATE INDEX dialog_reqid ON dialog (broker, account, reqid);
CREATE TABLE fill (
    seq INTEGER PRIMARY KEY,
    broker TEXT NOT NULL,
    account TEXT NOT NULL,
    exec_id TEXT NOT NULL,
    symbol TEXT NOT NULL,
    oid TEXT,
    body BLOB NOT NULL,
    UNIQUE (broker, account, exec_id)
) STRICT;
CREATE INDEX fill_symbol ON fill (symbol);
"""
"""What the tables hold: ``event`` the history, ``dialog`` each order's newest record, ``fill`` each
execution once. ``body`` and ``msg`` are JSON of our structs."""

_encode_dialog: Final = msgspec.json.Encoder().encode
_decode_dialog: Final = msgspec.json.Decoder(OrderDialog).decode
_decode_fill: Final = msgspec.json.Decoder(BrokerdFill).decode


class HistoryEvent(NamedTuple):
    """One line of an order's story."""

    time_ns: int
    event: str
    state: str
    msg: bytes | None


class Journal:
    """The open journal of one EMS.

    Parameters
    ----------
    path : Path
        The SQLite file; it is made, readable by the user alone, if it is not there.

    Raises
    ------
    JournalLocked
        If another running program has it.
    JournalUnreadable
        If the user may not open it, or a newer program wrote it.
    JournalDamaged
        If it is no SQLite file of ours. Nothing is changed: see `ems.journal_recovery`.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._lock = _lock(path)
        try:
            self._db = _open(path)
        except BaseException:
            self._lock.release()
            raise

    def close(self) -> None:
        """Close the file and let others have it."""
        with suppress(sqlite3.Error):  # a full disk: what is committed stays in the WAL
            self._db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        self._db.close()
        self._lock.release()

    # ---- writing

    def record_event(self, dialog: OrderDialog, event: str, msg: Message | None) -> None:
        """Write an event of an order, and the order as it is after it; `commit` makes it safe."""
        key = None if dialog.reqid is None else _reqid_key(dialog.reqid)
        order = dialog.order
        self._write(
            "INSERT INTO event (time_ns, oid, event, state, msg) VALUES (?, ?, ?, ?, ?)",
            (
                dialog.changed_ns,
                order.oid,
                event,
                dialog.state.value,
                None if msg is None else encode(msg),
            ),
        )
        self._write(
            "INSERT OR REPLACE INTO dialog VALUES (?, ?, ?, ?, ?, ?, ?)",
            (
                order.oid,
                dialog.state in ACTIVE,
                dialog.broker,
                order.account,
                order.symbol,
                key,
                _encode_dialog(dialog),
            ),
        )

    def record_fill(self, fill: BrokerdFill) -> bool:
        """Write an execution; return False if the journal has it already."""
        done = self._write(
            "INSERT OR IGNORE INTO fill (broker, account, exec_id, symbol, oid, body)"
            " VALUES (?, ?, ?, ?, ?, ?)",
            (
                broker_of(fill.account),
                fill.account,
                fill.exec_id,
                fill.symbol,
                fill.oid,
                encode(fill),
            ),
        )
        return done.rowcount == 1

    def correct_fill(self, fill: BrokerdFill) -> None:
        """Write an execution in the place of the one that it replaces."""
        self._write(
            "UPDATE fill SET exec_id = ?, body = ?"
            " WHERE broker = ? AND account = ? AND exec_id = ?",
            (fill.exec_id, encode(fill), broker_of(fill.account), fill.account, fill.replaces),
        )

    def commit(self) -> None:
        """Make everything recorded so far survive a crash.

        Raises
        ------
        JournalWriteError
            If the disk refuses; all that was recorded since the last commit is undone.
        """
        if not self._db.in_transaction:
            return
        try:
            self._db.execute("COMMIT")
        except sqlite3.Error as error:
            self._undo()
            raise self._write_error(error) from error

    def rollback(self) -> None:
        """Undo what was recorded since the last commit."""
        self._undo()

    # ---- reading

    def active_dialogs(self) -> Iterator[OrderDialog]:
        """Yield the record of every order that is not over."""
        for (body,) in self._db.execute("SELECT body FROM dialog WHERE active"):
            yield _decode_dialog(body)

    def dialog(self, oid: str) -> OrderDialog | None:
        """Return the record of an order, active or over; None if there was never one."""
        row = self._db.execute("SELECT body FROM dialog WHERE oid = ?", (oid,)).fetchone()
        return _decode_dialog(row[0]) if row else None

    def dialog_of_reqid(self, broker: str, account: str, reqid: ReqId) -> OrderDialog | None:
        """Return the record of the order that the venue knows as ``reqid``."""
        row = self._db.execute(
            "SELECT body FROM dialog WHERE broker = ? AND account = ? AND reqid = ?",
            (broker, account, _reqid_key(reqid)),
        ).fetchone()
        return _decode_dialog(row[0]) if row else None

    def fills(self, symbol: str | None = None) -> Iterator[BrokerdFill]:
        """Yield every execution, in the order in which we heard of them."""
        query = "SELECT body FROM fill"
        if symbol is None:
            rows = self._db.execute(f"{query} ORDER BY seq")
        else:
            rows = self._db.execute(f"{query} WHERE symbol = ? ORDER BY seq", (symbol,))
        for (body,) in rows:
            yield _decode_fill(body)

    def fill(self, account: str, exec_id: str) -> BrokerdFill | None:
        """Return one execution; None if it is not here."""
        row = self._db.execute(
            "SELECT body FROM fill WHERE broker = ? AND account = ? AND exec_id = ?",
            (broker_of(account), account, exec_id),
        ).fetchone()
        return _decode_fill(row[0]) if row else None

    def history(self, oid: str) -> list[HistoryEvent]:
        """Return the whole story of an order, oldest first."""
        rows = self._db.execute(
            "SELECT time_ns, event, state, msg FROM event WHERE oid = ? ORDER BY seq", (oid,)
        )
        return [HistoryEvent(*row) for row in rows]

    # ---- inside

    def _write(self, sql: str, values: tuple[object, ...]) -> sqlite3.Cursor:
        try:
            if not self._db.in_transaction:
                self._db.execute("BEGIN IMMEDIATE")
            return self._db.execute(sql, values)
        except sqlite3.Error as error:
            self._undo()
            raise self._write_error(error) from error

    def _undo(self) -> None:
        if self._db.in_transaction:
            with suppress(sqlite3.Error):  # a failed write may have rolled back by itself
                self._db.execute("ROLLBACK")

    def _write_error(self, error: sqlite3.Error) -> JournalWriteError:
        return JournalWriteError(
            f"the journal {self.path} cannot be written ({error}); "
            "nothing was sent: make room on the disk or make the file writable"
        )


def _reqid_key(reqid: ReqId) -> str:
    """An int and a text that look alike are different ids."""
    return json.dumps(reqid)


def _lock(path: Path) -> FileLock:
    """Take the lock file beside the journal, which a crash sets free."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        lock = FileLock(path.with_name(path.name + ".lock"), mode=0o600)
        lock.acquire(timeout=0)
    except Timeout:
        raise JournalLocked(
            f"the journal {path} is in use by another running ordermode; "
            "close that one, or start this one with another --state-dir"
        ) from None
    except OSError as error:
        raise _unreadable(path, error.strerror or str(error)) from error
    return lock


def _open(path: Path) -> sqlite3.Connection:
    try:
        new = not path.exists() or path.stat().st_size == 0
        if new:
            path.touch(mode=0o600)
        db = sqlite3.connect(path, isolation_level=None, timeout=5)
    except (OSError, sqlite3.OperationalError) as error:
        raise _unreadable(path, str(error)) from error
    try:
        db.execute("PRAGMA journal_mode=WAL")
        db.execute("PRAGMA synchronous=NORMAL")
        if new:
            db.executescript(SCHEMA)
            db.execute("INSERT INTO meta VALUES ('version', ?)", (str(VERSION),))
        _check(db, path)
    except (sqlite3.DatabaseError, msgspec.DecodeError, EmsError) as error:
        db.close()
        raise _open_error(path, error) from error
    return db


def _check(db: sqlite3.Connection, path: Path) -> None:
    """Raise if the pages, or the records that a start needs, cannot be read."""
    row = db.execute("SELECT value FROM meta WHERE key = 'version'").fetchone()
    if row is None or not row[0].isdecimal():
        raise JournalDamaged(f"the journal {path} is damaged: it does not say its version")
    if int(row[0]) > VERSION:
        raise _unreadable(
            path, f"a newer ordermode wrote it (version {row[0]}, this one knows {VERSION})"
        )
    (verdict,) = db.execute("PRAGMA quick_check(1)").fetchone()
    if verdict != "ok":
        raise JournalDamaged(f"the journal {path} is damaged: {verdict}")
    for (body,) in db.execute("SELECT body FROM dialog WHERE active"):
        _decode_dialog(body)


def _open_error(path: Path, error: Exception) -> EmsError:
    """What the error of opening means to the user."""
    if isinstance(error, EmsError):
        return error
    wrong_inside = ("malformed", "no such table", "no such column")
    if isinstance(error, sqlite3.OperationalError) and not any(
        words in str(error) for words in wrong_inside
    ):
        return _unreadable(path, str(error))
    return JournalDamaged(f"the journal {path} is damaged: {error}")


def _unreadable(path: Path, why: str) -> JournalUnreadable:
    return JournalUnreadable(
        f"the journal {path} cannot be opened: {why}; "
        "make it and its folder readable and writable, or start with another --state-dir"
    )
