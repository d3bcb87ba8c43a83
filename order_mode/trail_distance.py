"""How far a stop trails: in ticks, per cent, ATR, or as a price; typed, standing, and in words."""

from decimal import Decimal

from ems.market import Market
from ems.messages import ZERO, Trail
from order_mode.exit_distance import Entry, ExitDistance, parse_distance, points


def parse_trail(text: str) -> ExitDistance:
    """Return the distance that a text says: ``20 ticks``, ``1.5 %`` or ``2 atr``.

    Raises
    ------
    ValueError
        If it says none; the text of the error says what does.
    """
    distance = parse_distance(text)
    if distance.unit in ("r", "money"):
        raise ValueError(f"{text!r} is no trail; write it in ticks, % or atr, as in 2 atr")
    if distance.unit == "%" and distance.amount >= 100:
        raise ValueError("a trail in per cent is less than 100 %")
    return distance


def trail_of(distance: ExitDistance, market: Market, price: Decimal, atr: float | None) -> Trail:
    """Return the trail that a distance is now; per cent stay per cent.

    Parameters
    ----------
    price
        What it is measured at.
    atr
        Average true range of the chart's bars, points of price; None = not known.

    Raises
    ------
    NoExit
        If it is not known; the text says what is missing.
    """
    if distance.unit == "%":
        return Trail(distance.amount, "percent")
    return Trail(points(distance, Entry(market, price, ZERO, atr)))


def behind(trail: Trail, price: Decimal, side: str, market: Market) -> Decimal:
    """Return where a stop stands that trails a price, on the grid of the market."""
    away = trail.amount if trail.unit == "price" else price * trail.amount / 100
    return market.round_price(price + away if side == "buy" else price - away)


def trail_measures(market: Market, trail: Trail, price: Decimal, atr: float | None) -> str:
    """Return how far a trail is in every way that is known: ``150 ticks · 0.80 % · 1.2 ATR``."""
    away = trail.amount if trail.unit == "price" else price * trail.amount / 100
    words = [f"{away / market.tick_at(price):,.0f} ticks"]
    if trail.unit == "price" and price:
        words.append(f"{away / abs(price):.2%}".replace("%", " %"))
    return " · ".join(filter(None, (*words, in_atr(away, atr))))


def in_atr(away: Decimal, atr: float | None) -> str:
    """Return a distance as ``1.2 ATR``; empty where the ATR is not known."""
    return f"{float(away) / atr:.1f} ATR" if atr else ""
