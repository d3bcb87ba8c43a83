"""New orders that belong together: an entry with its exits, an OCO group, a flatten."""

import uuid
from collections.abc import Sequence
from decimal import Decimal
from typing import NamedTuple

from msgspec.structs import replace

from ems.market import Market
from ems.messages import ZERO, Link, Order, Side
from ems.new_order import Number, as_price, new_order

__all__ = ["Bracket"]


class Bracket(NamedTuple):
    """An entry and its exits, as they were sent."""

    entry: Order
    stop: Order | None
    targets: tuple[Order, ...]


def new_bracket(
    market: Market,
    entry: Order,
    stop: Number | None,
    targets: Sequence[tuple[Number, Number]],
) -> Bracket:
    """Return an entry with a stop-loss for all of it, and targets, each a price and a share.

    Raises
    ------
    ValueError
        If there is no exit at all, or the entry is no order to buy or sell.
    """
    if entry.action == "alert":
        raise ValueError("an alert buys and sells nothing: it cannot be the entry of a bracket")
    if stop is None and not targets:
        raise ValueError("a bracket has a stop, targets, or both")
    side: Side = "sell" if entry.action == "buy" else "buy"
    exits, closed, so_far = [], ZERO, ZERO
    for price, given in targets:
        share = given if isinstance(given, Decimal) else Decimal(str(given))
        so_far += share
        upto = entry.size if so_far == 1 else market.floor_size(entry.size * so_far)
        link = Link(group=entry.oid, role="target", share=share)
        order = new_order(side, market, price, upto - closed, account=entry.account)
        exits.append(replace(order, link=link))
        closed = upto
    return Bracket(entry, _stop(market, entry, side, stop), tuple(exits))


def new_oco(orders: Sequence[Order]) -> tuple[Order, ...]:
    """Return the orders as ones of which the first that is filled cancels the others.

    Raises
    ------
    ValueError
        If there are fewer than two, or one is in a group already.
    """
    if len(orders) < 2:
        raise ValueError("one cancels the other: that takes two orders at least")
    if any(one.link is not None for one in orders):
        raise ValueError("an order can be in one group only")
    link = Link(group=str(uuid.uuid4()), role="peer")
    return tuple(replace(one, link=link) for one in orders)


def new_flatten(market: Market, account: str, position: Decimal, seen: Decimal) -> Order:
    """Return a market order that waits for the end of all others, then closes what is there.

    Parameters
    ----------
    position
        As it is known now; the EMS takes what is really there when the order leaves.
    seen
        About the price that it will get.
    """
    side: Side = "buy" if position < 0 else "sell"
    size = abs(position) or market.lot_size
    order = new_order(side, market, seen, size, account=account, type="market", reduce_only=True)
    return replace(order, link=Link(group=str(uuid.uuid4()), role="flatten"))


def _stop(market: Market, entry: Order, side: Side, price: Number | None) -> Order | None:
    if price is None:
        return None
    at = as_price(market, price)
    order = new_order(side, market, at, entry.size, account=entry.account, type="stop")
    return replace(order, link=Link(group=entry.oid, role="stop"))
