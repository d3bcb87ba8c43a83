"""A candlestick chart that one can trade on: `Chart` is its one public face."""

from ui.chart.chart import Chart

__all__ = ["Chart"]
