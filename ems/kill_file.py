"""The file beside the journal that says that the kill switch is on.

While it is there, the switch is on. Whoever may write in the folder can put it there or take it
away: the EMS itself, or ``ordermode kill`` from a terminal. Content that cannot be read counts as
"on".
"""

import os
from pathlib import Path
from typing import Final

import msgspec

_UNREADABLE: Final = "a kill file that cannot be read"


class KillRecord(msgspec.Struct, frozen=True, kw_only=True):
    """What the file says."""

    time_ns: int = 0
    """When the switch was put on."""
    by: str = ""
    """Who did it: ``window``, ``terminal``..."""
    taken_ns: int | None = None
    """When an EMS acted on it; None = none has yet."""
    done: bool = False
    """Every order is over, or it is in ``left``."""
    left: tuple[str, ...] = ()
    """What could not be cancelled, one sentence an order."""


class KillFile:
    """Reads and writes the file.

    Parameters
    ----------
    journal
        The journal that it lies beside.
    """

    def __init__(self, journal: Path) -> None:
        self.path = journal.with_name(journal.name + ".kill")

    def read(self) -> KillRecord | None:
        """Return what the file says; None if it is not there."""
        try:
            data = self.path.read_bytes()
        except FileNotFoundError:
            return None
        except OSError:
            return KillRecord(by=_UNREADABLE)
        try:
            return msgspec.json.decode(data, type=KillRecord)
        except msgspec.DecodeError:
            return KillRecord(by=_UNREADABLE)

    def write(self, record: KillRecord) -> None:
        """Put the file there, whole or not at all; raises OSError."""
        fresh = self.path.with_name(f"{self.path.name}.{os.getpid()}")
        handle = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(handle, "wb") as file:
            file.write(msgspec.json.encode(record))
            file.flush()
            os.fsync(file.fileno())
        fresh.replace(self.path)

    def remove(self) -> None:
        """Take the file away; raises OSError."""
        self.path.unlink(missing_ok=True)
