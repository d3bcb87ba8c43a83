"""Tags on the price axis: the last price, bid and ask, the crosshair, and whoever wants one."""

from collections.abc import Sequence
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
    note: str = ""
    """A second line."""


class PlacedMark(NamedTuple):
    """A tag with its top edge and height, logical pixels of the axis."""

    mark: PriceMark
    top: float
    height: float


def placed(marks: Sequence[tuple[PriceMark, float]], line: float) -> list[PlacedMark]:
    """Return the tags so that none covers another.

    Parameters
    ----------
    marks : sequence of (PriceMark, y)
        Each with the y of its price.
    line : float
        Height of a tag of one line, logical pixels; its middle is at the price.
    """
    done: list[PlacedMark] = []
    for mark, y in sorted(marks, key=_rank) if len(marks) > 1 else marks:
        top, height = y - line / 2, line * (2 if mark.note else 1)
        for other in sorted(done, key=_top, reverse=mark.way < 0) if done else done:
            if other.top < top + height and top < other.top + other.height:
                top = other.top + other.height if mark.way > 0 else other.top - height
        done.append(PlacedMark(mark, top, height))
    return done


def _rank(pair: tuple[PriceMark, float]) -> int:
    return pair[0].rank


def _top(one: PlacedMark) -> float:
    return one.top
