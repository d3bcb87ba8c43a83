"""The types of orders: which one lies at a price, what they are called, how they move."""

from decimal import Decimal
from typing import Final

import msgspec

from ems.market import Market
from ems.messages import Order, OrderType, Side, Trail
from ems.type_families import BECOME_MARKET, STOPS, TRAILING
from order_mode.prices import Prices
from order_mode.trail_distance import behind

TYPE_WORDS: Final[dict[OrderType, str]] = {
    "limit": "limit",
    "market": "market",
    "stop": "stop",
    "stop_limit": "stop-limit",
    "trailing_stop": "trailing stop",
    "limit_if_touched": "limit if touched",
    "trailing_stop_limit": "trailing stop-limit",
    "market_if_touched": "market if touched",
}

_BEYOND: Final[tuple[OrderType, ...]] = (
    "stop",
    "stop_limit",
    "trailing_stop",
    "trailing_stop_limit",
    "limit",
)
_BEFORE: Final[tuple[OrderType, ...]] = ("limit", "limit_if_touched", "market_if_touched")
_HUNDRED: Final = Decimal(100)
_PERCENT_STEP: Final = Decimal("0.01")


def types_at(side: Side, price: Decimal, prices: Prices) -> tuple[OrderType, ...]:
    """Return the types that make sense at a price, the one that it says by itself first.

    A buy above the market, or a sell below it, is a stop; else it is a limit order. Where no price
    is known there is no side to lie on: a limit order only.
    """
    match prices.beyond(side, price):
        case None:
            return ("limit",)
        case True:
            return _BEYOND
    return _BEFORE


def typed(
    order: Order,
    kind: OrderType,
    prices: Prices,
    market: Market,
    limit_offset: int,
    standing: Trail | None = None,
) -> Order:
    """Return a limit order as one of this type, with the prices that the type needs.

    Parameters
    ----------
    limit_offset
        Ticks from the trigger of a stop-limit or trailing stop-limit order to its limit, away from
        the market.
    standing
        How far a trailing stop trails, which then stands so far behind the last price; None = from
        the last price to where it is.
    """
    limit, trail = None, standing
    if kind in TRAILING and standing is not None and prices.last is not None:
        level = behind(standing, market.round_price(prices.last), order.action, market)
        order = msgspec.structs.replace(order, price=level)
    if kind in ("stop_limit", "trailing_stop_limit"):
        ticks = limit_offset if order.action == "buy" else -limit_offset
        limit = market.ticks_away(order.price, ticks)
    elif kind == "limit_if_touched":
        limit = order.price
    if kind not in TRAILING:
        trail = None
    elif trail is None:
        from_price = prices.last if prices.last is not None else float(order.price)
        amount = abs(market.round_price(from_price) - order.price)
        trail = Trail(max(amount, market.tick_at(order.price)))
    return msgspec.structs.replace(order, type=kind, limit_price=limit, trail=trail)


def wrong_side(order: Order, market: Market, prices: Prices) -> str:
    """Return why an order would go out at once where it must wait; empty if it waits."""
    if order.action == "alert" or order.type in ("limit", "market"):
        return ""
    what = f"A {order.action} {TYPE_WORDS[order.type]} at {market.format_price(order.price)}"
    if prices.last is None:
        return f"{what} needs a price to wait for, and none of this market is known yet."
    last = market.round_price(prices.last)
    waits_above = (order.action == "buy") == (order.type in STOPS)
    if (order.price > last) == waits_above and order.price != last:
        return ""
    where = "at" if order.price == last else "below" if waits_above else "above"
    out = " as a market order" if order.type in BECOME_MARKET else ""
    stands = f"{what} is {where} the last price {market.format_price(last)}"
    return f"{stands}: it would go out at once{out}."


def is_exit(order: Order) -> bool:
    """Tell whether an order closes what another opened: its size follows what there is."""
    return order.link is not None and order.link.role in ("stop", "target")


def moved(order: Order, price: Decimal, market: Market) -> Order:
    """Return the order with its line at another price; what hangs on the price goes along.

    The best price so far of a trailing stop stays what it was, so it trails by another distance.
    """
    by = price - order.price
    if not by or order.trail is None:
        return shifted(order, by, market)
    longer = _longer(order, order.trail, by, market)
    return msgspec.structs.replace(shifted(order, by, market), trail=longer)


def shifted(order: Order, by: Decimal, market: Market) -> Order:
    """Return the order with all of its prices so much higher; it trails as far as before."""
    if not by:
        return order
    limit = None if order.limit_price is None else market.round_price(order.limit_price + by)
    price = market.round_price(order.price + by)
    return msgspec.structs.replace(order, price=price, limit_price=limit)


def retrailed(order: Order, trail: Trail, market: Market) -> Order:
    """Return a trailing stop with another trail, its level as far from the best price so far."""
    assert order.trail is not None
    sign = 1 if order.action == "buy" else -1
    best = _best(order.price, order.trail, sign)
    away = trail.amount if trail.unit == "price" else best * trail.amount / _HUNDRED
    level = market.round_price(best + sign * away)
    return msgspec.structs.replace(shifted(order, level - order.price, market), trail=trail)


def _best(level: Decimal, trail: Trail, sign: int) -> Decimal:
    """Return the best price so far of a stop that trails at this level."""
    if trail.unit == "price":
        return level - sign * trail.amount
    return level / (1 + sign * trail.amount / _HUNDRED)


def _longer(order: Order, trail: Trail, by: Decimal, market: Market) -> Trail:
    """The trail of a stop whose level is moved: the best price stays what it was."""
    away = by if order.action == "buy" else -by
    if trail.unit == "price":
        return Trail(max(trail.amount + away, market.tick_at(order.price)))
    best = _best(order.price, trail, 1 if order.action == "buy" else -1)
    percent = (abs(order.price + by - best) / best * _HUNDRED).quantize(_PERCENT_STEP)
    return Trail(max(percent, _PERCENT_STEP), "percent")


def trail_words(market: Market, trail: Trail) -> str:
    """Return how far a stop trails: ``1.50`` or ``2 %``."""
    if trail.unit == "percent":
        return f"{trail.amount.normalize():f} %"
    return market.format_price(trail.amount)
