"""Buttons for the length of a bar."""

from collections.abc import Callable
from functools import partial
from typing import Final

from PyQt6.QtCore import Qt, pyqtSignal
from PyQt6.QtGui import QKeySequence, QShortcut
from PyQt6.QtWidgets import QButtonGroup, QHBoxLayout, QMenu, QToolButton, QWidget

from ui.chart.period import CalendarPeriod, FixedPeriod, Period, TickPeriod, Unit

_SECOND: Final = 1_000_000_000
_MINUTE: Final = 60 * _SECOND
_HOUR: Final = 60 * _MINUTE
PERIODS: Final[tuple[Period, ...]] = (
    *(TickPeriod(count) for count in (1, 10, 100, 1000)),
    *(FixedPeriod(count * _SECOND) for count in (1, 5, 15, 30)),
    *(FixedPeriod(count * _MINUTE) for count in (1, 5, 15, 30)),
    *(FixedPeriod(count * _HOUR) for count in (1, 4)),
    *(CalendarPeriod(unit) for unit in Unit),
)
"""From the finest to the longest."""


class PeriodBar(QWidget):
    """One button a period; Page Up takes the next longer one, Page Down the next shorter.

    Signals
    -------
    period_chosen(Period)
        The user wants these bars.
    shown()
        Bars of another period are shown.
    """

    period_chosen = pyqtSignal(object)
    shown = pyqtSignal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._shown: Period | None = None
        self._buttons: dict[str, tuple[Period, QToolButton]] = {}
        """By the text of the period."""
        self._is_compact = False
        self._menu_button = self._one_button()
        self._group = QButtonGroup(self)
        self._row = QHBoxLayout(self)
        self._row.setContentsMargins(0, 0, 0, 0)
        self._row.setSpacing(2)
        self._row.addWidget(self._menu_button)

    @property
    def periods(self) -> list[Period]:
        """The periods that there are buttons for, from the finest to the longest."""
        return [period for period, _ in self._buttons.values()]

    def offer(self, can: Callable[[Period], bool]) -> None:
        """Offer the periods that can be made of the data."""
        self._offer([period for period in PERIODS if can(period)])

    def show_period(self, period: Period) -> None:
        """Mark the button of the period that is shown; there will be one."""
        self._shown = period
        if period.text not in self._buttons:
            self._offer([*self.periods, period])
        self._buttons[period.text][1].setChecked(True)
        self._name_menu()
        self.shown.emit()

    @property
    def full_width(self) -> int:
        """The width of all buttons side by side, logical pixels."""
        widths = [button.sizeHint().width() for _, button in self._buttons.values()]
        return sum(widths) + self._row.spacing() * len(widths)

    @property
    def compact_width(self) -> int:
        """The width of the one button for all, logical pixels."""
        return self._menu_button.sizeHint().width()

    def set_compact(self, compact: bool) -> None:
        """Show one button with a menu of the periods, or a button for each."""
        self._is_compact = compact
        self._menu_button.setVisible(compact)
        self._name_menu()
        for _, button in self._buttons.values():
            button.setVisible(not compact)

    def watch_keys(self, widget: QWidget) -> None:
        """Take the two keys wherever the focus is inside a widget."""
        for key, step in ((Qt.Key.Key_PageUp, 1), (Qt.Key.Key_PageDown, -1)):
            shortcut = QShortcut(QKeySequence(key), widget)
            shortcut.setContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
            shortcut.activated.connect(lambda step=step: self._step(step))

    def _offer(self, periods: list[Period]) -> None:
        for _, button in self._buttons.values():
            self._group.removeButton(button)
            self._row.removeWidget(button)
            button.setParent(None)
            button.deleteLater()
        self._buttons = {one.text: (one, self._button(one)) for one in sorted(periods, key=_order)}
        self.set_compact(self._is_compact)

    def _name_menu(self) -> None:
        known = self._is_compact and self._shown is not None
        self._menu_button.setText(self._shown.text if known and self._shown else "")

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
        for period in self.periods:
            action = menu.addAction(period.text)
            assert action is not None
            action.triggered.connect(partial(self._choose, period))

    def _choose(self, period: Period, _: bool = False) -> None:
        self.period_chosen.emit(period)

    def _button(self, period: Period) -> QToolButton:
        button = QToolButton(self)
        button.setText(period.text)
        button.setCheckable(True)
        button.setChecked(self._shown is not None and period.text == self._shown.text)
        button.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        button.setToolTip(f"Bars of {_words(period)} (Page Up longer, Page Down shorter)")
        button.clicked.connect(lambda: self.period_chosen.emit(period))
        self._group.addButton(button)
        self._row.addWidget(button)
        return button

    def _step(self, step: int) -> None:
        periods, texts = self.periods, list(self._buttons)
        if self._shown is not None:
            place = texts.index(self._shown.text) + step
            if 0 <= place < len(periods):
                self.period_chosen.emit(periods[place])


def _order(period: Period) -> tuple[bool, int]:
    """Ticks come before lengths of time."""
    if isinstance(period, TickPeriod):
        return False, period.count
    return True, period.usual_ns


def _words(period: Period) -> str:
    if isinstance(period, TickPeriod):
        return "one tick" if period.count == 1 else f"{period.count:,} ticks"
    if isinstance(period, CalendarPeriod):
        return f"a {period.unit.name.lower()}"
    return period.text
