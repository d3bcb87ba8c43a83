"""What an indicator computes, whoever wrote it."""

from typing import TYPE_CHECKING, Protocol

from ui.chart.bar_series import BarSeries
from ui.chart.pyramid import Floats

if TYPE_CHECKING:
    from ui.chart.pane_look import PaneLook


class Formula(Protocol):
    """What an indicator computes.

    Each bar has a row of values: first those that are drawn, then what the next row needs.
    """

    @property
    def shown(self) -> int:
        """How many values of a row are drawn."""

    @property
    def pane(self) -> "PaneLook | None":
        """How it is drawn in a pane of its own; None if it is drawn over the bars."""

    @property
    def label(self) -> str:
        """Name and settings, as the legend shows them: ``SMA 20``."""

    def values(self, series: BarSeries, start: int, before: Floats | None) -> Floats:
        """Return the rows of the bars from ``start`` on; NaN where there are too few bars.

        The cost depends on the bars from ``start`` on and on the length, never on all bars.

        Parameters
        ----------
        series : BarSeries
            The bars.
        start : int
            Index of the first bar.
        before : ndarray, optional
            The row of the bar before it; None if ``start`` is 0.

        Returns
        -------
        ndarray of float64, shape (len(series) - start, values of a row)
        """
