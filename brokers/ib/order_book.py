"""Hears what IB says of orders, fills and positions, and tells the EMS."""

import asyncio
import logging
import time
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Final

from ib_async import CommissionReport, Contract, Execution, Order, OrderState

from brokers.ib.codes import CODES, Effect, text_of
from brokers.ib.contracts import Contracts
from brokers.ib.executions import Executions
from brokers.ib.ib_order import IbOrder
from brokers.ib.numbers import exact
from brokers.ib.order_index import OrderIndex
from brokers.ib.origin import oid_of, origin, our_oid
from ems.messages import (
    ZERO,
    BrokerdError,
    BrokerdFill,
    BrokerdOrderAck,
    BrokerdPosition,
    BrokerdStatus,
    BrokerEvent,
    Request,
    Status,
)
from ems.messages import Order as OurOrder

log = logging.getLogger(__name__)


class OrderBook:
    """The orders at IB as IB tells of them; see `brokers.ib.wire.OrderListener`.

    Parameters
    ----------
    contracts
        To find the markets that orders and fills are in.
    accounts
        Our names of the accounts by IB's.
    client_id : int
        Of this program.
    tell
        Takes each event for the EMS.
    doubt
        Called when a code and the state of an order do not agree: IB has to be asked.
    """

    def __init__(
        self,
        contracts: Contracts,
        accounts: Mapping[str, str],
        client_id: int,
        tell: Callable[[BrokerEvent], None],
        doubt: Callable[[], None],
    ) -> None:
        self.index: Final = OrderIndex()
        self.executions: Final = Executions()
        self.positions: Final[dict[tuple[str, int], tuple[Contract, float, float]]] = {}
        self.live = False
        """False while everything is read anew: what is heard then is told all at once."""
        self._contracts = contracts
        self._accounts = accounts
        self._client_id = client_id
        self._tell = tell
        self._doubt = doubt
        self._early: dict[int, tuple[str, float, str]] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._strange: set[str] = set()
        self.on_order_id: Callable[[int], None] = lambda _: None

    # ---- what IB says: `brokers.ib.wire.OrderListener`

    def on_open_order(
        self, order_id: int, contract: Contract, order: Order, state: OrderState
    ) -> None:
        """Take an order as IB has it."""
        self.on_order_id(order_id)
        known = self.index.match(order.permId, order.clientId, order_id, order.orderRef)
        if known is None:
            known = self._new(order_id, contract, order)
            if known is None:
                return
        elif not known.sent_here or order.permId:
            self._adopt_wording(known, order)
        known.order_id = order_id
        known.perm_id = order.permId or known.perm_id
        known.word = state.status or known.word
        known.missed = 0
        self.index.add(known)
        if (early := self._early.pop(known.perm_id, None)) is not None:
            known.word, filled, known.why_held = early
            known.filled = exact(filled)
        self.tell_state(known)

    def on_order_status(
        self, order_id: int, status: str, filled: float, remaining: float,
        perm_id: int, client_id: int, why_held: str,
    ) -> None:  # fmt: skip
        """Take the state of an order; one that is not known yet is kept until its order comes."""
        known = self.index.match(perm_id, client_id, order_id)
        if known is None:
            if perm_id:
                self._early[perm_id] = (status, filled, why_held)
            return
        known.perm_id = perm_id or known.perm_id
        known.word, known.why_held, known.filled = status, why_held, exact(filled)
        self.index.add(known)
        self.tell_state(known)

    def on_execution(self, contract: Contract, execution: Execution) -> None:
        """Take an execution, of now or of late."""
        account = self._accounts.get(execution.acctNumber)
        if account is None:
            self._remark_account(execution.acctNumber)
            return
        self._with_symbol(contract, lambda symbol: self._execute(account, symbol, execution))

    def on_commission(self, report: CommissionReport) -> None:
        """Take what an execution cost, before or after the execution itself."""
        paid = self.executions.commission(report.execId, exact(report.commission), report.currency)
        if paid is not None and self.live:
            self._tell(paid)

    def on_position(self, account: str, contract: Contract, size: float, avg_cost: float) -> None:
        """Take a position by IB's count."""
        ours = self._accounts.get(account)
        if ours is None:
            return
        self.positions[ours, contract.conId] = (contract, size, avg_cost)
        if self.live:
            self._with_symbol(
                contract,
                lambda symbol: self._tell(position(ours, symbol, contract, size, avg_cost)),
            )

    def on_order_error(self, order_id: int, code: int, text: str) -> bool:
        """Take a code about an order of ours; see `brokers.ib.codes`."""
        known = self.index.by_order_id(self._client_id, order_id)
        if known is None:
            return False
        words = text_of(code, text)
        row = CODES.get(code)
        if row is None:
            log.warning("IB says of order %s what is not in the table: %s", known, words)
            return True
        log.info("IB says of order %s: %s", known.oid, words)
        match row.effect:
            case Effect.REFUSES:
                self._refused(known, words)
            case Effect.REFUSES_CHANGE:
                self._refused_change(known, words)
            case Effect.REFUSES_CANCEL:
                known.cancel_asked = False
                self.refuse(known, "cancel", words)
            case Effect.ENDS:
                self._ended(known, words)
            case Effect.WARNS:
                self._warned(known, words)
        return True

    # ---- codes

    def _refused(self, known: IbOrder, words: str) -> None:
        if known.changing:
            self._refused_change(known, words)
        elif not known.acked:
            known.over, known.refusal = True, words
            self.refuse(known, "new", words)
        else:
            known.refusal = words
            self.tell_state(known)
            self._doubt()  # a code alone does not end an order that IB has called its own

    def _refused_change(self, known: IbOrder, words: str) -> None:
        known.changing = False
        self.refuse(known, "modify", words)
        self._doubt()

    def _ended(self, known: IbOrder, words: str) -> None:
        known.word = "Cancelled"
        if not known.acked and known.sent_here and not known.perm_id:
            known.over = True
            self.refuse(known, "new", words)
            return
        self.tell_state(known, "" if known.cancel_asked else words)

    def _warned(self, known: IbOrder, words: str) -> None:
        if known.acked and not known.over:
            self.tell_state(known, words)

    def refuse(self, known: IbOrder, request: Request, words: str) -> None:
        """Tell the EMS that a request about an order was refused."""
        self._tell(
            BrokerdError(
                account=known.account,
                reason=words,
                time_ns=time.time_ns(),
                oid=known.oid,
                reqid=known.perm_id or None,
                symbol=known.symbol or None,
                request=request,
            )
        )

    # ---- orders

    def _new(self, order_id: int, contract: Contract, order: Order) -> IbOrder | None:
        account = self._accounts.get(order.account)
        if account is None:
            self._remark_account(order.account)
            return None
        cleared = Order(**{name: value for name, value in vars(order).items() if value != "?"})
        return IbOrder(
            oid=oid_of(order.orderRef, order.account, order.permId),
            account=account,
            contract=contract,
            order=cleared,
            order_id=order_id,
            client_id=order.clientId,
            perm_id=order.permId,
        )

    @staticmethod
    def _adopt_wording(known: IbOrder, said: Order) -> None:
        """Take what can change about an order; the rest stays as it was sent."""
        order = known.order
        order.totalQuantity, order.orderType = said.totalQuantity, said.orderType
        order.lmtPrice, order.auxPrice, order.tif = said.lmtPrice, said.auxPrice, said.tif
        order.trailStopPrice, order.permId = said.trailStopPrice, said.permId

    def tell_state(self, known: IbOrder, reason: str = "") -> None:
        """Tell the EMS how an order is; an order that it does not have comes first."""
        if not self.live or not known.perm_id:
            return
        if not known.symbol:
            self._with_symbol(known.contract, lambda symbol: self._found_symbol(known, symbol))
            return
        means = known.means()
        if means is None:
            log.warning("IB gives a state that nobody has documented: %s", known)
            return
        if not means.status:
            return
        if not known.acked and not self._introduce(known, over=means.status not in _LIVE):
            return
        status = BrokerdStatus(
            reqid=known.perm_id,
            account=known.account,
            status=means.status,
            time_ns=0,
            price=known.price,
            size=known.size,
            filled=known.filled,
            cancel_called=means.cancel_called,
            reason=reason or means.reason,
        )
        if status == known.told_last:
            return
        known.told_last = status
        self._say(known, status)

    def _say(self, known: IbOrder, status: BrokerdStatus) -> None:
        now = time.time_ns()
        alive = status.status in _LIVE
        if known.over and alive:  # called over, and lives after all
            self._tell(known.live_order(self._client_id, now))
        if known.changing and status.status == "pending":
            # held back by IB, but with the price or size that was asked for: that is confirmed
            self._tell(_at(status, now, "open"))
        known.over = not alive
        if alive:
            known.told_as = status.status
        if status.status == "open":
            known.changing = False
        self._tell(_at(status, now))

    def _introduce(self, known: IbOrder, *, over: bool) -> bool:
        """Tell the EMS of an order before its first state; False if it is none to show."""
        now = time.time_ns()
        if known.sent_here:
            known.acked = True
            self._tell(
                BrokerdOrderAck(
                    oid=known.oid, reqid=known.perm_id, account=known.account, time_ns=now
                )
            )
            return True
        if over and known.filled == ZERO:
            known.over = True
            return False  # came and went: nothing to show
        if known.price is None:
            self.remark(
                f"a {known.order.orderType} order in {known.symbol} lives at IB; it has no price, "
                "so it has no line here"
            )
            return False
        known.acked = True
        self._tell(known.live_order(self._client_id, now))
        return True

    def _found_symbol(self, known: IbOrder, symbol: str) -> None:
        known.symbol = symbol
        self.tell_state(known)

    # ---- fills

    def _execute(self, account: str, symbol: str, execution: Execution) -> None:
        fill = _fill(account, symbol, execution)
        known = self.index.match(
            execution.permId, execution.clientId, execution.orderId, execution.orderRef
        )
        if known is not None and not known.perm_id:
            known.perm_id = execution.permId
            self.index.add(known)
        new = self.executions.add(fill)
        if new is None or not self.live:
            return
        if known is None or not known.acked:
            self._introduce_by_fill(known, new, execution)
        self._tell(new)
        if known is not None and not known.over:
            filled = self.executions.filled(account, execution.permId)
            if filled >= known.size:
                known.word, known.filled = "Filled", known.size
                self.tell_state(known)

    def _introduce_by_fill(
        self, known: IbOrder | None, fill: BrokerdFill, execution: Execution
    ) -> None:
        """An execution is the first that is heard of its order."""
        if known is not None:
            known.symbol = known.symbol or fill.symbol
            if self._introduce(known, over=False):
                return
        made = origin(
            execution.clientId, execution.orderId, execution.orderRef, here=self._client_id
        )
        self._tell(
            Status(
                oid=oid_of(execution.orderRef, execution.acctNumber, execution.permId),
                time_ns=fill.time_ns,
                resp="open",
                reqid=execution.permId,
                req=OurOrder(
                    oid=oid_of(execution.orderRef, execution.acctNumber, execution.permId),
                    action=fill.action,
                    exec_mode="live",
                    symbol=fill.symbol,
                    account=fill.account,
                    price=fill.price,
                    size=max(exact(execution.cumQty), fill.size),
                ),
                src="ib",
                origin=made.words,
            )
        )
        if known is None:
            self._doubt()  # IB's open orders tell whether it still works

    # ---- markets

    def _with_symbol(self, contract: Contract, then: Callable[[str], None]) -> None:
        """Call with the fqsn of a contract, at once if it is known."""
        known = self._contracts.known_id(contract.conId)
        if known is not None:
            then(known.market.fqsn)
            return
        task = asyncio.create_task(self._find_symbol(contract, then))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _find_symbol(self, contract: Contract, then: Callable[[str], None]) -> None:
        known = await self._contracts.by_con_id(contract)
        if known is not None:
            then(known.market.fqsn)
        else:
            self.remark(f"IB does not tell what the contract {contract.conId} is")

    async def settle(self) -> None:
        """Wait until the markets of all that was heard are known."""
        while self._tasks:
            await asyncio.wait(tuple(self._tasks))

    async def name_markets(self) -> None:
        """Find the markets of the orders and positions that were heard of."""
        await self.settle()
        nameless = [order for order in self.index if not order.symbol]
        contracts = {order.contract.conId: order.contract for order in nameless}
        contracts |= {contract.conId: contract for contract, *_ in self.positions.values()}
        await asyncio.gather(*(self._contracts.by_con_id(c) for c in contracts.values()))
        for order in nameless:
            known = self._contracts.known_id(order.contract.conId)
            order.symbol = known.market.fqsn if known is not None else ""

    # ---- remarks

    def remark(self, text: str) -> None:
        """Tell the user something that belongs to no order; the same only once."""
        if text not in self._strange:
            self._strange.add(text)
            account = next(iter(self._accounts.values()), "ib")
            self._tell(BrokerdError(account=account, reason=text, time_ns=time.time_ns()))

    def _remark_account(self, account: str) -> None:
        if account not in self._strange:
            self._strange.add(account)
            log.info(
                "orders of the account %s are left out: [brokers.ib] does not name it", account
            )

    def close(self) -> None:
        """Stop what runs."""
        for task in self._tasks:
            task.cancel()


_LIVE: Final = ("pending", "open")


def _at(status: BrokerdStatus, time_ns: int, word: str = "") -> BrokerdStatus:
    from msgspec.structs import replace

    return replace(status, time_ns=time_ns, status=word or status.status)


def _fill(account: str, symbol: str, execution: Execution) -> BrokerdFill:
    when = execution.time
    assert isinstance(when, datetime)
    return BrokerdFill(
        reqid=execution.permId,
        account=account,
        symbol=symbol,
        exec_id=execution.execId,
        action="buy" if execution.side.upper() in ("BOT", "BUY") else "sell",
        size=exact(execution.shares),
        price=exact(execution.price),
        broker_time_ns=int(when.timestamp()) * 1_000_000_000,
        time_ns=time.time_ns(),
        oid=our_oid(execution.orderRef),
    )


def position(
    account: str, symbol: str, contract: Contract, size: float, avg_cost: float
) -> BrokerdPosition:
    """Return a position; IB's average cost of a future has its multiplier in it."""
    multiplier = exact(contract.multiplier or 1)
    return BrokerdPosition(
        account=account,
        symbol=symbol,
        size=exact(size),
        time_ns=time.time_ns(),
        avg_price=exact(avg_cost) / multiplier if size else None,
    )
