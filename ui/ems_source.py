"""Where order mode on a plot gets its client from: a client, an EMS, or one still to be opened."""

import asyncio
from collections.abc import AsyncIterator, Collection, Sequence
from typing import Protocol, TypeAlias, runtime_checkable

from ems.client import ComesBack, EmsClient
from ems.embedded import Ems
from ems.market import Market
from ems.market_hub import MarketHub
from ems.messages import BrokerdFill, Cancel, ClientMsg, Order
from ems.ports import Abilities, TickSink, Unsubscribe
from ui.hosted_loop import HostedLoop


@runtime_checkable
class ConnectsClients(Protocol):
    """An EMS that hands out clients, as `ems.embedded.Ems` does."""

    def connect(self, symbols: Collection[str] | None = None) -> EmsClient:
        """Return a new client that hears of these markets."""


@runtime_checkable
class OpensEms(Protocol):
    """An EMS that opens when it is first needed, as ``ordermode.connect()`` returns it."""

    async def ems(self) -> ConnectsClients:
        """Return the EMS; the first call opens it."""

    async def aclose(self) -> None:
        """Close it."""


@runtime_checkable
class ShowsTicks(Protocol):
    """An EMS whose prices can be followed, as those of `ems.embedded.Ems`."""

    hub: MarketHub


AnyEms: TypeAlias = EmsClient | ConnectsClients | OpensEms


class EmsSource:
    """The client of one plot, and the prices of its market where the EMS has them.

    Parameters
    ----------
    ems
        What the program handed over.
    fqsn
        The market to hear of.
    loop
        That order mode runs on.
    """

    def __init__(self, ems: AnyEms, fqsn: str, loop: asyncio.AbstractEventLoop) -> None:
        self._given = ems
        self._fqsn = fqsn
        self._loop = loop
        self._ems: ConnectsClients | None = None
        self._own: EmsClient | None = None
        if isinstance(ems, OpensEms) and isinstance(loop, HostedLoop):
            loop.at_end(ems, ems.aclose)  # nobody else knows when the program ends

    async def client(self) -> EmsClient:
        """Return the client; an EMS that is not open yet is opened."""
        given = await self._given.ems() if isinstance(self._given, OpensEms) else self._given
        if isinstance(given, ConnectsClients):
            self._ems = given
            self._own = client = given.connect([self._fqsn])
        else:
            client = given
        return BoundClient(client, self._loop) if isinstance(self._loop, HostedLoop) else client

    @property
    def in_process(self) -> Ems | None:
        """The EMS with its accounts and prices, if it is in this process and open."""
        return self._ems if isinstance(self._ems, Ems) else None

    def show_ticks(self, fqsn: str, sink: TickSink) -> Unsubscribe:
        """Hand the market's ticks on, if the EMS has them; call the result to stop."""
        if isinstance(self._ems, ShowsTicks):
            return self._ems.hub.show(fqsn, sink)
        return lambda: None

    def close(self) -> None:
        """End the client, unless the program lent it."""
        if self._own is not None:
            self._own.close()


class BoundClient:
    """A client whose requests run on the loop of the EMS, wherever they are made.

    In a program with a loop hosted by Qt a key or a click comes while no loop counts as running,
    and a backend may start a task to send a request.
    """

    def __init__(self, client: EmsClient, loop: HostedLoop) -> None:
        self._client = client
        self._loop = loop

    def submit(self, order: Order) -> None:
        """Send an order."""
        with self._loop.current():
            self._client.submit(order)

    def submit_group(self, orders: Sequence[Order]) -> None:
        """Send several orders that are taken or refused together."""
        with self._loop.current():
            self._client.submit_group(orders)

    def abilities(self, account: str, fqsn: str) -> Abilities:
        """Return what the account's broker can do in a market."""
        return self._client.abilities(account, fqsn)

    def modify(self, order: Order) -> None:
        """Ask that an order become as given."""
        with self._loop.current():
            self._client.modify(order)

    def cancel(self, cancel: Cancel) -> None:
        """Ask for the end of an order."""
        with self._loop.current():
            self._client.cancel(cancel)

    def __aiter__(self) -> AsyncIterator[ClientMsg]:
        """Yield each message."""
        return self._client.__aiter__()

    async def market(self, fqsn: str) -> Market:
        """Return a market's facts."""
        return await self._client.market(fqsn)

    async def fills(self, symbol: str | None = None) -> list[BrokerdFill]:
        """Return every fill in the journal."""
        return await self._client.fills(symbol)

    def come_back(self, shown: Collection[str]) -> bool:
        """Connect again if the EMS ended the connection."""
        return isinstance(self._client, ComesBack) and self._client.come_back(shown)

    def close(self) -> None:
        """End the connection."""
        self._client.close()
