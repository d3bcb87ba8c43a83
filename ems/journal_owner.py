"""Which process has a journal: for a terminal that has to end one that hangs."""

import os
from pathlib import Path

from filelock import FileLock, Timeout


def note_owner(journal: Path) -> None:
    """Write down that this process has the journal; it holds the lock by now."""
    file = _owner_file(journal)
    handle = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(handle, "w", encoding="ascii") as out:
        out.write(str(os.getpid()))


def owner(journal: Path) -> int | None:
    """Return the process id of the running EMS that has the journal; None if nobody has it."""
    if not in_use(journal):
        return None
    try:
        return int(_owner_file(journal).read_text(encoding="ascii"))
    except (OSError, ValueError):
        return None


def in_use(journal: Path) -> bool:
    """Tell whether a running EMS has the journal."""
    path = journal.with_name(journal.name + ".lock")
    if not path.exists():
        return False
    lock = FileLock(path, mode=0o600)
    try:
        lock.acquire(timeout=0)
    except Timeout:
        return True
    lock.release()
    return False


def _owner_file(journal: Path) -> Path:
    return journal.with_name(journal.name + ".owner")
