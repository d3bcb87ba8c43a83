"""How far an order's price may lie beyond the best price, on the side where that costs money."""

from decimal import Decimal
from typing import NamedTuple

from ems.judged_order import collared_from, collared_price
from ems.market import Market
from ems.messages import Order
from ems.price_ages import Aged, PriceAges
from ems.refusal import Refusal
from ems.risk_limits import Limits


class Beyond(NamedTuple):
    """Where a price is, seen from the best one."""

    price: Decimal
    points: Decimal
    """How far beyond it, on the side where that costs money; below zero = not beyond."""
    best: Decimal
    what: str
    """What the best one is: ``ask``, ``bid``, ``last trade``, ``trigger``."""


def beyond_best(order: Order, prices: PriceAges) -> Beyond | None:
    """Return how far an order's price is beyond the best one, however old; None if unknown."""
    return _beyond(order, prices.quote(order.symbol))


def beyond_collar(
    order: Order, market: Market, limits: Limits, prices: PriceAges
) -> Refusal | None:
    """Say why the order's price is too far beyond the best, or cannot be compared; else None."""
    if limits.collar_percent is None and limits.collar_ticks is None:
        return None
    if collared_price(order) is None:
        return None
    last = None if collared_from(order) is not None else _fresh(order.symbol, limits, prices)
    if isinstance(last, Refusal):
        return last
    if last is not None and _not_beyond(float(order.price), order.action == "buy", last):
        return None
    beyond = _beyond(order, last)
    if beyond is None:
        return None
    room, setting = _room(limits, beyond.best, market)
    if beyond.points <= room:
        return None
    edge = beyond.best + room if order.action == "buy" else beyond.best - room
    place = "above" if order.action == "buy" else "below"
    return Refusal(
        f"{market.format_price(beyond.price)} is too far {place} the {beyond.what} of "
        f"{market.format_price(beyond.best)}: the limit of {order.account} is "
        f"{edge.normalize():,f} ({setting}).",
        "collar",
        waits=True,
    )


def _not_beyond(price: float, buys: bool, last: Aged) -> bool:
    """Tell at a glance, as for most orders."""
    return price <= last.ask if buys else price >= last.bid


def _beyond(order: Order, last: Aged | None) -> Beyond | None:
    price, best, what = collared_price(order), collared_from(order), "trigger"
    if price is None:
        return None
    buys = order.action == "buy"
    if best is None:
        if last is None:
            return None
        best = Decimal(str(last.ask if buys else last.bid))
        what = "last trade" if last.what == "trade" else "ask" if buys else "bid"
    return Beyond(price, price - best if buys else best - price, best, what)


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
    if prices.crossed(symbol):
        found += "; newer ones are crossed"
    return Refusal(f"{found}: the price cannot be checked.", "quote", waits=True)


def _room(limits: Limits, best: Decimal, market: Market) -> tuple[Decimal, str]:
    """Return how far beyond the best price is allowed, in points, and by which setting."""
    rooms = []
    if limits.collar_percent is not None:
        rooms.append((best * limits.collar_percent / 100, "collar_percent"))
    if limits.collar_ticks is not None:
        rooms.append((market.tick_at(best) * limits.collar_ticks, "collar_ticks"))
    return min(rooms)
