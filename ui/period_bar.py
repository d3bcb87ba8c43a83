"""Buttons for the length of a bar."""

from typing import Final

from PyQt6.QtCore import Qt, pyqtSignal
from PyQt6.QtGui import QKeySequence, QShortcut
from PyQt6.QtWidgets import QButtonGroup, QHBoxLayout, QToolButton, QWidget

from ui.chart.legend import period_text

_SECOND: Final = 1_000_000_000
_MINUTE: Final = 60 * _SECOND
_HOUR: Final = 60 * _MINUTE
PERIODS: Final = (
    *(count * _SECOND for count in (1, 5, 15, 30)),
    *(count * _MINUTE for count in (1, 5, 15, 30)),
    *(count * _HOUR for count in (1, 4, 24)),
)
"""Nanoseconds."""


class PeriodBar(QWidget):
    """One button a period; Page Up takes the next longer one, Page Down the next shorter.

    Signals
    -------
    period_chosen(int)
        The user wants bars of this many nanoseconds.
    shown()
        Bars of another period are shown.
    """

    period_chosen = pyqtSignal(object)  # an int of 64 bits
    shown = pyqtSignal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._period_ns = 0
        self._buttons: dict[int, QToolButton] = {}
        self._group = QButtonGroup(self)
        self._row = QHBoxLayout(self)
        self._row.setContentsMargins(0, 0, 0, 0)
        self._row.setSpacing(2)

    @property
    def periods(self) -> list[int]:
        """The periods that there are buttons for, ascending."""
        return sorted(self._buttons)

    def set_finest(self, finest_ns: int) -> None:
        """Offer the periods that are whole multiples of the finest data."""
        self._offer([period for period in PERIODS if period % finest_ns == 0])

    def show_period(self, period_ns: int) -> None:
        """Mark the button of the period that is shown; there will be one."""
        self._period_ns = period_ns
        if period_ns not in self._buttons:
            self._offer([*self._buttons, period_ns])
        self._buttons[period_ns].setChecked(True)
        self.shown.emit()

    def watch_keys(self, widget: QWidget) -> None:
        """Take the two keys wherever the focus is inside a widget."""
        for key, step in ((Qt.Key.Key_PageUp, 1), (Qt.Key.Key_PageDown, -1)):
            shortcut = QShortcut(QKeySequence(key), widget)
            shortcut.setContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
            shortcut.activated.connect(lambda step=step: self._step(step))

    def _offer(self, periods: list[int]) -> None:
        for button in self._buttons.values():
            self._group.removeButton(button)
            self._row.removeWidget(button)
            button.setParent(None)
            button.deleteLater()
        self._buttons = {period: self._button(period) for period in sorted(periods)}

    def _button(self, period_ns: int) -> QToolButton:
        button = QToolButton(self)
        button.setText(period_text(period_ns))
        button.setCheckable(True)
        button.setChecked(period_ns == self._period_ns)
        button.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        button.setToolTip(f"Bars of {period_text(period_ns)} (Page Up longer, Page Down shorter)")
        button.clicked.connect(lambda: self.period_chosen.emit(period_ns))
        self._group.addButton(button)
        self._row.addWidget(button)
        return button

    def _step(self, step: int) -> None:
        periods = self.periods
        if self._period_ns in periods:
            place = periods.index(self._period_ns) + step
            if 0 <= place < len(periods):
                self.period_chosen.emit(periods[place])
