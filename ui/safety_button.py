"""The button of the safety page: a word, or a sign where the window has no room for it."""

from typing import Final

from PyQt6.QtCore import QEvent, QObject, Qt
from PyQt6.QtWidgets import QToolButton, QWidget

WORD: Final = "Safety…"
SIGN: Final = "⚙"

_ROOMY_PX: Final = 1200


class SafetyButton(QToolButton):
    """Stands in the header of a window and leaves room there for what is read while trading.

    Parameters
    ----------
    window : QWidget
        Is watched for its width.
    chord : str
        Opens the page too.
    """

    def __init__(self, window: QWidget, chord: str) -> None:
        super().__init__()
        self._window = window
        self.setObjectName("safety")
        self.setAccessibleName("Safety")
        self.setToolTip(f"Safety: limits and arming, by account and market ({chord})")
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        window.installEventFilter(self)
        self._fit()

    def eventFilter(self, watched: QObject | None, event: QEvent | None) -> bool:
        """Look at the new width."""
        if event is not None and event.type() == QEvent.Type.Resize:
            self._fit()
        return super().eventFilter(watched, event)

    def _fit(self) -> None:
        self.setText(WORD if self._window.width() >= _ROOMY_PX else SIGN)
