"""The time axis: labels at bars, the crosshair's time on top of them, and the mouse to scale."""

import math
from typing import Any, Final

from PyQt6.QtCore import QPointF, QRectF, Qt
from PyQt6.QtGui import QPainter

from ui import theme
from ui.chart.canvas_axis import CanvasAxis
from ui.chart.static_text import StaticTexts
from ui.chart.time_rank import Rank
from ui.chart.time_ticks import TimeTick, TimeTicks

HEIGHT: Final = 26
"""Logical pixels."""
_TAG_PAD: Final = 7.0
_CORNER: Final = 8
"""From the end of the axis to what is written beside it."""
_TOUCH: Final = 4.0
"""Above this there is nothing but the border."""


class TimeAxis(CanvasAxis):
    """The bottom axis of the pane; lean for the same reasons as `PriceAxis`."""

    def __init__(self, view: Any) -> None:
        super().__init__("bottom")
        self._view = view
        self._source: TimeTicks | None = None
        self._texts = StaticTexts(theme.number_font(11))
        self._top = round((HEIGHT - self._texts.height) / 2)
        self._cursor: tuple[float, str, float] | None = None
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
        cursor = None if text is None else (x, text, self._texts.width(text))
        if cursor == self._cursor:
            return
        for changed in (self._cursor, cursor):
            if changed is not None:
                self.update(self._tag_rect(changed[0], changed[2]))
        self._cursor = cursor

    def ticks(self) -> list[TimeTick]:
        """Return the ticks in view, from left to right."""
        if self._source is None:
            return []
        start, stop = self._view.viewRange()[0]
        return self._source.in_view(start, stop, self._view.rect().width() / (stop - start))

    def paint_exposed(self, p: QPainter, exposed: QRectF) -> None:
        """Draw labels and the crosshair's tag."""
        top = self.scenePos().y()
        if exposed.bottom() < top:
            return
        p.fillRect(QRectF(0, 0, self.size().width(), 1), theme.brush(theme.BORDER))
        p.setFont(self._texts.font)
        if exposed.bottom() >= top + _TOUCH:
            self._draw_ticks(p)
            self._draw_zone(p)
        if self._cursor is not None:
            self._draw_tag(p, *self._cursor)

    def wheelEvent(self, event: Any) -> None:
        """Zoom in time."""
        self._view.wheelEvent(event, axis=0)

    def mouseDragEvent(self, event: Any) -> None:
        """Zoom in time."""
        self._view.mouseDragEvent(event, axis=0)

    def mouseClickEvent(self, event: Any) -> None:
        """Show the newest bars at the usual zoom on a double click."""
        super().mouseClickEvent(event)
        if event.button() == Qt.MouseButton.LeftButton and event.double():
            event.accept()
            self._view.reset()

    def _draw_ticks(self, p: QPainter) -> None:
        ticks = self.ticks()
        least = min((tick.rank for tick in ticks), default=Rank.TIME)
        p.setPen(theme.color(theme.TEXT_MUTED))
        self._draw_labels(p, [tick for tick in ticks if tick.rank is least])
        p.setPen(theme.color(theme.TEXT))
        self._draw_labels(p, [tick for tick in ticks if tick.rank is not least])

    def _draw_zone(self, p: QPainter) -> None:
        """Say whose time it is, in the corner below the price axis."""
        if self._source is not None and self._source.zone:
            p.setPen(theme.color(theme.TEXT_MUTED))
            laid = self._texts.laid(self._source.zone)
            p.drawStaticText(round(self.size().width()) + _CORNER, self._top, laid.text)

    def _draw_tag(self, p: QPainter, x: float, text: str, width: float) -> None:
        """Draw the time of the crosshair, which is another one at each of its moves."""
        rect = self._tag_rect(x, width)
        p.fillRect(rect, theme.brush(theme.CURSOR_TAG))
        p.setPen(theme.color(theme.TEXT))
        p.drawText(QPointF(rect.left() + _TAG_PAD, self._top + self._texts.ascent), text)

    def _draw_labels(self, p: QPainter, ticks: list[TimeTick]) -> None:
        start, stop = self._view.viewRange()[0]
        width = self.size().width()
        scale = self._view.rect().width() / (stop - start)
        for tick in ticks:
            laid = self._texts.laid(tick.text)
            left = scale * (tick.x - start) - laid.width / 2
            if 0 <= left <= width - laid.width:
                p.drawStaticText(round(left), self._top, laid.text)

    def _x(self, x: float) -> float:
        start, stop = self._view.viewRange()[0]
        return float(self._view.rect().width() * (x - start) / (stop - start))

    def _tag_rect(self, x: float, width: float) -> QRectF:
        whole = math.ceil(width + 2 * _TAG_PAD)
        left = min(max(self._x(x) - whole / 2, 0.0), max(self.size().width() - whole, 0.0))
        return QRectF(round(left), 0, whole, HEIGHT)
