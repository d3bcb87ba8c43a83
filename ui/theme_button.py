"""The button that changes between the dark and the light theme."""

from typing import Final

from PyQt6.QtCore import Qt
from PyQt6.QtWidgets import QToolButton, QWidget

from ui import theme

_OTHER: Final = {"dark": "light", "light": "dark"}


class ThemeButton(QToolButton):
    """Says which theme a click puts on."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("theme")
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.clicked.connect(lambda: theme.use(_OTHER[theme.current()]))
        theme.changes.changed.connect(self._show)
        self._show()

    def _show(self) -> None:
        other = _OTHER[theme.current()]
        self.setText(other.capitalize())
        self.setToolTip(f"Change to the {other} theme")
