"""What IB says of executions and commissions, told as fills of orders."""

import time
from collections.abc import Mapping
from datetime import datetime
from typing import Final, Literal

from ib_async import CommissionReport, Contract, Execution, Order
from ib_async.util import UNSET_INTEGER

from brokers.ib.executions import Executions
from brokers.ib.ib_order import IbOrder
from brokers.ib.market_names import MarketNames
from brokers.ib.numbers import exact, exact_or_none
from brokers.ib.order_book import OrderBook
from brokers.ib.origin import oid_elsewhere, oid_in
from ems.messages import BrokerdFill
from ems.ports import EventSink


class Fills:
    """Hears executions and commissions; see `brokers.ib.listeners.Listeners`.

    Parameters
    ----------
    names
        Our names of the accounts by IB's.
    """

    def __init__(
        self,
        names: Mapping[str, str],
        markets: MarketNames,
        book: OrderBook,
        tell: EventSink,
    ) -> None:
        self.executions: Final = Executions()
        self._names = names
        self._markets = markets
        self._book = book
        self._tell = tell

    def on_execution(self, contract: Contract, execution: Execution) -> None:
        """Take an execution, of now or of late."""
        account = self._names.get(execution.acctNumber)
        if account is not None:
            self._markets.then(
                contract, lambda symbol: self._execute(account, symbol, contract, execution)
            )

    def on_commission(self, report: CommissionReport) -> None:
        """Take what an execution cost, before or after the execution itself."""
        fee = exact_or_none(report.commission)
        if fee is None:
            return
        paid = self.executions.commission(report.execId, fee, report.currency)
        if paid is not None and self._book.live:
            self._tell(paid)

    def _execute(self, account: str, symbol: str, contract: Contract, execution: Execution) -> None:
        new = self.executions.add(_fill(account, symbol, execution))
        order = self._book.index.match(
            execution.permId, execution.clientId, execution.orderId, execution.orderRef
        )
        if order is not None and not order.perm_id:
            order.perm_id = execution.permId
            self._book.index.add(order)
        if new is None or not self._book.live:
            return
        if order is None:
            order = _guess(account, contract, execution)
            self._book.index.add(order)
        order.symbol = order.symbol or symbol
        self._book.introduce(order)
        self._tell(new)
        self._close_if_full(order)

    def _close_if_full(self, order: IbOrder) -> None:
        """Not every end brings a state of its own: the executions tell it too."""
        if order.over:
            return
        if order.guessed:
            self._book.doubt()  # IB's open orders tell whether it still works
        elif self.executions.filled(order.account, order.perm_id) >= order.size:
            order.word, order.filled = "Filled", order.size
            self._book.tell_state(order)


def _fill(account: str, symbol: str, execution: Execution) -> BrokerdFill:
    when = execution.time
    assert isinstance(when, datetime)
    return BrokerdFill(
        reqid=execution.permId,
        account=account,
        symbol=symbol,
        exec_id=execution.execId,
        action=_side(execution),
        size=exact(execution.shares),
        price=exact(execution.price),
        broker_time_ns=int(when.timestamp()) * 1_000_000_000,
        time_ns=time.time_ns(),
        oid=_oid_in(execution),
    )


def _oid_in(execution: Execution) -> str | None:
    return oid_in(execution.orderRef, execution.clientId, execution.orderId)


def _side(execution: Execution) -> Literal["buy", "sell"]:
    return "buy" if execution.side.upper() in ("BOT", "BUY") else "sell"


def _guess(account: str, contract: Contract, execution: Execution) -> IbOrder:
    """Return the order behind an execution that is the first that is heard of it."""
    order = Order(
        action=_side(execution).upper(),
        orderType="LMT",
        lmtPrice=execution.price,
        totalQuantity=max(execution.cumQty, execution.shares),
        account=execution.acctNumber,
        orderRef=execution.orderRef,
        clientId=execution.clientId,
        permId=execution.permId,
    )
    return IbOrder(
        oid=_oid_in(execution) or oid_elsewhere(execution.acctNumber, execution.permId),
        account=account,
        contract=contract,
        order=order,
        order_id=execution.orderId if execution.orderId != UNSET_INTEGER else 0,
        client_id=execution.clientId,
        perm_id=execution.permId,
        word="Submitted",
        guessed=True,
    )
