"""Trading at IB as the EMS sees it: a broker like any other."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

import msgspec

from brokers.ib import order_types
from brokers.ib.contracts import Contracts
from brokers.ib.dialogue import IbDialogue
from brokers.ib.feed import IbFeed
from brokers.ib.link import Link, show_fault
from brokers.ib.options import IbOptions
from brokers.ib.reach import reach
from brokers.ib.timing import Timing
from ems.market import Market
from ems.ports import Abilities, EventSink, Reached


class IbBroker:
    """The accounts of one login; see `ems.ports.Broker`. Its dialogue keeps the connection up."""

    def __init__(
        self, options: IbOptions, timing: Timing, link: Link, contracts: Contracts, feed: IbFeed
    ) -> None:
        self.name = options.broker
        self._options = options
        self._timing = timing
        self._link = link
        self._contracts = contracts
        self._feed = feed
        self._names = {
            f"{options.broker}.{name}": theirs for name, theirs in options.accounts.items()
        }
        self.accounts = tuple(self._names)
        self.venue_accounts = self._names

    def abilities(self, market: Market) -> Abilities:
        """Return what IB says that the contract takes; everything, while it has not said."""
        known = self._contracts.known(market.fqsn)
        can = order_types.abilities(known.order_types if known is not None else frozenset())
        return can if self._options.oca_groups else msgspec.structs.replace(can, ties=frozenset())

    async def reach(self) -> Reached:
        """See that TWS answers; as `ems.ports.Reachable`."""
        return await reach(self._options, self._timing)

    @asynccontextmanager
    async def open_trades(self, sink: EventSink) -> AsyncIterator[IbDialogue]:
        """Connect, and stay connected until the context is left.

        If TWS is not there within a few seconds it enters all the same, and tries on.
        """
        dialogue = IbDialogue(
            self._options, self._timing, self._link, self._contracts, self._feed, self._names, sink
        )
        keeping = asyncio.create_task(self._link.keep())
        keeping.add_done_callback(show_fault)
        try:
            with suppress(TimeoutError):
                async with asyncio.timeout(self._timing.start_s):
                    await dialogue.first_word.wait()
            yield dialogue
        finally:
            dialogue.close()
            keeping.cancel()
            await asyncio.wait({keeping})
