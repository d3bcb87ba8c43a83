"""What the next order is besides price and size: type, time in force, post-only, reduce-only."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal, TypeAlias, get_args

import msgspec

from ems.messages import Order, OrderType
from order_mode.exit_distance import ExitDistance
from order_mode.order_types import TYPE_WORDS

if TYPE_CHECKING:  # it imports numpy, and the command line has no use for it
    from ems.ports import Abilities

TypeRule: TypeAlias = Literal[
    "by_side",
    "limit",
    "stop",
    "stop_limit",
    "trailing_stop",
    "trailing_stop_limit",
    "limit_if_touched",
    "market_if_touched",
]
"""``by_side``: limit or stop by the side of the market on which the price lies."""
TYPE_RULES: Final[tuple[TypeRule, ...]] = get_args(TypeRule)
StandingTif: TypeAlias = Literal["gtc", "day", "ioc"]
STANDING_TIFS: Final[tuple[StandingTif, ...]] = get_args(StandingTif)


@dataclass(frozen=True, slots=True)
class OrderTerms:
    """The trader's standing choice for orders that are placed on the chart."""

    type: TypeRule = "by_side"
    tif: StandingTif = "gtc"
    post_only: bool = False
    reduce_only: bool = False
    limit_offset: int = 10
    """Ticks from the trigger of a stop-limit or trailing stop-limit order to its limit."""
    trail: ExitDistance | None = None
    """How far a trailing stop trails, in ticks, % or ATR; None = from the market to the click."""

    def applied(self, order: Order) -> Order:
        """Return an order of a known type with the terms that its type can have."""
        rests = order.type == "limit"
        tif = self.tif
        if order.type == "market" or (tif == "ioc" and not rests):
            tif = "gtc"  # a stop waits: what is immediate about it begins only at its trigger
        return msgspec.structs.replace(
            order,
            tif=tif,
            post_only=self.post_only and rests and tif != "ioc",
            reduce_only=self.reduce_only,
        )


DEFAULT_TERMS: Final = OrderTerms()


def is_held(order: Order, can: "Abilities") -> bool:
    """Tell whether an order waits here, as chosen or because its venue cannot hold it."""
    if order.exec_mode == "dark":
        return True
    return order.type not in can.types or (
        order.tif in ("day", "gtd") and order.tif not in can.tifs
    )


def cannot(order: Order, can: "Abilities", broker: str) -> str:
    """Return why the venue would refuse a live order for its terms; empty if it would not."""
    if is_held(order, can):
        return ""
    if order.post_only and not can.post_only:
        return f"{broker} takes no post-only orders in this market; turn it off, or place it dark."
    if order.tif == "ioc" and "ioc" not in can.tifs:
        return f"{broker} takes no IOC orders in this market; choose another time in force."
    return ""


def type_words(kind: OrderType) -> str:
    """Return the name of a type as it is written on a line."""
    return TYPE_WORDS[kind]


def terms_words(order: Order) -> str:
    """Return what is special about an order's terms: ``day · post-only``; empty for plain ones."""
    return " · ".join(
        words
        for words, said in (
            ("day", order.tif == "day"),
            ("IOC", order.tif == "ioc"),
            ("until a time", order.tif == "gtd"),
            ("post-only", order.post_only),
            ("reduce-only", order.reduce_only),
        )
        if said
    )
