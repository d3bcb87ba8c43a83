"""A market: its name, its grid of prices and sizes, and how its numbers are written."""

import math
import re
from decimal import ROUND_DOWN, ROUND_HALF_EVEN, Decimal, InvalidOperation
from functools import cache
from typing import Final, Literal

import msgspec

from ems.errors import UnknownMarket

_FQSN: Final = re.compile(r"[a-z0-9][a-z0-9_\-/]*(\.[a-z0-9][a-z0-9_\-]*){1,3}")


_LARGEST: Final = Decimal(10) ** 15
"""Above all prices; beyond it no neighbours are named."""


class Fqsn(msgspec.Struct, frozen=True):
    """The parts of a fully qualified symbol name, ``<symbol>[.<venue>[.<expiry>]].<broker>``."""

    symbol: str
    venue: str
    expiry: str
    broker: str


def parse_fqsn(fqsn: str) -> Fqsn:
    """Return the parts of an fqsn; a missing venue is the broker itself.

    Raises
    ------
    UnknownMarket
        If the text is not an fqsn.
    """
    if not _FQSN.fullmatch(fqsn):
        raise UnknownMarket(
            f"{fqsn!r} is not the name of a market; "
            "write <symbol>.<venue>[.<expiry>].<broker> in lower case, as in aapl.demo.replay"
        )
    symbol, *middle, broker = fqsn.split(".")
    venue = middle[0] if middle else broker
    expiry = middle[1] if len(middle) > 1 else ""
    return Fqsn(symbol, venue, expiry, broker)


def broker_of(account: str) -> str:
    """Return the name of the backend that has the account: ``ib`` for ``ib.main``."""
    return account.partition(".")[0]


def is_paper(account: str) -> bool:
    """Tell whether no money can be lost on the account."""
    return broker_of(account) == "paper"


class Market(msgspec.Struct, frozen=True, kw_only=True):
    """What is fixed about a market."""

    fqsn: str
    tick_size: Decimal
    """The smallest step of prices; see `tick_at`."""
    lot_size: Decimal
    currency: str
    multiplier: Decimal = Decimal(1)
    """Money a point of price and unit of size is worth: 50 for the E-mini S&P."""
    description: str = ""
    timezone: str = "UTC"
    """IANA name of the zone that the exchange lives in."""
    chart_price: Literal["trade", "bid"] = "trade"
    """What bars and alerts look at: ``bid`` for a market whose feed has quotes but no trades."""
    badge: str = ""
    """What kind of prices these are if not live ones, for all to see: ``REPLAY``."""
    source: str = ""
    """Where the prices come from, one line for the chart."""
    price_levels: tuple[tuple[Decimal, Decimal], ...] = ()
    """Where the tick size depends on the price: from which price on, and how large; ascending."""

    @property
    def price_digits(self) -> int:
        """Decimal places of a price."""
        return _digits(self.tick_size)

    @property
    def size_digits(self) -> int:
        """Decimal places of a size."""
        return _digits(self.lot_size)

    def tick_at(self, price: float | Decimal) -> Decimal:
        """Return the tick size at a price: at the start of a level, that of the level above."""
        tick = self.tick_size
        for start, of_level in self.price_levels:
            if price < start:
                break
            tick = of_level
        return tick

    def ticks_away(self, price: Decimal, ticks: int) -> Decimal:
        """Return the price so many ticks above another, or below it; on the grid of its level."""
        return self.round_price(price + ticks * self.tick_at(price))

    def round_price(self, price: float | Decimal) -> Decimal:
        """Return the nearest multiple of the tick size there, exact.

        Raises
        ------
        ValueError
            If the price is not a finite number.
        """
        if not math.isfinite(price):
            raise ValueError(f"{price} is not a price")
        tick = self.tick_at(price) if self.price_levels else self.tick_size
        ticks = (_decimal(price) / tick).quantize(Decimal(1), rounding=ROUND_HALF_EVEN)
        return self._on_grid(ticks * tick, self.price_digits)

    def floor_size(self, size: float | Decimal) -> Decimal:
        """Return the largest multiple of the lot size that is not above ``size``, exact."""
        if not math.isfinite(size):
            raise ValueError(f"{size} is not a size")
        lots = (_decimal(size) / self.lot_size).quantize(Decimal(1), rounding=ROUND_DOWN)
        return self._on_grid(lots * self.lot_size, self.size_digits)

    def is_price(self, price: Decimal) -> bool:
        """Tell whether the price lies on the grid of ticks."""
        has_levels = self.price_levels and price.is_finite()
        return _is_multiple(price, self.tick_at(price) if has_levels else self.tick_size)

    def no_price(self, price: Decimal) -> str:
        """Return why it is no price to trade at, a sentence with what would be; empty if it is."""
        if self.is_price(price) and price > 0:
            return ""
        tick = self.tick_at(price) if price.is_finite() else self.tick_size
        where = " at this price" if self.price_levels else ""
        text = f"{price} is no price of {self.fqsn}: its tick size is {tick}{where}"
        if not price.is_finite() or self.is_price(price) or not 0 < price < _LARGEST:
            return f"{text}."
        below = (price / tick).to_integral_value(rounding=ROUND_DOWN) * tick
        least = self.format_price(self.round_price(below))
        most = self.format_price(self.round_price(below + tick))
        return f"{text}; {least} or {most} would be." if below else f"{text}; {most} would be."

    def is_size(self, size: Decimal) -> bool:
        """Tell whether the size is a positive number of whole lots."""
        return _is_multiple(size, self.lot_size) and size > 0

    def format_price(self, price: float | Decimal) -> str:
        """Return the price with the digits of the market, at its level."""
        if self.price_levels:
            return f"{price:,.{_digits(self.tick_at(price))}f}"
        return f"{price:,.{self.price_digits}f}"

    def format_size(self, size: float | Decimal) -> str:
        """Return the size without needless zeros."""
        text = f"{size:,.{self.size_digits}f}"
        return text.rstrip("0").rstrip(".") if "." in text else text

    def money(self, points: Decimal, size: Decimal) -> Decimal:
        """Return what ``points`` of price are worth on ``size`` units, in the currency."""
        return points * size * self.multiplier

    @staticmethod
    def _on_grid(value: Decimal, digits: int) -> Decimal:
        return value.quantize(Decimal(1).scaleb(-digits))


@cache
def _digits(step: Decimal) -> int:
    exponent = step.normalize().as_tuple().exponent
    return max(0, -int(exponent))


def _is_multiple(number: Decimal, step: Decimal) -> bool:
    try:
        return not number % step
    except InvalidOperation:  # infinite, or more digits than a Decimal can divide
        return False


def _decimal(number: float | Decimal) -> Decimal:
    """The shortest decimal that a float prints as, so that 0.1 means 0.1."""
    return number if isinstance(number, Decimal) else Decimal(repr(float(number)))
