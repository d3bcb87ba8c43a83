"""The numbers of the bar under the crosshair, or of the last one: legend and tags."""

from decimal import Decimal
from typing import Final

from PyQt6.QtCore import QObject, QPointF, pyqtSignal

from ems.market import Market
from ui import theme
from ui.chart.bar_series import BarSeries
from ui.chart.frame_timer import made_timer
from ui.chart.price_marks import PriceMark
from ui.chart.price_pane import PricePane

_NUMBERS_MS: Final = 100
"""The legend follows the ticks so often; nobody reads faster."""


class Readout(QObject):
    """Shows where the crosshair is.

    Parameters
    ----------
    pane : PricePane
        Has the crosshair, the axes and the legend.
    series : BarSeries
        The bars.

    Signals
    -------
    pointed(object)
        The x of the bar that the crosshair is on now; None if it is on none.
    """

    pointed = pyqtSignal(object)

    def __init__(self, pane: PricePane, series: BarSeries) -> None:
        super().__init__(pane.canvas)
        self._pane = pane
        self._series = series
        self._market: Market | None = None
        self._stale = False
        self._pointed: int | None = None
        self._timer = made_timer(self, _NUMBERS_MS, self._show_late, once=True)
        pane.canvas.scene().sigMouseMoved.connect(self._mouse_moved)
        pane.canvas.mouse_left.connect(lambda: self._aim_at(None))

    def replace(self, series: BarSeries, market: Market | None) -> None:
        """Show the numbers of another series from now on."""
        self._series, self._market = series, market
        self.show_numbers()

    def follow(self) -> None:
        """Show the numbers of the last bar: at once, or soon if they were shown just now."""
        if self._timer.isActive():
            self._stale = True
        else:
            self.show_numbers()
            self._timer.start()

    @property
    def due(self) -> bool:
        """True while the legend is behind the ticks."""
        return self._stale and self._timer.isActive()

    def show_numbers(self) -> None:
        """Show the numbers of the bar under the crosshair, or else of the last one."""
        self._stale = False
        at = self._pane.crosshair.bar_x
        x = self._series.last_x if at is None else at
        bar = self._series.bar(x) or self._series.bar(self._series.last_x)
        before = None if bar is None else self._series.bar(x - 1)
        self._pane.legend.set_indicators(self._indicator_values(x))
        self._pane.legend.set_bar(bar, before, self._series.faults.total)

    def _indicator_values(self, x: int) -> list[tuple[str, list[tuple[str, float]]]]:
        """Return each indicator's label, and its colours and values at a bar or the last one."""
        index = min(max(x - self._series.first_x, 0), len(self._series) - 1)
        if index < 0:
            return []
        shown = []
        for one in self._pane.indicator_lines.indicators:
            row = one.values(self._series)[index].tolist()
            shown.append((one.formula.label, list(zip(one.colors, row, strict=True))))
        return shown

    def show_aim(self) -> None:
        """Show price and time of the crosshair on the axes: it or the view has moved."""
        aim = self._pane.crosshair.aim()
        x = self._pane.crosshair.bar_at(aim)
        mark = None
        if aim is not None and self._market is not None:
            text = self._market.format_price(self._market.round_price(Decimal(aim.price)))
            mark = PriceMark(aim.price, text, theme.CURSOR_TAG, theme.TEXT, rank=-1)
        self._pane.price_axis.set_mark("cursor", mark)
        self._pane.time_axis.set_cursor(x or 0.0, None if x is None else self._time_at(x))
        if x != self._pointed:
            self._pointed = x
            self.pointed.emit(x)

    def guide(self, x: int | None) -> None:
        """Show the crosshair's time and numbers at a bar that is pointed at elsewhere."""
        self._pane.crosshair.guide_at(x)
        self._show_all()

    def _show_late(self) -> None:
        if self._stale:
            self.show_numbers()

    def _mouse_moved(self, scene_pos: QPointF) -> None:
        self._aim_at(self._pane.view.mapFromScene(scene_pos))

    def _aim_at(self, cursor: QPointF | None) -> None:
        self._pane.crosshair.move_to(cursor)
        self._show_all()

    def _show_all(self) -> None:
        self.show_aim()
        self._pane.repaint_tags()
        self.show_numbers()

    def _time_at(self, x: int) -> int | None:
        if len(self._series) == 0:
            return None
        bar = self._series.bar(x)
        return self._series.time_of_x(x - 0.5) if bar is None else bar.time_ns
