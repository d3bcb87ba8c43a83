"""Asking IB what became of orders: for the EMS, after a doubt, and for the orders of others."""

import asyncio
import logging
import time
from collections.abc import Callable
from decimal import Decimal

from ib_async import Order, OrderState
from msgspec.structs import replace

from brokers.ib import order_types
from brokers.ib.fills import Fills
from brokers.ib.ib_order import IbOrder, order_size
from brokers.ib.link import Link
from brokers.ib.market_names import MarketNames
from brokers.ib.numbers import exact, exact_or_none
from brokers.ib.order_book import OrderBook
from brokers.ib.survey import Survey, Surveyor
from brokers.ib.timing import Timing
from ems.messages import BrokerdFill, BrokerdQuery, BrokerdReport
from ems.ports import EventSink

log = logging.getLogger(__name__)

_MISSED_TWICE = 2
_MISSED_OFTEN = 5


class Inquiries:
    """Answers the queries of the EMS, and follows the orders that IB sends no news of.

    Parameters
    ----------
    is_ours
        Tells whether news of an order come by themselves: it is this client's own.
    """

    def __init__(
        self,
        link: Link,
        surveyor: Surveyor,
        book: OrderBook,
        fills: Fills,
        markets: MarketNames,
        timing: Timing,
        is_ours: Callable[[IbOrder], bool],
        tell: EventSink,
    ) -> None:
        self._link = link
        self._surveyor = surveyor
        self._book = book
        self._fills = fills
        self._markets = markets
        self._timing = timing
        self._is_ours = is_ours
        self._tell = tell
        self._queries: dict[str, BrokerdQuery] = {}
        self._pauses = timing.pauses(timing.again_s)
        self._wanted = asyncio.Event()

    def ask(self, query: BrokerdQuery) -> None:
        """Take a query; the next round of questions answers it."""
        self._queries[query.oid] = query
        self._wanted.set()

    def doubt(self) -> None:
        """Ask IB soon: what it said of an order does not agree."""
        self._wanted.set()

    async def run(self) -> None:
        """Ask while the connection is up; cancelled when it goes down."""
        while True:
            try:
                async with asyncio.timeout(self._timing.poll_s):
                    await self._wanted.wait()
            except TimeoutError:
                await self._look_around()
                continue
            self._wanted.clear()
            await self._round()

    def forget(self) -> None:
        """Drop what was asked: the connection is gone, and the EMS asks again."""
        self._queries.clear()
        self._wanted.clear()

    # ---- one round

    async def _round(self) -> None:
        queries, self._queries = self._queries, {}
        before = {order.oid for order in self._book.index if order.acked}
        survey = await self._surveyor.all()
        await self._markets.settle()
        if survey.open_perm_ids is not None:
            self._settle(survey, before)
        complete = survey.open_perm_ids is not None and survey.executions_known
        if complete:
            self._pauses = self._timing.pauses(self._timing.again_s)
        for query in queries.values():
            report = self._report(query, survey)
            if report is not None:
                self._tell(report)
            elif not complete:
                self._queries.setdefault(query.oid, query)
        if self._queries:
            asyncio.get_running_loop().call_later(next(self._pauses), self._wanted.set)

    async def _look_around(self) -> None:
        """See what has changed that nobody told of: IB sends no news of others' orders."""
        before = {order.oid: order.filled for order in self._book.index if order.acked}
        open_perm_ids = await self._surveyor.open_orders()
        if open_perm_ids is None:
            return
        for order in self._book.index:
            if order.over or order.oid not in before:
                continue
            gone = order.perm_id not in open_perm_ids and order.missed < _MISSED_OFTEN
            filled = order.filled != before[order.oid] and not self._is_ours(order)
            if gone or filled:
                self.doubt()

    def _settle(self, survey: Survey, before: set[str]) -> None:
        """End what IB no longer lists, where it tells how, or where nobody else would tell."""
        assert survey.open_perm_ids is not None
        for order in self._book.index:
            if order.over or order.oid not in before or order.perm_id in survey.open_perm_ids:
                continue
            order.missed += 1
            ended = survey.how_it_ended(order.oid, order.perm_id)
            if ended is not None:
                order.word, order.filled = ended[1].status, _filled(*ended)
                self._book.tell_state(order, _ending(ended[1]))
            elif self._is_full(order):
                order.word, order.filled = "Filled", order.size
                self._book.tell_state(order)
            elif order.missed >= _MISSED_TWICE and not self._is_ours(order):
                order.word = "Cancelled"
                self._book.tell_state(order, "IB no longer lists this order.")
            elif not self._is_ours(order):
                self.doubt()

    def _is_full(self, order: IbOrder) -> bool:
        return self._fills.executions.filled(order.account, order.perm_id) >= order.size

    # ---- answers to the EMS

    def _report(self, query: BrokerdQuery, survey: Survey) -> BrokerdReport | None:
        order = self._book.index.by_oid(query.oid) or self._book.index.by_perm_id(query.reqid)
        perm_id = order.perm_id if order is not None else _number(query.reqid)
        fills = self._fills.executions.of(query.account, perm_id) if perm_id else ()
        fills = fills or self._fills_by_oid(query)
        if survey.open_perm_ids is None:
            return None
        if order is not None and perm_id in survey.open_perm_ids:
            return self._alive(query, order, fills)
        ended = survey.how_it_ended(query.oid, perm_id)
        if ended is not None:
            return self._ended(query, order, ended, fills)
        if order is not None and order.perm_id and self._is_full(order):
            return _found(query, order.perm_id, "closed", order.price, order.size, fills)
        if not survey.executions_known:
            return None  # it may have been filled: IB is asked again
        if order is not None and not order.acked:
            order.over = True
        return BrokerdReport(
            oid=query.oid,
            account=query.account,
            time_ns=time.time_ns(),
            asked_ns=query.time_ns,
            found=False,
            reason="IB does not list this order: neither open, nor completed, nor executed today.",
        )

    def _alive(
        self, query: BrokerdQuery, order: IbOrder, fills: tuple[BrokerdFill, ...]
    ) -> BrokerdReport | None:
        means = order.means()
        if means is None or not means.status:
            return None
        if order.cancel_asked and order.word in ("PendingCancel", "Inactive"):
            return None  # the cancel is still on its way: neither done nor refused
        status = means.status
        if status == "pending" and order.acked:
            status = "open"  # what it is held for was told; this answers a request about it
        if order.asked_ns <= query.time_ns:  # else there is a younger request, with its own answer
            order.wish, order.cancel_asked = None, False
        order.acked = True
        report = _found(query, order.perm_id, status, order.price, order.size, fills)
        trail = order_types.trail_of(order.order)
        return replace(report, limit_price=order.limit_price, trail=trail)

    def _ended(
        self,
        query: BrokerdQuery,
        order: IbOrder | None,
        ended: tuple[Order, OrderState],
        fills: tuple[BrokerdFill, ...],
    ) -> BrokerdReport:
        said, state = ended
        filled = _filled(said, state)
        refusal = order.refusal if order is not None else ""
        if state.status == "Filled":
            status = "closed"
        elif refusal or (state.status == "Inactive" and not filled):
            status = "error"
        else:
            status = "canceled"
        if order is not None:
            order.over = True
        size = exact(order_size(said)) or None
        price = order_types.price_of(said)
        report = _found(query, said.permId, status, price, size, fills)
        return _with_reason(report, refusal or _ending(state))

    def _fills_by_oid(self, query: BrokerdQuery) -> tuple[BrokerdFill, ...]:
        return tuple(fill for fill in self._fills.executions.all() if fill.oid == query.oid)


def _found(
    query: BrokerdQuery,
    perm_id: int,
    status: str,
    price: Decimal | None,
    size: Decimal | None,
    fills: tuple[BrokerdFill, ...],
) -> BrokerdReport:
    return BrokerdReport(
        oid=query.oid,
        account=query.account,
        time_ns=time.time_ns(),
        asked_ns=query.time_ns,
        found=True,
        reqid=perm_id or None,
        status=status,
        price=price,
        size=size,
        fills=fills,
    )


def _with_reason(report: BrokerdReport, reason: str) -> BrokerdReport:
    return replace(report, reason=reason) if report.status != "closed" else report


def _number(reqid: object) -> int:
    return reqid if isinstance(reqid, int) else 0


def _filled(order: Order, state: OrderState) -> Decimal:
    """IB tells a completed order's filled size apart from its size, which can be 0 then."""
    filled = exact_or_none(order.filledQuantity)
    if filled is None and state.status == "Filled":
        return exact(order_size(order))
    return filled or Decimal(0)


def _ending(state: OrderState) -> str:
    return f"At IB: {state.completedStatus}" if state.completedStatus else ""
