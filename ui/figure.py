"""A number on a pane: digits of one width, right-aligned, coloured by what it says."""

from typing import Final, Literal, TypeAlias

from PyQt6.QtCore import Qt
from PyQt6.QtWidgets import QLabel, QSizePolicy

from ui import theme
from ui.style_property import set_style_property
from ui.worn_style import wear

FigureTone: TypeAlias = Literal["", "gain", "loss", "warning"]
NO_FIGURE: Final = "—"


class Figure(QLabel):
    """Shows a number, or a dash where there is none; no text changes the layout around it."""

    def __init__(self) -> None:
        super().__init__(NO_FIGURE)
        self.setObjectName("figure")
        wear(self, _style)
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self.setProperty("tone", "")

    def show_text(self, text: str | None, tone: FigureTone = "") -> None:
        """Show a text, None for a dash; the style sheet colours the property ``tone``."""
        self.setText(NO_FIGURE if text is None else text)
        set_style_property(self, "tone", tone)


def _style() -> str:
    return f"""
    #figure {{ font-family: "{theme.number_font().family()}"; color: {theme.TEXT}; }}
    #figure[tone="gain"] {{ color: {theme.UP_TEXT}; }}
    #figure[tone="loss"] {{ color: {theme.DOWN_TEXT}; }}
    #figure[tone="warning"] {{ color: {theme.WARNING}; }}
    """
