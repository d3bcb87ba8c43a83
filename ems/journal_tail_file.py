"""The file beside the journal that holds its tail: a record with a checksum for each commit.

One small write at the end of a file costs a fifth of what a commit of SQLite does, and like that
survives ``kill -9`` at any moment. Once what it has is in the tables, a new run begins: the same
bytes are written over from the start, under the number of the run, which the tables name too. What
bears another number, and what a crash broke off, does not count. All of it is of one computer.
"""

import struct
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Final
from zlib import crc32

import msgspec

_MAGIC: Final = b"OM-TAIL\x01"
_HEAD: Final = struct.Struct("<8sQ")
"""What the file is, and the number of the run."""
_RECORD: Final = struct.Struct("<III")
"""The mark of the run, how long the body is, and its checksum, which begins with the mark."""


def tail_path(journal: Path) -> Path:
    """Return the file that holds the tail of a journal."""
    return journal.with_name(f"{journal.name}-tail")


class TailFile:
    """The tail of the one program that writes it.

    Parameters
    ----------
    journal : Path
        The journal; its lock is held.
    run : int
        Of the tables.

    Raises
    ------
    OSError
        If the user may not.
    msgspec.DecodeError
        If it is damaged.
    """

    def __init__(self, journal: Path, run: int) -> None:
        self._path = tail_path(journal)
        self._path.touch(mode=0o600)
        self._path.chmod(0o600)  # an older one may have been copied here
        data = self._path.read_bytes()
        self.run = max(run, _run_of(data) if data else 0)
        """Above that of the tables if a power cut took what they had last."""
        self.bodies = _bodies(data, self.run)
        """What it has from before."""
        self._mark = _mark(self.run)
        self._end = 0
        """Where the next record begins; 0 = the run has none, and the file may be of another."""
        if self.bodies:
            self._end = _HEAD.size + sum(_RECORD.size + len(body) for body in self.bodies)
        self._file = self._path.open("r+b", buffering=0)
        self._elsewhere = True
        """The next write is not where the last one ended."""

    def append(self, body: bytes) -> None:
        """Write a record; raises OSError if it is not all there: then it does not count."""
        record = _RECORD.pack(self._mark, len(body), crc32(body, self._mark)) + body
        if not self._end:
            record = _HEAD.pack(_MAGIC, self.run) + record
        if self._elsewhere:
            self._file.seek(self._end)
        self._elsewhere = True
        written = self._file.write(record) or 0
        while written < len(record):  # a disk that is full says so at the second try
            written += self._file.write(record[written:]) or 0
        self._elsewhere = False
        self._end += written

    def begin(self, run: int) -> None:
        """Begin a new run: all that is here is in the tables."""
        self.run, self._mark, self._end, self.bodies = run, _mark(run), 0, []
        self._elsewhere = True

    def close(self) -> None:
        """Close the file; it goes if all that it had is in the tables."""
        self._file.close()
        if not self._end:
            with suppress(OSError):  # one who reads it beside us may keep it where that counts
                self._path.unlink()


def read_tail(journal: Path, run: int) -> list[bytes] | None:
    """Return the records that the tables of this run do not have.

    None if a newer run has begun: its records are all that counts, and the tables were read too
    early.

    Raises
    ------
    OSError, msgspec.DecodeError
        If it cannot be read, or is damaged.
    """
    data, path = _read(journal), tail_path(journal)
    if not data or (said := _run_of(data)) < run:
        return []
    with path.open("rb") as file:  # is it still the same?
        if said > run or file.read(_HEAD.size) != data[: _HEAD.size]:
            return None
    return _bodies(data, run)


def newest_tail(journal: Path, run: int) -> list[bytes]:
    """Return the records of a run that is not older than the tables, while nobody writes."""
    data = _read(journal)
    return _bodies(data, max(run, _run_of(data))) if data else []


def saved_tail(journal: Path, sound: Callable[[bytes], object]) -> Iterator[bytes]:
    """Yield the records that can be read of a damaged file, and that ``sound`` does not refuse."""
    data = _read(journal)
    if len(data) < _HEAD.size:
        return
    _, run = _HEAD.unpack_from(data)
    place = _HEAD.size
    while (place := data.find(_start(run), place)) >= 0:
        body = _body(data, place, _mark(run))
        if body is None:
            place += 1
            continue
        place += _RECORD.size + len(body)
        try:
            sound(body)
        except msgspec.DecodeError:
            continue
        yield body


def _read(journal: Path) -> bytes:
    try:
        return tail_path(journal).read_bytes()
    except FileNotFoundError:
        return b""


def _run_of(data: bytes) -> int:
    if len(data) < _HEAD.size or not data.startswith(_MAGIC):
        raise msgspec.DecodeError("its tail is not one of ours")
    run: int = _HEAD.unpack_from(data)[1]
    return run


def _mark(run: int) -> int:
    return crc32(run.to_bytes(8, "little"))


def _start(run: int) -> bytes:
    """How each record of the run begins."""
    return _mark(run).to_bytes(4, "little")


def _bodies(data: bytes, run: int) -> list[bytes]:
    """Return the records of a run, up to the first that is not whole: it was never committed."""
    bodies: list[bytes] = []
    if not data or _run_of(data) != run:
        return bodies
    place, mark = _HEAD.size, _mark(run)
    while (body := _body(data, place, mark)) is not None:
        bodies.append(body)
        place += _RECORD.size + len(body)
    while (place := data.find(_start(run), place + 1)) >= 0:
        if _body(data, place, mark) is not None:
            raise msgspec.DecodeError("its tail has a hole")
    return bodies


def _body(data: bytes, place: int, mark: int) -> bytes | None:
    """Return the body of the record at a place; None if there is no whole one of this mark."""
    begin = place + _RECORD.size
    if begin > len(data):
        return None
    said, length, checksum = _RECORD.unpack_from(data, place)
    body = data[begin : begin + length]
    whole = said == mark and len(body) == length and crc32(body, mark) == checksum
    return body if whole else None
