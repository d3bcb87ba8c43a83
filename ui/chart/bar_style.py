"""The ways in which bars can be drawn."""

from enum import Enum


class BarStyle(Enum):
    """How bars look; the value is what the user reads."""

    CANDLES = "Candles"
    HOLLOW = "Hollow candles"
    """Hollow if it closes above its open; in the colour of its change since the close before."""
    BARS = "OHLC bars"
    LINE = "Line"
    AREA = "Area"
    HEIKIN_ASHI = "Heikin-Ashi"
    """Averaged candles; axis, legend and last price still show the market's own prices."""
