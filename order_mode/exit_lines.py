"""What the lines of a bracket say: reward to risk, money at risk, what an exit would realise."""

from collections.abc import Sequence
from decimal import Decimal

from ems.market import Market
from ems.messages import Order
from order_mode.bracket import money_at_risk, reward_to_risk
from order_mode.labels import order_label
from order_mode.line import Line, LineStyle


def bracket_words(entry: Order, exits: Sequence[Order], market: Market) -> str:
    """Return ``risk 125.00 USD · reward:risk 2.0``; what is not known is left out."""
    risk = money_at_risk(entry, exits, market)
    ratio = reward_to_risk(entry.price, exits)
    money = "" if risk is None else f"risk {risk:,.2f} {market.currency}".strip()
    return " · ".join(filter(None, (money, "" if ratio is None else f"reward:risk {ratio:.1f}")))


def exit_profit_words(
    market: Market, exit_: Order, size: Decimal, paid: Decimal, one_r: Decimal | None
) -> str:
    """Return what an exit realises: ``P&L -125.00 -1.0R``.

    Parameters
    ----------
    size
        What is left of it.
    paid
        Average price of what it closes.
    one_r
        Points of price that are one R; None = not known.
    """
    gained = exit_.price - paid if exit_.action == "sell" else paid - exit_.price
    words = f"P&L {market.money(gained, size):+,.2f}"
    return f"{words} {r_words(gained, one_r)}".strip()


def r_words(gained: Decimal, one_r: Decimal | None) -> str:
    """Return a gain in points as ``+1.3R``; empty where R is not known."""
    return "" if not one_r else f"{gained / one_r:+.1f}R"


def stop_distance(paid: Decimal, exits: Sequence[Order]) -> Decimal | None:
    """Return the points from a price to the nearest stop that loses; None if there is none."""
    away = [
        paid - one.price if one.action == "sell" else one.price - paid
        for one in exits
        if one.link is not None and one.link.role == "stop"
    ]
    return min((points for points in away if points > 0), default=None)


def staged_exit_line(
    market: Market, exit_: Order, key: str, tie: str, paid: Decimal, one_r: Decimal | None
) -> Line:
    """Return the line of an exit that is in the trader's hand.

    Parameters
    ----------
    key, tie
        Of the line, and of the line of what it would close.
    paid
        Price of what it would close.
    one_r
        Points of price that are one R; None = not known.
    """
    return Line(
        key=key,
        price=exit_.price,
        action=exit_.action,
        style=LineStyle.STAGED,
        label=order_label(
            market,
            exit_,
            exit_.price,
            fields=("price", "profit"),
            profit=exit_profit_words(market, exit_, exit_.size, paid, one_r),
        ),
        limit_price=exit_.limit_price,
        tie=tie,
    )
