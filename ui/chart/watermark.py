"""What kind of prices these are, large and faint behind the bars."""

from PyQt6.QtCore import QRect, QSize, Qt
from PyQt6.QtGui import QFontMetrics, QPainter, QPixmap

from ui import theme
from ui.chart.columns import PixelMap

_PIXELS = 132
_STRENGTH = 0.13
_SHARE = 0.85
"""Part of the pane's width that the word may take."""


class Watermark:
    """Draws a word across the middle of the pane, or nothing."""

    def __init__(self) -> None:
        self._text = ""
        self._picture: QPixmap | None = None
        self._drawn: tuple[float, int] | None = None
        self._needed: int | None = None

    def set_text(self, text: str) -> None:
        """Show another word from the next time on; an empty one shows nothing."""
        self._text = text
        self._picture = self._needed = None

    def redraw(self) -> None:
        """Draw it anew the next time: its colours are others."""
        self._picture = None

    def draw(self, painter: QPainter, pixels: PixelMap) -> None:
        """Draw the word."""
        if not self._text:
            return
        width, height = pixels.right - pixels.left, pixels.bottom - pixels.top
        look = (pixels.ratio, self._size(width / pixels.ratio))
        if self._picture is None or self._drawn != look:
            self._drawn = look
            self._picture = self._draw(*look)
        left = pixels.left + (width - self._picture.width()) // 2
        top = pixels.top + round(height * 0.42 - self._picture.height() / 2)
        whole = QRect(left, top, self._picture.width(), self._picture.height())
        painter.drawPixmap(whole, self._picture)

    def _size(self, width: float) -> int:
        """Return how large the letters are, logical pixels: all of them have room."""
        if self._needed is None:
            metrics = QFontMetrics(theme.text_font(_PIXELS, bold=True))
            self._needed = max(metrics.horizontalAdvance(self._text), 1)
        return min(_PIXELS, max(int(_PIXELS * _SHARE * width / self._needed), 8))

    def _draw(self, ratio: float, size_px: int) -> QPixmap:
        """Draw it once, with its background: an opaque picture is copied, not blended."""
        font = theme.text_font(size_px, bold=True)
        metrics = QFontMetrics(font)
        size = QSize(
            metrics.horizontalAdvance(self._text),
            metrics.tightBoundingRect(self._text).height() + 8,
        )
        picture = QPixmap(size * ratio)
        picture.setDevicePixelRatio(ratio)
        picture.fill(theme.color(theme.BACKGROUND))
        painter = QPainter(picture)
        painter.setFont(font)
        painter.setPen(theme.mixed(theme.badge_color(self._text), _STRENGTH))
        painter.drawText(
            0, 0, size.width(), size.height(), Qt.AlignmentFlag.AlignCenter, self._text
        )
        painter.end()
        return picture
