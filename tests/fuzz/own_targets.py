"""Our own bytes, read back: messages, and the rows of a journal that was damaged."""

import contextlib
import shutil
import sqlite3
import tempfile
from pathlib import Path

from ems.errors import BadMessage, EmsError
from ems.journal import Journal
from ems.journal_reader import open_reader
from ems.journal_recovery import recover
from ems.messages import decode, encode


def messages(data: bytes) -> None:
    with contextlib.suppress(BadMessage):
        encode(decode(data))


_TABLES = {b"D": "dialog", b"F": "fill", b"M": "market", b"P": "position", b"T": "tail"}
_ROWS = {
    "dialog": "(oid, active, broker, account, symbol, changed_ns, body)"
    " VALUES ('x', 1, 'paper', 'paper', 's', 1, ?)",
    "fill": "(broker, account, exec_id, symbol, time_ns, body)"
    " VALUES ('paper', 'p', 'e', 's', 1, ?)",
    "market": "(fqsn, body) VALUES ('s', ?)",
    "position": "(account, symbol, body) VALUES ('p', 's', ?)",
    "tail": "(body) VALUES (?)",
}


class _Journals:
    """A folder with an empty journal, which each input gets a copy of."""

    def __init__(self) -> None:
        self._folder = tempfile.TemporaryDirectory(dir=_memory())
        self.empty = Path(self._folder.name) / "empty.sqlite"
        self.path = Path(self._folder.name) / "journal.sqlite"
        Journal(self.empty).close()

    def put(self, data: bytes) -> None:
        for file in self.path.parent.glob("journal*"):
            file.unlink()
        shutil.copyfile(self.empty, self.path)
        db = sqlite3.connect(self.path)
        for line in data.split(b"\n"):
            if (table := _TABLES.get(line[:1])) is not None:
                db.execute(f"INSERT OR REPLACE INTO {table} {_ROWS[table]}", (line[1:],))
        db.commit()
        db.close()


def _memory() -> str | None:
    return "/dev/shm" if Path("/dev/shm").is_dir() else None


_journals: list[_Journals] = []


def journal(data: bytes) -> None:
    """Take rows, each behind the letter of its table; damage is told as such and set aside."""
    if not _journals:
        _journals.append(_Journals())
    place = _journals[0]
    place.put(data)
    with contextlib.suppress(EmsError), open_reader(place.path) as reader:
        list(reader.dialogs())
        list(reader.active_dialogs())
        list(reader.fills())
        reader.markets()
        reader.positions()
        reader.rung_to_repeat()
    try:
        Journal(place.path).close()
    except EmsError:
        recover(place.path)
        Journal(place.path).close()
        with open_reader(place.path) as reader:
            list(reader.dialogs())
            list(reader.fills())
            reader.markets()
