"""Short texts laid out once and drawn often."""

from typing import Final, NamedTuple

from PyQt6.QtCore import Qt
from PyQt6.QtGui import QFont, QFontMetricsF, QStaticText, QTransform

_ROOM: Final = 600


class Laid(NamedTuple):
    """A text that is laid out; width and height in logical pixels."""

    text: QStaticText
    width: float
    height: float


class StaticTexts:
    """The texts of one font; the painter must have that font when it draws them."""

    def __init__(self, font: QFont) -> None:
        self.font = font
        self._metrics = QFontMetricsF(font)
        self.height = self._metrics.height()
        """Height of a line, logical pixels."""
        self.ascent = self._metrics.ascent()
        """From the top of a line to its baseline."""
        self._laid: dict[str, Laid] = {}

    def width(self, text: str) -> float:
        """Return the width of a text."""
        return self._metrics.horizontalAdvance(text)

    def laid(self, text: str) -> Laid:
        """Return the text laid out."""
        found = self._laid.get(text)
        if found is None:
            if len(self._laid) >= _ROOM:
                self._laid.clear()
            found = self._laid[text] = self._lay_out(text)
        return found

    def _lay_out(self, text: str) -> Laid:
        static = QStaticText(text)
        static.setTextFormat(Qt.TextFormat.PlainText)
        static.setPerformanceHint(QStaticText.PerformanceHint.AggressiveCaching)
        static.prepare(QTransform(), self.font)
        return Laid(static, self._metrics.horizontalAdvance(text), self._metrics.height())
