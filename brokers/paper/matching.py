"""The matching engine of one market: requests and ticks in, what became of them out."""

import math
from collections.abc import Callable
from decimal import Decimal
from typing import Final

from brokers.paper.calm import Calm
from brokers.paper.displayed import Liquidity
from brokers.paper.events import Accepted, MatchEvent, Refused
from brokers.paper.expiries import Expiries
from brokers.paper.fees import Fees
from brokers.paper.holdings import Holdings
from brokers.paper.market_book import MarketBook
from brokers.paper.order import PaperOrder
from ems.market import Market
from ems.messages import Request, Side, Trail
from ems.ticks import Depth, Quote, Tick, Trade

_ENDED: Final = {"closed": "filled", "canceled": "canceled"}


class MatchingEngine:
    """Match the orders of one market against its quotes and trades, in price-time priority.

    It does no I/O and has no clock: the same calls in the same order give the same events. Our
    own orders never trade with each other. Stops look at trades; in a market without trades sells
    look at the bid and buys at the ask.

    Parameters
    ----------
    market : Market
        Prices and sizes of fills lie on its grid.
    fees : Fees
        What each execution costs.
    slippage_ticks : int
        See `PaperOptions.slippage_ticks`.
    depth
        Returns the order book of the market, where its feed shows one.
    """

    def __init__(
        self,
        market: Market,
        fees: Fees,
        slippage_ticks: int = 1,
        depth: Callable[[], Depth | None] = lambda: None,
    ) -> None:
        self.market = market
        self._book = MarketBook(market, fees, slippage_ticks, depth)
        self.calm = Calm(self._book)
        """Takes the ticks that change nothing of ours, once `settle` was called."""
        self._expiries = Expiries()
        self._next_priority = 0

    @property
    def time_ns(self) -> int | None:
        """The market's clock: the latest time of a tick, UTC ns; None before the first."""
        return self.calm.time_ns

    @time_ns.setter
    def time_ns(self, time_ns: int | None) -> None:
        self.calm.time_ns = time_ns

    def settle(self, until_ns: float) -> None:
        """Let quiet ticks pass by up to the market time ``until_ns``, UTC ns."""
        self.calm.settle(min(until_ns, self._expiries.next_ns))

    @property
    def holdings(self) -> Holdings:
        """What each account holds here."""
        return self._book.holdings

    # ---- requests

    def restore(self, order: PaperOrder) -> None:
        """Put back an open order of an earlier run; call in ascending order of priority."""
        self._next_priority = max(self._next_priority, order.priority + 1)
        self._expiries.add(order)
        self._book.put(order)

    def new(self, order: PaperOrder, at_ns: int | None = None) -> list[MatchEvent]:
        """Take in an order whose price and size lie on the grid of the market.

        Parameters
        ----------
        order : PaperOrder
            Fresh and open; from now on the engine changes it.
        at_ns : int or None
            Market time of its arrival; None = the time of the last tick.
        """
        self._expiries.add(order)
        return [Accepted(order.reqid), *self._arrive(order, at_ns)]

    def takes_at_once(self, order: PaperOrder) -> bool:
        """Tell whether an order would trade with what is displayed, were it to arrive now."""
        price = self._book.takeable_price(order.action)
        return price is not None and order.accepts(self.market.round_price(price))

    def modify(
        self,
        order: PaperOrder,
        price: Decimal,
        size: Decimal,
        at_ns: int | None = None,
        limit_price: Decimal | None = None,
        trail: Trail | None = None,
    ) -> list[MatchEvent]:
        """Change prices, trail, whole size; a smaller size alone keeps the place in the queue.

        Where a trailing stop stands is up to the price, unless it gets another trail. A size
        equal to what is filled closes the order, a smaller one is refused.
        """
        if objection := _objection_to_change(order, price, size):
            return [_refusal(order, "modify", objection)]
        trail = trail or order.trail
        if trail is not None and trail == order.trail:
            by = order.price - price
            price, limit_price = order.price, None if limit_price is None else limit_price + by
        before = (order.price, order.limit_price, order.trail)
        keeps_place = (price, limit_price, trail) == before and size <= order.size
        if not keeps_place or size == order.filled:
            self._book.take_out(order)
        order.price, order.limit_price, order.size = price, limit_price, size
        order.set_trail(trail)
        if not order.remaining:
            order.status = "closed"
        elif not keeps_place:
            return self._arrive(order, at_ns)
        return [order.state]

    def cancel(self, order: PaperOrder) -> list[MatchEvent]:
        """End an order."""
        if order.status != "open":
            return [_refusal(order, "cancel", f"order is {_ENDED[order.status]}")]
        return [self._book.end(order)]

    # ---- ticks

    def tick(self, tick: Tick) -> list[MatchEvent]:
        """Match what rests against a quote or a trade."""
        if self.time_ns is None or tick.time_ns > self.time_ns:
            self.time_ns = tick.time_ns
        events = self._expire() if tick.time_ns >= self._expiries.next_ns else []
        events += self._quote(tick) if isinstance(tick, Quote) else self._trade(tick)
        return events

    def _expire(self) -> list[MatchEvent]:
        """End what has run out of time, before the tick that tells the time can fill it."""
        return [
            self._book.end(order, f"its time in force ({order.tif}) is over")
            for order in self._expiries.due(self.time_ns or 0)
        ]

    def _quote(self, quote: Quote) -> list[MatchEvent]:
        """The market comes to our limits: what it displays there fills at our limit."""
        book = self._book
        book.crossed = quote.crossed
        if book.crossed:
            return []
        asks, bids = book.displayed["buy"], book.displayed["sell"]
        asks.show(quote.ask, quote.ask_size)
        bids.show(quote.bid, quote.bid_size)
        events = self._serve_unpriced() if book.unpriced else []
        if book.resting["buy"].is_reached_by(quote.ask):
            reached = self.market.round_price(quote.ask)
            events += book.sweep("buy", reached, asks.liquidity, quote.time_ns)
        if book.resting["sell"].is_reached_by(quote.bid):
            reached = self.market.round_price(quote.bid)
            events += book.sweep("sell", reached, bids.liquidity, quote.time_ns)
        if self.market.chart_price == "bid":
            events += self._touch("buy", quote.ask) + self._touch("sell", quote.bid)
        return events

    def _trade(self, trade: Trade) -> list[MatchEvent]:
        """Others traded at or through our limits: with us in the queue it had been us."""
        price = trade.price
        if not math.isfinite(price):
            return []
        self._book.last_trade = price
        events = self._serve_unpriced() if self._book.unpriced else []
        if any(resting.is_reached_by(price) for resting in self._book.resting.values()):
            events += self._fill_from(trade)
        if self.market.chart_price == "trade":
            events += self._touch("buy", price) + self._touch("sell", price)
        return events

    def _fill_from(self, trade: Trade) -> list[MatchEvent]:
        sides = [
            s for s, resting in self._book.resting.items() if resting.is_reached_by(trade.price)
        ]
        reached = self.market.round_price(trade.price)
        liquidity = Liquidity.of_tick(self.market, trade.size)
        sides.sort(key=self._front_priority)  # both only if our own orders are crossed
        events: list[MatchEvent] = []
        for side in sides:
            # a buy rests beside the bids, so a taker who bought met the asks instead; but a
            # price beyond our limit had to pass us, whoever took
            passed_only = trade.side == self._book.resting[side].sign
            events += self._book.sweep(
                side, reached, liquidity, trade.time_ns, passed_only=passed_only
            )
        return events

    def _touch(self, action: Side, price: float) -> list[MatchEvent]:
        """Touch off what waits for this price, and drag trailing stops behind it."""
        events: list[MatchEvent] = []
        for order in self._book.waiting.touched(action, price):
            events += self._set_off(order, self.time_ns or 0, price)
        events += [order.state for order in self._book.waiting.trail(action, price)]
        return events

    def _serve_unpriced(self) -> list[MatchEvent]:
        """There is a price now: fill the market orders that came before it."""
        waited, self._book.unpriced = self._book.unpriced, []
        return [
            event
            for order in waited
            for event in self._book.take_any(order, self.time_ns or 0, None)
        ]

    # ---- filling

    def _arrive(self, order: PaperOrder, at_ns: int | None) -> list[MatchEvent]:
        time_ns = (self.time_ns or 0) if at_ns is None else at_ns
        self._queue_up(order)
        if not order.waits:
            return [order.state, *self._book.work(order, time_ns)]
        price = self._book.watched_price(order.action)
        if price is not None and self._book.waiting.is_through(order, price):
            return [order.state, *self._set_off(order, time_ns, price)]
        self._book.waiting.add(order)
        return [order.state]

    def _set_off(self, order: PaperOrder, time_ns: int, touched_by: float) -> list[MatchEvent]:
        """Its price has come: from now on it works as a limit or market order."""
        order.triggered = True
        self._queue_up(order)
        return [order.state, *self._book.work(order, time_ns, touched_by)]

    def _queue_up(self, order: PaperOrder) -> None:
        order.priority = self._next_priority
        self._next_priority += 1

    def _front_priority(self, action: Side) -> int:
        front = self._book.resting[action].front
        return front.priority if front is not None else self._next_priority


def _objection_to_change(order: PaperOrder, price: Decimal, size: Decimal) -> str:
    if order.status != "open":
        return f"order is {_ENDED[order.status]}"
    if size < order.filled:
        return f"{order.filled} is filled, more than {size}"
    if order.triggered and price != order.price:
        return f"its stop price {order.price} was touched already"
    return ""


def _refusal(order: PaperOrder, request: Request, why: str) -> Refused:
    return Refused(order.reqid, request, f"cannot {request}: {why}")
