"""Finds out over REST what became of an order, by Kraken's id or by ours (its ``cl_ord_id``)."""

import asyncio
import logging
from collections.abc import Callable
from typing import Final

from brokers.kraken import parsing, status, wire
from brokers.kraken.errors import KrakenError, KrakenRefused
from brokers.kraken.live_order import LiveOrder
from brokers.kraken.pairs import BROKER, Pairs
from brokers.kraken.parsing import ACCOUNT
from brokers.kraken.rest import Rest
from ems.messages import BrokerdFill, BrokerdQuery, BrokerdReport
from ems.ports import EventSink

log = logging.getLogger(__name__)

_TRADES_A_CALL: Final = 20


class Lookup:
    """Answers queries, one at a time, so that a hundred of them do not break the rate limit.

    Parameters
    ----------
    rest : Rest
        Who is asked.
    live
        The order that the stream knows under Kraken's id, if it lives: its price and size are
        newer than REST's.
    answer
        Takes each report.
    clock
        Now, UTC ns.
    """

    def __init__(
        self,
        rest: Rest,
        live: Callable[[str], LiveOrder | None],
        answer: EventSink,
        clock: Callable[[], int],
        deadline_s: float,
    ) -> None:
        self._rest = rest
        self._live = live
        self._answer = answer
        self._clock = clock
        self._deadline_ns = int(deadline_s * 1e9)
        self._under_way: dict[str, asyncio.Task[None]] = {}
        self._one_at_a_time = asyncio.Semaphore(1)
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
        """Find out what became of an order; the same question is not asked twice at once."""
        if query.oid in self._under_way:
            return
        task = asyncio.create_task(self._find(query, pairs), name=f"kraken look-up {query.oid}")
        self._under_way[query.oid] = task
        task.add_done_callback(lambda _: self._under_way.pop(query.oid, None))

    async def close(self) -> None:
        """Stop asking."""
        tasks = list(self._under_way.values())
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    # ---- inside

    async def _find(self, query: BrokerdQuery, pairs: Pairs) -> None:
        try:
            async with self._one_at_a_time:
                found = await self._order(query)
            if found is None and (wait_s := self._may_still_come_s(query.oid)) > 0:
                await asyncio.sleep(wait_s)
                async with self._one_at_a_time:
                    found = await self._order(query)
            if found is None:
                self._answer(self._nothing(query))
            else:
                async with self._one_at_a_time:
                    self._answer(await self._report(query, *found, pairs))
        except KrakenError as error:  # no answer is no answer: the EMS asks again
            log.warning("order %s could not be looked up: %s", query.oid, error)

    def _may_still_come_s(self, oid: str) -> float:
        # One that was not sent from here was sent before we started, by the run before this one.
        sent_ns = self._sent_ns.get(oid, self._born_ns)
        return (sent_ns + self._deadline_ns - self._clock()) / 1e9

    async def _order(self, query: BrokerdQuery) -> tuple[str, wire.RestOrder] | None:
        if query.reqid is not None:
            return await self._by_id(str(query.reqid))
        # Open ones first: an order that ends in between is then among the closed ones.
        params = {"trades": "true", "cl_ord_id": query.oid}
        opened = await self._rest.private("OpenOrders", wire.OpenOrders, params)
        found = _newest(opened.open, query.oid)
        if found is None:
            closed = await self._rest.private("ClosedOrders", wire.ClosedOrders, params)
            found = _newest(closed.closed, query.oid)
        return found

    async def _by_id(self, order_id: str) -> tuple[str, wire.RestOrder] | None:
        params = {"trades": "true", "txid": order_id}
        try:
            answer = await self._rest.private("QueryOrders", dict[str, wire.RestOrder], params)
        except KrakenRefused as error:
            if error.says("EOrder:Unknown order", "EOrder:Invalid order"):
                return None
            raise
        order = answer.get(order_id)
        return None if order is None else (order_id, order)

    async def _report(
        self, query: BrokerdQuery, order_id: str, order: wire.RestOrder, pairs: Pairs
    ) -> BrokerdReport:
        fills = await self._fills(order, pairs)
        row = status.REST_STATUS.get(order.status)
        if row is None:
            log.warning("unknown status %r of order %s: %s", order.status, order_id, order)
        live = self._live(order_id)
        self.note_answered(query.oid)
        return BrokerdReport(
            oid=query.oid,
            account=ACCOUNT,
            time_ns=self._clock(),
            found=True,
            reqid=order_id,
            status=(row.status or "") if row else order.status,
            price=live.price if live else (order.descr.price or None),
            size=live.size if live else order.vol,
            fills=fills,
            reason=(order.reason or row.reason) if row and row.status == "canceled" else "",
        )

    async def _fills(self, order: wire.RestOrder, pairs: Pairs) -> tuple[BrokerdFill, ...]:
        fee_in_base = "fcib" in order.oflags.split(",")
        fills: list[BrokerdFill] = []
        for start in range(0, len(order.trades), _TRADES_A_CALL):
            ids = order.trades[start : start + _TRADES_A_CALL]
            trades = await self._rest.private(
                "QueryTrades", dict[str, wire.RestTrade], {"txid": ",".join(ids)}, cost=2
            )
            for exec_id, trade in trades.items():
                pair = pairs.named(trade.pair)
                fill = pair and parsing.rest_fill_of(
                    exec_id, trade, pair, self._clock(), fee_in_base=fee_in_base
                )
                if fill:
                    fills.append(fill)
                else:
                    log.error("an execution that cannot be read: %s %s", exec_id, trade)
        return tuple(fills)

    def _nothing(self, query: BrokerdQuery) -> BrokerdReport:
        said = self._why.get(query.oid)
        self.note_answered(query.oid)
        return BrokerdReport(
            oid=query.oid,
            account=ACCOUNT,
            time_ns=self._clock(),
            found=False,
            reason=f"{said}: it was not placed." if said else f"{BROKER} has no such order.",
        )


def _newest(orders: dict[str, wire.RestOrder], oid: str) -> tuple[str, wire.RestOrder] | None:
    """Return the last order with this ``cl_ord_id``, which may be used again after an order's end.

    Looked at here too, in case the filter of the question was not heeded.
    """
    ours = [(order_id, order) for order_id, order in orders.items() if order.cl_ord_id == oid]
    return max(ours, key=lambda entry: entry[1].opentm, default=None)
