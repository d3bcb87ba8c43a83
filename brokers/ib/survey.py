"""What lives at IB and how the rest ended: open orders, executions, completed orders, positions.

Each question has a time limit of its own, for some versions of TWS never end the answer to some:
https://github.com/ib-api-reloaded/ib_async/issues/224
"""

import logging
from collections.abc import Callable
from typing import Any

import msgspec
from ib_async import ExecutionFilter, Order, OrderState

from brokers.ib.link import Link
from brokers.ib.origin import TWS_CLIENT, our_oid
from brokers.ib.timing import Timing
from brokers.ib.wire import Refused

log = logging.getLogger(__name__)


class Survey(msgspec.Struct, frozen=True, kw_only=True):
    """One round of questions. None = IB did not answer."""

    open_perm_ids: frozenset[int] | None
    executions_known: bool
    completed: tuple[tuple[Order, OrderState], ...] | None = None

    def how_it_ended(self, oid: str, perm_id: int) -> tuple[Order, OrderState] | None:
        """Return an order that is over, by IB's id; by ours while that is not known."""
        for order, state in self.completed or ():
            # a copy that was made in TWS may have our id too
            is_it = order.permId == perm_id if perm_id else our_oid(order.orderRef) == oid
            if is_it:
                return order, state
        return None


class Surveyor:
    """Asks IB, one question after the other: all answers about orders come unnamed.

    Parameters
    ----------
    link, timing
        To ask with, and how long to wait.
    client_id : int
        Of this program; 0 also binds the orders made in TWS.
    """

    def __init__(self, link: Link, timing: Timing, client_id: int) -> None:
        self._link = link
        self._timing = timing
        self._client_id = client_id

    async def positions(self) -> None:
        """Ask for the positions, and for news of them from now on."""
        client = self._link.client
        await self._answer("positions", client.reqPositions)

    async def bind(self) -> None:
        """As client 0, take the orders made in TWS as ours to change: those of now and later."""
        if self._client_id == TWS_CLIENT:
            client = self._link.client
            client.reqAutoOpenOrders(True)
            await self._answer("open orders", client.reqOpenOrders)

    async def open_orders(self) -> frozenset[int] | None:
        """Ask for the open orders of everybody; return their permanent ids."""
        client = self._link.client
        answer = await self._answer("open orders", client.reqAllOpenOrders)
        if answer is None:
            return None
        return frozenset(order.permId for _, _, order, _ in answer)

    async def all(self) -> Survey:
        """Ask for everything about orders."""
        client = self._link.client
        open_perm_ids = await self.open_orders()
        req_id = client.getReqId()
        executions = await self._answer(
            req_id, lambda: client.reqExecutions(req_id, ExecutionFilter())
        )
        completed = await self._answer("completed orders", lambda: client.reqCompletedOrders(False))
        return Survey(
            open_perm_ids=open_perm_ids,
            executions_known=executions is not None,
            completed=None if completed is None else tuple((o, s) for _, o, s in completed),
        )

    async def _answer(self, key: int | str, send: Callable[[], None]) -> list[Any] | None:
        try:
            return await self._link.wire.ask(key, send, self._timing.answer_s)
        except TimeoutError:
            log.warning("IB did not end its answer about %s; going on without it", key)
        except Refused as error:
            log.warning("IB refuses to tell about %s: %s", key, error)
        return None
