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

from ui import theme
from ui.chart import Chart, Indicator
from ui.chart.formula import Formula
from ui.chart.function_formula import FunctionFormula
from ui.chart.new_indicator import free_colors
from ui.chart.pane_look import Look
from ui.color_button import ColorButton
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
        theme.changes.changed.connect(self._show_rows)
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
        for lines in _drawn_alike(indicator):
            layout.addWidget(self._color_button(place, lines))
        layout.addWidget(QLabel(kind_of(indicator.formula, self._known)))
        layout.addStretch(1)
        free = isinstance(indicator.formula, FunctionFormula)
        for setting, value in settings_of(indicator.formula).items():
            layout.addWidget(QLabel(setting.replace("_", " ").capitalize()))
            layout.addWidget(self._editor(place, setting, value, free=free))
        layout.addWidget(self._remove_button(place))
        return row

    def _color_button(self, place: int, lines: list[int]) -> ColorButton:
        button = ColorButton(self._chart.indicators[place].colors[lines[0]])
        button.setToolTip("The colour of its line" + ("s" if len(lines) > 1 else ""))
        button.color_chosen.connect(lambda color: self._recolor(place, lines, color))
        return button

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

    def _recolor(self, place: int, lines: list[int], color: str) -> None:
        indicators = self._chart.indicators
        old = indicators[place]
        colors = [color if line in lines else one for line, one in enumerate(old.colors)]
        indicators[place] = Indicator(old.formula, tuple(colors))
        self._chart.set_indicators(indicators)

    def _remove(self, place: int) -> None:
        indicators = self._chart.indicators
        del indicators[place]
        self._chart.set_indicators(indicators)
        self._show_rows()


def _drawn_alike(indicator: Indicator) -> list[list[int]]:
    """Return which of its values are lines of one colour; what is no line has none of its own."""
    pane = indicator.formula.pane
    if pane is None:
        return [list(range(len(indicator.colors)))]
    return [[line] for line, look in enumerate(pane.looks) if look is Look.LINE]
