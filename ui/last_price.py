"""Tells order mode the last price of its market, a few times a second at most."""

from collections.abc import Sequence
from typing import Final

from PyQt6.QtCore import QObject, QTimer

from ems.market import Market
from ems.ticks import Quote, Tick
from order_mode.order_mode import OrderMode

_EVERY_MS: Final = 50


class LastPrice:
    """Takes ticks; `OrderMode.set_last` is called on a timer.

    Parameters
    ----------
    mode
        On the plot that the ticks are of.
    parent
        Something on the plot, with which the timer goes.
    """

    def __init__(self, mode: OrderMode, parent: QObject) -> None:
        self._mode = mode
        self._market: Market = mode.market
        self._last: float | None = None
        self._timer = QTimer(parent)
        self._timer.setInterval(_EVERY_MS)
        self._timer.timeout.connect(self._tell)
        self._timer.start()

    def on_ticks(self, ticks: Sequence[Tick]) -> None:
        """Take a batch of ticks."""
        by_bid = self._market.chart_price == "bid"
        for tick in ticks:
            if isinstance(tick, Quote):
                if by_bid and not tick.crossed and tick.bid > 0:
                    self._last = tick.bid
            elif not by_bid and tick.price > 0:
                self._last = tick.price

    def stop(self) -> None:
        """Tell no more."""
        self._timer.stop()
        self._timer.deleteLater()

    def _tell(self) -> None:
        if self._last is not None and self._last != self._mode.last:
            self._mode.set_last(self._last)
