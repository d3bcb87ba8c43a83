"""A time zone for whole arrays of times, correct over each change to and from summer time."""

from datetime import UTC, datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import numpy as np
import numpy.typing as npt

Times = npt.NDArray[np.int64]

SECOND: Final = 1_000_000_000
DAY: Final = 86_400 * SECOND
_WEEK: Final = 7 * 86_400
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)


class LocalClock:
    """Turns UTC nanoseconds into wall-clock nanoseconds of a zone, and back.

    Wall-clock times are counted from 1970-01-01 00:00 of the zone, as if no clock was ever moved.

    Parameters
    ----------
    zone : str
        IANA name; an unknown one is taken as UTC, and ``zone`` says so.
    """

    def __init__(self, zone: str) -> None:
        try:
            self._zone = ZoneInfo(zone)
        except (ZoneInfoNotFoundError, ValueError):
            self._zone = ZoneInfo("UTC")
        self.zone = self._zone.key
        self._weeks = (0, 0)
        self._changes: Times = np.empty(0, np.int64)
        self._offsets: Times = np.zeros(1, np.int64)

    def local(self, utc_ns: Times) -> Times:
        """Return the wall-clock times of moments, ns."""
        if len(utc_ns) == 0:
            return utc_ns
        self._cover(int(utc_ns.min()), int(utc_ns.max()))
        return utc_ns + self._offsets[np.searchsorted(self._changes, utc_ns, side="right")]

    def local_one(self, utc_ns: int) -> int:
        """Return the wall-clock time of one moment, ns."""
        return int(self.local(np.array([utc_ns], np.int64))[0])

    def utc(self, local_ns: Times) -> Times:
        """Return the moments of wall-clock times, ns.

        An hour that comes twice gives one of the two; one that is left out, a moment beside it.
        """
        if len(local_ns) == 0:
            return local_ns
        guess = local_ns - (self.local(local_ns) - local_ns)
        return local_ns - (self.local(guess) - guess)

    def abbreviation(self, utc_ns: int) -> str:
        """Return how the zone calls itself at a moment: ``EST``, ``EDT``, ``UTC``."""
        name = self._at(utc_ns // SECOND).tzname() or self.zone
        return f"UTC{name}" if name[:1] in "+-" else name

    def _at(self, utc_s: int) -> datetime:
        return (_EPOCH + timedelta(seconds=utc_s)).astimezone(self._zone)

    def _offset_s(self, utc_s: int) -> int:
        offset = self._at(utc_s).utcoffset()
        return 0 if offset is None else round(offset.total_seconds())

    def _cover(self, start_ns: int, stop_ns: int) -> None:
        """Find the changes of the clock in a span and a week to each side of it."""
        first, last = start_ns // SECOND // _WEEK - 1, stop_ns // SECOND // _WEEK + 2
        if self._weeks[0] <= first and last <= self._weeks[1]:
            return
        if self._weeks != (0, 0):
            first, last = min(first, self._weeks[0]), max(last, self._weeks[1])
        self._weeks = (first, last)
        changes: list[int] = []
        offsets = [self._offset_s(first * _WEEK)]
        for week in range(first, last):
            end_s = (week + 1) * _WEEK
            offset = self._offset_s(end_s)
            if offset != offsets[-1]:
                changes.append(self._change(week * _WEEK, end_s, offset))
                offsets.append(offset)
        self._changes = np.array(changes, np.int64) * SECOND
        self._offsets = np.array(offsets, np.int64) * SECOND

    def _change(self, before_s: int, after_s: int, offset: int) -> int:
        """Return the first second that has the offset, by halving."""
        while after_s - before_s > 1:
            middle = (before_s + after_s) // 2
            if self._offset_s(middle) == offset:
                after_s = middle
            else:
                before_s = middle
        return after_s
