"""A candlestick chart that one can trade on: `Chart` is its public face, with its indicators.

The indicators are imported when one is asked for: a chart is on the screen before that.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Final

from ui.chart.bar_style import BarStyle
from ui.chart.chart import Chart
from ui.chart.indicator import Indicator

if TYPE_CHECKING:
    from ui.chart.formulas import Bollinger, Ema, Sma, Vwap
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

_MODULES: Final = {
    "ui.chart.formulas": ("Bollinger", "Ema", "Sma", "Vwap"),
    "ui.chart.oscillators": ("Atr", "Macd", "Rsi", "Volume"),
}


def __getattr__(name: str) -> object:
    for module, names in _MODULES.items():
        if name in names:
            return getattr(import_module(module), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
