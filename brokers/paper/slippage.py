"""What a market order pays beyond the displayed price."""

from collections.abc import Iterator
from decimal import Decimal
from typing import Final

from brokers.paper.behind import Behind
from brokers.paper.displayed import DisplayedSide
from ems.market import Market
from ems.messages import ZERO

_MOST_LEVELS: Final = 20
"""A size that is not found by then is all found at the last level."""


def levels(
    market: Market,
    shown: DisplayedSide,
    behind: Behind,
    start: Decimal,
    step: Decimal,
    wanted: Decimal,
) -> Iterator[tuple[Decimal, Decimal]]:
    """Yield the price and size of each part of a market order.

    At ``start`` there is what is left of the displayed size; behind it what the order book shows,
    and where that ends the same size as was displayed first at each ``step`` more. Where no size is
    displayed all of it is one step away.

    Parameters
    ----------
    start, step
        Prices on the market's grid; ``step`` is below zero for a sell.
    wanted
        Size, above zero.
    """
    depth = shown.displayed_size
    if depth is None:
        yield max(market.tick_size, start + step), wanted
        return
    part = shown.liquidity.take(wanted)
    if part:
        yield start, part
        wanted -= part
    price, depth = start, max(depth, market.lot_size)
    for level, left in behind.left(start):
        if not wanted:
            return
        price, part = level, min(wanted, left)
        if part > ZERO:
            behind.took(level, part, left)
            yield level, part
            wanted -= part
    for step_number in range(1, _MOST_LEVELS + 1):
        if not wanted:
            return
        price = max(market.tick_size, price + step)
        part = wanted if step_number == _MOST_LEVELS or not step else min(wanted, depth)
        yield price, part
        wanted -= part
