"""Buttons for the length of a bar."""

from functools import partial
from typing import Final

from PyQt6.QtCore import Qt, pyqtSignal
from PyQt6.QtGui import QKeySequence, QShortcut
from PyQt6.QtWidgets import QButtonGroup, QHBoxLayout, QMenu, QToolButton, QWidget

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
        self._is_compact = False
        self._menu_button = self._one_button()
        self._group = QButtonGroup(self)
        self._row = QHBoxLayout(self)
        self._row.setContentsMargins(0, 0, 0, 0)
        self._row.setSpacing(2)
        self._row.addWidget(self._menu_button)

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
        self._name_menu()
        self.shown.emit()

    @property
    def full_width(self) -> int:
        """The width of all buttons side by side, logical pixels."""
        widths = [button.sizeHint().width() for button in self._buttons.values()]
        return sum(widths) + self._row.spacing() * len(widths)

    def set_compact(self, compact: bool) -> None:
        """Show one button with a menu of the periods, or a button for each."""
        self._is_compact = compact
        self._menu_button.setVisible(compact)
        self._name_menu()
        for button in self._buttons.values():
            button.setVisible(not compact)

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
        self.set_compact(self._is_compact)

    def _name_menu(self) -> None:
        known = self._is_compact and self._period_ns > 0
        self._menu_button.setText(period_text(self._period_ns) if known else "")

    def _one_button(self) -> QToolButton:
        """The button that stands for all where there is little room."""
        button = QToolButton(self)
        button.setObjectName("period")
        button.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        button.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        button.setToolTip("Length of a bar (Page Up longer, Page Down shorter)")
        menu = QMenu(button)
        menu.aboutToShow.connect(lambda: self._fill(menu))
        button.setMenu(menu)
        button.hide()
        return button

    def _fill(self, menu: QMenu) -> None:
        menu.clear()
        for period_ns in self.periods:
            action = menu.addAction(period_text(period_ns))
            assert action is not None
            action.triggered.connect(partial(self._choose, period_ns))

    def _choose(self, period_ns: int, _: bool = False) -> None:
        self.period_chosen.emit(period_ns)

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
