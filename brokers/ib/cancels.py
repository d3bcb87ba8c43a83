"""Sends the cancel of an inactive order again: IB does not always answer the first.

https://github.com/erdewit/ib_insync/issues/363
"""

import asyncio
import logging
from typing import Final

from brokers.ib.ib_order import IbOrder
from brokers.ib.link import Link
from brokers.ib.order_book import OrderBook
from brokers.ib.timing import Timing

log = logging.getLogger(__name__)

INACTIVE: Final = "Inactive"
"""The state in which IB may be silent about a cancel. In every other it answers, or is asked."""


class Cancels:
    """Watches the cancels that were sent, each until its order is over or the cancel is refused."""

    def __init__(self, link: Link, book: OrderBook, timing: Timing) -> None:
        self._link = link
        self._book = book
        self._timing = timing
        self._watched: dict[str, asyncio.Task[None]] = {}

    def watch(self, order: IbOrder) -> None:
        """Send the cancel of an order again, later each time, where IB is silent about it."""
        if order.oid in self._watched:
            return
        task = asyncio.create_task(self._follow(order))
        self._watched[order.oid] = task
        task.add_done_callback(lambda _: self._watched.pop(order.oid, None))

    def close(self) -> None:
        """Send nothing more."""
        for task in tuple(self._watched.values()):
            task.cancel()

    async def _follow(self, order: IbOrder) -> None:
        sent, pause = 1, self._timing.first_cancel_s
        for _ in range(2 * self._timing.cancels):  # it may become inactive only later
            await asyncio.sleep(pause)
            pause *= 2
            if not self._is_wanted(order):
                return
            if order.word != INACTIVE:
                continue
            if sent == self._timing.cancels:
                self._give_up(order)
                return
            log.info("IB is silent about the cancel of %s; sent again", order.oid)
            self._link.client.cancelOrder(order.order_id)
            sent += 1

    def _is_wanted(self, order: IbOrder) -> bool:
        """Tell whether the cancel still waits; after a new connection the EMS asks anew."""
        known = self._book.index.by_oid(order.oid) is order
        return known and order.cancel_asked and not order.over and self._link.connected

    def _give_up(self, order: IbOrder) -> None:
        order.cancel_asked = False
        self._book.refuse(
            order,
            "cancel",
            f"IB has left {self._timing.cancels} cancels of this order unanswered. It is "
            "inactive there, and may come alive: look at it in TWS.",
        )
