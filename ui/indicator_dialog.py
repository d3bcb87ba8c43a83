"""The dialog of the indicators: add one, change its settings, take it away."""

from collections.abc import Callable
from typing import Final

from PyQt6.QtCore import Qt
from PyQt6.QtWidgets import (
    QDialog,
    QDoubleSpinBox,
    QFrame,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QSpinBox,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from ui.chart import Chart, Indicator
from ui.chart.formula import Formula
from ui.chart.function_formula import FunctionFormula
from ui.chart.new_indicator import free_colors
from ui.field_arrows import field_arrows
from ui.indicator_kinds import Kinds, kind_of, settings_of, with_settings
from ui.worn_style import wear

_LONGEST: Final = 5000
_ANY: Final = 1_000_000
_BUTTONS_A_ROW: Final = 4


class IndicatorDialog(QDialog):
    """A row for each indicator; every change shows on the chart at once.

    Parameters
    ----------
    chart : Chart
        Has the indicators.
    known : mapping
        The indicators that there are.
    """

    def __init__(self, chart: Chart, known: Kinds, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle("Indicators")
        wear(self, field_arrows)
        self._chart = chart
        self._known = known
        self._rows = QVBoxLayout()
        layout = QVBoxLayout(self)
        layout.addLayout(self._rows)
        adding = QGridLayout()
        for place, (name, formula) in enumerate(known.items()):
            button = QPushButton(f"+ {name}")
            button.setAutoDefault(False)
            button.clicked.connect(lambda _, formula=formula: self._add(formula))
            adding.addWidget(button, place // _BUTTONS_A_ROW, place % _BUTTONS_A_ROW)
        layout.addLayout(adding)
        layout.addStretch(1)
        self.setMinimumWidth(420)
        self._show_rows()

    def _add(self, formula: Formula) -> None:
        others = self._chart.indicators
        colors = free_colors(formula, others)
        self._chart.set_indicators([*others, Indicator(formula, colors)])
        self._show_rows()

    def _show_rows(self) -> None:
        while (item := self._rows.takeAt(0)) is not None:
            if (widget := item.widget()) is not None:
                widget.setParent(None)
                widget.deleteLater()
        for place, indicator in enumerate(self._chart.indicators):
            self._rows.addWidget(self._row(place, indicator))
        if not self._chart.indicators:
            self._rows.addWidget(QLabel("There is none on the chart yet."))
        self.adjustSize()

    def _row(self, place: int, indicator: Indicator) -> QWidget:
        row = QFrame()
        layout = QHBoxLayout(row)
        layout.setContentsMargins(0, 2, 0, 2)
        swatch = QLabel()
        swatch.setFixedSize(14, 3)
        swatch.setStyleSheet(f"background: {indicator.colors[0]}")
        name = QLabel(kind_of(indicator.formula, self._known))
        layout.addWidget(swatch)
        layout.addWidget(name)
        layout.addStretch(1)
        free = isinstance(indicator.formula, FunctionFormula)
        for setting, value in settings_of(indicator.formula).items():
            layout.addWidget(QLabel(setting.replace("_", " ").capitalize()))
            layout.addWidget(self._editor(place, setting, value, free=free))
        layout.addWidget(self._remove_button(place))
        return row

    def _editor(self, place: int, name: str, value: int | float, *, free: bool) -> QWidget:
        """Return a field for a number; ``free`` if nobody knows what it can be."""
        change: Callable[[float], None] = lambda number: self._change(place, name, number)  # noqa: E731
        if isinstance(value, int):
            whole = QSpinBox()
            whole.setRange(*(-_ANY, _ANY) if free else (1, _LONGEST))
            whole.setValue(value)
            whole.valueChanged.connect(change)
            return whole
        number = QDoubleSpinBox()
        number.setRange(*(-_ANY, _ANY) if free else (0.1, 10.0))
        number.setSingleStep(0.1)
        number.setDecimals(4 if free else 1)
        number.setValue(value)
        number.valueChanged.connect(change)
        return number

    def _remove_button(self, place: int) -> QToolButton:
        button = QToolButton()
        button.setText("✕")
        button.setToolTip("Take it off the chart")
        button.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        button.clicked.connect(lambda: self._remove(place))
        return button

    def _change(self, place: int, name: str, value: float) -> None:
        indicators = self._chart.indicators
        old = indicators[place]
        changed = with_settings(old.formula, {name: value})
        indicators[place] = Indicator(changed, old.colors)
        self._chart.set_indicators(indicators)

    def _remove(self, place: int) -> None:
        indicators = self._chart.indicators
        del indicators[place]
        self._chart.set_indicators(indicators)
        self._show_rows()
