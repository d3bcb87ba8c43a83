"""What a client of the EMS can do, wherever the EMS runs."""

from collections.abc import AsyncIterator, Collection, Sequence
from typing import Protocol, runtime_checkable

from ems.market import Market
from ems.messages import BrokerdFill, Cancel, ClientMsg, Order
from ems.ports import Abilities


class EmsClient(Protocol):
    """One client's connection to an EMS.

    Requests are plain calls that never wait; what becomes of them comes with the messages. At once
    after the connect the messages bring each active dialog (``Status``), each position and each
    connection of the markets that the client asked for; then every later change, in order.
    """

    def submit(self, order: Order) -> None:
        """Send an order, dark order or alert; with a known ``oid`` it modifies that one."""

    def submit_group(self, orders: Sequence[Order]) -> None:
        """Send several new orders that are taken or refused together.

        An entry and its exits, the peers of an OCO group, a flatten and what comes after it.
        """

    def modify(self, order: Order) -> None:
        """Ask that the order of this ``oid`` become as given (price and size may differ)."""

    def cancel(self, cancel: Cancel) -> None:
        """Ask for the end of an order, dark order or alert."""

    def __aiter__(self) -> AsyncIterator[ClientMsg]:
        """Yield each message for this client until it is closed."""

    async def market(self, fqsn: str) -> Market:
        """Return a market's facts; raises `UnknownMarket`."""

    def abilities(self, account: str, fqsn: str) -> Abilities:
        """Return what the account's broker can do in a market that was asked for.

        What it cannot is held here: see `ems.ports.Abilities`.
        """

    async def fills(self, symbol: str | None = None) -> list[BrokerdFill]:
        """Return every fill in the journal, oldest first, of one market or of all."""

    def close(self) -> None:
        """End the connection; the messages stop."""


@runtime_checkable
class ComesBack(Protocol):
    """A client that can connect again after the EMS has ended its connection."""

    def come_back(self, shown: Collection[str]) -> bool:
        """Connect again if the EMS ended the connection; False if it did not.

        The messages go on with how everything is now, as after a connect, and with how each of
        the orders ``shown`` ended that is over by now. Fills are read anew with `EmsClient.fills`.
        """
