"""The values of one indicator as pixel columns, worked out when the view or a bar changes."""

from typing import NamedTuple

import numpy as np

from ui.chart.bar_series import BarSeries
from ui.chart.columns import Columns, PixelMap, columns_in_view
from ui.chart.indicator import Indicator
from ui.chart.pane_look import Look, PaneLook
from ui.chart.pyramid import Floats


class PaneValues(NamedTuple):
    """What is in view, the column of the last bar apart."""

    columns: Columns
    """Of the finished bars."""
    rows: Floats
    """Their values, shape ``(columns, values)``."""
    live_x: int | None
    """Device pixel of the column with the last bar; None if it is out of view."""


def values_in_view(
    series: BarSeries, indicator: Indicator, look: PaneLook, pixels: PixelMap
) -> PaneValues:
    """Return the values in view; a column of many bars has that of its last one."""
    columns = columns_in_view(series, pixels)
    live_x = None
    if len(columns.x) and int(columns.stop[-1]) == len(series):
        live_x = int(columns.x[-1])
        columns = columns.without_last()
    rows = indicator.values(series)[columns.stop - 1]
    for place, one in enumerate(look.looks):
        if one is Look.VOLUME:
            rows[:, place] = np.nan_to_num(columns.volume)
    return PaneValues(columns, rows, live_x)


def live_row(series: BarSeries, indicator: Indicator) -> list[float]:
    """Return the values of the last bar; there must be one."""
    row: list[float] = indicator.values(series)[-1].tolist()
    return row
