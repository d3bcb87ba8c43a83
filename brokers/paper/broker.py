"""Paper trading as the EMS sees it: a broker like any other."""

import time
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager, closing
from pathlib import Path
from typing import Any, Final, get_args

from brokers.paper.dialogue import PaperDialogue
from brokers.paper.options import PaperOptions, read_options
from brokers.paper.store import PaperStore
from ems.market import Market
from ems.messages import OrderType, TimeInForce
from ems.ports import Abilities, Backend, EventSink
from ems.ticks import Depth, Tick

_EVERYTHING: Final = Abilities(
    types=frozenset(get_args(OrderType)),
    tifs=frozenset(get_args(TimeInForce)),
    post_only=True,
    reduce_only=True,
    retrail=True,
)


class PaperBroker:
    """Trade any market whose ticks it is handed; see `ems.ports.Broker` and `MatchesTicks`.

    Parameters
    ----------
    options : PaperOptions
        Accounts, latency and fees.
    state_dir : Path
        The folder of its file ``paper.db``; made if missing.
    clock : callable
        Returns the program's time, UTC ns.
    """

    name = "paper"

    def __init__(
        self, options: PaperOptions, state_dir: Path, clock: Callable[[], int] = time.time_ns
    ) -> None:
        self.accounts = options.accounts
        self._options = options
        self._path = state_dir / "paper.db"
        self._clock = clock
        self._markets: dict[str, Market] = {}
        self._depths: dict[str, Callable[[], Depth | None]] = {}
        self._dialogue: PaperDialogue | None = None

    @asynccontextmanager
    async def open_trades(self, sink: EventSink) -> AsyncIterator[PaperDialogue]:
        """Open the one dialogue; while none is open, nothing happens at the venue.

        Raises
        ------
        EmsError
            If the venue's file cannot be used; a damaged one is set aside, and the text says as
            what.
        """
        if self._dialogue is not None:
            raise RuntimeError("the paper venue's dialogue is open already")
        with closing(PaperStore(self._path)) as store:
            dialogue = PaperDialogue(store, self._options, self._clock, sink, self._depth)
            with closing(dialogue):
                for market in self._markets.values():
                    dialogue.watch(market)
                self._dialogue = dialogue
                try:
                    yield dialogue
                finally:
                    self._dialogue = None

    def abilities(self, market: Market) -> Abilities:
        """Return what can be asked for: everything."""
        return _EVERYTHING

    def use_depth(self, fqsn: str, depth: Callable[[], Depth | None]) -> None:
        """Fill against this order book from now on; see `ems.ports.UsesDepth`."""
        self._depths[fqsn] = depth

    def watch(self, market: Market) -> None:
        """Make a market known; its orders of earlier runs become active."""
        self._markets[market.fqsn] = market
        if self._dialogue is not None:
            self._dialogue.watch(market)

    def on_tick(self, fqsn: str, tick: Tick) -> None:
        """Match what rests in this market against the tick."""
        if self._dialogue is not None:
            self._dialogue.on_tick(fqsn, tick)

    def _depth(self, fqsn: str) -> Depth | None:
        depth = self._depths.get(fqsn)
        return None if depth is None else depth()


def open_backend(options: Mapping[str, Any], state_dir: Path) -> Backend:
    """Return the paper backend.

    Raises
    ------
    EmsError
        If an option is unknown or wrong.
    """
    return Backend(name="paper", broker=PaperBroker(read_options(options), state_dir))
