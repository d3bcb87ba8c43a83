"""The dialog of the indicators: add one, change its settings, take it away."""

from collections.abc import Callable
from typing import Final

from PyQt6.QtCore import Qt
from PyQt6.QtWidgets import (
    QDialog,
    QDoubleSpinBox,
    QFrame,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QSpinBox,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from ui import theme
from ui.chart import Chart, Indicator
from ui.chart.formulas import Formula
from ui.field_arrows import FIELD_ARROWS
from ui.indicator_kinds import Kinds, kind_of, settings_of, with_settings

_LONGEST: Final = 5000


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
        self.setStyleSheet(FIELD_ARROWS)
        self._chart = chart
        self._known = known
        self._rows = QVBoxLayout()
        layout = QVBoxLayout(self)
        layout.addLayout(self._rows)
        adding = QHBoxLayout()
        for name, formula in known.items():
            button = QPushButton(f"+ {name}")
            button.setAutoDefault(False)
            button.clicked.connect(lambda _, formula=formula: self._add(formula))
            adding.addWidget(button)
        layout.addLayout(adding)
        layout.addStretch(1)
        self.setMinimumWidth(420)
        self._show_rows()

    def _add(self, formula: Formula) -> None:
        used = {color for one in self._chart.indicators for color in one.colors}
        free = [color for color in theme.INDICATORS if color not in used] or theme.INDICATORS
        colors = (free[0],) * formula.shown
        self._chart.set_indicators([*self._chart.indicators, Indicator(formula, colors)])
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
        for setting, value in settings_of(indicator.formula).items():
            layout.addWidget(QLabel(setting.capitalize()))
            layout.addWidget(self._editor(place, setting, value))
        layout.addWidget(self._remove_button(place))
        return row

    def _editor(self, place: int, name: str, value: int | float) -> QWidget:
        """Return a field for a number."""
        change: Callable[[float], None] = lambda number: self._change(place, name, number)  # noqa: E731
        if isinstance(value, int):
            whole = QSpinBox()
            whole.setRange(1, _LONGEST)
            whole.setValue(value)
            whole.valueChanged.connect(change)
            return whole
        number = QDoubleSpinBox()
        number.setRange(0.1, 10.0)
        number.setSingleStep(0.1)
        number.setDecimals(1)
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
