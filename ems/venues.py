"""The brokers of an EMS, and the trades dialogue that is open with each of them."""

from collections.abc import Callable, Mapping
from contextlib import AsyncExitStack
from typing import Final

from ems.market import Market, broker_of
from ems.messages import Connection
from ems.open_brokers import OpenBrokers
from ems.ports import Backend, Broker, StatesUsage, TradesDialogue, Usage
from ems.relay import Relay


class Venues:
    """Where the requests of one EMS go.

    Parameters
    ----------
    backends
        By name; those without a broker trade nothing.
    """

    def __init__(self, backends: Mapping[str, Backend]) -> None:
        self.brokers: Final[dict[str, Broker]] = {
            backend.broker.name: backend.broker for backend in backends.values() if backend.broker
        }
        self.dialogues: Final[dict[str, TradesDialogue]] = {}
        """By broker, those that are open."""
        self._relays: dict[str, Relay] = {}
        self._open = OpenBrokers()

    async def open(
        self,
        stack: AsyncExitStack,
        relay_of: Callable[[str], Relay],
        failed: Callable[[str, Exception], None],
        clock: Callable[[], int],
        wait_s: float | None,
    ) -> None:
        """Open a dialogue with each broker, all at once; see `OpenBrokers.open`."""

        def opened(name: str, dialogue: TradesDialogue) -> None:
            self.dialogues[name] = dialogue
            try:
                self._relays[name].opened(dialogue, clock())
            except Exception:  # it is left again: nothing more goes there
                del self.dialogues[name]
                down = Connection(broker=name, up=False, time_ns=clock(), reason="it is not open")
                self._relays[name].on_event(down)
                raise

        self._relays.update({name: relay_of(name) for name in self.brokers})
        sinks = {name: relay.on_event for name, relay in self._relays.items()}
        await self._open.open(self.brokers, sinks, opened, failed, stack, wait_s)

    async def until_open(self, broker: str) -> None:
        """Wait while this broker opens; return at once if it is open, in vain, or none."""
        await self._open.until_open(broker)

    @property
    def accounts(self) -> dict[str, tuple[str, ...]]:
        """The accounts that can be traded on, by broker."""
        return {name: broker.accounts for name, broker in self.brokers.items()}

    @property
    def connections(self) -> list[Connection]:
        """What each broker said last of its connection."""
        return [relay.connection for relay in self._relays.values() if relay.connection]

    def is_up(self, broker: str) -> bool:
        """Tell whether the line to a broker is up."""
        connection = self._relays[broker].connection if broker in self._relays else None
        return connection is not None and connection.up

    def dialogue(self, broker: str) -> TradesDialogue:
        """Return the dialogue with a broker.

        Raises
        ------
        ConnectionError
            If none is open.
        """
        dialogue = self.dialogues.get(broker)
        if dialogue is None:
            raise ConnectionError(f"{broker} is not connected")
        return dialogue

    def usage(self, account: str, market: Market) -> Usage | None:
        """Return how much of its venue's allowance of requests an account has used up.

        None where the venue has no such count.
        """
        broker = self.brokers.get(broker_of(account))
        return broker.usage(market) if isinstance(broker, StatesUsage) else None
