"""The words on lines and in notices: one place says how an order is written."""

from decimal import Decimal

from ems.market import Market, broker_of
from ems.messages import Action, Order
from order_mode.line import Label


def account_words(account: str) -> str:
    """Return ``PAPER``, or ``LIVE`` and the name where money can be lost."""
    if broker_of(account) != "paper":
        return f"LIVE {account}"
    _, _, name = account.partition(".")
    return f"PAPER {name}".strip()


def size_words(market: Market, size: Decimal, remaining: Decimal) -> str:
    """Return the size, as ``left/whole`` once a part of it is filled."""
    whole = market.format_size(size)
    return whole if remaining == size else f"{market.format_size(remaining)}/{whole}"


def distance_words(market: Market, price: Decimal, last: float | None) -> str:
    """Return how far the price is from the last one, in ticks and per cent; empty if unknown."""
    if last is None:
        return ""
    away = price - market.round_price(last)
    ticks = f"{away / market.tick_size:+,.0f} ticks"
    return f"{ticks} ({float(away) / abs(last):+.2%})" if last else ticks


def notional_words(market: Market, price: Decimal, size: Decimal) -> str:
    """Return what the order is worth, with the currency."""
    return f"{market.money(price, size):,.2f} {market.currency}"


def in_hand_words(
    market: Market, action: Action, price: Decimal, size: Decimal, last: float | None
) -> tuple[str, ...]:
    """Return the details of a line that is staged or dragged."""
    notional = "" if action == "alert" else notional_words(market, price, size)
    return tuple(filter(None, (notional, distance_words(market, price, last))))


def order_label(
    market: Market,
    order: Order,
    price: Decimal,
    *,
    remaining: Decimal | None = None,
    note: str = "",
    details: tuple[str, ...] = (),
    origin: str = "",
) -> Label:
    """Return the label of an order, drawn at ``price``.

    Parameters
    ----------
    remaining
        Size that is not filled; None = all of it.
    """
    alert = order.action == "alert"
    left = order.size if remaining is None else remaining
    return Label(
        side=order.action.upper(),
        size="" if alert else size_words(market, order.size, left),
        price=market.format_price(price),
        account="" if alert else account_words(order.account),
        mode="" if alert else order.exec_mode,
        note=note,
        details=details,
        origin=origin,
    )


def order_words(market: Market, order: Order) -> str:
    """Return the order in a few words for a notice: ``buy 30 at 189.25 (PAPER)``."""
    price = market.format_price(order.price)
    if order.action == "alert":
        return f"alert at {price}"
    size = market.format_size(order.size)
    return f"{order.action} {size} at {price} ({account_words(order.account)})"
