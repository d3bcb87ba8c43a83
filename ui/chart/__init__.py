"""A candlestick chart that one can trade on: `Chart` is its public face."""

from ui.chart.bar_style import BarStyle
from ui.chart.chart import Chart
from ui.chart.indicator import Indicator

__all__ = ["BarStyle", "Chart", "Indicator"]
