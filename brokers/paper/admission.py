"""What the venue takes, and what it will not, with the sentence that says so."""

from decimal import Decimal
from typing import Final

from brokers.paper.expiries import ends_ns
from brokers.paper.order import PaperOrder
from ems.market import Market
from ems.messages import BrokerdOrder
from ems.type_families import TRAILING, TWO_PRICES

_MOST_TRAIL: Final = {"price": Decimal("Infinity"), "percent": Decimal(100)}


def admitted(asked: BrokerdOrder, number: int, market: Market, now_ns: int | None) -> PaperOrder:
    """Return the order that the venue has from now on.

    Parameters
    ----------
    number
        Its running number.
    now_ns
        The market's time, UTC ns; None before its first tick.
    """
    trail = asked.trail
    return PaperOrder(
        number=number,
        oid=asked.oid,
        account=asked.account,
        symbol=asked.symbol,
        action=asked.action,
        price=asked.price,
        size=asked.size,
        type=asked.type,
        limit_price=asked.limit_price,
        trail_amount=None if trail is None else trail.amount,
        trail_unit=None if trail is None else trail.unit,
        tif=asked.tif,
        ends_ns=ends_ns(asked.tif, asked.expires_ns, now_ns, market.timezone),
        post_only=asked.post_only,
        reduce_only=asked.reduce_only,
    )


def objection_to_numbers(market: Market, price: Decimal, size: Decimal) -> str:
    """Return why the price or size is refused; empty if both lie on the market's grid."""
    if not market.is_price(price):
        return f"price {price} is not a multiple of the tick size {market.tick_at(price)}"
    if not market.is_size(size):
        return f"size {size} is not a positive multiple of the lot size {market.lot_size}"
    return ""


def objection_to_terms(market: Market, asked: BrokerdOrder) -> str:
    """Return why the type or the time in force of an order makes no sense; else empty."""
    limit = asked.limit_price
    if (limit is not None) is not (asked.type in TWO_PRICES):
        return f"a {asked.type} order {'needs a' if limit is None else 'has no'} limit price"
    if limit is not None and not market.is_price(limit):
        return f"limit price {limit} is not a multiple of the tick size {market.tick_at(limit)}"
    if (asked.trail is not None) is not (asked.type in TRAILING):
        return f"a {asked.type} order {'needs a' if asked.trail is None else 'has no'} trail"
    if asked.trail is not None and not 0 < asked.trail.amount < _MOST_TRAIL[asked.trail.unit]:
        return f"a trail of {asked.trail.amount} {asked.trail.unit} is none"
    if asked.tif == "gtd" and asked.expires_ns is None:
        return "a good-till-date order needs the time of its end"
    if asked.post_only and asked.type != "limit":
        return f"a {asked.type} order cannot be post-only"
    return ""


def objection_to_change(order: PaperOrder, asked: BrokerdOrder) -> str:
    """Return why a modify is refused that would make another order of it; else empty."""
    if order.type != asked.type:
        return f"{order.reqid} is a {order.type} order, not a {asked.type} order"
    if (order.action, order.symbol) == (asked.action, asked.symbol):
        return ""
    return (
        f"{order.reqid} is a {order.action} order in {order.symbol}, "
        f"not a {asked.action} order in {asked.symbol}; cancel it and send a new one"
    )
