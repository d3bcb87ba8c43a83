"""The bars of one market on its chart: the newest, older ones on demand, and other periods."""

import asyncio
import math
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final, Protocol, runtime_checkable

from PyQt6.QtCore import QObject, pyqtSignal

from ems.errors import EmsError
from ems.ports import Feed
from ems.ticks import Bars
from ui.chart import Chart
from ui.chart.legend import period_text

FIRST_BARS: Final = 3_000
MORE_BARS: Final = 3_000
MOST_BARS: Final = 300_000
"""A shorter period never loads more than this to reach the middle of the view again."""

_SLOW_S: Final = 0.7
"""What takes longer is told of: so long a chart that does not change is no surprise."""


@runtime_checkable
class HasFinestPeriod(Protocol):
    """A feed that knows how fine its recorded data is."""

    def period_ns(self, fqsn: str) -> int:
        """Return the shortest period of bars, nanoseconds."""


class BarHistory(QObject):
    """Loads bars from a feed into a chart.

    Parameters
    ----------
    chart : Chart
        Gets the bars.
    feed : Feed
        Has them.
    fqsn : str
        The market.
    period_ns : int
        Length of a bar to begin with, nanoseconds.

    Signals
    -------
    loaded()
        There are other bars: every x of a time may have changed.
    period_changed(int)
        The chart shows bars of this many nanoseconds now.
    failed(str)
        Why bars could not be loaded; the chart keeps those that it has.
    slow(str)
        What is being waited for, once that takes a while.
    loading_older(bool)
        Older bars are asked for; they are there, or there are none.
    """

    loaded = pyqtSignal()
    period_changed = pyqtSignal(object)  # an int of 64 bits
    failed = pyqtSignal(str)
    slow = pyqtSignal(str)
    loading_older = pyqtSignal(bool)

    def __init__(self, chart: Chart, feed: Feed, fqsn: str, period_ns: int) -> None:
        super().__init__(chart)
        self._chart = chart
        self._feed = feed
        self._fqsn = fqsn
        self._older_task: asyncio.Task[None] | None = None
        self.period_ns = period_ns

    @property
    def finest_ns(self) -> int:
        """The shortest period that the feed's data gives, nanoseconds."""
        feed = self._feed
        return feed.period_ns(self._fqsn) if isinstance(feed, HasFinestPeriod) else 1

    async def load(self) -> None:
        """Show the newest bars.

        Raises
        ------
        EmsError
            If the feed has none for this market and period.
        """
        period_ns = self.period_ns
        with self._says_if_slow("the history"):
            bars = await self._feed.bars(self._fqsn, period_ns, count=FIRST_BARS)
        # Nothing may come between the bars and the first tick that continues them.
        self._chart.set_bars(bars, period_ns)
        self._tell(period_ns)

    async def change_period(self, period_ns: int) -> None:
        """Show bars of another length, with the same moment in the middle of the view."""
        if period_ns == self.period_ns:
            return
        self.stop_older()
        self.period_ns = period_ns  # of two changes at once the later one counts
        try:
            with self._says_if_slow(f"the {period_text(period_ns)} bars"):
                bars = await self._feed.bars(self._fqsn, period_ns, count=self._count(period_ns))
        except EmsError as error:
            if self.period_ns == period_ns:
                self.period_ns = self._chart.period_ns
                self.failed.emit(f"There are no {period_text(period_ns)} bars: {error}")
                self.period_changed.emit(self.period_ns)
            return
        if self.period_ns == period_ns:
            self._chart.change_period(bars, period_ns)
            self._tell(period_ns)

    async def refill(self) -> None:
        """Load the bars again: some were missed, or there were none. The view keeps still."""
        period_ns = self.period_ns
        try:
            bars = await self._feed.bars(self._fqsn, period_ns, count=self._count(period_ns))
        except EmsError as error:
            self.failed.emit(f"The bars that were missed are not here: {error}")
            return
        if len(bars) and self.period_ns == period_ns:
            show = self._chart.change_period if len(self._chart.series) else self._chart.set_bars
            show(bars, period_ns)
            self._tell(period_ns)

    async def load_older(self) -> None:
        """Put older bars in front; while some are on their way nothing is asked for."""
        series = self._chart.series
        if self._older_task is not None or len(series) == 0:
            return
        self._older_task = asyncio.current_task()
        self.loading_older.emit(True)
        try:
            first_ns, period_ns = int(series.time[0]), series.period_ns
            with self._says_if_slow("older bars"):
                older: Bars = await self._feed.bars(
                    self._fqsn, period_ns, end_ns=first_ns, count=MORE_BARS
                )
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

    def _tell(self, period_ns: int) -> None:
        self.period_ns = period_ns
        self.loaded.emit()
        self.period_changed.emit(period_ns)

    def _count(self, period_ns: int) -> int:
        """Return how many bars reach back to the middle of the view, and a view further."""
        chart = self._chart
        if len(chart.series) == 0:
            return FIRST_BARS
        start_x, stop_x = chart.view.viewRange()[0]
        middle_ns = chart.time_of_x((start_x + stop_x) / 2)
        back_ns = chart.time_of_x(chart.series.last_x) - middle_ns
        wanted = math.ceil(max(back_ns, 0) / period_ns + (stop_x - start_x))
        return int(min(max(wanted, FIRST_BARS), MOST_BARS))
