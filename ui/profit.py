"""What an open position is worth at the last price, and how money is written."""

import math
from decimal import Decimal

from ems.market import Market
from ems.messages import Position


def unrealised(position: Position, market: Market, last: float | None) -> Decimal | None:
    """Return the profit of what is open, before fees, in the currency of the market.

    Parameters
    ----------
    position : Position
    market : Market
        The position's own; gives the multiplier.
    last : float or None
        The last price, None or NaN where there is none yet.

    Returns
    -------
    Decimal or None
        None if it cannot be known: no last price, or no average price of an open position.
    """
    if not position.size:
        return Decimal(0)
    if position.avg_price is None or last is None or not math.isfinite(last):
        return None
    return market.money(market.round_price(last) - position.avg_price, position.size)


def money_text(amount: Decimal, currency: str = "") -> str:
    """Return ``+1,234.50 USD``: two digits, and a sign unless it is zero."""
    rounded = round(amount, 2)
    text = f"{rounded:+,.2f}" if rounded else "0.00"
    return f"{text} {currency}".rstrip()


def fees_text(position: Position, currency: str = "") -> str:
    """Return ``-1.20 USD, -0.0002 XBT``: what was paid, in the market's currency and in others."""
    others = [f"{-fee:+,f} {other}" for other, fee in position.other_fees]
    if others and not position.fees:
        return ", ".join(others)
    return ", ".join([money_text(-position.fees, currency), *others])
