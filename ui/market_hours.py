"""The hours of a market on its page: a sign while it is closed, lines between sessions."""

import time
from collections.abc import Callable
from typing import Final

from PyQt6.QtCore import QTimer

from ems.trading_hours import TradingHours
from ui.chart import Chart
from ui.hours_sign import HoursSign
from ui.hours_words import day_end_words, hours_words

_EVERY_MS: Final = 1000


class MarketHours:
    """Shows what is known of the hours; they may come, or become others, while it runs.

    Parameters
    ----------
    hours
        Returns them; None while they are not known.
    chart
        Gets the sign, and the lines.
    say_day_end
        Takes a sentence about when an order for the day is over.
    clock
        Now, UTC ns.
    """

    def __init__(
        self,
        hours: Callable[[], TradingHours | None],
        chart: Chart,
        say_day_end: Callable[[str], None],
        clock: Callable[[], int] = time.time_ns,
    ) -> None:
        self._hours = hours
        self._chart = chart
        self._say_day_end = say_day_end
        self._clock = clock
        self._sign = HoursSign(chart.plot_item.getViewWidget())
        self._known: TradingHours | None = None
        self.closed = False
        """True while the market is known to be closed."""
        self._timer = QTimer(chart)
        self._timer.setInterval(_EVERY_MS)
        self._timer.timeout.connect(self.show)

    def start(self) -> None:
        """Follow the clock from now on."""
        self.show()
        self._timer.start()

    def stop(self) -> None:
        """Follow it no more."""
        self._timer.stop()

    def show(self) -> None:
        """Bring everything up to date."""
        hours, now = self._hours(), self._clock()
        if hours is not self._known:
            self._known = hours
            self._show_sessions(hours)
        self.closed = hours is not None and hours.phase(now) == "closed"
        self._sign.say(hours_words(hours, now))
        self._say_day_end(day_end_words(hours, now))

    def _show_sessions(self, hours: TradingHours | None) -> None:
        if hours is None:
            self._chart.set_sessions("UTC", ())
            return
        starts = {hours.day_starts_s, *(hours.regular_s or ())}
        self._chart.set_sessions(hours.timezone, sorted(s for s in starts if s is not None))
