"""What the axes of a chart show: logarithms, percents, and whose time."""

from collections.abc import Callable
from typing import Final

from PyQt6.QtCore import Qt
from PyQt6.QtWidgets import QHBoxLayout, QMenu, QToolButton, QWidget

from ui.chart import Chart
from ui.chart.shown_zone import zone_of
from ui.zone_choice import COMPUTER, EXCHANGE

_SPACING: Final = 10
_ZONES: Final = {EXCHANGE: "Exchange time", COMPUTER: "My time"}
_LOG_TIP: Final = "Equal percents are equally high: a logarithmic axis (Alt+L)"
_PERCENT_TIP: Final = "The axis in percent since the first bar in view; tags stay prices (Alt+P)"


class AxisTools(QWidget):
    """A button for each, or one with a menu of all where there is little room.

    Parameters
    ----------
    chart : Chart
        Is changed, and shown.
    """

    def __init__(self, chart: Chart, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._chart = chart
        self._log = _button("log", "Log", _LOG_TIP)
        self._percent = _button("percent", "%", _PERCENT_TIP)
        for switch in (self._log, self._percent):
            switch.setCheckable(True)
        self._log.toggled.connect(chart.set_log_scale)
        self._percent.toggled.connect(chart.set_in_percent)
        self._zone = _button("timezone", "", "Whose time the time axis and the crosshair show")
        self._zone.setMenu(self._menu(self._fill_zones))
        self._all = _button("axes", "Axes", "Logarithmic, percent, and whose time is shown")
        all_menu = self._menu(self._fill_all)
        self._all.setMenu(all_menu)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(_SPACING)
        for button in (*self._several, self._all):
            row.addWidget(button)
        self._all.hide()
        chart.axes.changed.connect(self.show_choices)
        chart.axes.menu_asked.connect(all_menu.popup)
        self.show_choices()

    @property
    def full_width(self) -> int:
        """The width of all buttons side by side, logical pixels."""
        widths = [button.sizeHint().width() for button in self._several]
        return sum(widths) + _SPACING * (len(widths) - 1)

    @property
    def compact_width(self) -> int:
        """The width of the one button."""
        return self._all.sizeHint().width()

    def set_compact(self, compact: bool) -> None:
        """Show one button with a menu, or a button for each."""
        self._all.setVisible(compact)
        for button in self._several:
            button.setVisible(not compact)

    def show_choices(self) -> None:
        """Show how the axes are now."""
        self._log.setChecked(self._chart.axes.log_scale)
        self._percent.setChecked(self._chart.axes.in_percent)
        zone = self._chart.axes.timezone
        self._zone.setText(_ZONES.get(zone, zone.rpartition("/")[2].replace("_", " ")))

    @property
    def _several(self) -> tuple[QToolButton, ...]:
        return self._log, self._percent, self._zone

    def _menu(self, fill: Callable[[QMenu], None]) -> QMenu:
        menu = QMenu(self)
        menu.aboutToShow.connect(lambda: fill(menu))
        return menu

    def _fill_all(self, menu: QMenu) -> None:
        menu.clear()
        auto = menu.addAction("Auto-scale\tdouble click")
        assert auto is not None
        auto.setCheckable(True)
        auto.setChecked(self._chart.view.framing.auto_price)
        auto.triggered.connect(self._chart.view.set_auto_price)
        for switch, text in ((self._log, "Logarithmic\tAlt+L"), (self._percent, "Percent\tAlt+P")):
            action = menu.addAction(text)
            assert action is not None
            action.setCheckable(True)
            action.setChecked(switch.isChecked())
            action.triggered.connect(switch.click)
        menu.addSeparator()
        self._add_zones(menu)

    def _fill_zones(self, menu: QMenu) -> None:
        menu.clear()
        self._add_zones(menu)

    def _add_zones(self, menu: QMenu) -> None:
        now = self._chart.axes.timezone
        for choice in dict.fromkeys((EXCHANGE, COMPUTER, "UTC", now)):
            zone = zone_of(choice, self._chart.axes.exchange_timezone)
            text = _ZONES.get(choice, choice)
            action = menu.addAction(text if zone == choice else f"{text}: {zone}")
            assert action is not None
            action.setCheckable(True)
            action.setChecked(choice == now)
            action.triggered.connect(lambda _, choice=choice: self._chart.set_timezone(choice))


def _button(name: str, text: str, tip: str) -> QToolButton:
    button = QToolButton()
    button.setObjectName(name)
    button.setText(text)
    button.setToolTip(tip)
    button.setFocusPolicy(Qt.FocusPolicy.NoFocus)
    button.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
    return button
