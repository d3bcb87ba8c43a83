"""A new order from the numbers that code has: floats come onto the market's grid."""

import uuid
from decimal import Decimal
from typing import TypeAlias

from ems.market import Market
from ems.messages import Action, Order

Number: TypeAlias = Decimal | float | int
"""A price or size. A Decimal is taken as it stands; of a float, the nearest price on the grid of
ticks, or the largest size in whole lots that is not above it."""


def new_order(
    action: Action, market: Market, price: Number, size: Number, account: str, *, dark: bool
) -> Order:
    """Return an order with an ``oid`` of its own."""
    return Order(
        oid=str(uuid.uuid4()),
        action=action,
        exec_mode="dark" if dark else "live",
        symbol=market.fqsn,
        account=account,
        price=as_price(market, price),
        size=as_size(market, size),
    )


def as_price(market: Market, price: Number) -> Decimal:
    """Return the price, a float on the market's grid."""
    return price if isinstance(price, Decimal) else market.round_price(price)


def as_size(market: Market, size: Number) -> Decimal:
    """Return the size, a float in whole lots."""
    return size if isinstance(size, Decimal) else market.floor_size(size)
