"""What the colour of a cell says; the theme has the colours."""

from decimal import Decimal
from enum import Enum
from typing import Final

from PyQt6.QtGui import QColor

from ui import theme


class Tone(Enum):
    """What a cell is about."""

    PLAIN = "plain"
    DIM = "dim"
    BUY = "buy"
    SELL = "sell"
    ALERT = "alert"
    GAIN = "gain"
    LOSS = "loss"
    WARNING = "warning"
    FAULT = "fault"


SIDE_TONES: Final = {"buy": Tone.BUY, "sell": Tone.SELL, "alert": Tone.ALERT}

_COLOURS: Final = {
    Tone.PLAIN: "TEXT",
    Tone.DIM: "TEXT_MUTED",
    Tone.BUY: "BUY",
    Tone.SELL: "SELL",
    Tone.ALERT: "ALERT",
    Tone.GAIN: "UP_TEXT",
    Tone.LOSS: "DOWN_TEXT",
    Tone.WARNING: "WARNING",
    Tone.FAULT: "ERROR",
}
"""Names in the theme."""


def tone_colour(tone: Tone) -> QColor:
    """Return the colour of the theme for a tone."""
    return theme.color(getattr(theme, _COLOURS[tone]))


def profit_tone(amount: Decimal | None) -> Tone:
    """Return the tone of a profit or a loss."""
    if not amount:
        return Tone.PLAIN
    return Tone.GAIN if amount > 0 else Tone.LOSS
