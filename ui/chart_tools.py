"""The strip over a chart: the period of its bars and how they are drawn."""

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Final

from PyQt6.QtCore import QSize, Qt, pyqtSignal
from PyQt6.QtGui import QResizeEvent
from PyQt6.QtWidgets import QFileDialog, QFrame, QHBoxLayout, QLayout, QMenu, QToolButton, QWidget

from ui import theme
from ui.axis_tools import AxisTools
from ui.chart import BarStyle, Chart
from ui.chart.drawing import DrawingKind
from ui.chart.snapshot import PictureNotSaved, copy_picture, save_picture
from ui.indicator_dialog import IndicatorDialog
from ui.indicator_kinds import Kinds
from ui.period_bar import PeriodBar
from ui.worn_style import wear

_LEAST_WIDTH: Final = 340


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
        self._row.setSizeConstraint(QLayout.SizeConstraint.SetNoConstraint)
        self._row.addWidget(self.periods)
        self._style_button = self._style_choice()
        self._row.addWidget(self._style_button)
        self._row.addWidget(self._indicator_button())
        self._axes = AxisTools(chart)
        self._row.addWidget(self._axes)
        self._draw_button = self._drawing_button()
        self._row.addWidget(self._draw_button)
        self._row.addStretch(1)
        self._row.addWidget(self._picture_button())
        self._show_tool()
        wear(self, _style)

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
        button.setToolTip("Averages and bands over the bars; volume, RSI, MACD, ATR below them")
        button.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        button.clicked.connect(self._open_indicators)
        return button

    def _open_indicators(self) -> None:
        dialog = IndicatorDialog(self._chart, self._known, self)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.open()

    def _drawing_button(self) -> QToolButton:
        """A button with the tool in hand, and a menu of all and of what undoes them."""
        button = QToolButton()
        button.setObjectName("draw")
        button.setToolTip(
            "Draw on the chart; Esc puts the tool away, Delete deletes what is marked"
        )
        button.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        button.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        button.setCheckable(True)
        hand = self._chart.drawing_hand
        menu = QMenu(button)
        for kind in DrawingKind:
            _add(menu, kind.value, partial(hand.take_tool, kind))
        menu.addSeparator()
        _add(menu, "Undo\tCtrl+Z", hand.drawings.undo)
        _add(menu, "Do again\tCtrl+Shift+Z", hand.drawings.redo)
        _add(menu, "Delete all drawings", partial(hand.drawings.put_all, ()))
        button.setMenu(menu)
        hand.tool_changed.connect(self._show_tool)
        return button

    def _show_tool(self) -> None:
        tool = self._chart.drawing_hand.tool
        self._draw_button.setText("Draw" if tool is None else f"Draw: {tool.value.lower()}")
        self._draw_button.setChecked(tool is not None)

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

    def minimumSizeHint(self) -> QSize:
        """Return the size with one button for all periods."""
        return QSize(_LEAST_WIDTH, super().minimumSizeHint().height())

    def resizeEvent(self, a0: QResizeEvent | None) -> None:
        """Make do with one button for all periods, and one for the axes, as there is room."""
        super().resizeEvent(a0)
        others = [one for n in range(self._row.count()) if (one := self._row.itemAt(n)) is not None]
        both = (self.periods, self._axes)
        rest = sum(one.sizeHint().width() for one in others if one.widget() not in both)
        margins = self._row.contentsMargins()
        room = self.width() - margins.left() - margins.right() - rest
        room -= self._row.spacing() * len(others)
        axes = self._axes.full_width
        self.periods.set_compact(room - axes < self.periods.full_width)
        self._axes.set_compact(room - axes < self.periods.compact_width)

    def show_choices(self) -> None:
        """Show how the chart is drawn now: someone else has changed it."""
        self._style_button.setText(self._chart.bar_style.value)
        self._axes.show_choices()

    def _choose(self, style: BarStyle) -> None:
        self._chart.set_bar_style(style)
        self.show_choices()


def _add(menu: QMenu, text: str, slot: Callable[[], object]) -> None:
    action = menu.addAction(text)
    assert action is not None
    action.triggered.connect(lambda: slot())


def _style() -> str:
    return f"""
    #chartTools {{ border-bottom: 1px solid {theme.BORDER}; }}
    #chartTools[current="true"] {{ border-bottom-color: {theme.ACCENT}; }}
    #chartTools QToolButton {{
        background: transparent; border: 1px solid transparent; padding: 1px 7px;
        color: {theme.TEXT_MUTED};
    }}
    #chartTools QToolButton:hover {{ background: {theme.HOVER}; color: {theme.TEXT}; }}
    #chartTools QToolButton:checked {{ color: {theme.ACCENT}; background: {theme.RAISED}; }}
    """
