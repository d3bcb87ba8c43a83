"""The matching engine of one market: requests and ticks in, what became of them out."""

import math
from decimal import Decimal

from brokers.paper.displayed import DisplayedSide, Liquidity
from brokers.paper.events import Accepted, Execution, MatchEvent, Refused
from brokers.paper.fees import Fees
from brokers.paper.order import PaperOrder
from brokers.paper.resting import RestingSide
from ems.market import Market
from ems.messages import Request, Side
from ems.ticks import Quote, Tick, Trade

_ENDED = {"closed": "filled", "canceled": "canceled"}


class MatchingEngine:
    """Match limit orders of one market against its quotes and trades, in price-time priority.

    It does no I/O and has no clock: the same calls in the same order give the same events. Our
    own orders never trade with each other.

    Parameters
    ----------
    market : Market
        Prices and sizes of fills lie on its grid.
    fees : Fees
        What each execution costs.
    """

    def __init__(self, market: Market, fees: Fees) -> None:
        self.market = market
        self.time_ns: int | None = None
        """The market's clock: the latest time of a tick, UTC ns; None before the first."""
        self._fees = fees
        self._next_priority = 0
        self._last_trade: float | None = None
        self._crossed = False
        self._resting: dict[Side, RestingSide] = {
            "buy": RestingSide("buy", market.tick_size),
            "sell": RestingSide("sell", market.tick_size),
        }
        # by who can take it: buys take the ask, sells the bid
        self._displayed: dict[Side, DisplayedSide] = {
            "buy": DisplayedSide(market),
            "sell": DisplayedSide(market),
        }

    # ---- requests

    def restore(self, order: PaperOrder) -> None:
        """Put back an open order of an earlier run; call in ascending order of priority."""
        self._resting[order.action].add(order)
        self._next_priority = max(self._next_priority, order.priority + 1)

    def new(self, order: PaperOrder, at_ns: int | None = None) -> list[MatchEvent]:
        """Take in an order whose price and size lie on the grid of the market.

        Parameters
        ----------
        order : PaperOrder
            Fresh and open; from now on the engine changes it.
        at_ns : int or None
            Market time of its arrival; None = the time of the last tick.
        """
        return [Accepted(order.reqid), *self._arrive(order, at_ns)]

    def modify(
        self, order: PaperOrder, price: Decimal, size: Decimal, at_ns: int | None = None
    ) -> list[MatchEvent]:
        """Change price and whole size; the place in the queue is kept only by making it smaller.

        A size equal to what is filled closes the order, a smaller one is refused.
        """
        if order.status != "open":
            return [_refusal(order, "modify", f"order is {_ENDED[order.status]}")]
        if size < order.filled:
            return [_refusal(order, "modify", f"{order.filled} is filled, more than {size}")]
        keeps_place = price == order.price and size <= order.size
        side = self._resting[order.action]
        if not keeps_place or size == order.filled:
            side.remove(order)
        order.price, order.size = price, size
        if not order.remaining:
            order.status = "closed"
        elif not keeps_place:
            return self._arrive(order, at_ns)
        return [order.state]

    def cancel(self, order: PaperOrder) -> list[MatchEvent]:
        """End an order."""
        if order.status != "open":
            return [_refusal(order, "cancel", f"order is {_ENDED[order.status]}")]
        self._resting[order.action].remove(order)
        order.status = "canceled"
        return [order.state]

    # ---- ticks

    def tick(self, tick: Tick) -> list[MatchEvent]:
        """Match what rests against a quote or a trade."""
        if self.time_ns is None or tick.time_ns > self.time_ns:
            self.time_ns = tick.time_ns
        return self._quote(tick) if isinstance(tick, Quote) else self._trade(tick)

    def _quote(self, quote: Quote) -> list[MatchEvent]:
        """The market comes to our limits: what it displays there fills at our limit."""
        self._crossed = quote.crossed
        if self._crossed:
            return []
        self._displayed["buy"].show(quote.ask, quote.ask_size)
        self._displayed["sell"].show(quote.bid, quote.bid_size)
        events: list[MatchEvent] = []
        if self._resting["buy"].is_reached_by(quote.ask):
            reached = self.market.round_price(quote.ask)
            events += self._sweep("buy", reached, self._displayed["buy"].liquidity, quote.time_ns)
        if self._resting["sell"].is_reached_by(quote.bid):
            reached = self.market.round_price(quote.bid)
            events += self._sweep("sell", reached, self._displayed["sell"].liquidity, quote.time_ns)
        return events

    def _trade(self, trade: Trade) -> list[MatchEvent]:
        """Others traded at or through our limits: with us in the queue it had been us."""
        if not math.isfinite(trade.price):
            return []
        self._last_trade = trade.price
        sides = [s for s, resting in self._resting.items() if resting.is_reached_by(trade.price)]
        if not sides:
            return []
        reached = self.market.round_price(trade.price)
        liquidity = Liquidity.of_tick(self.market, trade.size)
        sides.sort(key=self._front_priority)  # both only if our own orders are crossed
        events: list[MatchEvent] = []
        for side in sides:
            # a buy rests beside the bids, so a taker who bought met the asks instead; but a
            # price beyond our limit had to pass us, whoever took
            passed_only = trade.side == self._resting[side].sign
            events += self._sweep(side, reached, liquidity, trade.time_ns, passed_only=passed_only)
        return events

    # ---- filling

    def _arrive(self, order: PaperOrder, at_ns: int | None) -> list[MatchEvent]:
        order.priority = self._next_priority
        self._next_priority += 1
        self._resting[order.action].add(order)
        return [order.state, *self._take_displayed(order, at_ns)]

    def _take_displayed(self, order: PaperOrder, at_ns: int | None) -> list[MatchEvent]:
        """Give the arriving order what is displayed, at the displayed price.

        An order that finds another of ours before it in the queue waits its turn.
        """
        resting, shown = self._resting[order.action], self._displayed[order.action]
        price = self._last_trade if shown.price is None else shown.price
        if self._crossed or price is None or self.time_ns is None:
            return []
        if resting.front is not order or not resting.is_reached_by(price):
            return []
        exact = self.market.round_price(price)
        if not order.accepts(exact):
            return []
        liquidity = Liquidity(None) if shown.price is None else shown.liquidity
        part = liquidity.take(order.remaining)
        arrival_ns = self.time_ns if at_ns is None else at_ns
        return [self._execute(order, exact, part, arrival_ns)] if part else []

    def _sweep(
        self,
        action: Side,
        reached: Decimal,
        liquidity: Liquidity,
        time_ns: int,
        *,
        passed_only: bool = False,
    ) -> list[MatchEvent]:
        """Share the liquidity out among the resting orders whose limit is reached."""
        resting = self._resting[action]
        events: list[MatchEvent] = []
        while (order := resting.front) is not None and order.accepts(reached):
            if passed_only and order.price == reached:
                break
            part = liquidity.take(order.remaining)
            if not part:
                break
            events.append(self._execute(order, order.price, part, time_ns))
        return events

    def _execute(
        self, order: PaperOrder, price: Decimal, size: Decimal, time_ns: int
    ) -> MatchEvent:
        order.filled += size
        order.cost += price * size
        order.fills += 1
        if not order.remaining:
            self._resting[order.action].remove(order)
            order.status = "closed"
        return Execution(
            exec_id=f"{order.reqid}-{order.fills}",
            size=size,
            price=price,
            fee=self._fees.of(self.market, price, size),
            time_ns=time_ns,
            after=order.state,
        )

    def _front_priority(self, action: Side) -> int:
        front = self._resting[action].front
        return front.priority if front is not None else self._next_priority


def _refusal(order: PaperOrder, request: Request, why: str) -> Refused:
    return Refused(order.reqid, request, f"cannot {request}: {why}")
