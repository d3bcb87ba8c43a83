"""The words on lines and in notices: one place says how an order is written."""

from collections.abc import Collection
from decimal import Decimal
from typing import Final, Literal, TypeAlias, get_args

from ems.market import Market, broker_of, is_paper
from ems.messages import Order, OrderType, Role, Status
from order_mode.line import Label
from order_mode.order_terms import terms_words, type_words
from order_mode.order_types import trail_words
from order_mode.outlook import Outlook

Field: TypeAlias = Literal[
    "type", "price", "account", "mode", "notional", "distance", "profit", "after"
]
ALL_FIELDS: Final[frozenset[Field]] = frozenset(get_args(Field))
"""What the label of a line in the hand shows."""
DEFAULT_FIELDS: Final[frozenset[Field]] = frozenset({"price", "account", "mode", "profit"})
"""What the label of a line that rests shows, but for its side and size, which are always there."""


def account_words(account: str) -> str:
    """Return ``PAPER``, or ``LIVE`` and the name where money can be lost."""
    if not is_paper(account):
        return f"LIVE {account}"
    _, _, name = account.partition(".")
    return f"PAPER {name}".strip()


def size_words(market: Market, size: Decimal, remaining: Decimal) -> str:
    """Return the size, as ``left/whole`` once a part of it is filled."""
    whole = market.format_size(size)
    return whole if remaining == size else f"{market.format_size(remaining)}/{whole}"


def signed_size(market: Market, size: Decimal) -> str:
    """Return ``+50``, ``-50`` or ``flat``."""
    return f"{'+' if size > 0 else ''}{market.format_size(size)}" if size else "flat"


def distance_words(market: Market, price: Decimal, last: float | None) -> str:
    """Return how far the price is from the last one, in ticks and per cent; empty if unknown."""
    if last is None:
        return ""
    away = price - market.round_price(last)
    ticks = f"{away / market.tick_at(price):+,.0f} ticks"
    return f"{ticks} ({float(away) / abs(last):+.2%})" if last else ticks


def notional_words(market: Market, price: Decimal, size: Decimal) -> str:
    """Return what the order is worth, with the currency."""
    return f"{market.money(price, size):,.2f} {market.currency}".strip()


def profit_words(outlook: Outlook | None) -> str:
    """Return what an exit would realise, before fees; empty for an entry."""
    if outlook is None or outlook.profit is None:
        return ""
    return f"P&L {outlook.profit:+,.2f}"


def after_words(market: Market, outlook: Outlook | None) -> str:
    """Return the position that the order would make: ``→ +50 avg 189.25 b/e 189.44``."""
    if outlook is None:
        return ""
    words = [f"→ {signed_size(market, outlook.size)}"]
    if outlook.avg_price is not None:
        words.append(f"avg {market.format_price(outlook.avg_price)}")
    if outlook.breakeven is not None:
        words.append(f"b/e {market.format_price(outlook.breakeven)}")
    return " ".join(words)


def order_label(
    market: Market,
    order: Order,
    price: Decimal,
    *,
    fields: Collection[Field] = ALL_FIELDS,
    remaining: Decimal | None = None,
    last: float | None = None,
    outlook: Outlook | None = None,
    note: str = "",
    origin: str = "",
    held: bool | None = None,
    waits: bool = False,
    risk: str = "",
    profit: str | None = None,
    tied: bool = False,
) -> Label:
    """Return the label of an order, drawn at ``price``.

    Parameters
    ----------
    fields
        What to write besides side, size, note and origin.
    remaining
        Size that is not filled; None = all of it.
    last
        Last price of the market, for the distance.
    outlook
        The position if the rest of the order filled.
    held
        Whether it waits here and not at the venue; None = as its mode says.
    waits
        Whether it waits for its group.
    risk
        What there is to say of its bracket.
    profit
        What it would realise; None = by the outlook.
    tied
        Whether its venue ends it, or makes it smaller, with another order of its group.
    """
    alert = order.action == "alert"
    left = order.size if remaining is None else remaining
    always = _type_in_words(order)
    shown = {field for field in fields if field not in always}
    words = {
        "price": price_words(market, order, price),
        "distance": distance_words(market, price, last),
    }
    if not alert:
        here = order.exec_mode == "dark" if held is None else held
        words |= {
            "type": "limit",
            "account": account_words(order.account),
            "mode": where_words(order, held=here, waits=waits, tied=tied),
            "notional": notional_words(market, price, left) if left else "",
            "profit": profit_words(outlook) if profit is None else profit,
            "after": after_words(market, outlook),
        }
    return Label(
        side=order.action.upper(),
        size="" if alert else size_words(market, order.size, left),
        note=" · ".join(filter(None, (alert_words(order), note))),
        origin=origin,
        risk=risk,
        terms="" if alert else terms_words(order),
        **always,
        **{field: text for field, text in words.items() if field in shown},
    )


def kind_words(order: Order) -> str:
    """Return what an order is: ``stop-limit``, ``take-profit``, ``stop-loss, trailing stop``.

    Empty for an alert.
    """
    if order.action == "alert":
        return ""
    link = order.link
    role = _ROLES.get(link.role, "") if link else ""
    if link is None or not role:
        return type_words(order.type)
    return role if order.type == _PLAIN_EXIT.get(link.role) else f"{role}, {type_words(order.type)}"


def _type_in_words(order: Order) -> dict[str, str]:
    """The type of an order that is no plain limit order: never left out."""
    kind = kind_words(order)
    return {} if kind in ("", "limit") else {"type": kind}


_ROLES: Final[dict[Role, str]] = {
    "stop": "stop-loss",
    "target": "take-profit",
    "peer": "OCO",
    "flatten": "flatten",
    "after": "reverse",
}
_PLAIN_EXIT: Final[dict[Role, OrderType]] = {
    "stop": "stop",
    "target": "limit",
    "flatten": "market",
    "after": "market",
}


def price_words(market: Market, order: Order, price: Decimal) -> str:
    """Return the price, with the limit behind a trigger, or how far it trails."""
    words = market.format_price(price)
    if order.limit_price is not None and order.limit_price != order.price:
        words += f" limit {market.format_price(order.limit_price + price - order.price)}"
    return words if order.trail is None else f"{words} trails {trail_words(market, order.trail)}"


def where_words(order: Order, *, held: bool, waits: bool = False, tied: bool = False) -> str:
    """Return where an order is held: ``held here``, ``at kraken``, or what it waits for.

    Of an exit it says too whether it works with the program closed, and whether it then shrinks
    with the other exit.
    """
    broker = broker_of(order.account)
    where = "waits for its entry" if waits else "held here" if held else f"at {broker}"
    if order.link is None or order.link.role not in ("stop", "target"):
        return "held here" if waits else f"{where}: ends with its group there" if tied else where
    if tied:
        return f"{where}: works with the program closed, shrinks with its group there"
    alone = not (held or waits) and broker != "paper"  # the paper venue is a part of the program
    return f"{where}: {'works with the program closed' if alone else 'needs the program'}"


def alert_words(order: Order) -> str:
    """Return what is special about an alert: its note, that it repeats; empty for an order."""
    return " · ".join(filter(None, (order.note, "repeats" if order.repeats else "")))


def order_words(market: Market, order: Order) -> str:
    """Return the order in a few words for a notice: ``buy 30 at 189.25 (PAPER)``."""
    price = market.format_price(order.price)
    if order.action == "alert":
        return f"alert at {price}" + (f" ({order.note})" if order.note else "")
    size = market.format_size(order.size)
    kind = "" if order.type == "limit" else f" {type_words(order.type)}"
    return f"{order.action} {size}{kind} at {price} ({account_words(order.account)})"


def filled_words(market: Market, order: Order, status: Status) -> str:
    """Return what was filled and at which average: ``buy 30 at 189.21 (PAPER)``."""
    price = order.price if status.avg_price is None else status.avg_price
    size = market.format_size(status.filled or order.size)
    return f"{order.action} {size} at {market.format_price(price)} ({account_words(order.account)})"
