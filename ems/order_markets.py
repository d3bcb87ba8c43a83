"""Watches the markets of what is active, and tries again those whose feed is not there yet."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
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
        Tells every client.
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
        self.missing: Final[dict[str, Notice]] = {}
        """By fqsn, those that could not be watched, and what is told of each."""

    async def watch_all(self) -> None:
        """Watch them all; what fails is told to whoever connects, and tried again."""
        for symbol in self._symbols():
            try:
                await self._watch(symbol)
            except EmsError as error:
                text = f"Orders and alerts in {symbol} are not watched: {error}. It is tried again."
                log.warning("%s", text)
                self.missing[symbol] = Notice(time_ns=self._clock(), level="error", text=text)
        if self.missing:
            self._retry.start()

    def stop(self) -> None:
        """Try no more."""
        self._retry.stop()
        if self._task is not None:
            self._task.cancel()

    def _rings(self) -> None:
        self._task = asyncio.create_task(self._try_again(), name="markets of orders")

    async def _try_again(self) -> None:
        for symbol in self.missing.keys() & self._symbols():
            try:
                await self._watch(symbol)
            except EmsError:
                continue  # it was told at the start
            except Exception:
                log.exception("the feed of %s failed", symbol)
                continue
            del self.missing[symbol]
            text = f"Orders and alerts in {symbol} are watched now."
            log.warning("%s", text)
            self._tell(Notice(time_ns=self._clock(), level="info", text=text))
        for symbol in self.missing.keys() - self._symbols():
            del self.missing[symbol]  # nothing is active there any more
        if self.missing:
            self._retry.start()
