"""Which market a contract that IB names is in: known at once, or asked for first."""

import asyncio
from collections.abc import Callable, Iterable
from decimal import Decimal

from ib_async import Contract

from brokers.ib.contracts import Contracts


class MarketNames:
    """Finds the fqsn of contracts, without making the caller wait.

    Parameters
    ----------
    remark
        Takes a sentence for the user about a contract that cannot be found.
    """

    def __init__(self, contracts: Contracts, remark: Callable[[str], None]) -> None:
        self._contracts = contracts
        self._remark = remark
        self._tasks: set[asyncio.Task[None]] = set()

    def of(self, con_id: int) -> str:
        """Return the fqsn of a contract that was met; else an empty text."""
        known = self._contracts.known_id(con_id)
        return known.market.fqsn if known is not None else ""

    def multiplier(self, con_id: int) -> Decimal:
        """Return the money that a point of a contract is worth; 1 for one that was not met."""
        known = self._contracts.known_id(con_id)
        return known.market.multiplier if known is not None else Decimal(1)

    def then(self, contract: Contract, call: Callable[[str], None]) -> None:
        """Call with the fqsn of a contract: at once if it was met, else when IB has told."""
        if symbol := self.of(contract.conId):
            call(symbol)
            return
        task = asyncio.create_task(self._find(contract, call))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def find_all(self, contracts: Iterable[Contract]) -> None:
        """Ask IB for each of these that was not met."""
        wanted = {contract.conId: contract for contract in contracts}
        await asyncio.gather(*(self._contracts.by_con_id(c) for c in wanted.values()))

    async def settle(self) -> None:
        """Wait until all that was asked for has been called with."""
        while self._tasks:
            await asyncio.wait(tuple(self._tasks))

    def close(self) -> None:
        """Ask no more."""
        for task in self._tasks:
            task.cancel()

    async def _find(self, contract: Contract, call: Callable[[str], None]) -> None:
        known = await self._contracts.by_con_id(contract)
        if known is not None:
            call(known.market.fqsn)
        else:
            self._remark(f"IB does not tell what the contract {contract.conId} is")
