"""More room for bars, made a part at a time: a copy of millions at once would be a stall."""

from typing import Final

from ui.chart.bar_columns import BarColumns

_SCARCE_BEFORE: Final = 6_000
_SCARCE_AFTER: Final = 1_000
"""With less room than this it is time to make more."""


def is_scarce(columns: BarColumns) -> bool:
    """Tell whether there will soon be no room for older or for newer bars."""
    return columns.start < _SCARCE_BEFORE or columns.room_after < _SCARCE_AFTER


class RoomierColumns:
    """Copies bars to columns with more room, while they are in use and go on changing.

    Parameters
    ----------
    source : BarColumns
        Are copied. Whoever changes a bar that is not the last one tells it to `changed`.
    older : int
        Room is made for so many older bars, at least.
    """

    def __init__(self, source: BarColumns, older: int = 0) -> None:
        self._source = source
        self.columns = BarColumns(source.stop - source.start, older, source.start)
        """What is copied; complete once `copy` has said so.

        There is at least as much room as there is in the source, so all that comes there fits.
        """
        self._shift = self.columns.start - source.start
        self._first = self._next = source.start

    @property
    def room_before(self) -> int:
        """How many older bars there will be room for."""
        return self._source.start + self._shift

    def copy(self, count: int) -> bool:
        """Copy some more bars; return True if all are copied."""
        source = self._source
        stop = min(self._next + count, source.stop)
        self.columns.extend(source.part(self._next, stop))
        self._next = stop
        if stop < source.stop:
            return False
        self.columns.prepend(source.part(source.start, self._first))  # came meanwhile
        return True

    def changed(self, place: int) -> None:
        """Copy the bar at a place of the source again, and those after it."""
        if self._first <= place < self._next:
            self._next = place
            self.columns.cut(place + self._shift)
