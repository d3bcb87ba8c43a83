"""The fields that say how large orders are: limit, unit, slots."""

from decimal import Decimal
from typing import Final, Literal

from PyQt6.QtCore import QEvent, QLocale, QObject, QSignalBlocker, Qt, pyqtSignal
from PyQt6.QtGui import QKeyEvent
from PyQt6.QtWidgets import (
    QAbstractSpinBox,
    QComboBox,
    QDoubleSpinBox,
    QGridLayout,
    QLabel,
    QSpinBox,
    QWidget,
)

from ems.market import Market
from ui.amount_field import AmountField

Unit = Literal["units", "money"]

_UNITS: Final[tuple[Unit, ...]] = ("units", "money")
_MONEY_DIGITS: Final = 2
_LARGEST_LIMIT: Final = 1e12
_MOST_SLOTS: Final = 100
_LEAVING_KEYS: Final = (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Escape)


class SizingFields(QWidget):
    """Limit, unit and slots.

    Signals
    -------
    sizing_changed(Decimal, str, int)
        The user set another limit, ``"units"`` or ``"money"``, slots.
    editing_done()
        Enter or Esc in a field: the focus should go back to the chart.
    """

    sizing_changed = pyqtSignal(object, str, int)
    editing_done = pyqtSignal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._limit = Decimal(1)  # exact; the field may show fewer digits
        self._size_digits = 0
        self._currency = ""
        self.limit_field = AmountField()
        self.unit_choice = QComboBox()
        self.slots_field = QSpinBox()
        self._arrange()
        self.limit_field.valueChanged.connect(self._take_limit)
        self.unit_choice.activated.connect(self._take_unit)
        self.slots_field.valueChanged.connect(self._announce)

    def set_market(self, market: Market) -> None:
        """Write sizes with the market's digits, and money with its currency."""
        self._size_digits, self._currency = market.size_digits, market.currency
        self.unit_choice.setItemText(1, market.currency or "money")
        self._show_limit()

    def set_sizing(self, limit: Decimal, unit: Unit, slots: int) -> None:
        """Show a sizing; announces nothing."""
        self._limit = limit
        self.unit_choice.setCurrentIndex(_UNITS.index(unit))
        with QSignalBlocker(self.slots_field):
            self.slots_field.setValue(slots)
        self._show_limit()

    def unit(self) -> Unit:
        """Return what the limit counts."""
        return _UNITS[self.unit_choice.currentIndex()]

    def _show_limit(self) -> None:
        digits = _MONEY_DIGITS if self.unit() == "money" else self._size_digits
        with QSignalBlocker(self.limit_field):
            self.limit_field.setDecimals(digits)
            self.limit_field.setRange(10.0**-digits, _LARGEST_LIMIT)
            self.limit_field.setValue(float(self._limit))
        self._show_tip()

    def _take_limit(self, value: float) -> None:
        self._limit = Decimal(f"{value:.{self.limit_field.decimals()}f}")
        self._show_tip()
        self._announce()

    def _show_tip(self) -> None:
        limit = f"{self.limit_field.text()} {self.unit_choice.currentText()}"
        self.limit_field.setToolTip(
            f"The most that position and entry orders together may be: {limit}"
        )

    def _take_unit(self) -> None:
        self._show_limit()
        self._take_limit(self.limit_field.value())

    def _announce(self) -> None:
        self.sizing_changed.emit(self._limit, self.unit(), self.slots_field.value())

    def _arrange(self) -> None:
        self.unit_choice.addItems(_UNITS)
        self.unit_choice.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.limit_field.setStepType(QDoubleSpinBox.StepType.AdaptiveDecimalStepType)
        self.slots_field.setRange(1, _MOST_SLOTS)
        for field in (self.limit_field, self.slots_field):
            field.setLocale(QLocale.c())
            field.setGroupSeparatorShown(True)
            field.setKeyboardTracking(False)  # a number counts once it is entered whole
            field.setFocusPolicy(Qt.FocusPolicy.ClickFocus)
            field.setAlignment(Qt.AlignmentFlag.AlignRight)
            field.installEventFilter(self)
        self.unit_choice.installEventFilter(self)
        self.unit_choice.setToolTip("What the limit counts")
        self.slots_field.setToolTip("How many orders of equal size fill the limit")
        grid = QGridLayout(self)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setColumnStretch(1, 1)
        for row, title in enumerate(("Limit", "Slots")):
            grid.addWidget(QLabel(title), row, 0)
        grid.addWidget(self.limit_field, 0, 1)
        grid.addWidget(self.unit_choice, 0, 2)
        grid.addWidget(self.slots_field, 1, 1)

    def eventFilter(self, watched: QObject | None, event: QEvent | None) -> bool:
        """Keep the wheel from changing a field in passing; hand the focus back on Enter and Esc."""
        if event is None or not isinstance(watched, QWidget):
            return False
        if event.type() == QEvent.Type.Wheel and not watched.hasFocus():
            event.ignore()
            return True
        if isinstance(event, QKeyEvent) and event.type() == QEvent.Type.KeyPress:
            return self._leave_on(event.key(), watched)
        return super().eventFilter(watched, event)

    def _leave_on(self, key: int, field: QWidget) -> bool:
        if key not in _LEAVING_KEYS:
            return False
        if key == Qt.Key.Key_Escape:
            self._forget_typing()
        elif isinstance(field, QSpinBox | QDoubleSpinBox):
            field.interpretText()
        self.editing_done.emit()
        return True

    def _forget_typing(self) -> None:
        """Write the fields anew: what was typed and not entered does not count."""
        limit, slots = self.limit_field, self.slots_field
        _write(limit, limit.textFromValue(limit.value()))
        _write(slots, slots.textFromValue(slots.value()))


def _write(field: QAbstractSpinBox, text: str) -> None:
    edit = field.lineEdit()
    assert edit is not None
    edit.setText(text)
