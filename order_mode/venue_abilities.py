"""What the account's broker can do in the market of a chart, as far as its EMS takes it at all."""

from collections.abc import Sequence
from typing import Protocol, runtime_checkable

from ems.client import EmsClient
from ems.messages import Order
from ems.ports import Abilities


@runtime_checkable
class TakesOrderTypes(Protocol):
    """An EMS client that takes more than limit orders, and groups."""

    def abilities(self, account: str, fqsn: str) -> Abilities:
        """Return what the account's broker can do in a market."""

    def submit_group(self, orders: Sequence[Order]) -> None:
        """Send several new orders that are taken or refused together."""


def abilities_of(client: EmsClient, account: str, fqsn: str) -> Abilities | None:
    """Return what a broker can do; None if the EMS itself takes limit orders only."""
    return client.abilities(account, fqsn) if isinstance(client, TakesOrderTypes) else None
