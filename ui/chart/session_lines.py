"""Lines where a market's trading day begins, and where its regular hours begin and end."""

from collections.abc import Sequence
from typing import Final

import numpy as np
import numpy.typing as npt
from PyQt6.QtGui import QPainter

from ui import theme
from ui.chart.bar_series import BarSeries
from ui.chart.columns import PixelMap
from ui.chart.local_clock import DAY, SECOND, LocalClock
from ui.chart.rect_batch import RectBatch
from ui.chart.visible_bars import VisibleBars

_LEAST_PX: Final = 40
"""Lines nearer to each other, on average, are left out: they would be a hatching."""
_DASH: Final = 5
_GAP: Final = 4
"""Device-independent pixels."""


class SessionLines:
    """A dashed line before the first bar of each session.

    Parameters
    ----------
    bars : VisibleBars
        Of the pane.
    """

    def __init__(self, bars: VisibleBars) -> None:
        self._bars = bars
        self._clock = LocalClock("UTC")
        self._starts_s: tuple[int, ...] = ()
        self._rects = RectBatch(64)
        self._known: tuple[BarSeries, int] | None = None
        self._places: npt.NDArray[np.int64] = np.empty(0, np.int64)

    def set_times(self, zone: str, starts_s: Sequence[int]) -> None:
        """Draw lines at these times of day.

        Parameters
        ----------
        zone : str
            IANA name of the exchange's zone.
        starts_s : sequence of int
            Seconds after midnight there.
        """
        self._clock, self._starts_s = LocalClock(zone), tuple(starts_s)
        self._known = None

    def places(self) -> npt.NDArray[np.int64]:
        """Return the ``x`` of the first bar of each session but the first one, ascending."""
        series = self._bars.series
        if self._known != (series, series.layout):
            self._known = (series, series.layout)
            self._places = self._find(series)
        return self._places + series.first_x

    def draw(self, painter: QPainter, pixels: PixelMap) -> None:
        """Draw those in view, one device pixel wide."""
        places = self.places()
        if not len(places):
            return
        x = np.floor((places - 0.5) * pixels.x_scale + pixels.x_origin)
        inside = x[(x >= pixels.left) & (x < pixels.right)].astype(np.int64)
        width = (pixels.right - pixels.left) / pixels.ratio
        if not len(inside) or len(inside) * _LEAST_PX > width:
            return
        pitch = round((_DASH + _GAP) * pixels.ratio)
        tops = np.arange(pixels.top, pixels.bottom, pitch)
        dashes = self._rects.rows(len(inside) * len(tops)).reshape(len(inside), len(tops), 4)
        dashes[:, :, 0] = dashes[:, :, 2] = inside[:, np.newaxis]
        dashes[:, :, 1] = tops
        dashes[:, :, 3] = np.minimum(tops + round(_DASH * pixels.ratio), pixels.bottom) - 1
        painter.setBrush(theme.brush(theme.SESSION))
        self._rects.fill(painter, 0, len(inside) * len(tops))

    def _find(self, series: BarSeries) -> npt.NDArray[np.int64]:
        if series.period_ns >= DAY or len(series) == 0 or not self._starts_s:
            return np.empty(0, np.int64)
        first, last = self._clock.local(series.time[[0, -1]]).tolist()
        days = np.arange(first // DAY, last // DAY + 1) * DAY
        begins = np.concatenate([days + start * SECOND for start in self._starts_s])
        found = np.sort(np.searchsorted(series.time, self._clock.utc(begins)))
        new = np.diff(found, prepend=0) > 0  # a weekend has no bar of its own
        places: npt.NDArray[np.int64] = found[new & (found < len(series))]
        return places
