"""Our orders that rest on one side of a market, in price-time priority."""

import math
from bisect import bisect_left, insort
from collections import OrderedDict
from collections.abc import Callable
from decimal import Decimal
from operator import attrgetter

from brokers.paper.order import PaperOrder
from ems.messages import Side


class RestingSide:
    """The buys or the sells of one market: sorted price levels, each a queue.

    Whether a tick concerns this side is one comparison of floats, however many orders rest.

    Parameters
    ----------
    price_of
        The price that an order rests at.
    """

    def __init__(
        self,
        action: Side,
        tick_size: Decimal,
        price_of: Callable[[PaperOrder], Decimal] = attrgetter("limit"),
    ) -> None:
        self.sign = 1 if action == "buy" else -1
        self._price_of = price_of
        self._half_tick = float(tick_size) / 2
        self._ranks: list[Decimal] = []  # price times sign, ascending: the best is last
        self._queues: dict[Decimal, OrderedDict[int, PaperOrder]] = {}
        self.reach = -math.inf
        """The price, times the sign, up to which a tick may fill something; see `is_reached_by`."""

    @property
    def front(self) -> PaperOrder | None:
        """The order whose turn is next; None if nothing rests."""
        if not self._ranks:
            return None
        return next(iter(self._queues[self._ranks[-1]].values()))

    def is_reached_by(self, price: float) -> bool:
        """Tell whether a price may fill the best order here; an exact test must follow.

        Half a tick is allowed for the noise of floats. NaN and infinite prices reach nothing.
        """
        return -math.inf < self.sign * price <= self.reach

    def reached(self, price: Decimal) -> list[PaperOrder]:
        """Return every order here that a price reaches, the best first."""
        orders: list[PaperOrder] = []
        for rank in reversed(self._ranks):
            if rank < self.sign * price:
                break
            orders += self._queues[rank].values()
        return orders

    def add(self, order: PaperOrder) -> None:
        """Put the order at the end of the queue at its price."""
        rank = self.sign * self._price_of(order)
        if rank not in self._queues:
            self._queues[rank] = OrderedDict()
            insort(self._ranks, rank)
            self._update_reach()
        self._queues[rank][order.number] = order

    def remove(self, order: PaperOrder) -> None:
        """Take the order out of the queue at its price."""
        rank = self.sign * self._price_of(order)
        queue = self._queues[rank]
        del queue[order.number]
        if not queue:
            del self._queues[rank]
            del self._ranks[bisect_left(self._ranks, rank)]
            self._update_reach()

    def _update_reach(self) -> None:
        best = float(self._ranks[-1]) if self._ranks else -math.inf
        self.reach = best + self._half_tick
