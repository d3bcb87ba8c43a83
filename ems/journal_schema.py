"""The tables of the journal, and how those of an older version become these."""

import sqlite3
from collections.abc import Callable
from typing import Final

VERSION: Final = 5

SCHEMA: Final = """
CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT;
CREATE TABLE dialog (
    id INTEGER PRIMARY KEY,
    oid TEXT NOT NULL UNIQUE,
    active INTEGER NOT NULL,
    broker TEXT NOT NULL,
    account TEXT NOT NULL,
    symbol TEXT NOT NULL,
    reqid TEXT,
    changed_ns INTEGER NOT NULL,
    body BLOB NOT NULL,
    in_group TEXT
) STRICT;
CREATE INDEX dialog_active ON dialog (id) WHERE active;
CREATE INDEX dialog_group ON dialog (in_group, id) WHERE in_group IS NOT NULL;
CREATE INDEX dialog_reqid ON dialog (reqid, account) WHERE reqid IS NOT NULL;
CREATE TABLE event (
    seq INTEGER PRIMARY KEY,
    time_ns INTEGER NOT NULL,
    dialog INTEGER NOT NULL,
    event TEXT NOT NULL,
    state TEXT NOT NULL,
    reason TEXT,
    msg BLOB
) STRICT;
CREATE TABLE fill (
    seq INTEGER PRIMARY KEY,
    broker TEXT NOT NULL,
    account TEXT NOT NULL,
    exec_id TEXT NOT NULL,
    symbol TEXT NOT NULL,
    oid TEXT,
    time_ns INTEGER NOT NULL,
    body BLOB NOT NULL,
    UNIQUE (broker, account, exec_id)
) STRICT;
CREATE TABLE position (
    account TEXT NOT NULL, symbol TEXT NOT NULL, body BLOB NOT NULL,
    PRIMARY KEY (account, symbol)
) STRICT;
CREATE TABLE market (fqsn TEXT PRIMARY KEY, body BLOB NOT NULL) STRICT;
CREATE TABLE tail (seq INTEGER PRIMARY KEY, body BLOB NOT NULL) STRICT;
"""
"""``dialog`` holds each order's newest record and the group that it names, ``event`` the history of
each, ``fill`` each execution once, ``market`` what a point of price is worth. ``position`` is a
shortcut: the positions after the fill whose ``seq`` ``meta`` has under ``positions_seq``; the fills
alone give the same. What is not in the tables yet is in a file beside them, and ``meta`` has the
number of its run under ``tail_run``: `ems.journal_tail`. ``tail`` is where version 4 had that.
``body`` and ``msg`` are JSON of our structs. There are few indexes, so that a commit writes few
pages: the story of one order is found by reading all."""

_TO_2: Final = """
ALTER TABLE dialog RENAME TO dialog_1;
ALTER TABLE event RENAME TO event_1;
ALTER TABLE fill RENAME TO fill_1;
ALTER TABLE meta RENAME TO meta_1;
DROP INDEX dialog_active;
DROP INDEX dialog_reqid;
DROP INDEX event_oid;
DROP INDEX fill_symbol;
{schema}
INSERT INTO meta SELECT * FROM meta_1;
INSERT INTO dialog (oid, active, broker, account, symbol, reqid, changed_ns, body)
    SELECT oid, active, broker, account, symbol, reqid,
        CAST(json_extract(CAST(body AS TEXT), '$.changed_ns') AS INTEGER), body
    FROM dialog_1
    ORDER BY (SELECT min(seq) FROM event_1 WHERE event_1.oid = dialog_1.oid);
INSERT INTO event (seq, time_ns, dialog, event, state, msg)
    SELECT seq, time_ns, dialog.id, event, state, msg
    FROM event_1 JOIN dialog USING (oid) ORDER BY seq;
INSERT INTO fill (seq, broker, account, exec_id, symbol, oid, time_ns, body)
    SELECT seq, broker, account, exec_id, symbol, oid,
        CAST(json_extract(CAST(body AS TEXT), '$.time_ns') AS INTEGER), body
    FROM fill_1 ORDER BY seq;
DROP TABLE dialog_1;
DROP TABLE event_1;
DROP TABLE fill_1;
DROP TABLE meta_1;
"""


def _to_2(db: sqlite3.Connection) -> None:
    """Version 1 found an order's history by a text index, and knew no times but in the JSON."""
    db.execute("CREATE INDEX IF NOT EXISTS event_oid ON event (oid)")
    for statement in _TO_2.format(schema=SCHEMA).split(";"):
        db.execute(statement)


def _to_3(db: sqlite3.Connection) -> None:
    """Version 2 knew no groups; what was of version 1 has the newest tables by now."""
    columns = {name for _, name, *_ in db.execute("PRAGMA table_info(dialog)")}
    if "in_group" not in columns:
        db.execute("ALTER TABLE dialog ADD COLUMN in_group TEXT")
        db.execute("CREATE INDEX dialog_group ON dialog (in_group, id) WHERE in_group IS NOT NULL")


def _to_4(db: sqlite3.Connection) -> None:
    """Version 3 wrote each commit to all the tables that it was about."""
    db.execute(
        "CREATE TABLE IF NOT EXISTS tail (seq INTEGER PRIMARY KEY, body BLOB NOT NULL) STRICT"
    )


def _to_5(_: sqlite3.Connection) -> None:
    """Version 4 had its tail in a table alone; what is there yet is sorted at the start."""


_STEPS: Final[dict[int, Callable[[sqlite3.Connection], None]]] = {
    1: _to_2,
    2: _to_3,
    3: _to_4,
    4: _to_5,
}
"""From each older version to the next."""


def create(db: sqlite3.Connection) -> None:
    """Make the tables in an empty file, all or none."""
    db.execute("BEGIN IMMEDIATE")
    for statement in SCHEMA.split(";"):
        db.execute(statement)
    db.execute("INSERT INTO meta VALUES ('version', ?)", (str(VERSION),))
    db.execute("COMMIT")


def migrate(db: sqlite3.Connection, version: int) -> None:
    """Bring an older journal to this version, in one transaction: all of it or nothing.

    Raises
    ------
    sqlite3.Error
        If the disk or the file does not allow it; the file is as it was.
    """
    db.execute("BEGIN IMMEDIATE")
    try:
        while version < VERSION:
            _STEPS[version](db)
            version += 1
        db.execute("UPDATE meta SET value = ? WHERE key = 'version'", (str(version),))
        db.execute("COMMIT")
    except BaseException:
        if db.in_transaction:
            db.execute("ROLLBACK")
        raise
