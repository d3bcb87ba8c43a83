"""The strip over a chart: the period of its bars and how they are drawn."""

from pathlib import Path

from PyQt6.QtCore import Qt, pyqtSignal
from PyQt6.QtWidgets import QFileDialog, QFrame, QHBoxLayout, QMenu, QToolButton, QWidget

from ui import theme
from ui.chart import BarStyle, Chart
from ui.chart.snapshot import PictureNotSaved, copy_picture, save_picture
from ui.indicator_dialog import IndicatorDialog
from ui.indicator_kinds import Kinds
from ui.period_bar import PeriodBar


class ChartTools(QFrame):
    """What the user chooses for a chart.

    Parameters
    ----------
    chart : Chart
        Is changed by all but the periods, whose bars come from a feed.
    known : mapping
        The indicators that there are.

    Signals
    -------
    told(str, str)
        Something to tell the user: the text, and ``info`` or ``error``.
    """

    told = pyqtSignal(str, str)

    def __init__(self, chart: Chart, known: Kinds, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("chartTools")
        self.periods = PeriodBar()
        self._chart = chart
        self._known = known
        self._row = QHBoxLayout(self)
        self._row.setContentsMargins(8, 3, 8, 3)
        self._row.setSpacing(10)
        self._row.addWidget(self.periods)
        self._style_button = self._style_choice()
        self._row.addWidget(self._style_button)
        self._row.addWidget(self._indicator_button())
        self._row.addStretch(1)
        self._row.addWidget(self._picture_button())
        self.setStyleSheet(_style())

    def _style_choice(self) -> QToolButton:
        """A button with the name of the style, and a menu of all."""
        button = QToolButton()
        button.setObjectName("barStyle")
        button.setText(self._chart.bar_style.value)
        button.setToolTip("How bars are drawn")
        button.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        button.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        menu = QMenu(button)
        for style in BarStyle:
            action = menu.addAction(style.value)
            assert action is not None
            action.triggered.connect(lambda _, style=style: self._choose(style))
        button.setMenu(menu)
        return button

    def _indicator_button(self) -> QToolButton:
        button = QToolButton()
        button.setObjectName("indicators")
        button.setText("Indicators")
        button.setToolTip("Averages and bands over the bars")
        button.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        button.clicked.connect(self._open_indicators)
        return button

    def _open_indicators(self) -> None:
        dialog = IndicatorDialog(self._chart, self._known, self)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.open()

    def _picture_button(self) -> QToolButton:
        button = QToolButton()
        button.setObjectName("picture")
        button.setText("Picture")
        button.setToolTip("Save or copy a picture of the chart")
        button.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        button.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        menu = QMenu(button)
        for text, slot in (("Save…", self._save_picture), ("Copy", self._copy_picture)):
            action = menu.addAction(text)
            assert action is not None
            action.triggered.connect(slot)
        button.setMenu(menu)
        return button

    def _save_picture(self) -> None:
        name, _ = QFileDialog.getSaveFileName(
            self, "Save a picture of the chart", "chart.png", "Pictures (*.png *.jpg)"
        )
        if not name:
            return
        try:
            path = save_picture(self._chart, Path(name))
        except PictureNotSaved as error:
            self.told.emit(str(error), "error")
        else:
            self.told.emit(f"The picture is in {path}", "info")

    def _copy_picture(self) -> None:
        copy_picture(self._chart)
        self.told.emit("The picture is on the clipboard", "info")

    def show_choices(self) -> None:
        """Show how the chart is drawn now: someone else has changed it."""
        self._style_button.setText(self._chart.bar_style.value)

    def _choose(self, style: BarStyle) -> None:
        self._chart.set_bar_style(style)
        self.show_choices()


def _style() -> str:
    return f"""
    #chartTools {{ border-bottom: 1px solid {theme.BORDER}; }}
    #chartTools QToolButton {{
        background: transparent; border: 1px solid transparent; padding: 1px 7px;
        color: {theme.TEXT_MUTED};
    }}
    #chartTools QToolButton:hover {{ background: {theme.HOVER}; color: {theme.TEXT}; }}
    #chartTools QToolButton:checked {{ color: {theme.ACCENT}; background: {theme.RAISED}; }}
    """
