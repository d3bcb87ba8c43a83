"""What each account holds in one market: how much an order that only reduces may fill."""

from collections import defaultdict
from decimal import Decimal

from brokers.paper.order import PaperOrder
from ems.messages import ZERO


class Holdings:
    """The signed position of each account in one market, kept up with its executions."""

    def __init__(self) -> None:
        self._sizes: defaultdict[str, Decimal] = defaultdict(Decimal)

    def set(self, account: str, size: Decimal) -> None:
        """Take over a position of an earlier run."""
        self._sizes[account] = size

    def execute(self, order: PaperOrder, size: Decimal) -> None:
        """Count an execution."""
        self._sizes[order.account] += order.sign * size

    def wanted(self, order: PaperOrder) -> Decimal:
        """Return how much of the order may be filled now."""
        if not order.reduce_only:
            return order.remaining
        return max(ZERO, min(order.remaining, -order.sign * self._sizes[order.account]))
