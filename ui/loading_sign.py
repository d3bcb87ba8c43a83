"""A sign at the left edge of a chart while older bars are on their way."""

from typing import Final

from PyQt6.QtCore import QPoint, Qt, QTimer, pyqtSignal
from PyQt6.QtGui import QMouseEvent
from PyQt6.QtWidgets import QWidget

from ui import theme
from ui.edge_sign import EdgeSign

_SOON_MS: Final = 150
"""What comes faster needs no sign."""
_BEAT_MS: Final = 300
_DOTS: Final = ("·  ", "·· ", "···")
_STOP_AFTER: Final = 5
"""Beats after which it can be stopped: what is nearly there is not worth a button."""


class LoadingSign(EdgeSign):
    """Says what is being loaded, with dots that move.

    The mouse goes through it, until it has been there for so long that a click stops the loading.

    Parameters
    ----------
    over : QWidget
        At whose left edge it is.

    Signals
    -------
    stop_asked()
        The user does not want to wait.
    """

    stop_asked = pyqtSignal()

    def __init__(self, over: QWidget) -> None:
        super().__init__(over, "loading", _style, _left_middle)
        self._beats = 0
        self._let_through(through=True)
        self._soon = QTimer(self)
        self._soon.setSingleShot(True)
        self._soon.setInterval(_SOON_MS)
        self._soon.timeout.connect(self._appear)
        self._beat = QTimer(self)
        self._beat.setInterval(_BEAT_MS)
        self._beat.timeout.connect(self._show_beat)

    def set_loading(self, loading: bool) -> None:
        """Show the sign in a moment, or take it away."""
        if loading:
            self._beats = 0
            self._let_through(through=True)
            self._soon.start()
        else:
            self._soon.stop()
            self._beat.stop()
            self.hide()

    def _appear(self) -> None:
        self._show_beat()
        self._beat.start()
        self._lie_over()
        self.show()
        self.raise_()

    def _show_beat(self) -> None:
        self._beats += 1
        text = f"Older bars {_DOTS[self._beats % len(_DOTS)]}"
        if self._beats > _STOP_AFTER:
            text += "  ✕ stop"
            self._let_through(through=False)
        self.setText(text)
        self._lie_over()

    def _let_through(self, *, through: bool) -> None:
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents, through)
        self.setCursor(Qt.CursorShape.ArrowCursor if through else Qt.CursorShape.PointingHandCursor)

    def mousePressEvent(self, ev: QMouseEvent | None) -> None:
        """Stop the loading; the chart behind hears nothing of the click."""
        if ev is not None:
            ev.accept()
            self.stop_asked.emit()


def _left_middle(over: QWidget, sign: QWidget) -> QPoint:
    return QPoint(8, (over.height() - sign.height()) // 2)


def _style() -> str:
    return (
        f"#loading {{ background: {theme.RAISED}; color: {theme.TEXT_MUTED};"
        f" border: 1px solid {theme.BORDER}; border-radius: 3px; padding: 3px 8px; }}"
    )
