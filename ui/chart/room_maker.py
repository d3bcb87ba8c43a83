"""Makes room for bars between frames, so that none of them waits for a copy of the history."""

from collections.abc import Callable
from typing import Final

from PyQt6.QtCore import QObject

from ui.chart.bar_series import BarSeries
from ui.chart.frame_timer import made_timer

_EVERY_MS: Final = 5
_BARS: Final = 20_000
"""So many are copied at a time, in about half a millisecond."""


class RoomMaker(QObject):
    """Looks after the room of the series that is shown.

    Parameters
    ----------
    parent : QObject
        The chart.
    series : callable
        Returns the series that is shown now.
    """

    def __init__(self, parent: QObject, series: Callable[[], BarSeries]) -> None:
        super().__init__(parent)
        self._series = series
        self._timer = made_timer(self, _EVERY_MS, self._make, once=False)

    @property
    def busy(self) -> bool:
        """True while bars are being copied."""
        return self._timer.isActive()

    def look(self) -> None:
        """Begin to make room if it is scarce."""
        if not self.busy and self._series().room_is_scarce:
            self._timer.start()

    def _make(self) -> None:
        if not self._series().make_room(_BARS):
            self._timer.stop()
