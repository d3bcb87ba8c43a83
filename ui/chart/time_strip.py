"""The time axis below the last indicator pane, while the price pane has none of its own."""

from typing import Final

from PyQt6.QtCore import QPointF, QRectF, Qt
from PyQt6.QtGui import QContextMenuEvent, QMouseEvent, QPainter, QPaintEvent, QWheelEvent
from PyQt6.QtWidgets import QWidget

from ui import theme
from ui.chart.time_axis import HEIGHT, TimeAxis
from ui.chart.view import ChartView

_ALL: Final = 1e6
_NOTCH: Final = 120.0
_ZOOM_A_NOTCH: Final = 0.85
_SCALE_A_PX: Final = 1.006


class TimeStrip(QWidget):
    """Shows what the time axis of the plot would show; the mouse scales as it does there.

    Parameters
    ----------
    view : ChartView
        Is zoomed.
    axis : TimeAxis
        Of the plot, which is hidden meanwhile.
    """

    def __init__(self, view: ChartView, axis: TimeAxis) -> None:
        super().__init__()
        self._view = view
        self._axis = axis
        self._dragged: QPointF | None = None
        self.setFixedHeight(HEIGHT)
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)

    def paintEvent(self, a0: QPaintEvent | None) -> None:
        """Draw the axis."""
        painter = QPainter(self)
        painter.fillRect(self.rect(), theme.color(theme.BACKGROUND))
        bars = self._view.mapRectToScene(self._view.rect())
        painter.translate(bars.left(), 0)
        self._axis.paint_exposed(painter, QRectF(0, 0, bars.width(), _ALL))
        painter.end()

    def wheelEvent(self, a0: QWheelEvent | None) -> None:
        """Zoom in time at the last bar."""
        assert a0 is not None
        a0.accept()
        self._zoom(_ZOOM_A_NOTCH ** (a0.angleDelta().y() / _NOTCH))

    def mousePressEvent(self, a0: QMouseEvent | None) -> None:
        """Take the axis into the hand."""
        assert a0 is not None
        if a0.button() == Qt.MouseButton.LeftButton:
            self._dragged = a0.position()

    def mouseMoveEvent(self, a0: QMouseEvent | None) -> None:
        """Zoom in time."""
        assert a0 is not None
        if self._dragged is not None:
            self._zoom(_SCALE_A_PX ** (self._dragged.x() - a0.position().x()))
            self._dragged = a0.position()

    def mouseReleaseEvent(self, a0: QMouseEvent | None) -> None:
        """Let it go."""
        self._dragged = None

    def mouseDoubleClickEvent(self, a0: QMouseEvent | None) -> None:
        """Show the newest bars at the usual zoom."""
        self._view.reset()

    def contextMenuEvent(self, a0: QContextMenuEvent | None) -> None:
        """Ask for the menu of the axes."""
        assert a0 is not None
        self._axis.menu_asked(a0.globalPos())

    def _zoom(self, factor: float) -> None:
        stop_x = float(self._view.viewRange()[0][1])
        self._view.zoom(factor, min(float(self._view.framing.series.last_x), stop_x))
