"""What the colour of a cell says; the theme has the colours."""

from decimal import Decimal
from enum import Enum
from typing import Final, Literal, TypeAlias

from PyQt6.QtGui import QColor

from ui import theme
from ui.palettes import PALETTES

Ground: TypeAlias = Literal["dark", "light"]
"""What the cells lie on; it has a palette of the theme's."""


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
    Tone.DIM: "TEXT_MUTED",
    Tone.BUY: "BUY",
    Tone.SELL: "SELL",
    Tone.ALERT: "ALERT",
    Tone.GAIN: "UP_TEXT",
    Tone.LOSS: "DOWN_TEXT",
    Tone.WARNING: "WARNING",
    Tone.FAULT: "ERROR",
}
"""Names in a palette; plain text has the colour of the view."""


def tone_colour(tone: Tone, palette: Ground | None = None) -> QColor | None:
    """Return the colour for a tone; None = that of any text there.

    Parameters
    ----------
    tone
        What the cell is about.
    palette
        ``dark`` or ``light``, where the ground is not that of the theme; None = as the theme is.
    """
    if tone is Tone.PLAIN:
        return None
    colours = PALETTES[palette or theme.current()]
    return theme.color(getattr(colours, _COLOURS[tone].lower()))


def profit_tone(amount: Decimal | None) -> Tone:
    """Return the tone of a profit or a loss."""
    if not amount:
        return Tone.PLAIN
    return Tone.GAIN if amount > 0 else Tone.LOSS
