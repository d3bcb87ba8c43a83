"""IB's floats as exact numbers, and its magic numbers for "unset" as None."""

from decimal import Decimal
from typing import Final

from ib_async.util import UNSET_DOUBLE, UNSET_INTEGER

_UNSET: Final = (UNSET_DOUBLE, float(UNSET_INTEGER))


def exact(number: object) -> Decimal:
    """Return the shortest decimal that the number prints as: 0.1 means 0.1."""
    value = number if isinstance(number, Decimal) else Decimal(repr(float(str(number))))
    return plain(value.normalize())


def exact_or_none(number: object) -> Decimal | None:
    """Return the number, or None for what IB sends when there is none."""
    if number is None or number == "" or float(str(number)) in _UNSET:
        return None
    return exact(number)


def plain(number: Decimal) -> Decimal:
    """Return the number so that it prints without an exponent, as IB and users read it."""
    return Decimal(f"{number:f}")
