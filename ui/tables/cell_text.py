"""How times, prices, sizes and ids read in a table."""

from datetime import UTC, datetime
from decimal import Decimal

from ems.market import Market


def clock(time_ns: int) -> str:
    """Return a time (UTC ns) as date and time of day, UTC, to the second."""
    return datetime.fromtimestamp(time_ns // 1_000_000_000, UTC).strftime("%Y-%m-%d %H:%M:%S")


def price_text(market: Market | None, price: Decimal | None) -> str:
    """Return the price with the market's digits, or as it is; empty for no price."""
    if price is None:
        return ""
    return market.format_price(price) if market is not None else f"{price:,f}"


def size_text(market: Market | None, size: Decimal) -> str:
    """Return the size without needless zeros; empty for zero."""
    if not size:
        return ""
    return market.format_size(size) if market is not None else f"{size:,f}"


def short_id(oid: str) -> str:
    """Return the first part of a uuid: enough to tell two orders apart by eye."""
    return oid[:8]
