"""Which price touches an order that is held here, by its type and its place in a group."""

from ems.dark_book import Touch
from ems.market import Market
from ems.messages import Order
from ems.order_dialog import Series
from ems.type_families import IF_TOUCHED, STOPS


def touch_of(order: Order, market: Market) -> Touch | None:
    """Return what touches the order; None if it is touched from the side where the price is not.

    Stops look at trades, as venues do: one quote far off fires nothing. In a market without trades
    a sell looks at the bid and a buy at the ask. A target that is held here is touched from the
    side where its profit is, wherever the price was when it was armed.
    """
    quote: Series = "ask" if order.action == "buy" else "bid"
    above = order.action == "buy"
    if order.type in STOPS:
        series: Series = "trade" if market.chart_price == "trade" else quote
        return Touch((series,), "above" if above else "below", order.trail)
    if order.type in IF_TOUCHED or (order.link is not None and order.link.role == "target"):
        return Touch((quote, "trade"), "below" if above else "above")
    return None
