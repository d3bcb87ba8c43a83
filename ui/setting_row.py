"""One setting of the safety page: its name, its value to change, and where that is from."""

from decimal import Decimal
from typing import Final

from PyQt6.QtCore import QObject, Qt, pyqtSignal
from PyQt6.QtGui import QWheelEvent
from PyQt6.QtWidgets import QComboBox, QGridLayout, QLabel, QLineEdit, QToolButton

from ems.risk_limits import OFF
from ui.safety_draft import Setting
from ui.style_property import set_style_property

CHOICES: Final = {
    "collar_from": ("quote", "trade", "any"),
    "mode": ("confirm", "armed", "one click"),
    "on_lock": ("true", "false"),
    "on_reconnect": ("true", "false"),
    "on_account_change": ("true", "false"),
}
PAPER_MODES: Final = ("confirm", "one click")
"""A paper account is never armed."""


class SettingRow(QObject):
    """Stands in one row of a grid.

    Parameters
    ----------
    setting : Setting
        Which one.
    meaning : str
        What it is, in a few words.
    choices : sequence of str
        What it can be; empty = a number is typed, or ``off``.

    Signals
    -------
    changed(str)
        The user gave it this value, as the config has it; empty = none of its own.
    """

    changed = pyqtSignal(str)

    def __init__(self, setting: Setting, meaning: str, choices: tuple[str, ...]) -> None:
        super().__init__()
        self.setting: Final = setting
        self.name, self.meaning = QLabel(setting.name), QLabel(meaning)
        self.name.setObjectName("settingName")
        self.source = QLabel()
        self.source.setObjectName("settingSource")
        self.choice = _choice(choices) if choices else None
        self.field = QLineEdit()
        self.field.setAccessibleName(setting.name)
        self.inherit = QToolButton()
        self.inherit.setText("✕")
        self.inherit.setToolTip("No value of its own here: the wider table's, or the default")
        self.inherit.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.inherit.clicked.connect(self._on_inherit)
        if self.choice is None:
            self.field.textEdited.connect(self.changed)
            self.field.setToolTip(f'A number, or "{OFF}" for no such limit; empty: inherited')
        else:
            self.choice.setAccessibleName(setting.name)
            self.choice.textActivated.connect(self.changed)

    def add_to(self, grid: QGridLayout, row: int) -> None:
        """Put it into a row of a grid."""
        editor = self.field if self.choice is None else self.choice
        for column, widget in enumerate((self.name, editor, self.source, self.inherit)):
            grid.addWidget(widget, row, column)
        grid.addWidget(self.meaning, row, 4)

    def show_value(self, value: object, source: str, *, own: bool) -> None:
        """Show what holds; what is being typed stays as it is typed."""
        text = value_text(value)
        if self.choice is not None:
            self.choice.setCurrentText(text)
        elif not self.field.hasFocus():
            self.field.setText(text)
        self.field.setPlaceholderText(text)
        self.source.setText(source)
        self.inherit.setEnabled(own)

    def set_wrong(self, wrong: bool) -> None:
        """Mark the value as none that there is, or not."""
        set_style_property(self.field, "wrong", "true" if wrong else "false")
        if wrong:
            self.inherit.setEnabled(True)

    def _on_inherit(self) -> None:
        self.field.clear()
        self.changed.emit("")
        self.field.setText(self.field.placeholderText())


def value_text(value: object) -> str:
    """Return a value as the config has it."""
    if value is None:
        return OFF
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, Decimal):
        return f"{value:f}"
    return f"{value:.12g}" if isinstance(value, float) else str(value)


class _Choice(QComboBox):
    """A wheel over it turns the page, not the choice."""

    def wheelEvent(self, event: QWheelEvent | None) -> None:
        if event is not None:
            event.ignore()


def _choice(choices: tuple[str, ...]) -> QComboBox:
    box = _Choice()
    box.addItems(choices)
    return box
