"""The bars of a page: the first ones, older ones, those of another period, and what was missed."""

from collections.abc import Callable
from typing import Final

from PyQt6.QtWidgets import QWidget

from ems.market import Market, parse_fqsn
from ems.messages import ClientMsg, Connection
from ems.ports import Feed, TellsGaps
from ems.trading_hours import TradingHours
from order_mode.chart_port import Level
from ui.background_tasks import BackgroundTasks
from ui.bar_history import BarHistory
from ui.bar_loader import BarLoader
from ui.chart import Chart
from ui.chart.period import Period
from ui.loading_sign import LoadingSign
from ui.period_bar import PeriodBar


class PageBars:
    """Between the history of a feed and one chart.

    Parameters
    ----------
    feed, market
        Whose bars they are.
    hours
        Returns when the market trades; None = not known.
    period
        What a bar holds at first.
    chart
        Shows them, and asks for older ones.
    tell
        Called with a sentence for the user, and how bad it is.
    """

    def __init__(
        self,
        feed: Feed,
        market: Market,
        hours: Callable[[], TradingHours | None],
        period: Period,
        chart: Chart,
        tell: Callable[[str, Level], object],
    ) -> None:
        self._feed = feed
        self._fqsn = market.fqsn
        self._tasks = BackgroundTasks()
        self._loader = BarLoader(feed, market, hours)
        self.history: Final = BarHistory(chart, self._loader, market.fqsn, period)
        self._stop_gaps: Callable[[], None] = lambda: None
        self._was_down = False
        chart.older_wanted.connect(
            lambda: self._tasks.start(self.history.load_older(), "loading older bars")
        )
        sign = LoadingSign(chart.plot_item.getViewWidget())
        self.history.loading_older.connect(sign.set_loading)
        sign.stop_asked.connect(self.history.stop_older)
        self.history.failed.connect(lambda why: tell(why, "warning"))
        self.history.slow.connect(lambda what: tell(what, "info"))

    def offer_periods(self, periods: PeriodBar, page: QWidget) -> None:
        """Let the user choose the period of the bars, of those that the feed has."""
        periods.offer(self._loader.can)
        periods.show_period(self.history.period)
        periods.watch_keys(page)
        periods.period_chosen.connect(self.change_period)
        self.history.period_changed.connect(periods.show_period)

    def can(self, period: Period) -> bool:
        """Tell whether the feed has bars of this period."""
        return self._loader.can(period)

    def change_period(self, period: Period) -> None:
        """Show bars of another period as soon as they are there."""
        self._tasks.start(self.history.change_period(period), "changing the period")

    def watch_gaps(self) -> None:
        """Fill what the feed says was missed, until `stop`."""
        if isinstance(self._feed, TellsGaps):
            self._stop_gaps = self._feed.watch_gaps(self._fqsn, self._refill)

    def on_msg(self, msg: ClientMsg) -> None:
        """Fill the hole in the history when the connection to the market's broker is back."""
        if not isinstance(msg, Connection) or msg.broker != parse_fqsn(self._fqsn).broker:
            return
        was_down, self._was_down = self._was_down, not msg.up
        if was_down and msg.up:
            self._refill()

    def _refill(self) -> None:
        self._tasks.start(self.history.refill(), "loading the bars that were missed")

    async def stop(self) -> None:
        """Load nothing more."""
        self._stop_gaps()
        await self._tasks.stop()
