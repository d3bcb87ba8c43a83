"""Tells clients, and the journal, how far trailing stops that are held here have come."""

import asyncio
from decimal import Decimal
from typing import Final

from ems.dialog_index import DialogIndex
from ems.lifecycle import Lifecycle

TELL_S: Final = 0.25
WRITE_EVERY: Final = 4
"""Each so manieth time that clients are told, the journal is."""


class TrailNews:
    """Gathers the moves of levels, so that a fast market does not flood anybody.

    Parameters
    ----------
    unsaid
        By oid, the levels that moved and that nobody was told of.
    """

    def __init__(
        self, unsaid: dict[str, Decimal], index: DialogIndex, lifecycle: Lifecycle
    ) -> None:
        self._unsaid = unsaid
        self._index = index
        self._lifecycle = lifecycle
        self._unwritten: set[str] = set()
        self._rings = 0
        self._loop = asyncio.get_running_loop()
        self._timer: asyncio.TimerHandle | None = None

    def moved(self) -> None:
        """A level moved: it is told soon."""
        if self._timer is None:
            self._timer = self._loop.call_later(TELL_S, self._ring)

    def tell(self, oid: str) -> None:
        """Tell where the level of an order is, at once: its price was touched."""
        if (level := self._unsaid.pop(oid, None)) is not None:
            self._say(oid, level, write=True)

    def stop(self) -> None:
        """Write what is not written, and stop."""
        for oid in [*self._unsaid, *self._unwritten]:
            level = self._unsaid.pop(oid, None)
            self._say(oid, level, write=True)
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _ring(self) -> None:
        self._timer = None
        self._rings += 1
        write = self._rings % WRITE_EVERY == 0
        fresh, said = dict(self._unsaid), self._unwritten
        self._unsaid.clear()
        self._unwritten = set() if write else said | fresh.keys()
        for oid in fresh.keys() | (said if write else ()):
            self._say(oid, fresh.get(oid), write=write)
        if self._unwritten:
            self.moved()

    def _say(self, oid: str, level: Decimal | None, *, write: bool) -> None:
        dialog = self._index.by_oid(oid)
        if dialog is not None:
            self._lifecycle.trailed(dialog, level, write=write)
