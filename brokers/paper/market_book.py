"""What is on one market's floor: what others display, what of ours rests or waits, what fills."""

import math
from collections.abc import Callable
from decimal import Decimal
from typing import Final

from brokers.paper.behind import Behind
from brokers.paper.displayed import DisplayedSide, Liquidity
from brokers.paper.events import Execution, MatchEvent
from brokers.paper.fees import Fees
from brokers.paper.holdings import Holdings
from brokers.paper.order import PaperOrder
from brokers.paper.resting import RestingSide
from brokers.paper.slippage import levels
from brokers.paper.waiting import WaitingOrders
from ems.market import Market
from ems.messages import Side
from ems.ticks import Depth

_NOTHING_TO_REDUCE: Final = "reduce only: there is no position left to reduce"


class MarketBook:
    """Every order of one market in its place, and the ways in which it is filled.

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
        slippage_ticks: int,
        depth: Callable[[], Depth | None] = lambda: None,
    ) -> None:
        self.market: Final = market
        self.holdings: Final = Holdings()
        self.waiting: Final = WaitingOrders(market)
        self.resting: Final[dict[Side, RestingSide]] = {
            "buy": RestingSide("buy", market.tick_size),
            "sell": RestingSide("sell", market.tick_size),
        }
        # by who can take it: buys take the ask, sells the bid
        self.displayed: Final[dict[Side, DisplayedSide]] = {
            "buy": DisplayedSide(market),
            "sell": DisplayedSide(market),
        }
        self._behind: dict[Side, Behind] = {
            "buy": Behind(market, "buy", depth),
            "sell": Behind(market, "sell", depth),
        }
        self.unpriced: list[PaperOrder] = []
        """Market orders that came before any price."""
        self.last_trade: float | None = None
        self.crossed = False
        """The newest quote was crossed: nothing can be taken."""
        self._fees = fees
        self._slippage_ticks = slippage_ticks

    # ---- places

    def put(self, order: PaperOrder) -> None:
        """Put an open order where it belongs."""
        if order.waits:
            self.waiting.add(order)
        elif order.limit is None:
            self.unpriced.append(order)
        else:
            self.resting[order.action].add(order)

    def take_out(self, order: PaperOrder) -> None:
        """Take an order out of wherever it waits or rests."""
        if order.waits:
            self.waiting.remove(order)
        elif order.limit is not None:
            self.resting[order.action].remove(order)
        elif order in self.unpriced:
            self.unpriced.remove(order)

    def end(self, order: PaperOrder, reason: str = "") -> MatchEvent:
        """End an order that is open, with a word why if nobody asked for it."""
        self.take_out(order)
        order.status = "canceled"
        return order.state_because(reason)

    # ---- prices

    def takeable_price(self, action: Side) -> float | None:
        """Return the price that an order could take now; None if there is none to trust."""
        shown = self.displayed[action].price
        price = self.last_trade if shown is None else shown
        if self.crossed or price is None or not math.isfinite(price):
            return None
        return price

    def watched_price(self, action: Side) -> float | None:
        """Return the last price that stops look at; None before the first."""
        if self.market.chart_price == "trade":
            return self.last_trade
        return self.displayed[action].price

    # ---- filling

    def work(
        self, order: PaperOrder, time_ns: int, touched_by: float | None = None
    ) -> list[MatchEvent]:
        """Let an order trade with what is displayed; what is left rests, if it may.

        ``touched_by`` is the price that touched it off, if it waited for one.
        """
        if order.limit is None:
            return self.take_any(order, time_ns, touched_by)
        self.resting[order.action].add(order)
        events = self._take_displayed(order, time_ns)
        if order.tif == "ioc" and order.status == "open":
            events.append(self.end(order, "immediate or cancel: the rest was not there"))
        return events

    def _take_displayed(self, order: PaperOrder, time_ns: int) -> list[MatchEvent]:
        """Give the arriving order what is displayed: at the best price, then behind it.

        An order that finds another of ours before it in the queue waits its turn.
        """
        resting, shown = self.resting[order.action], self.displayed[order.action]
        price = self.takeable_price(order.action)
        if price is None or resting.front is not order or not resting.is_reached_by(price):
            return []
        exact = self.market.round_price(price)
        if not order.accepts(exact):
            return []
        if not (wanted := self.holdings.wanted(order)):
            return [self.end(order, _NOTHING_TO_REDUCE)]
        liquidity = Liquidity(None) if shown.price is None else shown.liquidity
        part = liquidity.take(wanted)
        events = [self._execute(order, exact, part, time_ns)] if part else []
        return events + self._take_behind(order, exact, time_ns)

    def _take_behind(self, order: PaperOrder, best: Decimal, time_ns: int) -> list[MatchEvent]:
        """Give it what the order book shows behind the best price, as far as its limit."""
        behind = self._behind[order.action]
        events: list[MatchEvent] = []
        while order.status == "open" and (wanted := self.holdings.wanted(order)):
            at = next(
                ((p, left) for p, left in behind.left(best) if left and order.accepts(p)), None
            )
            if at is None:
                break
            price, left = at
            part = min(wanted, left)
            behind.took(price, part, left)
            events.append(self._execute(order, price, part, time_ns))
        return events

    def take_any(
        self, order: PaperOrder, time_ns: int, touched_by: float | None
    ) -> list[MatchEvent]:
        """Fill a market order: what is displayed first, then worse and worse.

        A stop does not fill better than the price that touched it off.
        """
        price = self.takeable_price(order.action)
        if price is None:
            self.unpriced.append(order)
            return []
        if not (wanted := self.holdings.wanted(order)):
            return [self.end(order, _NOTHING_TO_REDUCE)]
        if touched_by is not None:
            price = order.sign * max(order.sign * price, order.sign * touched_by)
        shown = self.displayed[order.action]
        start = self.market.round_price(price)
        step = order.sign * self._slippage_ticks * self.market.tick_at(start)
        events: list[MatchEvent] = [
            self._execute(order, level, part, time_ns)
            for level, part in levels(
                self.market, shown, self._behind[order.action], start, step, wanted
            )
        ]
        if order.status == "open":  # it reduces only, and there is no more to reduce
            events.append(self.end(order, _NOTHING_TO_REDUCE))
        return events

    def sweep(
        self,
        action: Side,
        reached: Decimal,
        liquidity: Liquidity,
        time_ns: int,
        *,
        passed_only: bool = False,
    ) -> list[MatchEvent]:
        """Share the liquidity out among the resting orders whose limit is reached."""
        resting = self.resting[action]
        events: list[MatchEvent] = []
        while (order := resting.front) is not None and order.accepts(reached):
            limit = order.limit
            if limit is None or (passed_only and limit == reached):
                break
            if not (wanted := self.holdings.wanted(order)):
                events.append(self.end(order, _NOTHING_TO_REDUCE))
                continue
            part = liquidity.take(wanted)
            if not part:
                break
            events.append(self._execute(order, limit, part, time_ns))
        return events

    def _execute(
        self, order: PaperOrder, price: Decimal, size: Decimal, time_ns: int
    ) -> MatchEvent:
        order.filled += size
        order.cost += price * size
        order.fills += 1
        self.holdings.execute(order, size)
        if not order.remaining:
            self.take_out(order)
            order.status = "closed"
        return Execution(
            exec_id=f"{order.reqid}-{order.fills}",
            size=size,
            price=price,
            fee=self._fees.of(self.market, price, size),
            time_ns=time_ns,
            after=order.state,
        )
