"""One order at IB, as IB has told of it."""

from dataclasses import dataclass
from decimal import Decimal
from typing import TypeAlias

from ib_async import Contract, Order

from brokers.ib import oca, order_types
from brokers.ib.numbers import exact, exact_or_none, plain
from brokers.ib.origin import Origin, origin
from brokers.ib.status import WORKING, Told, told
from ems.market import broker_of
from ems.messages import ZERO, BrokerdStatus, Side, Status, Trail
from ems.messages import Order as OurOrder

Terms: TypeAlias = tuple[Decimal | None, Decimal, Decimal | None, Trail | None]
"""Price, size, the limit of an order that is touched off, and how far it trails.

The prices of one that trails move by themselves: of these only how far apart they are counts."""


@dataclass
class IbOrder:
    """What is known of an order. The latest word of IB wins, field by field."""

    oid: str
    account: str
    """Our name of it."""
    contract: Contract
    order: Order
    """As IB has it; for one just sent, as it was sent."""
    order_id: int
    client_id: int
    perm_id: int = 0
    """IB's id for ever; 0 until its first message."""
    symbol: str = ""
    """The fqsn; empty until the contract is known."""
    word: str = ""
    """IB's status."""
    why_held: str = ""
    filled: Decimal = ZERO
    refusal: str = ""
    """IB's words, if a code refused it."""
    sent_here: bool = False
    """Placed in this run."""
    acked: bool = False
    """The EMS has it, with its reqid."""
    asked_price: Decimal | None = None
    """Of an order placed in this run, for one that has no price at IB."""
    wish: Terms | None = None
    """What a modify asks for, as `terms`, while IB has not confirmed or refused it."""
    cancel_asked: bool = False
    asked_ns: int = 0
    """When the EMS last asked for a change or the cancel, UTC ns."""
    over: bool = False
    told_last: BrokerdStatus | None = None
    told_as: str = "pending"
    """``pending`` or ``open``: what the EMS was told last, while it lives."""
    missed: int = 0
    """In how many answers for all open orders it was missing."""
    guessed: bool = False
    """Made up from an execution; IB has not told of the order itself."""

    def take(self, said: Order) -> None:
        """Take what can change about an order; the rest stays as it was sent."""
        order = self.order
        order.totalQuantity, order.orderType = said.totalQuantity, said.orderType
        order.lmtPrice, order.auxPrice, order.tif = said.lmtPrice, said.auxPrice, said.tif
        order.trailStopPrice, order.trailingPercent = said.trailStopPrice, said.trailingPercent
        order.lmtPriceOffset = said.lmtPriceOffset
        order.permId = said.permId
        order.ocaGroup, order.ocaType = said.ocaGroup, said.ocaType  # IB may name it otherwise
        self.guessed = False

    def take_left(self, word: str, filled: Decimal, left: float) -> None:
        """Take how much IB says is left, where its group has made an order smaller."""
        whole = filled + exact(left)
        if self.order.ocaGroup and word in WORKING and filled < whole < self.size:
            self.order.totalQuantity = plain(whole)  # type: ignore[assignment]

    @property
    def price(self) -> Decimal | None:
        """Where its line is: the limit, or the trigger of a stop; None for one without a price."""
        return order_types.price_of(self.order) or self.asked_price

    @property
    def limit_price(self) -> Decimal | None:
        """The limit of an order that is touched off; None for every other one."""
        return order_types.limit_price_of(self.order)

    @property
    def terms(self) -> Terms:
        """What a modify can change."""
        return terms(self.price, self.size, self.limit_price, order_types.trail_of(self.order))

    @property
    def size(self) -> Decimal:
        """The whole size."""
        return exact(order_size(self.order))

    @property
    def action(self) -> Side:
        """The side."""
        return "buy" if self.order.action.upper() == "BUY" else "sell"

    def origin(self, here: int) -> Origin:
        """Return where it was made, and whether the client ``here`` may touch it."""
        made = origin(self.client_id, self.order_id, self.order.orderRef, here=here)
        if made.words and self.order.orderType not in order_types.OUR_TYPE:
            return made._replace(words=f"{self.order.orderType} order, {made.words}")
        return made

    def means(self) -> Told | None:
        """Return its state as the EMS is told; None for a word that nobody knows."""
        return told(
            self.word,
            before=self.told_as,
            remaining=self.size - self.filled,
            why_held=self.why_held,
            refusal=self.refusal,
        )

    def live_order(self, here: int, time_ns: int) -> Status:
        """Return it as the EMS takes an order that lives at the venue."""
        price = self.price
        assert price is not None
        return Status(
            oid=self.oid,
            time_ns=time_ns,
            resp="open",
            reqid=self.perm_id,
            req=OurOrder(
                oid=self.oid,
                action=self.action,
                exec_mode="live",
                symbol=self.symbol,
                account=self.account,
                price=price,
                size=self.size,
                type=order_types.OUR_TYPE.get(self.order.orderType, "limit"),
                limit_price=self.limit_price,
                trail=order_types.trail_of(self.order),
                tif=order_types.tif_of(self.order),
            ),
            src=broker_of(self.account),
            filled=self.filled,
            remaining=max(ZERO, self.size - self.filled),
            origin=self.origin(here).words,
            tie=oca.tie_of(self.order),
        )


def terms(
    price: Decimal | None, size: Decimal, limit_price: Decimal | None, trail: Trail | None
) -> Terms:
    """Return what a modify can change of an order that has these."""
    if trail is None:
        return (price, size, limit_price, None)
    behind = None if limit_price is None or price is None else limit_price - price
    return (None, size, behind, trail)


def order_size(order: Order) -> float:
    """Return the whole size; IB tells a completed order's as what was filled."""
    return float(order.totalQuantity or 0) or float(exact_or_none(order.filledQuantity) or 0)
