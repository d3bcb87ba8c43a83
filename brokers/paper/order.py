"""An order as the paper venue has it, and one of its executions."""

from decimal import Decimal
from typing import Literal, TypeAlias

import msgspec

from ems.messages import ZERO, OrderType, ReqId, Side, TimeInForce, Trail
from ems.type_families import TOUCHED_OFF

OrderStatus: TypeAlias = Literal["open", "closed", "canceled"]


class OrderState(msgspec.Struct, frozen=True):
    """What changes in the life of an order, at one moment."""

    reqid: str
    status: OrderStatus
    price: Decimal
    size: Decimal
    filled: Decimal
    limit_price: Decimal | None = None
    triggered: bool = False
    trail: Trail | None = None
    reason: str = ""
    """Why it ended without having been asked to."""


class PaperOrder(msgspec.Struct, kw_only=True):
    """An order at the venue; only the matching engine changes one."""

    number: int
    """The running number behind ``reqid``."""
    oid: str
    account: str
    symbol: str
    action: Side
    price: Decimal
    """The limit, or the price that touches it off."""
    size: Decimal
    """The whole size, what is filled already included."""
    filled: Decimal = ZERO
    cost: Decimal = ZERO
    """Sum of price times size over its fills."""
    fills: int = 0
    priority: int = 0
    """Place in the queue of its market: of two orders at a price, the lower goes first."""
    status: OrderStatus = "open"
    type: OrderType = "limit"
    limit_price: Decimal | None = None
    trail_amount: Decimal | None = None
    trail_unit: Literal["price", "percent"] | None = None
    tif: TimeInForce = "gtc"
    ends_ns: int | None = None
    """When it expires, in the market's time, UTC ns; None = never."""
    post_only: bool = False
    reduce_only: bool = False
    triggered: bool = False

    @property
    def reqid(self) -> str:
        """The venue's id of the order, ``P`` and its number."""
        return f"P{self.number}"

    @property
    def sign(self) -> int:
        """1 for a buy, -1 for a sell."""
        return 1 if self.action == "buy" else -1

    @property
    def remaining(self) -> Decimal:
        """What is not filled yet."""
        return self.size - self.filled

    @property
    def avg_price(self) -> Decimal | None:
        """Average fill price; None before the first fill."""
        return self.cost / self.filled if self.filled else None

    @property
    def trail(self) -> Trail | None:
        """How far a trailing stop stays behind; None for every other type."""
        if self.trail_amount is None or self.trail_unit is None:
            return None
        return Trail(self.trail_amount, self.trail_unit)

    def set_trail(self, trail: Trail | None) -> None:
        """Let a trailing stop trail so far from now on."""
        if trail is not None:
            self.trail_amount, self.trail_unit = trail.amount, trail.unit

    @property
    def waits(self) -> bool:
        """True until the price that touches it off has come."""
        return not self.triggered and self.type in TOUCHED_OFF

    @property
    def limit(self) -> Decimal | None:
        """The worst price that it trades at; None = any price."""
        return self.price if self.type == "limit" else self.limit_price

    @property
    def state(self) -> OrderState:
        """A copy of what changes, as it is now."""
        return self.state_because("")

    def state_because(self, reason: str) -> OrderState:
        """Return a copy of what changes, as it is now, with a word why."""
        return OrderState(
            self.reqid,
            self.status,
            self.price,
            self.size,
            self.filled,
            self.limit_price,
            self.triggered,
            self.trail,
            reason,
        )

    def accepts(self, price: Decimal) -> bool:
        """Tell whether the price is at its limit or better."""
        limit = self.limit
        return limit is None or (price <= limit if self.action == "buy" else price >= limit)


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
