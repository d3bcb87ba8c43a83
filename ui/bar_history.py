"""The bars of one market on its chart: the newest, older ones on demand, and other periods."""

import asyncio
import math
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

import numpy as np
from PyQt6.QtCore import QObject, pyqtSignal

from ems.errors import EmsError
from ui.bar_loader import BarLoader
from ui.chart import Chart
from ui.chart.period import CalendarPeriod, Period, Unit

FIRST_BARS: Final = 3_000
_FIRST_OF_CALENDAR: Final = {Unit.DAY: 1500, Unit.WEEK: 260, Unit.MONTH: 60}
"""Weeks and months are put together from days, and a venue takes its time for thousands of them."""
MOST_BARS: Final = 300_000
"""A shorter period never loads more than this to reach the middle of the view again."""

_SLOW_S: Final = 0.7
"""What takes longer is told of: so long a chart that does not change is no surprise."""


class BarHistory(QObject):
    """Loads bars from a feed into a chart.

    Parameters
    ----------
    chart : Chart
        Gets the bars.
    loader : BarLoader
        Gets them from the feed.
    fqsn : str
        The market.
    period : Period
        What a bar holds to begin with.

    Signals
    -------
    loaded()
        There are other bars: every x of a time may have changed.
    period_changed(Period)
        The chart shows bars of this period now.
    failed(str)
        Why bars could not be loaded; the chart keeps those that it has.
    slow(str)
        What is being waited for, once that takes a while.
    loading_older(bool)
        Older bars are asked for; they are there, or there are none.
    """

    loaded = pyqtSignal()
    period_changed = pyqtSignal(object)
    failed = pyqtSignal(str)
    slow = pyqtSignal(str)
    loading_older = pyqtSignal(bool)

    def __init__(self, chart: Chart, loader: BarLoader, fqsn: str, period: Period) -> None:
        super().__init__(chart)
        self._chart = chart
        self._loader = loader
        self._fqsn = fqsn
        self._older_task: asyncio.Task[None] | None = None
        self.period = period

    async def load(self) -> None:
        """Show the newest bars.

        Raises
        ------
        EmsError
            If the feed has none for this market and period.
        """
        with self._says_if_slow("the history"):
            loaded = await self._loader.bars(self.period, _first_count(self.period))
        # Nothing may come between the bars and the first tick that continues them.
        self._chart.set_bars(loaded.bars, loaded.period)
        self._tell(loaded.period)

    async def change_period(self, period: Period) -> None:
        """Show bars of another length, with the same moment in the middle of the view."""
        if period.text == self.period.text:
            return
        self.stop_older()
        self.period = period  # of two changes at once the later one counts
        try:
            with self._says_if_slow(f"the {period.text} bars"):
                loaded = await self._loader.bars(period, self._count(period))
        except EmsError as error:
            if self.period is period:
                self.period = self._chart.period
                self.failed.emit(f"There are no {period.text} bars: {error}")
                self.period_changed.emit(self.period)
            return
        if self.period is period:
            self._chart.change_period(loaded.bars, loaded.period)
            self._tell(loaded.period)

    async def refill(self) -> None:
        """Load the bars again: some were missed, or there were none. The view keeps still."""
        period = self.period
        try:
            bars, here = await self._loader.bars(period, self._count(period))
        except EmsError as error:
            self.failed.emit(f"The bars that were missed are not here: {error}")
            return
        if len(bars) and self.period is period:
            if self._loader.of_ticks(here):  # older ones may be known here alone
                before = self._chart.series.bars()
                bars = np.concatenate([before[before["time"] < bars["time"][0]], bars])
            show = self._chart.change_period if len(self._chart.series) else self._chart.set_bars
            show(bars, here)
            self._tell(here)

    async def load_older(self) -> None:
        """Put older bars in front; while some are on their way nothing is asked for."""
        series = self._chart.series
        if self._older_task is not None or len(series) == 0:
            return
        self._older_task = asyncio.current_task()
        self.loading_older.emit(True)
        try:
            first_ns, period = int(series.time[0]), series.period
            with self._says_if_slow("older bars"):
                older, _ = await self._loader.bars(period, _first_count(period), first_ns)
            if len(older) and self._chart.series is series:
                self._chart.prepend_bars(older)
                self.loaded.emit()
        except asyncio.CancelledError:
            self._chart.miss_older()
            raise
        except EmsError as error:
            self._chart.miss_older()
            self.failed.emit(f"Older bars could not be loaded: {error}")
        finally:
            self._older_task = None
            self.loading_older.emit(False)

    def stop_older(self) -> None:
        """Wait no longer for older bars; near them they are asked for again."""
        if self._older_task is not None:
            self._older_task.cancel()

    @contextmanager
    def _says_if_slow(self, what: str) -> Iterator[None]:
        text = f"Loading {what} of {self._fqsn} ..."
        saying = asyncio.get_running_loop().call_later(_SLOW_S, self.slow.emit, text)
        try:
            yield
        finally:
            saying.cancel()

    def _tell(self, period: Period) -> None:
        self.period = period
        self.loaded.emit()
        self.period_changed.emit(period)

    def _count(self, period: Period) -> int:
        """Return how many bars reach back to the middle of the view, and a view further."""
        chart = self._chart
        if len(chart.series) == 0:
            return _first_count(period)
        start_x, stop_x = chart.view.viewRange()[0]
        middle_ns = chart.time_of_x((start_x + stop_x) / 2)
        back_ns = chart.time_of_x(chart.series.last_x) - middle_ns
        wanted = math.ceil(max(back_ns, 0) / period.usual_ns + (stop_x - start_x))
        return int(min(max(wanted, _first_count(period)), MOST_BARS))


def _first_count(period: Period) -> int:
    """Return how many bars are asked for at once."""
    if isinstance(period, CalendarPeriod):
        return _FIRST_OF_CALENDAR[period.unit]
    return FIRST_BARS
