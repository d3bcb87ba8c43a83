"""Moves the write-ahead log into the journal's file beside the program, not in its way."""

import sqlite3
import threading
from contextlib import closing, suppress
from pathlib import Path
from typing import Final

BACKSTOP_PAGES: Final = 20_000
"""So long may the log be before a commit moves it after all."""


class Checkpoints:
    """One thread at a time that waits for the disk; commits go on meanwhile.

    Parameters
    ----------
    path : Path
        The journal.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        """Move what the log has now, unless that is going on already."""
        if self._thread is None or not self._thread.is_alive():
            self._thread = threading.Thread(target=self._move, name="journal checkpoint")
            self._thread.start()

    def close(self) -> None:
        """Wait for the one that is going on."""
        if self._thread is not None:
            self._thread.join()

    def _move(self) -> None:
        with (
            suppress(sqlite3.Error),  # a full disk: whoever writes next says so
            closing(sqlite3.connect(self._path, timeout=0)) as db,
        ):
            db.execute("PRAGMA wal_checkpoint(PASSIVE)")
