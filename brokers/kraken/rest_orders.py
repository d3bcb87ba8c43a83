"""Orders and their executions over REST, many at once: Kraken allows few calls."""

import logging
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from typing import Final, TypeAlias

from brokers.kraken import parsing, rest_wire
from brokers.kraken.errors import KrakenRefused
from brokers.kraken.executions import Executions, Told
from brokers.kraken.pairs import Pairs
from brokers.kraken.rest import Rest
from ems.messages import BrokerdFill, BrokerdQuery

log = logging.getLogger(__name__)

_ORDERS_A_CALL: Final = 50
_TRADES_A_CALL: Final = 20

Found: TypeAlias = tuple[str, rest_wire.RestOrder]
"""An order and Kraken's id of it."""


class RestOrders:
    """Asks for orders; each call raises `KrakenError`.

    Parameters
    ----------
    rest : Rest
        Who is asked.
    executions : Executions
        Those that the stream has told, under the ids that it has told them with.
    clock
        Now, UTC ns.
    """

    def __init__(self, rest: Rest, executions: Executions, clock: Callable[[], int]) -> None:
        self.pairs = Pairs(())
        self._rest = rest
        self._executions = executions
        self._clock = clock

    async def by_id(self, queries: Sequence[BrokerdQuery]) -> dict[str, Found]:
        """Return the orders with Kraken's ids that these have, by our id."""
        found: dict[str, Found] = {}
        for start in range(0, len(queries), _ORDERS_A_CALL):
            some = queries[start : start + _ORDERS_A_CALL]
            orders = await self._query_orders([str(query.reqid) for query in some])
            for query in some:
                if (order := orders.get(str(query.reqid))) is not None:
                    found[query.oid] = (str(query.reqid), order)
        return found

    async def _query_orders(self, ids: Sequence[str]) -> dict[str, rest_wire.RestOrder]:
        params = {"trades": "true", "txid": ",".join(ids)}
        try:
            return await self._rest.private("QueryOrders", dict[str, rest_wire.RestOrder], params)
        except KrakenRefused as error:
            if not error.says("EOrder:Unknown order", "EOrder:Invalid order"):
                raise
        if len(ids) == 1:
            return {}
        half = len(ids) // 2  # one of them is unknown, and Kraken does not say which
        return await self._query_orders(ids[:half]) | await self._query_orders(ids[half:])

    async def by_oid(self, queries: Sequence[BrokerdQuery]) -> dict[str, Found]:
        """Return the orders with our ids, by them.

        Looked for among the open ones first: one that ends meanwhile is then among the closed.
        """
        if not queries:
            return {}
        opened = await self._rest.private("OpenOrders", rest_wire.OpenOrders, {"trades": "true"})
        found: dict[str, Found] = {}
        for query in queries:
            order = _newest(opened.open, query.oid)
            if order is None:
                params = {"trades": "true", "cl_ord_id": query.oid}
                closed = await self._rest.private("ClosedOrders", rest_wire.ClosedOrders, params)
                order = _newest(closed.closed, query.oid)
            if order is not None:
                found[query.oid] = order
        return found

    async def fills(self, found: Iterable[Found]) -> dict[str, list[BrokerdFill]]:
        """Return every execution of these orders, by order id."""
        orders = dict(found)
        ids = [exec_id for order in orders.values() for exec_id in order.trades]
        told: list[Told] = []
        for start in range(0, len(ids), _TRADES_A_CALL):
            params = {"txid": ",".join(ids[start : start + _TRADES_A_CALL])}
            trades = await self._rest.private(
                "QueryTrades", dict[str, rest_wire.RestTrade], params, cost=2
            )
            for exec_id, trade in trades.items():
                fill = self._fill(exec_id, trade, orders.get(trade.ordertxid))
                if fill is not None:
                    told.append(Told(fill, trade.trade_id))
        fills: dict[str, list[BrokerdFill]] = defaultdict(list)
        for fill in self._executions.fills_of(told, "rest"):
            fills[str(fill.reqid)].append(fill)
        return fills

    def _fill(
        self, exec_id: str, trade: rest_wire.RestTrade, order: rest_wire.RestOrder | None
    ) -> BrokerdFill | None:
        pair = self.pairs.named(trade.pair)
        fill = None
        if pair is not None:
            in_base = order is not None and "fcib" in order.oflags.split(",")
            fill = parsing.rest_fill_of(exec_id, trade, pair, self._clock(), fee_in_base=in_base)
        if fill is None:
            log.error("an execution that cannot be read: %s %s", exec_id, trade)
        return fill


def _newest(
    orders: dict[str, rest_wire.RestOrder], oid: str
) -> tuple[str, rest_wire.RestOrder] | None:
    """Return the last order with this ``cl_ord_id``, which may be used again after an order's end.

    Looked at here too, in case the filter of the question was not heeded.
    """
    ours = [(order_id, order) for order_id, order in orders.items() if order.cl_ord_id == oid]
    return max(ours, key=lambda entry: entry[1].opentm, default=None)
