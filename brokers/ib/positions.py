"""The positions by IB's own count."""

import time
from collections.abc import Callable, Mapping

from ib_async import Contract

from brokers.ib.market_names import MarketNames
from brokers.ib.numbers import exact
from ems.messages import BrokerdPosition
from ems.ports import EventSink


class Positions:
    """Keeps what IB says of positions, and tells of changes; see `brokers.ib.listeners.Listeners`.

    Parameters
    ----------
    names
        Our names of the accounts by IB's.
    is_live
        False while everything is read anew: what is heard then is told all at once.
    """

    def __init__(
        self,
        names: Mapping[str, str],
        markets: MarketNames,
        is_live: Callable[[], bool],
        tell: EventSink,
    ) -> None:
        self._names = names
        self._markets = markets
        self._is_live = is_live
        self._tell = tell
        self._said: dict[tuple[str, int], tuple[Contract, float, float]] = {}

    def clear(self) -> None:
        """Forget all: a new connection tells of them anew."""
        self._said.clear()

    def on_position(self, account: str, contract: Contract, size: float, avg_cost: float) -> None:
        """Take a position; those of accounts that the config does not name are left out."""
        ours = self._names.get(account)
        if ours is None:
            return
        self._said[ours, contract.conId] = (contract, size, avg_cost)
        if self._is_live():
            self._markets.then(
                contract,
                lambda symbol: self._tell(self._message(ours, symbol, contract, size, avg_cost)),
            )

    async def told(self) -> tuple[BrokerdPosition, ...]:
        """Return all of them, once their markets are known."""
        await self._markets.find_all(contract for contract, *_ in self._said.values())
        return tuple(
            self._message(account, symbol, contract, size, cost)
            for (account, con_id), (contract, size, cost) in self._said.items()
            if (symbol := self._markets.of(con_id))
        )

    def _message(
        self, account: str, symbol: str, contract: Contract, size: float, avg_cost: float
    ) -> BrokerdPosition:
        """IB's average cost is money: that of a future has its multiplier in it."""
        multiplier = self._markets.multiplier(contract.conId)
        return BrokerdPosition(
            account=account,
            symbol=symbol,
            size=exact(size),
            time_ns=time.time_ns(),
            avg_price=exact(avg_cost) / multiplier if size else None,
        )
