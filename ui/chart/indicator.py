"""A formula over the bars of a chart, kept up to date bar by bar and tick by tick."""

from collections.abc import Callable
from typing import Final

import numpy as np

from ui.chart.bar_series import BarSeries
from ui.chart.formula import Formula
from ui.chart.pyramid import Floats

_REACHES: Final = (1_024, 8_192, 65_536)
"""So many bars after older ones are looked at, to see whether these still tell in the values.

The first is more than the bars that a function gets, see `ui.chart.function_formula.LOOKBACK`.
"""
_SAME: Final = 1e-10
"""Values that differ by no more than this part of them are the same."""
_LEAST_ROOM: Final = 8_192
_SHARE: Final = 24
"""Room for older bars, at least and as a part of all."""


class Indicator:
    """The values of a formula for every bar.

    A tick computes the last row anew, a new bar the last two, and older history those rows in
    which it still tells: the cost does not depend on the number of bars. Only a late tick
    computes all.

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
        self._places: Floats = np.empty((0, 0))
        self._start = 0
        """Where in the places the row of the first bar is."""
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
        return self._rows[:, : self.formula.shown]

    @property
    def _rows(self) -> Floats:
        return self._places[self._start : self._start + self._size]

    def _first_stale(self, series: BarSeries) -> int:
        """Return the first bar whose row may be other than before."""
        if series is not self._series:
            return 0
        older = self._state[2] - series.first_x
        new_bars = len(series) - self._size - older
        if series.layout - self._state[0] != new_bars + (older > 0):
            return 0  # a bar before the last one was amended
        if older and not self._put_in_front(series, older):
            return 0
        return max(self._size - 1, 0)

    def _put_in_front(self, series: BarSeries, older: int) -> bool:
        """Compute the rows of older bars, and those after them; return False if that is all."""
        for reach in _REACHES:
            if reach >= self._size:
                break
            part = BarSeries(series.bars(0, older + reach), series.period)
            rows = self.formula.values(part, 0, None)
            if _are_same(rows[-1], self._rows[reach - 1]):
                if self._start < older:
                    self._lay_out(self._rows, max(older, len(series) // _SHARE))
                self._start, self._size = self._start - older, self._size + older
                self._rows[: older + reach] = rows
                return True
        return False

    def _compute(self, series: BarSeries, start: int) -> None:
        """Compute the rows from a bar on, and forget the others from there."""
        before = self._rows[start - 1] if start else None
        rows = self.formula.values(series, start, before)
        stop = self._start + len(series)
        if start == 0 or stop > len(self._places):
            self._lay_out(np.concatenate([self._rows[:start], rows]) if start else rows, 0)
        else:
            self._places[self._start + start : stop] = rows
        self._size = len(series)

    def _lay_out(self, rows: Floats, older: int) -> None:
        """Keep these rows, with room for so many older bars at least, and for newer ones."""
        self._start, self._size = older + _LEAST_ROOM, len(rows)
        after = len(rows) + len(rows) // 8 + 64
        self._places = np.empty((self._start + after, rows.shape[1]))
        self._rows[:] = rows


def _are_same(row: Floats, other: Floats) -> bool:
    """Tell whether two rows are; never if a value is missing, which later bars may yet have."""
    return bool(np.all(np.abs(row - other) <= _SAME * np.abs(other).max()))
