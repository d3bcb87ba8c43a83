"""What kind of prices these are, large and faint behind the bars."""

import pyqtgraph as pg
from PyQt6.QtCore import QPointF, QSize, Qt
from PyQt6.QtGui import QFontMetrics, QPainter, QPixmap
from PyQt6.QtWidgets import QStyleOptionGraphicsItem, QWidget

from ui import theme
from ui.chart.pane_item import PaneItem

_PIXELS = 132
_STRENGTH = 0.13


class Watermark(PaneItem):
    """Draws a word across the middle of the pane, or nothing."""

    def __init__(self, view: pg.ViewBox) -> None:
        super().__init__(view, -60)
        self._text = ""
        self._picture: QPixmap | None = None

    def set_text(self, text: str) -> None:
        """Show another word; an empty one shows nothing."""
        self._text = text
        self._picture = None
        self.update()

    def paint(
        self,
        painter: QPainter | None,
        option: QStyleOptionGraphicsItem | None,
        widget: QWidget | None = None,
    ) -> None:
        """Draw the word."""
        assert painter is not None
        device = painter.device()
        ratio = 1.0 if device is None else device.devicePixelRatioF()
        if not self._text:
            return
        if self._picture is None or self._picture.devicePixelRatio() != ratio:
            self._picture = self._draw(ratio)
        size = self._picture.deviceIndependentSize()
        pane = self.boundingRect()
        left = round((pane.width() - size.width()) / 2)
        top = round(pane.height() * 0.42 - size.height() / 2)
        painter.drawPixmap(QPointF(left, top), self._picture)

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
