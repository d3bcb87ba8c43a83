"""How the values of an indicator look in a pane of its own."""

from enum import Enum
from typing import NamedTuple


class Look(Enum):
    """How one value of a row is drawn."""

    LINE = "line"
    BARS = "bars"
    """From zero, in the colour of its sign."""
    VOLUME = "volume"
    """From zero, in the colour of the bar; a column of many bars shows the greatest one."""


class Unit(Enum):
    """How the numbers at the axis are written."""

    NUMBER = "number"
    PRICE = "price"
    """With the digits of the market, and one more."""
    VOLUME = "volume"


class PaneLook(NamedTuple):
    """A pane of one indicator."""

    looks: tuple[Look, ...]
    """One for each value that is drawn."""
    unit: Unit = Unit.NUMBER
    levels: tuple[float, ...] = ()
    """Values with a faint line."""
    low: float | None = None
    """The lowest and highest value in view; None = as low and high as the values in view."""
    high: float | None = None

    @property
    def has_volume(self) -> bool:
        """True if the volumes are in it, which need not be below the price then."""
        return Look.VOLUME in self.looks
