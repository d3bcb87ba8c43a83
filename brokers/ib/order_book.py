"""Hears what IB says of orders, and tells the EMS how they are."""

import logging
import time
from collections.abc import Callable, Mapping
from typing import Final

from ib_async import Contract, Order, OrderState
from msgspec.structs import replace

from brokers.ib import order_types
from brokers.ib.ib_order import IbOrder
from brokers.ib.market_names import MarketNames
from brokers.ib.numbers import exact
from brokers.ib.order_index import OrderIndex
from brokers.ib.origin import oid_elsewhere, oid_in
from brokers.ib.status import WORKING
from ems.messages import (
    ZERO,
    BrokerdError,
    BrokerdOrderAck,
    BrokerdStatus,
    Request,
)
from ems.ports import EventSink

log = logging.getLogger(__name__)

_LIVE: Final = ("pending", "open")


class OrderBook:
    """The orders at IB as IB tells of them; see `brokers.ib.listeners.Listeners`.

    Parameters
    ----------
    names
        Our names of the accounts by IB's.
    client_id : int
        Of this program.
    tell
        Takes each event for the EMS.
    remark
        Takes a sentence for the user that belongs to no order of the EMS.
    doubt
        Called when a code and the state of an order do not agree: IB has to be asked.

    Attributes
    ----------
    live : bool
        False while everything is read anew: what is heard then is told all at once.
    on_order_id
        Told of each order number that is seen, for a new one has to be above all of them.
    """

    def __init__(
        self,
        names: Mapping[str, str],
        markets: MarketNames,
        client_id: int,
        tell: EventSink,
        remark: Callable[[str], None],
        doubt: Callable[[], None],
    ) -> None:
        self.index: Final = OrderIndex()
        self.live = False
        self.doubt = doubt
        self.on_order_id: Callable[[int], None] = lambda _: None
        self._names = names
        self._markets = markets
        self._client_id = client_id
        self._tell = tell
        self._remark = remark
        self._early: dict[int, tuple[str, float, str]] = {}
        self._accounts_left_out: set[str] = set()

    # ---- what IB says

    def on_open_order(
        self, order_id: int, contract: Contract, said: Order, state: OrderState
    ) -> None:
        """Take an order as IB has it; it says so again at each change."""
        self.on_order_id(order_id)
        order = self.index.match(said.permId, said.clientId, order_id, said.orderRef)
        if order is None:
            order = self._new(order_id, contract, said)
            if order is None:
                return
        else:
            order.take(said)
        order.order_id = order_id
        order.perm_id = said.permId or order.perm_id
        order.word = state.status or order.word
        order.missed = 0
        _forgive(order)
        self.index.add(order)
        if (early := self._early.pop(order.perm_id, None)) is not None:
            order.word, filled, order.why_held = early
            order.filled = exact(filled)
        self.tell_state(order)

    def on_order_status(
        self, order_id: int, status: str, filled: float, remaining: float,
        perm_id: int, client_id: int, why_held: str,
    ) -> None:  # fmt: skip
        """Take the state of an order; one that is not known yet is kept until its order comes."""
        order = self.index.match(perm_id, client_id, order_id)
        if order is None:
            if perm_id:
                self._early[perm_id] = (status, filled, why_held)
            return
        order.perm_id = perm_id or order.perm_id
        order.word, order.why_held, order.filled = status, why_held, exact(filled)
        order.take_left(status, order.filled, remaining)
        _forgive(order)
        self.index.add(order)
        self.tell_state(order)

    def _new(self, order_id: int, contract: Contract, said: Order) -> IbOrder | None:
        account = self._names.get(said.account)
        if account is None:
            if said.account not in self._accounts_left_out:
                self._accounts_left_out.add(said.account)
                log.info(
                    "orders of account %s are left out: the config has not got it", said.account
                )
            return None
        return IbOrder(
            oid=oid_in(said.orderRef, said.clientId, order_id)
            or oid_elsewhere(said.account, said.permId),
            account=account,
            contract=contract,
            order=said,
            order_id=order_id,
            client_id=said.clientId,
            perm_id=said.permId,
            symbol=self._markets.of(contract.conId),
        )

    # ---- what the EMS is told

    def refuse(self, order: IbOrder, request: Request, words: str) -> None:
        """Tell the EMS that a request about an order was refused."""
        self._tell(
            BrokerdError(
                account=order.account,
                reason=words,
                time_ns=time.time_ns(),
                oid=order.oid,
                reqid=order.perm_id or None,
                symbol=order.symbol or None,
                request=request,
            )
        )

    def tell_state(self, order: IbOrder, reason: str = "") -> None:
        """Tell the EMS how an order is; an order that it does not have comes first."""
        if not self.live or not order.perm_id:
            return
        if not order.symbol:
            self._markets.then(order.contract, lambda symbol: self._named(order, symbol))
            return
        means = order.means()
        if means is None:
            log.warning("IB gives a state that nobody has documented: %s", order)
            return
        if not means.status or not self._there(order, means.status):
            return
        status = BrokerdStatus(
            reqid=order.perm_id,
            account=order.account,
            status=means.status,
            time_ns=0,
            price=order.price,
            size=order.size,
            limit_price=order.limit_price,
            trail=order_types.trail_of(order.order),
            filled=order.filled,
            cancel_called=means.cancel_called,
            reason=reason or means.reason,
        )
        if status != order.told_last:
            order.told_last = status
            self._say(order, replace(status, time_ns=time.time_ns()))

    def _say(self, order: IbOrder, status: BrokerdStatus) -> None:
        alive = status.status in _LIVE
        if order.over and alive:  # called over, and lives after all
            self._tell(order.live_order(self._client_id, status.time_ns))
        if order.wish == order.terms:
            order.wish = None
            if status.status == "pending":  # held back by IB, but the change is confirmed
                self._tell(replace(status, status="open"))
        order.over = not alive
        if alive:
            order.told_as = status.status
        self._tell(status)

    def _named(self, order: IbOrder, symbol: str) -> None:
        order.symbol = symbol
        self.tell_state(order)

    def _there(self, order: IbOrder, status: str) -> bool:
        """Make sure that the EMS has the order; False if it is none to show."""
        strange = not order.acked and not order.sent_here
        if strange and status not in _LIVE and order.filled == ZERO:
            order.over = True
            return False  # came and went between two looks
        return self.introduce(order)

    def introduce(self, order: IbOrder) -> bool:
        """Tell the EMS of an order, unless it has it; False if it is none to show."""
        if order.acked:
            return True
        now = time.time_ns()
        if order.sent_here:
            self._tell(
                BrokerdOrderAck(
                    oid=order.oid, reqid=order.perm_id, account=order.account, time_ns=now
                )
            )
        elif self.can_show(order):
            self._tell(order.live_order(self._client_id, now))
        else:
            return False
        order.acked = True
        return True

    def can_show(self, order: IbOrder) -> bool:
        """Tell whether an order can have a line; the user hears of one that cannot."""
        if order.symbol and order.price is None:
            self._remark(
                f"a {order.order.orderType} order in {order.symbol} lives at IB; it has no price, "
                "so it has no line here"
            )
        return bool(order.symbol) and order.price is not None


def _forgive(order: IbOrder) -> None:
    """IB works it: what refused it before is no reason for how it ends."""
    if order.word in WORKING:
        order.refusal = ""
