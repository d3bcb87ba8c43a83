"""Decimals that can be counted with: neither NaN, nor infinite, nor of a thousand digits."""

from decimal import Decimal
from typing import Final

import msgspec

_LARGEST_POWER: Final = 40


class Finite(msgspec.Struct, frozen=True):
    """A message whose decimals are numbers of this world; else `msgspec.ValidationError`."""

    def __post_init__(self) -> None:
        for name in self.__struct_fields__:
            value = getattr(self, name)
            if isinstance(value, Decimal) and not is_sane(value):
                raise ValueError(f"{name} is no number to count with: {value}")


def is_sane(value: Decimal) -> bool:
    """Tell whether a number can be a price, a size or a time."""
    return value.is_finite() and abs(value.adjusted()) <= _LARGEST_POWER
