"""Finds out over REST what became of orders, by Kraken's ids or by ours (their ``cl_ord_id``).

After a reconnect many are asked for at once, and Kraken allows few calls: what can be asked
together is.
"""

import asyncio
import logging
from collections.abc import Callable, Sequence
from typing import Final

from brokers.kraken import parsing, rest_wire, status
from brokers.kraken.errors import KrakenError
from brokers.kraken.executions import Executions
from brokers.kraken.live_order import LiveOrder
from brokers.kraken.pairs import BROKER, Pairs
from brokers.kraken.parsing import ACCOUNT
from brokers.kraken.rest import Rest
from brokers.kraken.rest_orders import RestOrders
from ems.messages import BrokerdFill, BrokerdQuery, BrokerdReport
from ems.ports import EventSink

log = logging.getLogger(__name__)

_PUT_OFF_S: Final = 0.25


class Lookup:
    """Answers queries.

    Parameters
    ----------
    rest : Rest
        Who is asked.
    live
        The order that the stream knows under Kraken's id, if it lives: its price and size are
        newer than REST's.
    executions : Executions
        Those that the stream has told, under the ids that it has told them with.
    is_being_replaced
        Tells whether the order with Kraken's id is: then its end there is not its end here, and
        the answer to that request is waited for first.
    answer
        Takes each report.
    clock
        Now, UTC ns.
    deadline_s : float
        So long after it was sent an order that is not found may still turn up.
    """

    def __init__(
        self,
        rest: Rest,
        live: Callable[[str], LiveOrder | None],
        executions: Executions,
        is_being_replaced: Callable[[str], bool],
        answer: EventSink,
        clock: Callable[[], int],
        deadline_s: float,
    ) -> None:
        self._orders = RestOrders(rest, executions, clock)
        self._live = live
        self._is_being_replaced = is_being_replaced
        self._answer = answer
        self._clock = clock
        self._deadline_ns = int(deadline_s * 1e9)
        self._queue: list[str] = []
        self._asked: dict[str, BrokerdQuery] = {}
        """By oid, the newest question that has no answer yet: it is the one that counts."""
        self._worker: asyncio.Task[None] | None = None
        self._timers: dict[str, asyncio.TimerHandle] = {}
        self._born_ns = clock()
        self._sent_ns: dict[str, int] = {}
        self._why: dict[str, str] = {}

    def note_sent(self, oid: str) -> None:
        """Note when an order went out: until its deadline it may still turn up."""
        self._sent_ns[oid] = self._clock()

    def note_answered(self, oid: str) -> None:
        """Kraken has spoken of the order: there is nothing to wait for."""
        self._sent_ns.pop(oid, None)
        self._why.pop(oid, None)

    def note_reason(self, oid: str, reason: str) -> None:
        """Keep what Kraken said when it did not say what became of the order."""
        self._why[oid] = reason

    def ask(self, query: BrokerdQuery, pairs: Pairs) -> None:
        """Find out what became of an order; Kraken is not asked twice at once."""
        self._orders.pairs = pairs
        is_under_way = query.oid in self._asked
        self._asked[query.oid] = query
        if not is_under_way:
            self._enqueue(query.oid)

    async def close(self) -> None:
        """Stop asking."""
        for timer in self._timers.values():
            timer.cancel()
        if self._worker is not None:
            self._worker.cancel()
            await asyncio.gather(self._worker, return_exceptions=True)

    # ---- one batch after the other

    def _enqueue(self, oid: str) -> None:
        self._timers.pop(oid, None)
        self._queue.append(oid)
        if self._worker is None or self._worker.done():
            self._worker = asyncio.create_task(self._work(), name="kraken look-up")

    async def _work(self) -> None:
        while self._queue:
            await asyncio.sleep(0)  # a reconnect asks for many, one by one
            oids, self._queue = self._queue, []
            batch = [query for query in map(self._asked.__getitem__, oids) if self._is_due(query)]
            try:
                await self._answer_all(batch)
            except KrakenError as error:  # no answer is no answer: the EMS asks again
                log.warning("%d orders could not be looked up: %s", len(batch), error)
                for query in batch:
                    self._asked.pop(query.oid, None)

    def _is_due(self, query: BrokerdQuery) -> bool:
        """Put a question off whose answer of now may be taken for an end that is none."""
        if query.reqid is None or not self._is_being_replaced(str(query.reqid)):
            return True
        self._later(query, _PUT_OFF_S)
        return False

    def _later(self, query: BrokerdQuery, wait_s: float) -> None:
        loop = asyncio.get_running_loop()
        self._timers[query.oid] = loop.call_later(wait_s, self._enqueue, query.oid)

    async def _answer_all(self, batch: Sequence[BrokerdQuery]) -> None:
        found = await self._orders.by_id([query for query in batch if query.reqid is not None])
        found |= await self._orders.by_oid([query for query in batch if query.reqid is None])
        fills = await self._orders.fills(found.values())
        for query in batch:
            if query.oid in found:
                self._tell(self._report(query, *found[query.oid], fills))
            elif (wait_s := self._may_still_come_s(query)) > 0:
                self._later(query, wait_s)
            else:
                self._tell(self._nothing(query))

    def _tell(self, report: BrokerdReport) -> None:
        if self._asked[report.oid].time_ns != report.asked_ns:
            self._enqueue(report.oid)  # asked anew meanwhile: it may have been overtaken
            return
        del self._asked[report.oid]
        self.note_answered(report.oid)
        self._answer(report)

    def _may_still_come_s(self, query: BrokerdQuery) -> float:
        if query.reqid is not None:
            return 0.0
        # One that was not sent from here was sent before we started, by the run before this one.
        sent_ns = self._sent_ns.get(query.oid, self._born_ns)
        return (sent_ns + self._deadline_ns - self._clock()) / 1e9

    # ---- what is answered

    def _report(
        self,
        query: BrokerdQuery,
        order_id: str,
        order: rest_wire.RestOrder,
        fills: dict[str, list[BrokerdFill]],
    ) -> BrokerdReport:
        row = status.REST_STATUS.get(order.status)
        if row is None:
            log.warning("unknown status %r of order %s: %s", order.status, order_id, order)
        live = self._live(order_id)
        if live is not None:
            live.note_filled(order.vol_exec)
        return BrokerdReport(
            oid=query.oid,
            account=ACCOUNT,
            time_ns=self._clock(),
            asked_ns=query.time_ns,
            found=True,
            reqid=order_id,
            status=(row.status or "") if row else order.status,
            price=live.price if live else parsing.rest_price(order.descr.price),
            size=live.size if live else order.vol,
            limit_price=live.limit_price if live else parsing.rest_price(order.descr.price2),
            trail=live.trail if live else None,
            triggered=live.triggered if live else False,
            fills=tuple(fills.get(order_id, ())),
            reason=(order.reason or row.reason) if row and row.status == "canceled" else "",
        )

    def _nothing(self, query: BrokerdQuery) -> BrokerdReport:
        said = self._why.get(query.oid)
        return BrokerdReport(
            oid=query.oid,
            account=ACCOUNT,
            time_ns=self._clock(),
            asked_ns=query.time_ns,
            found=False,
            reason=f"{said}: it was not placed." if said else f"{BROKER} has no such order.",
        )
