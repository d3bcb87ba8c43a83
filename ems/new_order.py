"""A new order from the numbers that code has: floats come onto the market's grid."""

import uuid
from decimal import Decimal
from typing import TypeAlias, TypedDict, Unpack

from ems.market import Market
from ems.messages import Action, Order, OrderType, TimeInForce, Trail

__all__ = ["Number", "Terms"]

Number: TypeAlias = Decimal | float | int
"""A price or size. A Decimal is taken as it stands; of a float, the nearest price on the grid of
ticks, or the largest size in whole lots that is not above it."""


class Terms(TypedDict, total=False):
    """What an order may be besides its price and size; each has the default of `Order`."""

    account: str
    """``paper`` if it is not given."""
    dark: bool
    """True = held here until its price is touched."""
    type: OrderType
    limit_price: Number
    """Of a stop-limit or limit-if-touched order."""
    trail: Trail | Number
    """Of a trailing stop; a number is money of price."""
    tif: TimeInForce
    expires_ns: int
    """When a ``gtd`` order ends, UTC."""
    post_only: bool
    reduce_only: bool


def new_order(
    action: Action, market: Market, price: Number, size: Number, **terms: Unpack[Terms]
) -> Order:
    """Return an order with an ``oid`` of its own; nothing is sent."""
    limit = terms.get("limit_price")
    trail = terms.get("trail")
    if trail is not None and not isinstance(trail, Trail):
        trail = Trail(as_price(market, trail))
    return Order(
        oid=str(uuid.uuid4()),
        action=action,
        exec_mode="dark" if terms.get("dark") else "live",
        symbol=market.fqsn,
        account=terms.get("account", "paper"),
        price=as_price(market, price),
        size=as_size(market, size),
        type=terms.get("type", "limit"),
        limit_price=None if limit is None else as_price(market, limit),
        trail=trail,
        tif=terms.get("tif", "gtc"),
        expires_ns=terms.get("expires_ns"),
        post_only=terms.get("post_only", False),
        reduce_only=terms.get("reduce_only", False),
    )


def as_price(market: Market, price: Number) -> Decimal:
    """Return the price, a float on the market's grid."""
    return price if isinstance(price, Decimal) else market.round_price(price)


def as_size(market: Market, size: Number) -> Decimal:
    """Return the size, a float in whole lots."""
    return size if isinstance(size, Decimal) else market.floor_size(size)
