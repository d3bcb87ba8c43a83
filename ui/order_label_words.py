"""The words of an order label: which there are, in which colour, font and width."""

from functools import cache, lru_cache
from typing import Final

from PyQt6.QtGui import QColor, QFont, QFontMetricsF

from order_mode.line import Line
from ui import theme

PAD: Final = 7
"""Logical pixels left and right of a word."""
_FONT_PIXELS: Final = 11
_LONGEST_NOTE: Final = 72

Cell = tuple[str, QColor]
"""A text and its colour."""


@cache
def label_font(*, bold: bool = False, struck: bool = False) -> QFont:
    """Return a font of labels; do not change it, it is shared."""
    font = QFont(theme.text_font(_FONT_PIXELS))
    font.setBold(bold)
    font.setStrikeOut(struck)
    return font


@lru_cache(maxsize=2048)
def word_width(text: str, *, bold: bool = False) -> float:
    """Return the width of a word with the room around it, whole logical pixels."""
    advance = QFontMetricsF(label_font(bold=bold)).horizontalAdvance(text)
    return float(round(advance) + 2 * PAD)


def label_cells(line: Line) -> list[Cell]:
    """Return the words after the chip, each with its colour."""
    label = line.label
    note = label.note if len(label.note) <= _LONGEST_NOTE else f"{label.note[: _LONGEST_NOTE - 1]}…"
    money = theme.LIVE if label.account.startswith("LIVE") else theme.PAPER
    cells = [
        (label.type, theme.TEXT_MUTED if label.type == "limit" else theme.TEXT),
        (label.price, theme.TEXT),
        (label.account, money),
        (label.mode, theme.DARK_ORDER if label.mode.startswith("held here") else theme.TEXT_MUTED),
        (label.terms, theme.TEXT_MUTED),
        (label.notional, theme.TEXT),
        (label.distance, theme.TEXT),
        (label.profit, theme.DOWN_TEXT if "-" in label.profit else theme.UP_TEXT),
        (label.after, theme.TEXT),
        (label.risk, theme.TEXT),
        (label.origin, theme.TEXT_MUTED),
        (note, theme.ERROR if line.refused else theme.WARNING),
    ]
    return [(text, theme.color(name)) for text, name in cells if text]
