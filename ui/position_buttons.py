"""The buttons that do something with the whole position."""

from typing import Final

from PyQt6.QtCore import Qt, pyqtSignal
from PyQt6.QtWidgets import QGridLayout, QPushButton, QWidget

from order_mode.position_hand import Deed

_WORDS: Final[dict[Deed, str]] = {
    "flatten": "Flatten",
    "reverse": "Reverse",
    "half_out": "Close half",
    "slot_out": "Close a slot",
    "break_even": "Stop to break-even",
}


class PositionButtons(QWidget):
    """Flatten, reverse, scale out, break even.

    Signals
    -------
    asked(str)
        One was pressed: the name of the deed.
    """

    asked = pyqtSignal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.buttons: dict[Deed, QPushButton] = {}
        grid = QGridLayout(self)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setSpacing(4)
        for place, (deed, words) in enumerate(_WORDS.items()):
            button = self.buttons[deed] = QPushButton(words)
            button.setFocusPolicy(Qt.FocusPolicy.NoFocus)
            button.clicked.connect(lambda _, deed=deed: self.asked.emit(deed))
            whole = 2 if deed == "break_even" else 1
            grid.addWidget(button, place // 2, place % 2, 1, whole)

    def set_open(self, is_open: bool) -> None:
        """Say whether there is a position at all."""
        for button in self.buttons.values():
            button.setEnabled(is_open)
