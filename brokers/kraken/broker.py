"""Trading at Kraken as the EMS sees it."""

import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

from brokers.kraken.dialogue import KrakenDialogue
from brokers.kraken.first_use import FirstUse
from brokers.kraken.options import KrakenOptions
from brokers.kraken.order_types import abilities_in
from brokers.kraken.pairs import BROKER, PairSource
from brokers.kraken.parsing import ACCOUNT
from brokers.kraken.reach import reach_private
from brokers.kraken.rest import Rest
from brokers.kraken.timing import Timing
from ems.market import Market
from ems.ports import Abilities, EventSink, Reached, Usage


class KrakenBroker:
    """Trades the account of one API key; see `ems.ports.Broker`.

    Parameters
    ----------
    options : KrakenOptions
        Where Kraken is.
    rest : Rest
        With the key.
    state_dir : Path
        Its folder; made if missing.
    clock
        Now, UTC ns.
    """

    name = BROKER
    accounts: tuple[str, ...] = (ACCOUNT,)

    def __init__(
        self,
        options: KrakenOptions,
        rest: Rest,
        pairs: PairSource,
        state_dir: Path,
        timing: Timing,
        clock: Callable[[], int] = time.time_ns,
    ) -> None:
        self._options = options
        self._rest = rest
        self._pairs = pairs
        self._state_dir = state_dir
        self._timing = timing
        self._clock = clock
        self._dialogue: KrakenDialogue | None = None

    def usage(self, market: Market) -> Usage | None:
        """Return where the matching engine's counter of the pair stands."""
        return None if self._dialogue is None else self._dialogue.usage(market)

    def abilities(self, market: Market) -> Abilities:
        """Return what can be asked for in the pair."""
        known = None if self._dialogue is None else self._dialogue.entry.pairs
        return abilities_in(known.named(market.description) if known else None)

    async def reach(self) -> Reached:
        """See that Kraken takes the key; as `ems.ports.Reachable`."""
        return await reach_private(self._rest)

    @asynccontextmanager
    async def open_trades(self, sink: EventSink) -> AsyncIterator[KrakenDialogue]:
        """Open the dialogue; it connects, and comes back after each break, by itself."""
        dialogue = KrakenDialogue(
            self._options,
            self._rest,
            self._pairs,
            FirstUse(self._state_dir),
            sink,
            self._timing,
            self._clock,
        )
        async with dialogue.hold():
            self._dialogue = dialogue
            try:
                yield dialogue
            finally:
                self._dialogue = None
