"""How the limits take an order by its type. An order type of another kind has its lines here."""

from decimal import Decimal
from typing import Final

from ems.messages import Order

_EXITS: Final = frozenset({"stop", "target", "flatten"})


def judged_price(order: Order) -> Decimal:
    """Return the price that an order is worth: the dearer one if it has a trigger and a limit."""
    if order.limit_price is None:
        return order.price
    return max(order.price, order.limit_price)


def collared_price(order: Order) -> Decimal | None:
    """Return the price that may not lie too far beyond the market; None if there is none.

    A stop is far from the market by its nature. What it is filled at, at worst, is its limit, and
    that is measured from its own trigger: see `collared_from`.
    """
    return order.price if order.type in ("limit", "market") else order.limit_price


def collared_from(order: Order) -> Decimal | None:
    """Return the price that the collar measures from; None = the market's best."""
    return None if order.limit_price is None else order.price


def only_closes(order: Order) -> bool:
    """Tell whether an order opens nothing, whatever happens.

    Its venue sees to it, or its group: exits are never let go for more than there is to close.
    """
    return order.reduce_only or (order.link is not None and order.link.role in _EXITS)
