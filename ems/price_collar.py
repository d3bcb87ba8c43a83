"""How far an order's price may lie beyond the best price, on the side where that costs money."""

from decimal import Decimal
from typing import NamedTuple

from ems.judged_price import judged_price
from ems.market import Market
from ems.messages import Order
from ems.price_ages import Aged, PriceAges
from ems.refusal import Refusal
from ems.risk_limits import Limits


class Beyond(NamedTuple):
    """Where a price is, seen from the best one."""

    points: Decimal
    """How far beyond it, on the side where that costs money; below zero = not beyond."""
    best: Decimal


def beyond_best(order: Order, price: Decimal, prices: PriceAges) -> Beyond | None:
    """Return how far the price is beyond the last quote, however old; None if there is none."""
    quote = prices.quote(order.symbol)
    return None if quote is None else _beyond(order, price, quote)


def _beyond(order: Order, price: Decimal, last: Aged) -> Beyond:
    best = Decimal(str(last.ask if order.action == "buy" else last.bid))
    return Beyond(price - best if order.action == "buy" else best - price, best)


def beyond_collar(
    order: Order, market: Market, limits: Limits, prices: PriceAges
) -> Refusal | None:
    """Say why the order's price is too far beyond the best, or cannot be compared; else None."""
    if limits.collar_percent is None and limits.collar_ticks is None:
        return None
    last = _fresh(order.symbol, limits, prices)
    if last is None or isinstance(last, Refusal):
        return last
    price = judged_price(order)
    beyond, best = _beyond(order, price, last)
    room, setting = _room(limits, best, market)
    if beyond <= room:
        return None
    edge = best + room if order.action == "buy" else best - room
    place = "above" if order.action == "buy" else "below"
    name = ("ask" if order.action == "buy" else "bid") if last.what == "quote" else "last trade"
    return Refusal(
        f"{market.format_price(price)} is too far {place} the {name} of "
        f"{market.format_price(best)}: the limit of {order.account} is "
        f"{edge.normalize():,f} ({setting}).",
        "collar",
        waits=True,
    )


def _fresh(symbol: str, limits: Limits, prices: PriceAges) -> Aged | Refusal | None:
    oldest_s = limits.quote_age_s
    quote = prices.quote(symbol)
    trade = None if limits.collar_from == "quote" else prices.trade(symbol)
    for price in (quote, trade):
        if price is not None and (oldest_s is None or price.age_s <= oldest_s):
            return price
    last = quote or trade
    if last is None and limits.collar_from == "any":
        return None
    if last is None:
        found = f"There is no quote in {symbol} yet"
    else:
        found = f"The last {last.what} in {symbol} is {last.age_s:.0f} s old"
        found += f" and the limit is {oldest_s:g} s (quote_age_s)"
    return Refusal(f"{found}: the price cannot be checked.", "quote", waits=True)


def _room(limits: Limits, best: Decimal, market: Market) -> tuple[Decimal, str]:
    """Return how far beyond the best price is allowed, in points, and by which setting."""
    rooms = []
    if limits.collar_percent is not None:
        rooms.append((best * limits.collar_percent / 100, "collar_percent"))
    if limits.collar_ticks is not None:
        rooms.append((market.tick_size * limits.collar_ticks, "collar_ticks"))
    return min(rooms)
