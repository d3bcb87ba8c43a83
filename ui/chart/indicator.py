"""A formula over the bars of a chart, kept up to date bar by bar and tick by tick."""

from collections.abc import Callable

import numpy as np

from ui.chart.bar_series import BarSeries
from ui.chart.formula import Formula
from ui.chart.pyramid import Floats


class Indicator:
    """The values of a formula for every bar.

    A tick computes the last row anew, a new bar the last two: the cost does not depend on the
    number of bars. Only older history, or a late tick, computes all.

    Parameters
    ----------
    formula : Formula
        What is computed.
    colors : sequence of str
        One for each value that is drawn, names of the theme.
    """

    def __init__(self, formula: Formula, colors: tuple[str, ...]) -> None:
        self.formula = formula
        self.colors = colors
        self._series: BarSeries | None = None
        self._rows: Floats = np.empty((0, 0))
        self._size = 0
        self._state = (-1, -1, 0)

    def recolored(self, change: Callable[[str], str]) -> "Indicator":
        """Return the same in the colours that ``change`` returns for its own."""
        return Indicator(self.formula, tuple(change(color) for color in self.colors))

    def values(self, series: BarSeries) -> Floats:
        """Return the values that are drawn as of now, a view of shape ``(bars, values)``."""
        state = (series.layout, series.changes, series.first_x)
        if series is not self._series or state != self._state:
            self._compute(series, self._first_stale(series))
            self._series, self._state = series, state
        return self._rows[: self._size, : self.formula.shown]

    def _first_stale(self, series: BarSeries) -> int:
        """Return the first bar whose row may be other than before."""
        if series is not self._series or series.first_x != self._state[2]:
            return 0
        new_bars = len(series) - self._size
        if series.layout - self._state[0] != new_bars:
            return 0  # a bar before the last one was amended
        return max(self._size - 1, 0)

    def _compute(self, series: BarSeries, start: int) -> None:
        before = self._rows[start - 1] if start else None
        rows = self.formula.values(series, start, before)
        if len(series) > len(self._rows) or start == 0:
            room = np.empty((len(series) + len(series) // 8 + 64, rows.shape[1]))
            if start:
                room[:start] = self._rows[:start]
            self._rows = room
        self._rows[start : len(series)] = rows
        self._size = len(series)
