"""The last quote and price of a market, told a few times a second at most."""

from collections.abc import Callable, Iterable
from typing import Final

from PyQt6.QtCore import QObject, QTimer

from ems.market import Market
from ems.ticks import Quote, Tick

_EVERY_MS: Final = 50
"""Figures and labels follow the price so often; nobody reads faster."""


class LatestPrices:
    """Takes ticks, and tells of the last ones on a timer.

    Parameters
    ----------
    market
        That the ticks are of.
    parent
        The timer goes with it.
    on_quote, on_last
        Called with bid and ask, and with the last price that bars are built from.
    """

    def __init__(
        self,
        market: Market,
        parent: QObject,
        on_quote: Callable[[float, float], None],
        on_last: Callable[[float], None],
    ) -> None:
        self.last: float | None = None
        """The last price that bars are built from; None before the first."""
        self._by_bid = market.chart_price == "bid"
        self._on_quote = on_quote
        self._on_last = on_last
        self._quote: Quote | None = None
        self._moved = False
        self._timer = QTimer(parent)
        self._timer.setInterval(_EVERY_MS)
        self._timer.timeout.connect(self._tell_moves)

    def on_ticks(self, ticks: Iterable[Tick]) -> None:
        """Take a batch of ticks."""
        for tick in ticks:
            if isinstance(tick, Quote):
                self._quote = tick
                if self._by_bid and not tick.crossed and tick.bid > 0:
                    self.last = tick.bid
            elif not self._by_bid and tick.price > 0:
                self.last = tick.price
        self._moved = True

    def start(self) -> None:
        """Tell from now on."""
        self._timer.start()

    def stop(self) -> None:
        """Tell no more."""
        self._timer.stop()

    def remove(self) -> None:
        """Stop, and leave nothing on the parent."""
        self._timer.stop()
        self._timer.deleteLater()

    def tell(self) -> None:
        """Tell what is known now, moved or not."""
        self._moved = False
        if self._quote is not None:
            self._on_quote(self._quote.bid, self._quote.ask)
        if self.last is not None:
            self._on_last(self.last)

    def _tell_moves(self) -> None:
        if self._moved:
            self.tell()
