"""The time axis: labels at bars, the crosshair's time on top of them, and the mouse to scale."""

import math
from typing import Any, Final

import pyqtgraph as pg
from PyQt6.QtCore import QPointF, QRectF, Qt
from PyQt6.QtGui import QPainter
from PyQt6.QtWidgets import QGraphicsItem, QStyleOptionGraphicsItem, QWidget

from ui import theme
from ui.chart.static_text import StaticTexts
from ui.chart.time_ticks import Rank, TimeTick, TimeTicks

HEIGHT: Final = 26
"""Logical pixels."""
_TAG_PAD: Final = 7.0
_TOUCH: Final = 4.0
"""Above this there is nothing but the border."""


class TimeAxis(pg.AxisItem):  # type: ignore[misc]  # pyqtgraph has no types
    """The bottom axis of the pane; lean for the same reasons as `PriceAxis`."""

    def __init__(self, view: Any) -> None:
        super().__init__("bottom")
        self._view = view
        self._source: TimeTicks | None = None
        self._texts = StaticTexts(theme.number_font(11))
        self._cursor: tuple[float, str] | None = None
        self.setFlag(QGraphicsItem.GraphicsItemFlag.ItemUsesExtendedStyleOption)
        self.setHeight(HEIGHT)

    def set_source(self, source: TimeTicks) -> None:
        """Take labels from another series or zone."""
        self._source = source
        self._cursor = None
        self.update()

    def set_cursor(self, x: float, time_ns: int | None) -> None:
        """Put a tag with a time at ``x``; None takes it away."""
        text = None
        if time_ns is not None and self._source is not None:
            text = self._source.moment(time_ns)
        cursor = None if text is None else (x, text)
        if cursor == self._cursor:
            return
        for changed in (self._cursor, cursor):
            if changed is not None:
                self.update(self._tag_rect(*changed))
        self._cursor = cursor

    def ticks(self) -> list[TimeTick]:
        """Return the ticks in view, from left to right."""
        if self._source is None:
            return []
        start, stop = self._view.viewRange()[0]
        return self._source.in_view(start, stop, self._view.rect().width() / (stop - start))

    def paint(
        self, p: QPainter, opt: QStyleOptionGraphicsItem, widget: QWidget | None = None
    ) -> None:
        """Draw labels and the crosshair's tag."""
        width = self.size().width()
        p.fillRect(QRectF(0, 0, width, 1), theme.color(theme.BORDER))
        if opt.exposedRect.bottom() < _TOUCH:
            return  # it is the foot of the pane that is painted
        p.setFont(self._texts.font)
        top = round((HEIGHT - self._texts.height) / 2)
        muted, strong = theme.color(theme.TEXT_MUTED), theme.color(theme.TEXT)
        ticks = self.ticks()
        least = min((tick.rank for tick in ticks), default=Rank.TIME)
        p.setPen(muted)
        self._draw_labels(p, top, [tick for tick in ticks if tick.rank is least])
        p.setPen(strong)
        self._draw_labels(p, top, [tick for tick in ticks if tick.rank is not least])
        if self._cursor is not None:
            rect = self._tag_rect(*self._cursor)
            p.fillRect(rect, theme.color(theme.CURSOR_TAG))
            p.setPen(strong)
            at = QPointF(rect.left() + _TAG_PAD, top)
            p.drawStaticText(at, self._texts.laid(self._cursor[1]).text)

    def boundingRect(self) -> QRectF:
        """Return the axis without pyqtgraph's margins."""
        return QRectF(self.rect())

    def linkedViewChanged(self, view: Any, newRange: Any = None) -> None:  # noqa: N803
        """Draw anew; what is on the axis is worked out when it is painted."""
        self.update()

    def wheelEvent(self, event: Any) -> None:
        """Zoom in time."""
        self._view.wheelEvent(event, axis=0)

    def mouseDragEvent(self, event: Any) -> None:
        """Zoom in time."""
        self._view.mouseDragEvent(event, axis=0)

    def mouseClickEvent(self, event: Any) -> None:
        """Show the newest bars at the usual zoom on a double click."""
        if event.button() == Qt.MouseButton.LeftButton and event.double():
            event.accept()
            self._view.reset()

    def _draw_labels(self, p: QPainter, top: int, ticks: list[TimeTick]) -> None:
        start, stop = self._view.viewRange()[0]
        width = self.size().width()
        scale = self._view.rect().width() / (stop - start)
        for tick in ticks:
            laid = self._texts.laid(tick.text)
            left = scale * (tick.x - start) - laid.width / 2
            if 0 <= left <= width - laid.width:
                p.drawStaticText(round(left), top, laid.text)

    def _x(self, x: float) -> float:
        start, stop = self._view.viewRange()[0]
        return float(self._view.rect().width() * (x - start) / (stop - start))

    def _tag_rect(self, x: float, text: str) -> QRectF:
        width = math.ceil(self._texts.width(text) + 2 * _TAG_PAD)
        left = min(max(self._x(x) - width / 2, 0.0), max(self.size().width() - width, 0.0))
        return QRectF(round(left), 0, width, HEIGHT)
