"""A button that has to be held down for a while: nothing that it does happens by a slip."""

from typing import Final

from PyQt6.QtCore import QElapsedTimer, QRectF, QTimer, pyqtSignal
from PyQt6.QtGui import QPainter, QPaintEvent
from PyQt6.QtWidgets import QPushButton

from ui import theme

HOLD_MS: Final = 800
_FRAME_MS: Final = 30


class HoldButton(QPushButton):
    """Fills up while it is held; let go earlier, nothing happens.

    Signals
    -------
    held()
        It was held to the end.
    tapped()
        It was clicked while it needed no holding; the end of a hold is no click.
    """

    held = pyqtSignal()
    tapped = pyqtSignal()

    def __init__(self) -> None:
        super().__init__()
        self.needs_hold = True
        """False: it is an ordinary button for now, and does not fill up."""
        self._hold = True
        self._since = QElapsedTimer()
        self._frames = QTimer(self)
        self._frames.setInterval(_FRAME_MS)
        self._frames.timeout.connect(self._on_frame)
        self.pressed.connect(self._on_pressed)
        self.released.connect(self._stop)
        self.clicked.connect(self._on_clicked)

    def _on_pressed(self) -> None:
        self._hold = self.needs_hold
        if self._hold:
            self._since.start()
            self._frames.start()

    def _on_clicked(self) -> None:
        if not self._hold:
            self.tapped.emit()

    def _on_frame(self) -> None:
        self.update()
        if self._since.elapsed() >= HOLD_MS:
            self._stop()
            self.held.emit()

    def _stop(self) -> None:
        self._frames.stop()
        self.update()

    def paintEvent(self, event: QPaintEvent | None) -> None:
        """Draw how much of the time has passed over the button."""
        super().paintEvent(event)
        if self._frames.isActive():
            share = min(1.0, self._since.elapsed() / HOLD_MS)
            painter = QPainter(self)
            area = QRectF(0, 0, self.width() * share, self.height())
            painter.fillRect(area, theme.color(theme.LIVE, 0.45))
            painter.end()
