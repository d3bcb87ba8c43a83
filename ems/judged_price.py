"""At which price the limits take an order. An order type of another kind has its line here."""

from decimal import Decimal

from ems.messages import Order


def judged_price(order: Order) -> Decimal:
    """Return the price that an order is judged by: a limit order's is its limit."""
    return order.price
