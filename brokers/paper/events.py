"""What the matching engine reports: frozen facts, in the order in which they happened."""

from decimal import Decimal
from typing import TypeAlias

import msgspec

from brokers.paper.order import OrderState
from ems.messages import Request


class Accepted(msgspec.Struct, frozen=True):
    """A new order is in; its first `OrderState` follows."""

    reqid: str


class Execution(msgspec.Struct, frozen=True, kw_only=True):
    """A part or all of an order was filled."""

    exec_id: str
    size: Decimal
    price: Decimal
    fee: Decimal
    time_ns: int
    """The market's time, UTC ns."""
    after: OrderState


class Refused(msgspec.Struct, frozen=True):
    """A request changed nothing, and why."""

    reqid: str
    request: Request
    reason: str


MatchEvent: TypeAlias = Accepted | OrderState | Execution | Refused
