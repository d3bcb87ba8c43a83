"""IB's floats as exact numbers, and its magic numbers for "unset" as None."""

from decimal import Decimal
from math import inf, isfinite
from typing import Final

from ib_async import CommissionReport, Contract, Execution, Order, PriceIncrement
from ib_async.util import UNSET_DOUBLE, UNSET_INTEGER

_UNSET: Final = (UNSET_DOUBLE, float(UNSET_INTEGER))


def exact(number: object) -> Decimal:
    """Return the shortest decimal that it prints as: 0.1 means 0.1; `ValueError` if none."""
    value = number if isinstance(number, Decimal) else Decimal(repr(float(str(number))))
    if not value.is_finite():
        raise ValueError(f"{number} is no number to count with")
    return plain(value.normalize())


def exact_or_none(number: object) -> Decimal | None:
    """Return the number, or None for what IB sends when there is none."""
    if number is None or number == "" or float(str(number)) in _UNSET:
        return None
    return exact(number)


def is_strange(said: object) -> bool:
    """Tell whether what IB says has a number in it that nobody can count with."""
    if isinstance(said, float):
        return not isfinite(said)
    if isinstance(said, Contract):
        return not _is_multiplier(said.multiplier)
    if isinstance(said, PriceIncrement):
        return not (isfinite(said.lowEdge) and isfinite(said.increment))
    if isinstance(said, Order | Execution | CommissionReport):
        return any(
            isinstance(value, float) and not isfinite(value) for value in vars(said).values()
        )
    return False


def _is_multiplier(text: str) -> bool:
    try:
        return not text or 0 < float(text) < inf
    except ValueError:
        return False


def plain(number: Decimal) -> Decimal:
    """Return the number so that it prints without an exponent, as IB and users read it."""
    return Decimal(f"{number:f}")
