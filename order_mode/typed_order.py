"""Price and size as typed: on the grid of the market, or refused in one sentence."""

import re
from decimal import Decimal
from typing import Final

import msgspec

from ems.errors import EmsError
from ems.market import Market
from ems.messages import Order

_NUMBER: Final = re.compile(r"\d+(\.\d*)?|\.\d+")


class NotAnOrder(EmsError):
    """What was typed cannot be asked for; the text says why and what can."""


def typed_price(market: Market, text: str) -> Decimal:
    """Return the price that was typed.

    Raises
    ------
    NotAnOrder
        If it is no number, not above zero, or lies between two ticks.
    """
    price = _number("price", text)
    if not market.is_price(price):
        near = market.round_price(price)
        raise NotAnOrder(
            f"{text.strip()} is no price here: the tick size is {market.tick_size}; "
            f"{market.format_price(near)} is the nearest."
        )
    if price <= 0:
        raise NotAnOrder("The price must be above zero.")
    return market.round_price(price)


def typed_size(market: Market, text: str) -> Decimal:
    """Return the size that was typed.

    Raises
    ------
    NotAnOrder
        If it is no number, not above zero, or no whole number of lots.
    """
    size = _number("size", text)
    if size <= 0:
        raise NotAnOrder("The size must be above zero; to end the order, cancel it.")
    if not market.is_size(size):
        raise NotAnOrder(
            f"{text.strip()} is no size here: the lot size is {market.lot_size}; "
            f"{market.format_size(market.floor_size(size))} is the next below."
        )
    return market.floor_size(size)


def typed_change(
    market: Market, order: Order, filled: Decimal, price: str, size: str | None
) -> Order:
    """Return the order as it is to become.

    Parameters
    ----------
    filled
        What the new size must be above.
    price, size
        As typed; no size for an alert.

    Raises
    ------
    NotAnOrder
        If one of them means nothing for this order.
    """
    new = msgspec.structs.replace(order, price=typed_price(market, price))
    if size is None:
        return new
    new = msgspec.structs.replace(new, size=typed_size(market, size))
    if new.size <= filled:
        raise NotAnOrder(
            f"{market.format_size(filled)} of the order is filled: its size must be above that."
        )
    return new


def _number(what: str, text: str) -> Decimal:
    if _NUMBER.fullmatch(text.strip()) is None:  # a comma means two things in two countries
        raise NotAnOrder(f"{text.strip() or 'Nothing'} is no {what}; write digits, as in 1234.5.")
    return Decimal(text.strip())
