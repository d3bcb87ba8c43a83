"""When what is recorded becomes safe: at once, or together at the end of the loop's turn."""

import asyncio
import logging
from collections.abc import Callable
from typing import Final

from ems.errors import JournalWriteError
from ems.journal import SORT_AT, Journal
from ems.messages import Notice
from ems.outbox import Outbox

log = logging.getLogger(__name__)

AT_MOST: Final = 500
"""So many events wait for the end of a turn; a turn that brings more commits in between."""
REST_S: Final = 0.2
"""So long after a commit the journal's tail is sorted, if not before."""


class Commits:
    """Commits the journal, and tells the clients when it cannot.

    Parameters
    ----------
    clock
        Now, UTC ns.
    """

    def __init__(self, journal: Journal, outbox: Outbox, clock: Callable[[], int]) -> None:
        self._journal = journal
        self._outbox = outbox
        self._clock = clock
        self._warned = False
        self._due = False
        self._rest: asyncio.TimerHandle | None = None
        self._loop = asyncio.get_running_loop()

    def now(self) -> None:
        """Make all that was recorded safe; raises `JournalWriteError`."""
        self._journal.commit()
        self._warned = False
        if self._rest is None:
            self._rest = self._loop.call_later(REST_S, self._sort)

    def try_now(self, symbol: str) -> bool:
        """Make all that was recorded safe, or tell those who follow the market that it is not."""
        try:
            self.now()
        except JournalWriteError as error:
            self._warned = True
            self.warn(symbol, str(error))
            return False
        return True

    def by_now(self) -> None:
        """Make all that was recorded safe, or tell every client that it is not.

        What is refused goes with the next commit that succeeds: it is enough to say it once.
        """
        try:
            self.now()
        except JournalWriteError as error:
            if not self._warned:
                self._warned = True
                self.warn("", str(error))
                self._outbox.leave()

    def soon(self) -> None:
        """Make all that was recorded safe by the end of the loop's turn."""
        if self._journal.waiting > AT_MOST:
            self.by_now()
        elif not self._due:
            self._due = True
            self._loop.call_soon(self._turn_ends)

    def warn(self, symbol: str, text: str) -> None:
        """Tell those who follow the market, or all if none is named, what the disk refused."""
        log.error("%s", text)
        self._outbox.news(symbol, Notice(time_ns=self._clock(), level="error", text=text))

    def close(self) -> None:
        """Sort no more; the journal does what is left when it is closed."""
        if self._rest is not None:
            self._rest.cancel()

    def _turn_ends(self) -> None:
        self._due = False
        self.by_now()
        if self._journal.unsorted >= SORT_AT:
            self._loop.call_soon(self._sort)

    def _sort(self) -> None:
        if self._rest is not None:
            self._rest.cancel()
            self._rest = None
        try:
            self._journal.sort()
        except JournalWriteError as error:  # whoever has something to write says so to the user
            log.warning("the tail of the journal grows: %s", error)
