"""The widget that the chart is painted on."""

from typing import Any

import pyqtgraph as pg
from PyQt6.QtCore import Qt, pyqtSignal
from PyQt6.QtGui import QKeyEvent, QPaintEvent, QRegion

from ui import theme
from ui.chart.view import ChartView


class Canvas(pg.GraphicsView):  # type: ignore[misc]  # pyqtgraph has no types
    """A graphics view with the chart's keys.

    Signals
    -------
    mouse_left
        The mouse is no longer over the chart.
    """

    mouse_left = pyqtSignal()

    def __init__(self, view: ChartView) -> None:
        super().__init__(useOpenGL=False, background=theme.BACKGROUND)
        self._chart_view = view
        self._exposed: QRegion | None = None
        self.setCacheMode(pg.GraphicsView.CacheModeFlag.CacheNone)
        self.viewport().setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)

    def exposed(self) -> QRegion | None:
        """Return what is being painted, logical pixels; None if the widget is not painting."""
        return self._exposed

    def paintEvent(self, ev: QPaintEvent) -> None:
        """Paint what is exposed."""
        self._exposed = ev.region()
        try:
            super().paintEvent(ev)
        finally:
            self._exposed = None

    def keyPressEvent(self, ev: QKeyEvent) -> None:
        """Move the view with its keys; all others go the usual way."""
        modified = ev.modifiers() & ~Qt.KeyboardModifier.KeypadModifier
        if modified == Qt.KeyboardModifier.NoModifier and self._chart_view.press(ev.key()):
            ev.accept()
        else:
            super().keyPressEvent(ev)

    def leaveEvent(self, ev: Any) -> None:
        """Announce that the mouse has left."""
        super().leaveEvent(ev)
        self.mouse_left.emit()
