"""Price and size as typed: on the grid of the market, or refused in one sentence."""

import re
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

import msgspec

from ems.errors import EmsError
from ems.market import Market
from ems.messages import Order, TimeInForce, Trail
from order_mode.exit_distance import NoExit
from order_mode.order_types import moved, retrailed
from order_mode.trail_distance import parse_trail, trail_of

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
            f"{text.strip()} is no price here: the tick size there is {market.tick_at(price)}; "
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


@dataclass(frozen=True, slots=True)
class Typed:
    """What was typed into an editor of an order; None = nothing: it stays as it is."""

    price: str | None = None
    size: str | None = None
    limit: str | None = None
    """Of an order with a trigger and a limit."""
    trail: str | None = None
    """``1.50`` of price, ``150 ticks``, ``2 %`` or ``1.5 atr``."""
    tif: TimeInForce | None = None
    expires_ns: int | None = None
    """When a ``gtd`` order ends, UTC."""


def typed_trail(market: Market, text: str, price: Decimal, atr: float | None) -> Trail:
    """Return how far a stop is to trail: ``1.50`` of price, ``150 ticks``, ``2 %``, ``1.5 atr``.

    Parameters
    ----------
    price
        Where it stands.
    atr
        Average true range of the chart's bars; None = not known.

    Raises
    ------
    NotAnOrder
        If it is none of these, lies between two ticks, or the ATR is not known.
    """
    if _NUMBER.fullmatch(text.strip()):
        return Trail(typed_price(market, text))
    try:
        return trail_of(parse_trail(text), market, price, atr)
    except ValueError:
        what = text.strip() or "Nothing"
        raise NotAnOrder(
            f"{what} is no trail; write 1.50 for a distance in price, or 150 ticks, 2 %, 1.5 atr."
        ) from None
    except NoExit as error:
        raise NotAnOrder(str(error)) from None


def typed_change(
    market: Market, order: Order, filled: Decimal, typed: Typed, atr: float | None = None
) -> Order:
    """Return the order as it is to become.

    Parameters
    ----------
    filled
        What the new size must be above.
    atr
        Average true range of the chart's bars, for a trail in ATR; None = not known.

    Raises
    ------
    NotAnOrder
        If one of them means nothing for this order.
    """
    new = _typed_prices(market, order, typed, atr)
    if typed.tif is not None:
        ends = typed.expires_ns if typed.tif == "gtd" else None
        new = msgspec.structs.replace(new, tif=typed.tif, expires_ns=ends)
    if typed.size is None:
        return new
    new = msgspec.structs.replace(new, size=typed_size(market, typed.size))
    if new.size <= filled:
        raise NotAnOrder(
            f"{market.format_size(filled)} of the order is filled: its size must be above that."
        )
    return new


def _typed_prices(market: Market, order: Order, typed: Typed, atr: float | None) -> Order:
    price = order.price if typed.price is None else typed_price(market, typed.price)
    limit = order.limit_price if typed.limit is None else typed_price(market, typed.limit)
    if order.trail is not None:
        trail = order.trail
        if typed.trail is not None:
            trail = typed_trail(market, typed.trail, order.price, atr)
        again = trail != order.trail
        new = retrailed(order, trail, market) if again else moved(order, price, market)
        if limit != order.limit_price:  # else it stays as far behind its trigger
            new = msgspec.structs.replace(new, limit_price=limit)
        return new
    return msgspec.structs.replace(order, price=price, limit_price=limit)


def _number(what: str, text: str) -> Decimal:
    if _NUMBER.fullmatch(text.strip()) is None:  # a comma means two things in two countries
        raise NotAnOrder(f"{text.strip() or 'Nothing'} is no {what}; write digits, as in 1234.5.")
    return Decimal(text.strip())
