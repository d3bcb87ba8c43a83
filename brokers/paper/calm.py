"""How far prices and time may go before anything of ours happens in a market."""

import math

from brokers.paper.market_book import MarketBook
from ems.ticks import Quote, Tick


class Calm:
    """The span of prices in which a tick only has to be remembered.

    Most ticks are like that. They cost a few comparisons, however many orders rest or wait.

    Parameters
    ----------
    book : MarketBook
        What is kept up to date for them: the displayed prices and the last trade.
    """

    def __init__(self, book: MarketBook) -> None:
        self.time_ns: int | None = None
        """The market's clock: the latest time of a tick, UTC ns; None before the first."""
        self._book = book
        self._asks, self._bids = book.displayed["buy"], book.displayed["sell"]
        self._until_ns = -math.inf
        self._ask = self._bid = self._trade = (math.inf, -math.inf)

    def settle(self, until_ns: float) -> None:
        """Work the span out anew: an order or a price that matters has changed.

        Parameters
        ----------
        until_ns : float
            The market time at which something happens by itself, UTC ns.
        """
        book = self._book
        busy = self.time_ns is None or book.crossed or bool(book.unpriced)
        self._until_ns = -math.inf if busy else until_ns
        low, high = book.resting["buy"].reach, -book.resting["sell"].reach
        wait_low, wait_high = book.waiting.calm
        if book.market.chart_price == "bid":
            self._ask = max(low, wait_low), wait_high
            self._bid = wait_low, min(high, wait_high)
            self._trade = low, high
        else:
            self._ask, self._bid = (low, math.inf), (-math.inf, high)
            self._trade = max(low, wait_low), min(high, wait_high)

    def passes(self, tick: Tick) -> bool:
        """Remember a tick that changes nothing of ours; False if it might, and then it does not."""
        if self.time_ns is None or tick.time_ns >= self._until_ns:
            return False
        if type(tick) is Quote:
            bid, ask = tick.bid, tick.ask
            low, high = self._ask
            if not low < ask < high:
                return False
            low, high = self._bid
            if not low < bid < high or bid > ask:
                return False
            self._asks.show(ask, tick.ask_size)
            self._bids.show(bid, tick.bid_size)
        else:
            low, high = self._trade
            if not low < tick.price < high:  # type: ignore[union-attr]
                return False
            self._book.last_trade = tick.price  # type: ignore[union-attr]
        if tick.time_ns > self.time_ns:
            self.time_ns = tick.time_ns
        return True
