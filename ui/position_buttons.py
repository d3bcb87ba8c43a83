"""The buttons that do something with the whole position."""

from typing import Final

from PyQt6.QtCore import Qt, pyqtSignal
from PyQt6.QtWidgets import QGridLayout, QPushButton, QWidget

from order_mode.position_hand import Deed

_WORDS: Final[dict[Deed, str]] = {
    "flatten": "Flatten",
    "reverse": "Reverse",
    "half_out": "½",
    "slot_out": "Slot",
    "break_even": "B/E",
}
_TIPS: Final[dict[Deed, str]] = {
    "flatten": "Close all, once you say yes",
    "reverse": "Close all and enter the other way, once you say yes",
    "half_out": "Close half at market, once you say yes",
    "slot_out": "Close a slot at market, once you say yes",
    "break_even": "Move the stop-loss to where the position breaks even",
}
_COLUMNS: Final = 6
"""That the two large buttons and the three small ones share."""


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
            button.setToolTip(_TIPS[deed])
            button.setMinimumWidth(0)
            row, across = (0, 3) if place < 2 else (1, 2)
            grid.addWidget(button, row, place * 3 if place < 2 else (place - 2) * 2, 1, across)
        for column in range(_COLUMNS):
            grid.setColumnStretch(column, 1)

    def set_open(self, is_open: bool) -> None:
        """Say whether there is a position at all."""
        for button in self.buttons.values():
            button.setEnabled(is_open)
