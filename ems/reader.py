"""What one ``async for`` over messages or ticks has not read yet."""

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Iterable
from typing import Final, Generic, TypeVar

from ems.errors import EmsError

UNREAD_LIMIT: Final = 100_000
"""One that falls so far behind is ended with `FellBehind`."""

_T = TypeVar("_T")


class FellBehind(EmsError):
    """An ``async for`` left too much unread."""


class Reader(Generic[_T]):
    """A queue with one reader; putting something in never waits.

    Parameters
    ----------
    first
        What is there already.
    """

    def __init__(self, first: Iterable[_T] = ()) -> None:
        self._unread = deque(first)
        self._arrived = asyncio.Event()
        self._ended = False
        self._fell_behind = False

    def put(self, item: _T) -> None:
        """Add something to read."""
        if len(self._unread) >= UNREAD_LIMIT:
            self._fell_behind = True
            self._unread.clear()
        if not self._fell_behind:
            self._unread.append(item)
        self._arrived.set()

    def end(self) -> None:
        """Let the reader end once it has read what is there."""
        self._ended = True
        self._arrived.set()

    async def items(self) -> AsyncIterator[_T]:
        """Yield each item; raises `FellBehind` if too much was left unread."""
        while True:
            while self._unread:
                yield self._unread.popleft()
            if self._fell_behind:
                raise FellBehind(
                    f"more than {UNREAD_LIMIT:,} messages were left unread; read them faster, or "
                    "begin anew to see how everything is now"
                )
            if self._ended:
                return
            self._arrived.clear()
            await self._arrived.wait()
