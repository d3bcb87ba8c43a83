"""How prices lie on the y axis of a plot: as they are, or by their logarithm."""

import math
from typing import Final

import numpy as np

from ui.chart.pyramid import Floats

LEAST: Final = 1e-300
"""What has no logarithm, zero and below, lies where this price does: far under any pane."""
_GREATEST: Final = 300.0


class PriceScale:
    """From prices to what the y axis of a plot counts, the **level**, and back.

    On a linear axis the level is the price. On a logarithmic one it is the price's logarithm to
    base 10, as pyqtgraph has it after ``PlotItem.setLogMode(y=True)``.
    """

    def __init__(self, *, is_log: bool = False) -> None:
        self.is_log = is_log

    def level(self, price: float) -> float:
        """Return where a price lies; finite for any price, whatever the axis."""
        return math.log10(max(price, LEAST)) if self.is_log else price

    def price(self, level: float) -> float:
        """Return the price at a level."""
        if not self.is_log:
            return level
        return math.pow(10.0, min(max(level, -_GREATEST), _GREATEST))

    def step(self, price: float, size: float) -> float:
        """Return how many levels a step up from a price is."""
        return self.level(price + size) - self.level(price) if self.is_log else size


def log_levels(prices: Floats) -> Floats:
    """Return the levels of prices on a logarithmic axis."""
    levels: Floats = np.log10(np.maximum(prices, LEAST))
    return levels
