"""The field that says which exits the next entry gets."""

from collections.abc import Sequence

from PyQt6.QtCore import Qt, pyqtSignal
from PyQt6.QtWidgets import QComboBox, QGridLayout, QLabel, QWidget

from order_mode.bracket import Preset


class BracketChoice(QWidget):
    """A choice among the presets, none, and another one that is typed.

    Signals
    -------
    preset_chosen(Preset or None)
        The user chose another.
    other_asked()
        The user wants to type one.
    """

    preset_chosen = pyqtSignal(object)
    other_asked = pyqtSignal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._presets: tuple[Preset | None, ...] = (None,)
        self._row = 0
        self.choice = QComboBox()
        self.choice.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.choice.setToolTip("The stop-loss and take-profits that go out with the next entry")
        self.choice.activated.connect(self._chosen)
        grid = QGridLayout(self)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setColumnStretch(1, 1)
        grid.addWidget(QLabel("Bracket"), 0, 0)
        grid.addWidget(self.choice, 0, 1)
        self.set_presets(())

    def set_presets(self, presets: Sequence[Preset]) -> None:
        """Offer these."""
        if self._presets == (None, *presets) and self.choice.count():
            return
        self._presets = (None, *presets)
        self.choice.clear()
        self.choice.addItems(["none", *(preset.name for preset in presets), "Another…"])

    def set_preset(self, preset: Preset | None) -> None:
        """Show which one is chosen; announces nothing."""
        if preset in self._presets:
            self._row = self._presets.index(preset)
            self.choice.setCurrentIndex(self._row)

    def _chosen(self, row: int) -> None:
        if row < len(self._presets):
            self._row = row
            self.preset_chosen.emit(self._presets[row])
        else:
            self.choice.setCurrentIndex(self._row)  # until there is another one
            self.other_asked.emit()
