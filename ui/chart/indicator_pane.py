"""A pane below the price with one indicator in it."""

import math
from typing import Any, Final

from PyQt6.QtCore import QPoint, QPointF, QSize, Qt, pyqtSignal
from PyQt6.QtGui import QMouseEvent, QPainter, QPaintEvent, QWheelEvent
from PyQt6.QtWidgets import QWidget

from ui import theme
from ui.chart.pane_picture import PanePicture, PanePlace
from ui.chart.view import ChartView

_LEAST_HEIGHT: Final = 48
_USUAL_HEIGHT: Final = 120
_NOTCH: Final = 120.0
_ZOOM_A_NOTCH: Final = 0.85


class IndicatorPane(QWidget):
    """Shows an indicator below the bars that it belongs to; its time is that of the price pane.

    Parameters
    ----------
    view : ChartView
        The price pane. It says which bars are in view; the wheel and a drag here move it.
    picture : PanePicture
        What is shown.

    Signals
    -------
    pointed(object)
        The x of the bar under the mouse; None when it has left.
    """

    pointed = pyqtSignal(object)

    def __init__(self, view: ChartView, picture: PanePicture) -> None:
        super().__init__()
        self._view = view
        self._picture = picture
        self._aim: int | None = None
        self._dragged: QPointF | None = None
        self.setMouseTracking(True)
        self.setMinimumHeight(_LEAST_HEIGHT)
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)

    @property
    def picture(self) -> PanePicture:
        """What is shown."""
        return self._picture

    def set_picture(self, picture: PanePicture) -> None:
        """Show another indicator, or other bars, from now on."""
        self._picture = picture
        self.update()

    def follow(self) -> None:
        """Draw what the ticks have changed, if they have."""
        if self._picture.stale:
            for part in self._picture.changed_parts(self._place()):
                self.update(part)

    def point_at(self, x: int | None) -> None:
        """Show the crosshair's line at a bar, and the values there; None = no line."""
        if x != self._aim:
            self._aim = x
            self.update()

    def row_of(self, value: float) -> int:
        """Return the row, logical pixels, where a value was drawn the last time."""
        return self._picture.row_of(self._place())(value)

    def _place(self) -> PanePlace:
        start, stop = self._view.viewRange()[0]
        bars = self._view.mapRectToScene(self._view.rect())
        return PanePlace(
            (start, stop),
            bars.left(),
            bars.right(),
            self.width(),
            self.height(),
            self.devicePixelRatioF(),
            theme.generation(),
        )

    def _x_at(self, at: QPointF) -> float:
        start, stop = self._view.viewRange()[0]
        scene = self._view.mapRectToScene(self._view.rect())
        return float(start + (stop - start) * (at.x() - scene.left()) / scene.width())

    # ---- Qt

    def sizeHint(self) -> QSize:
        """Return the usual size."""
        return QSize(600, _USUAL_HEIGHT)

    def paintEvent(self, a0: QPaintEvent | None) -> None:
        """Draw the pane."""
        painter = QPainter(self)
        self._picture.draw(painter, self._place(), self._aim)
        painter.end()

    def mousePressEvent(self, a0: QMouseEvent | None) -> None:
        """Take the bars into the hand."""
        assert a0 is not None
        if a0.button() == Qt.MouseButton.LeftButton:
            self._dragged = a0.position()

    def mouseReleaseEvent(self, a0: QMouseEvent | None) -> None:
        """Let them go."""
        self._dragged = None

    def mouseMoveEvent(self, a0: QMouseEvent | None) -> None:
        """Move the bars in the hand, or the crosshair."""
        assert a0 is not None
        at = a0.position()
        if self._dragged is not None:
            self._view.pan(self._x_at(self._dragged) - self._x_at(at))
            self._dragged = at
        inside = self._x_at(at) <= self._view.viewRange()[0][1]
        self.pointed.emit(math.floor(self._x_at(at) + 0.5) if inside else None)

    def leaveEvent(self, a0: Any) -> None:
        """Take the crosshair away."""
        super().leaveEvent(a0)
        self.pointed.emit(None)

    def wheelEvent(self, a0: QWheelEvent | None) -> None:
        """Zoom at the cursor, or pan with Shift or sideways, as over the price."""
        assert a0 is not None
        a0.accept()
        turned: QPoint = a0.angleDelta()
        start, stop = self._view.viewRange()[0]
        if turned.x() or a0.modifiers() & Qt.KeyboardModifier.ShiftModifier:
            self._view.pan(-(turned.x() or turned.y()) / _NOTCH * (stop - start) / 12)
        else:
            self._view.zoom(_ZOOM_A_NOTCH ** (turned.y() / _NOTCH), self._x_at(a0.position()))
