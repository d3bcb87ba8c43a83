"""Watches the markets of what is active, and tries again those whose feed is not there yet."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Iterable
from typing import Final

from ems.errors import EmsError
from ems.market import Market
from ems.messages import ClientMsg, Notice
from ems.retry import Retry

log = logging.getLogger(__name__)


class OrderMarkets:
    """The markets that have to be watched for orders and alerts, whoever else wants to see them.

    Parameters
    ----------
    watch
        Watches a market from now on; raises `EmsError` if it cannot be.
    symbols
        Returns the fqsns of the markets in which something is active.
    tell
        Tells every client that is there; who comes later is told of what is `missing`.
    clock
        Now, UTC ns.
    """

    def __init__(
        self,
        watch: Callable[[str], Awaitable[Market]],
        symbols: Callable[[], set[str]],
        tell: Callable[[ClientMsg], None],
        clock: Callable[[], int],
    ) -> None:
        self._watch = watch
        self._symbols = symbols
        self._tell = tell
        self._clock = clock
        self._retry = Retry(self._rings)
        self._task: asyncio.Task[None] | None = None
        self._begun: set[str] = set()  # tried by `watch_all`
        self.missing: Final[dict[str, Notice]] = {}
        """By fqsn, those that could not be watched, and what is told of each."""

    async def watch_all(self, settle: Callable[[], None]) -> None:
        """Watch them all, those of each feed in turn; what fails is told, and tried again.

        Called anew, as when a slow broker brings orders of its own, it watches what is new.

        Parameters
        ----------
        settle
            Called each time the markets of a feed were tried: which are missing is known then.
        """
        new = self._symbols() - self._begun
        self._begun |= new
        tried = (self._watch_each(symbols, settle) for symbols in _by_feed(new))
        await asyncio.gather(*tried)

    def stop(self) -> None:
        """Try no more."""
        self._retry.stop()
        if self._task is not None:
            self._task.cancel()

    async def _watch_each(self, symbols: Iterable[str], settle: Callable[[], None]) -> None:
        for symbol in symbols:
            if why := await self._why_not(symbol):
                self._miss(symbol, why)
        settle()
        if self.missing:
            self._retry.start()

    async def _why_not(self, symbol: str) -> str:
        """Watch a market; return why that is not possible, empty if it is."""
        try:
            await self._watch(symbol)
        except EmsError as error:
            return str(error)
        except Exception as error:
            log.exception("the feed of %s failed", symbol)
            return f"its feed failed: {error!r}"
        return ""

    def _miss(self, symbol: str, why: str) -> None:
        text = f"Orders and alerts in {symbol} are not watched: {why}. It is tried again."
        log.warning("%s", text)
        notice = Notice(time_ns=self._clock(), level="error", text=text)
        self.missing[symbol] = notice
        self._tell(notice)

    def _rings(self) -> None:
        if self._task is not None and not self._task.done():
            self._retry.start()
            return
        self._task = asyncio.create_task(self._try_again(), name="markets of orders")

    async def _try_again(self) -> None:
        missing = self.missing.keys() & self._symbols()
        await asyncio.gather(*map(self._try_each, _by_feed(missing)))
        for symbol in self.missing.keys() - self._symbols():
            del self.missing[symbol]  # nothing is active there any more
        if self.missing:
            self._retry.start()

    async def _try_each(self, symbols: Iterable[str]) -> None:
        for symbol in symbols:
            if await self._why_not(symbol):
                continue  # it was told before
            self.missing.pop(symbol, None)
            text = f"Orders and alerts in {symbol} are watched now."
            log.warning("%s", text)
            self._tell(Notice(time_ns=self._clock(), level="info", text=text))


def _by_feed(symbols: Iterable[str]) -> Iterable[list[str]]:
    """Return the markets of each feed: one that does not answer holds up its own alone."""
    by_feed: dict[str, list[str]] = {}
    for symbol in sorted(symbols):
        by_feed.setdefault(symbol.rpartition(".")[2], []).append(symbol)
    return by_feed.values()
