"""A disk that takes no more, or nothing: tables and tail of the journal meet it as they would."""

import errno
import os
from typing import Any

from ems.journal import Journal


class FullDisk:
    """The file of a tail on a disk where it can grow no further: short writes, then errors."""

    def __init__(self, file: Any, room: int) -> None:
        self.file = file
        self.limit = os.fstat(file.fileno()).st_size + room

    def write(self, data: bytes) -> int:
        room = self.limit - self.file.tell()
        if room <= 0:
            raise OSError(errno.ENOSPC, "No space left on device: it is full")
        return int(self.file.write(data[:room]))

    def __getattr__(self, name: str) -> Any:
        return getattr(self.file, name)


class ReadOnly(FullDisk):
    """The same on a disk that takes nothing at all."""

    def write(self, data: bytes) -> int:
        raise OSError(errno.EROFS, "Read-only file system")


def fill_the_disk(journal: Journal, room: int = 3000) -> None:
    """Let the tables have not one page more than they have, and the tail hardly more."""
    (pages,) = journal._db.execute("PRAGMA page_count").fetchone()
    journal._db.execute(f"PRAGMA max_page_count = {pages}")
    journal._tail._file = FullDisk(journal._tail._file, room)  # type: ignore[assignment]


def make_room(journal: Journal) -> None:
    journal._db.execute("PRAGMA max_page_count = 1000000")
    _take_back(journal)


def can_write(journal: Journal, yes: bool) -> None:
    """Refuse each write, as a read-only disk does; or no longer."""
    journal._db.execute(f"PRAGMA query_only = {'OFF' if yes else 'ON'}")
    _take_back(journal)
    if not yes:
        journal._tail._file = ReadOnly(journal._tail._file, 0)  # type: ignore[assignment]


def _take_back(journal: Journal) -> None:
    file = journal._tail._file
    if isinstance(file, FullDisk):
        journal._tail._file = file.file
