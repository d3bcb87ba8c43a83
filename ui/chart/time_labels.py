"""How times are written on the time axis and for the crosshair."""

from typing import Final

import numpy as np

from ui.chart.local_clock import DAY, SECOND
from ui.chart.time_rank import Rank

MONTHS: Final = "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split()  # noqa: SIM905
WEEKDAYS: Final = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_MS: Final = SECOND // 1000


def label(local_ns: int, rank: Rank) -> str:
    """Return the label of a bar that begins something of this rank, at a wall-clock time."""
    if rank is Rank.TIME:
        return time_of_day(local_ns)
    year, month, day = date_of(local_ns // DAY)
    if rank >= Rank.YEAR:
        return str(year)
    if rank >= Rank.MONTH:
        return MONTHS[month - 1]
    return f"{day} {MONTHS[month - 1]}"


def time_of_day(local_ns: int) -> str:
    """Return a time of day, as fine as it is: ``10:30``, ``10:30:05``, ``10:30:05.250``."""
    seconds = local_ns % DAY // SECOND
    text = f"{seconds // 3600:02}:{seconds // 60 % 60:02}"
    ms = local_ns % SECOND // _MS
    if ms:
        return f"{text}:{seconds % 60:02}.{ms:03}"
    return f"{text}:{seconds % 60:02}" if seconds % 60 else text


def date_of(day_number: int) -> tuple[int, int, int]:
    """Return year, month and day of a day counted from 1970-01-01."""
    date = np.datetime64(day_number, "D").item()
    return date.year, date.month, date.day
