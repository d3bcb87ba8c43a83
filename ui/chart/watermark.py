"""What kind of prices these are, large and faint behind the bars."""

from PyQt6.QtCore import QRect, QSize, Qt
from PyQt6.QtGui import QFontMetrics, QPainter, QPixmap

from ui import theme
from ui.chart.columns import PixelMap

_PIXELS = 132
_STRENGTH = 0.13


class Watermark:
    """Draws a word across the middle of the pane, or nothing."""

    def __init__(self) -> None:
        self._text = ""
        self._picture: QPixmap | None = None

    def set_text(self, text: str) -> None:
        """Show another word from the next time on; an empty one shows nothing."""
        self._text = text
        self._picture = None

    def redraw(self) -> None:
        """Draw it anew the next time: its colours are others."""
        self._picture = None

    def draw(self, painter: QPainter, pixels: PixelMap) -> None:
        """Draw the word."""
        if not self._text:
            return
        if self._picture is None or self._picture.devicePixelRatio() != pixels.ratio:
            self._picture = self._draw(pixels.ratio)
        width, height = pixels.right - pixels.left, pixels.bottom - pixels.top
        left = pixels.left + (width - self._picture.width()) // 2
        top = pixels.top + round(height * 0.42 - self._picture.height() / 2)
        whole = QRect(left, top, self._picture.width(), self._picture.height())
        painter.drawPixmap(whole, self._picture)

    def _draw(self, ratio: float) -> QPixmap:
        """Draw it once, with its background: an opaque picture is copied, not blended."""
        font = theme.text_font(_PIXELS, bold=True)
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
