"""What is wrong with the quote of a market, in words."""

from typing import Final

from ems.price_ages import PriceAges

OLD_S: Final = 5.0
"""A quote of this age is old enough to be told of, whatever the limits say."""


def quote_words(prices: PriceAges, fqsn: str) -> str:
    """Say that the quote is old or crossed; empty if it is neither, or there was never one."""
    quote = prices.quote(fqsn)
    if prices.crossed(fqsn):
        return "Crossed: bid above ask. Nothing fills or triggers on it."
    if quote is None or quote.age_s < OLD_S:
        return ""
    age = f"{quote.age_s:.0f} s" if quote.age_s < 120 else f"{quote.age_s / 60:.0f} min"
    return f"Bid and ask are {age} old."
