"""A sentence at the top of a plot that goes by itself, for plots whose program has no notices."""

from typing import Final

import pyqtgraph as pg
from PyQt6.QtCore import QRectF, Qt, QTimer
from PyQt6.QtGui import QFontMetricsF, QPainter, QPainterPath
from PyQt6.QtWidgets import QGraphicsItem, QStyleOptionGraphicsItem, QWidget

from order_mode.chart_port import Level
from ui import theme

SHOWN_MS: Final = 8000

_LAYER: Final = 110.0
_PAD: Final = 8.0
_TOP: Final = 8.0
_FONT_PIXELS: Final = 12


class PlotNotice(QGraphicsItem):
    """The newest notice of a plot.

    Parameters
    ----------
    view : pg.ViewBox
        Of the plot.
    """

    def __init__(self, view: pg.ViewBox) -> None:
        super().__init__(view)
        self.text = ""
        self._level: Level = "info"
        self._bounds = QRectF()
        self._view = view
        self._timer = QTimer()
        self._timer.setSingleShot(True)
        self._timer.timeout.connect(self.hide)
        self.setZValue(_LAYER)
        self.hide()

    def show_text(self, text: str, level: Level) -> None:
        """Show a sentence for a while, in place of the one before."""
        self.prepareGeometryChange()
        self.text, self._level = text, level
        metrics = QFontMetricsF(theme.text_font(_FONT_PIXELS))
        room = max(self._view.rect().width() - 2 * _PAD, 1.0)
        width = min(metrics.horizontalAdvance(text) + 3 * _PAD, room)
        words = QRectF(0, 0, width - 3 * _PAD, 400)
        height = metrics.boundingRect(words, int(Qt.TextFlag.TextWordWrap), text).height()
        self._bounds = QRectF(0, 0, width, height + _PAD)
        self.setPos((self._view.rect().width() - width) / 2, _TOP)
        self.show()
        self._timer.start(SHOWN_MS)

    def remove(self) -> None:
        """Take the item out of its plot for good."""
        self._timer.stop()
        self.setParentItem(None)
        scene = self.scene()
        if scene is not None:
            scene.removeItem(self)

    def boundingRect(self) -> QRectF:
        """Return the box around the text."""
        return self._bounds

    def shape(self) -> QPainterPath:
        """Return nothing, so that a click goes through to the plot."""
        return QPainterPath()

    def paint(
        self,
        painter: QPainter | None,
        option: QStyleOptionGraphicsItem | None,
        widget: QWidget | None = None,
    ) -> None:
        """Draw the box, a bar in the colour of its level, and the text."""
        if painter is None:
            return
        painter.fillRect(self._bounds, theme.color(theme.RAISED))
        painter.fillRect(
            self._bounds.adjusted(0, 0, 3 - self._bounds.width(), 0),
            theme.color(_color(self._level)),
        )
        painter.setFont(theme.text_font(_FONT_PIXELS))
        painter.setPen(theme.color(theme.TEXT))
        words = self._bounds.adjusted(2 * _PAD, 0, -_PAD, 0)
        flags = int(Qt.AlignmentFlag.AlignVCenter) | int(Qt.TextFlag.TextWordWrap)
        painter.drawText(words, flags, self.text)


def _color(level: Level) -> str:
    return {"info": theme.ACCENT, "warning": theme.WARNING, "error": theme.ERROR}[level]
