"""What the venue will not take, with the sentence that says so."""

from decimal import Decimal

from brokers.paper.order import PaperOrder
from ems.market import Market
from ems.messages import BrokerdOrder


def objection_to_numbers(market: Market, price: Decimal, size: Decimal) -> str:
    """Return why the price or size is refused; empty if both lie on the market's grid."""
    if not market.is_price(price):
        return f"price {price} is not a multiple of the tick size {market.tick_size}"
    if not market.is_size(size):
        return f"size {size} is not a positive multiple of the lot size {market.lot_size}"
    return ""


def objection_to_change(order: PaperOrder, asked: BrokerdOrder) -> str:
    """Return why a modify is refused that would make another order of it; else empty."""
    if (order.action, order.symbol) == (asked.action, asked.symbol):
        return ""
    return (
        f"{order.reqid} is a {order.action} order in {order.symbol}, "
        f"not a {asked.action} order in {asked.symbol}; cancel it and send a new one"
    )
