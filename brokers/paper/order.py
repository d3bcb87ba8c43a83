"""An order as the paper venue has it, and one of its executions."""

from decimal import Decimal
from typing import Literal, TypeAlias

import msgspec

from ems.messages import ZERO, ReqId, Side

OrderStatus: TypeAlias = Literal["open", "closed", "canceled"]


class OrderState(msgspec.Struct, frozen=True):
    """What changes in the life of an order, at one moment."""

    reqid: str
    status: OrderStatus
    price: Decimal
    size: Decimal
    filled: Decimal


class PaperOrder(msgspec.Struct, kw_only=True):
    """A limit order at the venue; only the matching engine changes one."""

    number: int
    """The running number behind ``reqid``."""
    oid: str
    account: str
    symbol: str
    action: Side
    price: Decimal
    size: Decimal
    """The whole size, what is filled already included."""
    filled: Decimal = ZERO
    cost: Decimal = ZERO
    """Sum of price times size over its fills."""
    fills: int = 0
    priority: int = 0
    """Place in the queue of its market: of two orders at a price, the lower goes first."""
    status: OrderStatus = "open"

    @property
    def reqid(self) -> str:
        """The venue's id of the order, ``P`` and its number."""
        return f"P{self.number}"

    @property
    def remaining(self) -> Decimal:
        """What is not filled yet."""
        return self.size - self.filled

    @property
    def avg_price(self) -> Decimal | None:
        """Average fill price; None before the first fill."""
        return self.cost / self.filled if self.filled else None

    @property
    def state(self) -> OrderState:
        """A copy of what changes, as it is now."""
        return OrderState(self.reqid, self.status, self.price, self.size, self.filled)

    def accepts(self, price: Decimal) -> bool:
        """Tell whether the price is at its limit or better."""
        return price <= self.price if self.action == "buy" else price >= self.price


class PaperFill(msgspec.Struct, frozen=True, kw_only=True):
    """One execution of an order."""

    exec_id: str
    number: int
    """The running number of the order."""
    size: Decimal
    price: Decimal
    fee: Decimal
    fee_currency: str
    broker_time_ns: int
    """The market's time, UTC ns."""
    time_ns: int
    """The program's time, UTC ns."""


def number_of(reqid: ReqId) -> int | None:
    """Return the running number in a ``reqid``, or None if it is none of ours."""
    text = str(reqid)
    digits = text[1:]
    ours = text.startswith("P") and digits.isascii() and digits.isdecimal() and len(digits) <= 18
    return int(digits) if ours and not digits.startswith("0") else None
