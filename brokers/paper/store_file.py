"""The file of the paper venue: opened, checked, and set aside when it is damaged."""

import sqlite3
import time
from contextlib import ExitStack
from pathlib import Path
from typing import Final

from ems.errors import EmsError

APPLICATION_ID: Final = 0x6F6D7061  # "ompa", says in the file's header whose it is
VERSION: Final = 2

_SCHEMA: Final = """
CREATE TABLE orders (
    number    INTEGER PRIMARY KEY AUTOINCREMENT,  -- the running number: never given twice
    oid       TEXT NOT NULL UNIQUE,
    account   TEXT NOT NULL,
    symbol    TEXT NOT NULL,
    action    TEXT NOT NULL,
    price     TEXT NOT NULL,
    size      TEXT NOT NULL,
    filled    TEXT NOT NULL,
    cost      TEXT NOT NULL,
    fills     INTEGER NOT NULL,
    priority  INTEGER NOT NULL,
    status    TEXT NOT NULL,
    type          TEXT NOT NULL DEFAULT 'limit',
    limit_price   TEXT,
    trail_amount  TEXT,
    trail_unit    TEXT,
    tif           TEXT NOT NULL DEFAULT 'gtc',
    ends_ns       INTEGER,
    post_only     INTEGER NOT NULL DEFAULT 0,
    reduce_only   INTEGER NOT NULL DEFAULT 0,
    triggered     INTEGER NOT NULL DEFAULT 0
) STRICT;
CREATE INDEX open_orders ON orders (priority) WHERE status = 'open';
CREATE TABLE fills (
    exec_id         TEXT PRIMARY KEY,
    number          INTEGER NOT NULL REFERENCES orders,
    size            TEXT NOT NULL,
    price           TEXT NOT NULL,
    fee             TEXT NOT NULL,
    fee_currency    TEXT NOT NULL,
    broker_time_ns  INTEGER NOT NULL,
    time_ns         INTEGER NOT NULL
) STRICT;
CREATE INDEX fills_of_order ON fills (number);
CREATE TABLE positions (
    account    TEXT NOT NULL,
    symbol     TEXT NOT NULL,
    size       TEXT NOT NULL,
    avg_price  TEXT,
    PRIMARY KEY (account, symbol)
) STRICT;
CREATE TABLE markets (
    fqsn   TEXT PRIMARY KEY,
    facts  BLOB NOT NULL  -- the Market, as JSON
) STRICT;
"""

_TO_2: Final = (
    "ALTER TABLE orders ADD COLUMN type TEXT NOT NULL DEFAULT 'limit'",
    "ALTER TABLE orders ADD COLUMN limit_price TEXT",
    "ALTER TABLE orders ADD COLUMN trail_amount TEXT",
    "ALTER TABLE orders ADD COLUMN trail_unit TEXT",
    "ALTER TABLE orders ADD COLUMN tif TEXT NOT NULL DEFAULT 'gtc'",
    "ALTER TABLE orders ADD COLUMN ends_ns INTEGER",
    "ALTER TABLE orders ADD COLUMN post_only INTEGER NOT NULL DEFAULT 0",
    "ALTER TABLE orders ADD COLUMN reduce_only INTEGER NOT NULL DEFAULT 0",
    "ALTER TABLE orders ADD COLUMN triggered INTEGER NOT NULL DEFAULT 0",
)
"""A file of version 1 knew limit orders only."""


def open_file(path: Path) -> sqlite3.Connection:
    """Return a connection that holds the file alone; made with its tables if it is new.

    Raises
    ------
    EmsError
        If another program holds it, it is none of ours or of a newer version, or it is damaged
        and now set aside.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch(mode=0o600)  # what SQLite makes beside it has its rights
        path.chmod(0o600)
        return _connect(path)
    except OSError as error:
        raise EmsError(f"cannot use the folder {path.parent}: {error}; check its rights") from error
    except sqlite3.OperationalError as error:
        raise _cannot_open(path, error) from error
    except sqlite3.DatabaseError as error:
        raise set_aside(path, str(error)) from error


def set_aside(path: Path, why: str) -> EmsError:
    """Rename a damaged file and return the error that tells the user so; nothing is deleted."""
    kept = path.with_name(f"{path.name}.damaged-{time.time_ns()}")
    for suffix in ("-wal", "-shm", ""):
        part = path.with_name(path.name + suffix)
        if part.exists():
            part.rename(kept.with_name(kept.name + suffix))
    return EmsError(
        f"the paper account's file {path} is damaged ({why}); it was set aside as {kept}. "
        "Start again to go on with an empty paper account, or put a backup in its place first"
    )


def _connect(path: Path) -> sqlite3.Connection:
    db = sqlite3.connect(path, timeout=1.0, isolation_level=None)
    with ExitStack() as on_error:
        on_error.callback(db.close)
        db.row_factory = sqlite3.Row
        # alone: two programs on one account would fill its orders twice
        db.execute("PRAGMA locking_mode = EXCLUSIVE")
        db.execute("PRAGMA journal_mode = WAL")
        db.execute("PRAGMA synchronous = NORMAL")
        db.execute("BEGIN IMMEDIATE")
        _check(db, path)
        db.execute("COMMIT")
        on_error.pop_all()
    return db


def _check(db: sqlite3.Connection, path: Path) -> None:
    found: str = db.execute("PRAGMA quick_check(1)").fetchone()[0]
    if found != "ok":
        raise sqlite3.DatabaseError(found)
    owner, version = (
        db.execute(f"PRAGMA {pragma}").fetchone()[0]
        for pragma in ("application_id", "user_version")
    )
    if db.execute("SELECT count(*) FROM sqlite_master").fetchone()[0] == 0:
        for statement in _SCHEMA.split(";\n"):
            db.execute(statement)
        db.execute(f"PRAGMA application_id = {APPLICATION_ID}")
        db.execute(f"PRAGMA user_version = {VERSION}")
    elif owner != APPLICATION_ID:
        raise EmsError(f"{path} is no paper account's file but another database; move it away")
    elif version == 1:
        for statement in _TO_2:
            db.execute(statement)
        db.execute(f"PRAGMA user_version = {VERSION}")
    elif version != VERSION:
        raise EmsError(
            f"the paper account's file {path} has version {version}, this program reads 1 to "
            f"{VERSION}; start the program that wrote it, or move the file away"
        )


def _cannot_open(path: Path, error: sqlite3.OperationalError) -> EmsError:
    if error.sqlite_errorcode & 0xFF in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
        return EmsError(
            f"the paper account's file {path} is in use by another running program; close that one"
        )
    return EmsError(f"cannot open the paper account's file {path}: {error}; check its folder")
