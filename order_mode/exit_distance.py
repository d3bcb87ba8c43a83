"""How far an exit lies from its entry: in ticks, per cent, ATR, money at risk, or R."""

import re
from dataclasses import dataclass
from decimal import ROUND_HALF_EVEN, Decimal
from typing import Final, Literal, TypeAlias, get_args

from ems.errors import EmsError
from ems.market import Market

DistanceUnit: TypeAlias = Literal["ticks", "%", "atr", "money", "r"]

_TEXT: Final = re.compile(r"(\d+(?:\.\d+)?)\s*([a-z%]+)")
_HUNDRED: Final = Decimal(100)


class NoExit(EmsError):
    """An exit cannot be placed as it was asked for; the text says why."""


@dataclass(frozen=True, slots=True)
class ExitDistance:
    """How far an exit lies from its entry."""

    amount: Decimal
    unit: DistanceUnit
    """``money``: what the whole order may lose. ``r``: times the distance of the stop."""

    def __str__(self) -> str:
        return f"{self.amount.normalize():f} {self.unit}"


@dataclass(frozen=True, slots=True)
class Entry:
    """What the distance of an exit is measured from."""

    market: Market
    price: Decimal
    size: Decimal
    atr: float | None = None
    """Average true range of the chart's bars; None = not known."""
    risk: Decimal | None = None
    """Points to the stop; None = it has none."""


def parse_distance(text: str) -> ExitDistance:
    """Return the distance that a text says: ``20 ticks``, ``1.5 %``, ``2 atr``, ``3 r``.

    Raises
    ------
    ValueError
        If it says none; the text of the error says what does.
    """
    match = _TEXT.fullmatch(text.strip().lower())
    units = get_args(DistanceUnit)
    if match is None or match[2] not in units or not Decimal(match[1]):
        raise ValueError(
            f"{text!r} is no distance of an exit; write a number above zero and one of "
            f"{', '.join(units)}, as in 1.5 atr"
        )
    unit: DistanceUnit = next(one for one in units if one == match[2])
    return ExitDistance(Decimal(match[1]), unit)


def points(distance: ExitDistance, entry: Entry) -> Decimal:
    """Return the distance in points of price, a whole number of ticks and at least one.

    Raises
    ------
    NoExit
        If it is not known; the text says what is missing.
    """
    market = entry.market
    exact = distance.amount * _unit(distance, entry)
    tick = market.tick_at(entry.price)
    return max((exact / tick).quantize(Decimal(1), rounding=ROUND_HALF_EVEN), Decimal(1)) * tick


def _unit(distance: ExitDistance, entry: Entry) -> Decimal:
    """Return what one of the unit is in points of price."""
    match distance.unit:
        case "ticks":
            return entry.market.tick_at(entry.price)
        case "%":
            return abs(entry.price) / _HUNDRED
        case "atr":
            if entry.atr is None:
                raise NoExit("The ATR is not known: the chart has too few bars.")
            return Decimal(repr(entry.atr))
        case "r":
            if entry.risk is None:
                raise NoExit("A target in R needs a stop: R is the distance to it.")
            return entry.risk
        case "money":
            if not entry.size:
                raise NoExit("A stop for an amount of money needs a size.")
            return 1 / entry.market.money(Decimal(1), entry.size)
