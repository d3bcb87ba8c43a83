"""The strip over a chart: the period of its bars and how they are drawn."""

from PyQt6.QtWidgets import QFrame, QHBoxLayout, QWidget

from ui import theme
from ui.chart import Chart
from ui.period_bar import PeriodBar


class ChartTools(QFrame):
    """What the user chooses for a chart.

    Parameters
    ----------
    chart : Chart
        Is changed by all but the periods, whose bars come from a feed.
    """

    def __init__(self, chart: Chart, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("chartTools")
        self.periods = PeriodBar()
        self._chart = chart
        self._row = QHBoxLayout(self)
        self._row.setContentsMargins(8, 3, 8, 3)
        self._row.setSpacing(10)
        self._row.addWidget(self.periods)
        self._row.addStretch(1)
        self.setStyleSheet(_style())


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
