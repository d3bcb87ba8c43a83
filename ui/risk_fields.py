"""The field that says what an order with a stop may lose: the size follows from it."""

from decimal import Decimal
from typing import Final

from PyQt6.QtCore import QEvent, QLocale, QObject, QSignalBlocker, Qt, pyqtSignal
from PyQt6.QtGui import QKeyEvent
from PyQt6.QtWidgets import QComboBox, QDoubleSpinBox, QGridLayout, QLabel, QWidget

from ems.market import Market
from order_mode.sizing import RiskUnit

_UNITS: Final[tuple[RiskUnit, ...]] = ("money", "percent")
_LARGEST: Final = 1e9
_LEAVING_KEYS: Final = (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Escape)


class RiskFields(QWidget):
    """An amount, nothing for sizes in slots, and what it is counted in.

    Signals
    -------
    risk_changed(Decimal or None, str)
        The user set another risk, None for slots; ``"money"`` or ``"percent"`` of the equity.
    editing_done()
        Enter or Esc in the field: the focus should go back to the chart.
    """

    risk_changed = pyqtSignal(object, str)
    editing_done = pyqtSignal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.amount_field, self.unit_choice = QDoubleSpinBox(), QComboBox()
        self._arrange()
        self.amount_field.valueChanged.connect(self._announce)
        self.unit_choice.activated.connect(self._announce)

    def set_market(self, market: Market) -> None:
        """Write money with the market's currency."""
        self.unit_choice.setItemText(0, market.currency or "money")

    def set_risk(self, risk: Decimal | None, unit: RiskUnit) -> None:
        """Show a risk, None for slots; announces nothing."""
        self.unit_choice.setCurrentIndex(_UNITS.index(unit))
        with QSignalBlocker(self.amount_field):
            self.amount_field.setValue(0.0 if risk is None else float(risk))

    def _announce(self) -> None:
        amount = Decimal(f"{self.amount_field.value():.{self.amount_field.decimals()}f}")
        unit = _UNITS[self.unit_choice.currentIndex()]
        self.risk_changed.emit(amount if amount else None, unit)

    def _arrange(self) -> None:
        field = self.amount_field
        field.setLocale(QLocale.c())
        field.setGroupSeparatorShown(True)
        field.setRange(0.0, _LARGEST)
        field.setDecimals(2)
        field.setSpecialValueText("off")  # at zero
        field.setStepType(QDoubleSpinBox.StepType.AdaptiveDecimalStepType)
        field.setKeyboardTracking(False)
        field.setFocusPolicy(Qt.FocusPolicy.ClickFocus)
        field.setAlignment(Qt.AlignmentFlag.AlignRight)
        field.installEventFilter(self)
        field.setToolTip("What an entry with a stop-loss may lose; the size follows from it")
        self.unit_choice.addItems(("money", "% equity"))
        self.unit_choice.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        grid = QGridLayout(self)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setColumnStretch(1, 1)
        grid.addWidget(QLabel("Risk"), 0, 0)
        grid.addWidget(field, 0, 1)
        grid.addWidget(self.unit_choice, 0, 2)

    def eventFilter(self, watched: QObject | None, event: QEvent | None) -> bool:
        """Keep the wheel from changing it in passing; hand the focus back on Enter and Esc."""
        field = self.amount_field
        if event is None or watched is not field:
            return False
        if event.type() == QEvent.Type.Wheel and not field.hasFocus():
            event.ignore()
            return True
        if not (isinstance(event, QKeyEvent) and event.type() == QEvent.Type.KeyPress):
            return super().eventFilter(watched, event)
        if event.key() not in _LEAVING_KEYS:
            return False
        if event.key() == Qt.Key.Key_Escape:
            with QSignalBlocker(field):
                field.setValue(field.value())  # what was typed and not entered does not count
        else:
            field.interpretText()
        self.editing_done.emit()
        return True
