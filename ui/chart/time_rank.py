"""What begins with a bar, a day or a year; the greater it is, the rather it has a label."""

from enum import IntEnum
from typing import Final

import numpy as np
import numpy.typing as npt

from ui.chart.local_clock import Times

LEAST_DAY_PX: Final = 56
"""Room for the label of a day, logical pixels."""


class Rank(IntEnum):
    """What begins at a tick; the greater one is kept where two would touch."""

    TIME = 0
    DAY = 1
    WEEK = 2
    MONTH = 3
    QUARTER = 4
    YEAR = 5
    FIVE_YEARS = 6
    TEN_YEARS = 7


def ranks_of(day_numbers: Times) -> npt.NDArray[np.int64]:
    """Return what begins with each day, seen from the day before it in the series."""
    months = day_numbers.astype("datetime64[D]").astype("datetime64[M]").astype(np.int64)
    years = months // 12
    ranks = np.full(len(day_numbers), int(Rank.DAY))
    levels = (
        (Rank.WEEK, (day_numbers + 3) // 7),
        (Rank.MONTH, months),
        (Rank.QUARTER, months // 3),
        (Rank.YEAR, years),
        (Rank.FIVE_YEARS, years // 5),
        (Rank.TEN_YEARS, years // 10),
    )
    for rank, number in levels:
        ranks[1:][np.diff(number) != 0] = int(rank)
    return ranks


def finest(ranks: npt.NDArray[np.int64], width_px: float) -> Rank:
    """Return the lowest rank whose ticks have room on average."""
    for rank in list(Rank)[1:]:
        if np.count_nonzero(ranks >= rank) * LEAST_DAY_PX <= width_px + LEAST_DAY_PX:
            return rank
    return Rank.TEN_YEARS
