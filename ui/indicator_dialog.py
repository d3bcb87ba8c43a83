"""The dialog of the indicators: add one, change its settings, take it away."""

from collections.abc import Callable, Mapping
from dataclasses import fields, replace
from typing import Any, Final

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
from ui.chart.formulas import Bollinger, Ema, Formula, Sma, Vwap
from ui.field_arrows import FIELD_ARROWS

_LONGEST: Final = 5000


def kinds(zone: str) -> Mapping[str, Formula]:
    """Return the indicators that there are, each with its usual settings.

    Parameters
    ----------
    zone : str
        IANA name of the time zone whose days the VWAP begins with.
    """
    return {
        "SMA": Sma(20),
        "EMA": Ema(50),
        "VWAP": Vwap(zone),
        "Bollinger": Bollinger(20, 2.0),
    }


class IndicatorDialog(QDialog):
    """A row for each indicator; every change shows on the chart at once.

    Parameters
    ----------
    chart : Chart
        Has the indicators.
    zone : str
        IANA name of the market's time zone.
    """

    def __init__(self, chart: Chart, zone: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle("Indicators")
        self.setStyleSheet(FIELD_ARROWS)
        self._chart = chart
        self._rows = QVBoxLayout()
        layout = QVBoxLayout(self)
        layout.addLayout(self._rows)
        adding = QHBoxLayout()
        for name, formula in kinds(zone).items():
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
        name = QLabel(type(indicator.formula).__name__.upper())
        layout.addWidget(swatch)
        layout.addWidget(name)
        layout.addStretch(1)
        for field in fields(indicator.formula):  # type: ignore[arg-type]
            editor = self._editor(place, field.name, getattr(indicator.formula, field.name))
            if editor is not None:
                layout.addWidget(QLabel(field.name.capitalize()))
                layout.addWidget(editor)
        layout.addWidget(self._remove_button(place))
        return row

    def _editor(self, place: int, name: str, value: Any) -> QWidget | None:
        """Return a field for a number; what is no number is not for the user to set."""
        change: Callable[[float], None] = lambda number: self._change(place, name, number)  # noqa: E731
        if isinstance(value, int):
            whole = QSpinBox()
            whole.setRange(1, _LONGEST)
            whole.setValue(value)
            whole.valueChanged.connect(change)
            return whole
        if isinstance(value, float):
            number = QDoubleSpinBox()
            number.setRange(0.1, 10.0)
            number.setSingleStep(0.1)
            number.setDecimals(1)
            number.setValue(value)
            number.valueChanged.connect(change)
            return number
        return None

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
        changed = replace(old.formula, **{name: value})  # type: ignore[type-var]
        indicators[place] = Indicator(changed, old.colors)
        self._chart.set_indicators(indicators)

    def _remove(self, place: int) -> None:
        indicators = self._chart.indicators
        del indicators[place]
        self._chart.set_indicators(indicators)
        self._show_rows()
