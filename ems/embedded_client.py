"""A client in the process of its EMS."""

import asyncio
import logging
import time
from collections import deque
from collections.abc import AsyncIterator, Callable, Collection, Sequence
from typing import Final

from ems.journal import Journal
from ems.market import Market
from ems.market_hub import MarketHub
from ems.messages import BrokerdFill, Cancel, ClientMsg, Notice, Order
from ems.ports import Abilities
from ems.router import Router

log = logging.getLogger(__name__)

UNREAD_LIMIT: Final = 100_000
"""A client that leaves so many messages unread is dropped: it must not hold up the EMS."""


class EmbeddedClient:
    """A client in the process of its EMS; see `ems.client.EmsClient` for what each call does."""

    def __init__(
        self,
        router: Router,
        hub: MarketHub,
        journal: Journal,
        symbols: Collection[str] | None,
        abilities: Callable[[str, str], Abilities],
        welcome: Callable[["EmbeddedClient", Collection[str]], None],
    ) -> None:
        self._abilities = abilities
        self._router = router
        self._hub = hub
        self._journal = journal
        self._symbols = None if symbols is None else frozenset(symbols)
        self._unread: deque[ClientMsg] = deque()
        self._arrived = asyncio.Event()
        self._closed = False
        self._left = False
        self._welcome = welcome
        self.dropped = ""
        """Why the EMS ended the connection; empty if it did not."""

    def submit(self, order: Order) -> None:
        """Send an order, dark order or alert; with a known ``oid`` it modifies that one."""
        self._router.submit(order, self)

    def submit_group(self, orders: Sequence[Order]) -> None:
        """Send several new orders that are taken or refused together."""
        self._router.submit_group(orders, self)

    def modify(self, order: Order) -> None:
        """Ask that the order of this ``oid`` become as given."""
        self._router.modify(order, self)

    def cancel(self, cancel: Cancel) -> None:
        """Ask for the end of an order, dark order or alert."""
        self._router.cancel(cancel, self)

    async def __aiter__(self) -> AsyncIterator[ClientMsg]:
        """Yield each message until the client is closed."""
        while True:
            while self._unread:
                yield self._unread.popleft()
            if self._closed:
                return
            self._arrived.clear()
            await self._arrived.wait()

    async def market(self, fqsn: str) -> Market:
        """Return a market's facts; the EMS watches it from now on."""
        return await self._hub.market(fqsn)

    def abilities(self, account: str, fqsn: str) -> Abilities:
        """Return what the account's broker can do in a market that was asked for."""
        return self._abilities(account, fqsn)

    async def fills(self, symbol: str | None = None) -> list[BrokerdFill]:
        """Return every fill in the journal, oldest first."""
        return list(self._journal.fills(symbol))

    def come_back(self, shown: Collection[str]) -> bool:
        """Connect again if the EMS ended the connection; see `ems.client.ComesBack`."""
        if self._left or not self.dropped:
            return False
        self._closed, self.dropped = False, ""
        self._welcome(self, shown)
        return True

    def close(self) -> None:
        """End the connection; what is unread is still yielded."""
        self._left = True
        self._end()

    def _end(self) -> None:
        self._closed = True
        self._router.unsubscribe(self)
        self._arrived.set()

    def follows(self, fqsn: str) -> bool:
        """Tell whether it asked for this market."""
        return self._symbols is None or fqsn in self._symbols

    def deliver(self, msg: ClientMsg) -> None:
        """Take a message from the EMS; too many unread end the connection, and the last says so."""
        unread = self._unread
        if self._closed:
            return
        if not unread:  # else it is awake, or about to be
            unread.append(msg)
            self._arrived.set()
        elif len(unread) < UNREAD_LIMIT:
            unread.append(msg)
        else:
            self._drop()

    def _drop(self) -> None:
        self.dropped = (
            f"{UNREAD_LIMIT:,} messages were left unread, so the EMS ended the connection; "
            "connect again to see how everything is now."
        )
        log.error("client dropped: %s", self.dropped)
        self._unread.clear()
        self._unread.append(Notice(time_ns=time.time_ns(), level="error", text=self.dropped))
        self._end()
