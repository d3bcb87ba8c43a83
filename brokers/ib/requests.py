"""Orders, modifies and cancels, onto the wire."""

import time
from collections.abc import Mapping
from typing import Final

from ib_async import Order

from brokers.ib import oca, order_types
from brokers.ib.cancels import Cancels
from brokers.ib.contracts import Contracts
from brokers.ib.ib_order import IbOrder, terms
from brokers.ib.known_contract import KnownContract
from brokers.ib.link import Link
from brokers.ib.numbers import plain
from brokers.ib.options import IbOptions
from brokers.ib.order_book import OrderBook
from brokers.ib.timing import Timing
from ems.messages import BrokerdCancel, BrokerdError, BrokerdOrder, Request
from ems.ports import EventSink


class Requests:
    """Sends what the EMS asks for. What cannot be sent is refused with a reason.

    Parameters
    ----------
    accounts : mapping
        IB's names of the accounts by ours.
    tell
        Takes the refusals.
    """

    def __init__(
        self,
        link: Link,
        contracts: Contracts,
        book: OrderBook,
        options: IbOptions,
        timing: Timing,
        accounts: Mapping[str, str],
        tell: EventSink,
    ) -> None:
        self._link = link
        self._contracts = contracts
        self._book = book
        self._options = options
        self._accounts = accounts
        self._tell = tell
        self._cancels = Cancels(link, book, timing)

    # ---- new

    def place(self, request: BrokerdOrder) -> None:
        """Send a new order, once; raises ConnectionError if nothing left."""
        client = self._link.client
        known = self._contracts.known(request.symbol)
        if known is None:
            self._refuse(request, "new", f"IB's contract of {request.symbol} is not known.")
            return
        if why := self._not_possible(request, known, client.getAccounts()):
            self._refuse(request, "new", why)
            return
        order = IbOrder(
            oid=request.oid,
            account=request.account,
            contract=known.contract(),
            order=self._new_order(request),
            order_id=client.getReqId(),
            client_id=self._options.client_id,
            symbol=request.symbol,
            sent_here=True,
            asked_price=request.price,
        )
        self._book.index.add(order)
        client.placeOrder(order.order_id, order.contract, order.order)

    def _new_order(self, request: BrokerdOrder) -> Order:
        order = Order(
            action=request.action.upper(),
            account=self._accounts[request.account],
            orderRef=request.oid,
            outsideRth=self._options.outside_regular_hours,
            clientId=self._options.client_id,
        )
        order.totalQuantity = plain(request.size)  # type: ignore[assignment]  # written exactly
        order_types.set_terms(order, request)
        oca.set_tie(order, request.tie)
        return order

    def _not_possible(self, request: BrokerdOrder, known: KnownContract, login: list[str]) -> str:
        account = self._accounts[request.account]
        if account not in login:
            return (
                f"The login at IB has no account {account} ({request.account}); "
                f"it has {', '.join(login)}. Compare it with [brokers.{self._options.broker}] in "
                "the config."
            )
        return _off_the_grid(request, known)

    # ---- modify

    def change(self, request: BrokerdOrder) -> None:
        """Send an order again under its own number, with its new price and size."""
        client = self._link.client
        order = self._book.index.by_perm_id(request.reqid)
        why = self._untouchable(order) or self._cannot_move(order, request)
        if order is None or why:
            self._refuse(request, "modify", why)
            return
        order.wish = terms(request.price, request.size, request.limit_price, request.trail)
        order.asked_ns, order.refusal = request.time_ns, ""
        known = self._contracts.known_id(order.contract.conId)
        contract = known.contract() if known is not None else order.contract
        client.placeOrder(order.order_id, contract, _again(order.order, request))

    def _cannot_move(self, order: IbOrder | None, request: BrokerdOrder) -> str:
        if order is None:
            return ""
        if order.order.orderType not in order_types.OUR_TYPE:
            return (
                f"This is a {order.order.orderType} order, which cannot be moved from here. "
                "Change it where it was made."
            )
        if order.order.ocaGroup:
            return oca.NOT_TO_BE_CHANGED
        if request.trail is not None:
            return ""  # where it stands, maybe between two ticks, is not asked for
        known = self._contracts.known_id(order.contract.conId)
        return _off_the_grid(request, known) if known is not None else ""

    # ---- cancel

    def cancel(self, request: BrokerdCancel) -> None:
        """Send a cancel, and again with growing pauses where IB is known to be silent."""
        client = self._link.client
        order = self._book.index.by_perm_id(request.reqid)
        why = self._untouchable(order)
        if order is None or why:
            self._refuse(request, "cancel", why)
            return
        order.cancel_asked, order.asked_ns = True, request.time_ns
        client.cancelOrder(order.order_id)
        self._cancels.watch(order)

    # ---- both

    def _untouchable(self, order: IbOrder | None) -> str:
        if order is None:
            return "IB does not list this order; it is being asked what became of it."
        return order.origin(self._options.client_id).forbidden

    def _refuse(self, request: BrokerdOrder | BrokerdCancel, what: Request, why: str) -> None:
        self._tell(
            BrokerdError(
                account=request.account,
                reason=why,
                time_ns=time.time_ns(),
                oid=request.oid,
                reqid=request.reqid,
                symbol=request.symbol if isinstance(request, BrokerdOrder) else None,
                request=what,
            )
        )

    def close(self) -> None:
        """Send nothing more."""
        self._cancels.close()


_KEPT: Final = (
    "action", "orderType", "tif", "account", "orderRef", "outsideRth",
    "goodAfterTime", "goodTillDate", "allOrNone", "hidden", "parentId", "clientId", "permId",
    "triggerMethod",
)  # fmt: skip
"""What an order is sent again with. IB fills in more, and refuses some of that when it comes
back: github.com/ib-api-reloaded/ib_async, ``Client.placeOrder``, on volatility."""


def _again(said: Order, request: BrokerdOrder) -> Order:
    order = Order(**{name: getattr(said, name) for name in _KEPT})
    order_types.set_prices(order, request)
    if request.trail is not None and request.trail == order_types.trail_of(said):
        order.trailStopPrice = said.trailStopPrice  # where it stands is up to the price
    order.totalQuantity = plain(request.size)  # type: ignore[assignment]  # written exactly
    return order


def _off_the_grid(request: BrokerdOrder, known: KnownContract) -> str:
    """Say why a price is none of the contract's: its tick sizes may have changed meanwhile."""
    if request.type == "market":
        return ""
    prices = (request.price, request.limit_price)
    return next(filter(None, (known.market.no_price(price) for price in prices if price)), "")
