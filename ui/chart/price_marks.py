"""Tags on the price axis: the last price, bid and ask, the crosshair, and whoever wants one."""

from collections.abc import Iterable
from typing import NamedTuple


class PriceMark(NamedTuple):
    """A tag at a price; ``fill`` and ``ink`` are colours of the theme."""

    price: float
    text: str
    fill: str
    ink: str
    rank: int = 0
    """The lower one keeps its place where two would overlap; below 0 it lies over all others."""
    way: int = 1
    """Which way it gives way: 1 down, -1 up."""


class PlacedMark(NamedTuple):
    """A tag with the y of its top edge, logical pixels of the axis."""

    mark: PriceMark
    top: float


def placed(marks: Iterable[tuple[PriceMark, float]], height: float) -> list[PlacedMark]:
    """Return the tags so that none covers another.

    Parameters
    ----------
    marks : iterable of (PriceMark, y)
        Each with the y of its price.
    height : float
        Of a tag, logical pixels.
    """
    done: list[PlacedMark] = []
    for mark, y in sorted(marks, key=lambda pair: pair[0].rank):
        top = y - height / 2
        in_the_way = sorted((other.top for other in done), reverse=mark.way < 0)
        for other in in_the_way:
            if abs(other - top) < height:
                top = other + mark.way * height
        done.append(PlacedMark(mark, top))
    return done
