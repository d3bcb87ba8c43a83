"""The journal's file: whose it is, whether it is sound, and which version wrote it."""

import os
import sqlite3
from pathlib import Path
from typing import Final

import msgspec
from filelock import FileLock, Timeout

from ems.errors import EmsError, JournalDamaged, JournalLocked, JournalUnreadable
from ems.journal_checkpoint import BACKSTOP_PAGES
from ems.journal_decode import decoder
from ems.journal_schema import VERSION, create, migrate
from ems.journal_tail import check_turn, in_table, run_of
from ems.journal_tail_file import newest_tail, tail_path
from ems.order_dialog import OrderDialog

SMALL: Final = 64 << 20
"""Bytes up to which every page is checked before the journal is used; a larger one is checked
while it is in use, as that takes a second for each few hundred megabytes."""

_decode_dialog: Final = decoder(OrderDialog)
_PAGE_SIZE_AT: Final = 16
_PAGE_COUNT_AT: Final = 28


def saved_path(journal: Path) -> Path:
    """Return the file with what was saved of a damaged journal, until it takes its place."""
    return journal.with_name(f"{journal.name}.recovered")


def lock_journal(path: Path) -> FileLock:
    """Take the lock file beside the journal, which a crash sets free.

    Raises
    ------
    JournalLocked, JournalUnreadable
        If another running program has it; if its folder cannot be used.
    """
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
        raise unreadable(path, error.strerror or str(error)) from error
    return lock


def open_journal(path: Path) -> sqlite3.Connection:
    """Open the journal to write to, made or migrated if need be.

    Raises
    ------
    JournalUnreadable, JournalDamaged
        If the user may not, or a newer program wrote it; if it is no sound file of ours. Nothing
        is changed by then.
    """
    try:
        if not path.exists() and saved_path(path).exists():
            raise JournalDamaged(f"the journal {path} was damaged, and a crash came in between")
        new = not path.exists() or path.stat().st_size == 0
        if new:
            path.touch(mode=0o600)
            tail_path(path).unlink(missing_ok=True)  # of a journal that somebody took away
        elif size := _torn(path):
            raise JournalDamaged(f"the journal {path} is damaged: {size}")
        path.chmod(0o600)  # an older one may have been copied here
        db = sqlite3.connect(path, isolation_level=None, timeout=5)
    except (OSError, sqlite3.OperationalError) as error:
        raise unreadable(path, str(error)) from error
    try:
        db.execute("PRAGMA journal_mode=WAL")
        db.execute("PRAGMA synchronous=NORMAL")
        db.execute("PRAGMA cache_size=-65536")
        db.execute(f"PRAGMA wal_autocheckpoint={BACKSTOP_PAGES}")
        if new:
            create(db)
        _check(db, path)
    except (sqlite3.DatabaseError, OSError, msgspec.DecodeError, EmsError) as error:
        db.close()
        raise open_error(path, error) from error
    return db


def is_large(path: Path) -> bool:
    """Tell whether a check of all pages would hold up the start."""
    return path.stat().st_size > SMALL


def check_pages(path: Path) -> str:
    """Return what is wrong with the pages of a journal, which may be in use; empty if nothing."""
    try:
        db = sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True, timeout=5)
        try:
            (verdict,) = db.execute("PRAGMA quick_check(1)").fetchone()
        finally:
            db.close()
    except sqlite3.DatabaseError as error:
        return str(error)
    return "" if verdict == "ok" else str(verdict)


def check_version(db: sqlite3.Connection, path: Path) -> int:
    """Return the version that wrote the journal; raises if it is newer than this program."""
    row = db.execute("SELECT value FROM meta WHERE key = 'version'").fetchone()
    if row is None or not row[0].isdecimal():
        raise JournalDamaged(f"the journal {path} is damaged: it does not say its version")
    if int(row[0]) > VERSION:
        raise unreadable(
            path, f"a newer ordermode wrote it (version {row[0]}, this one knows {VERSION})"
        )
    return int(row[0])


def open_error(path: Path, error: Exception) -> EmsError:
    """Return what an error of opening means to the user."""
    if isinstance(error, EmsError):
        return error
    if isinstance(error, OSError):
        return unreadable(path, error.strerror or str(error))
    wrong_inside = ("malformed", "no such table", "no such column")
    if isinstance(error, sqlite3.OperationalError) and not any(
        words in str(error) for words in wrong_inside
    ):
        return unreadable(path, str(error))
    return JournalDamaged(f"the journal {path} is damaged: {error}")


def unreadable(path: Path, why: str) -> JournalUnreadable:
    """Return the error of a journal that may be sound, and cannot be used."""
    return JournalUnreadable(
        f"the journal {path} cannot be opened: {why}; "
        "make it and its folder readable and writable, or start with another --state-dir"
    )


def _torn(path: Path) -> str:
    """Tell a file that ends before its last page, which a page count alone would not show.

    What the write-ahead log still holds may be longer than the file, so only a file without one
    is judged.
    """
    with path.open("rb") as file:
        head = file.read(100)
        length = file.seek(0, os.SEEK_END)
    wal = Path(f"{path}-wal")
    if len(head) < 100 or not head.startswith(b"SQLite format 3") or wal.exists():
        return ""
    page_size = int.from_bytes(head[_PAGE_SIZE_AT : _PAGE_SIZE_AT + 2], "big")
    page_size = 65536 if page_size == 1 else page_size
    wanted = page_size * int.from_bytes(head[_PAGE_COUNT_AT : _PAGE_COUNT_AT + 4], "big")
    return f"its last page is torn ({length} of {wanted} bytes)" if length < wanted else ""


def _check(db: sqlite3.Connection, path: Path) -> None:
    """Raise if the pages, or the records that a start needs, cannot be read."""
    version = check_version(db, path)
    if not is_large(path):
        (verdict,) = db.execute("PRAGMA quick_check(1)").fetchone()
        if verdict != "ok":
            raise JournalDamaged(f"the journal {path} is damaged: {verdict}")
    if version < VERSION:
        migrate(db, version)
    for (body,) in db.execute("SELECT body FROM dialog WHERE active"):
        _decode_dialog(body)
    for body in (*in_table(db), *newest_tail(path, run_of(db))):
        check_turn(body)
