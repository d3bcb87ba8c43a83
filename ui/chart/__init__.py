"""A candlestick chart that one can trade on: `Chart` is its public face, with its indicators."""

from ui.chart.bar_style import BarStyle
from ui.chart.chart import Chart
from ui.chart.formulas import Bollinger, Ema, Sma, Vwap
from ui.chart.indicator import Indicator
from ui.chart.oscillators import Atr, Macd, Rsi, Volume

__all__ = [
    "Atr",
    "BarStyle",
    "Bollinger",
    "Chart",
    "Ema",
    "Indicator",
    "Macd",
    "Rsi",
    "Sma",
    "Volume",
    "Vwap",
]
