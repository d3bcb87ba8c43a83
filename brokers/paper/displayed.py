"""What others offer to trade with, and how much of it our own orders have used up."""

import math
from decimal import Decimal

from ems.market import Market
from ems.messages import ZERO


class Liquidity:
    """A size that is there once: what one order takes, the next one does not find.

    Parameters
    ----------
    size : Decimal or None
        None where the feed does not say: enough for everybody.
    """

    def __init__(self, size: Decimal | None) -> None:
        self._left = size

    @classmethod
    def of_tick(cls, market: Market, size: float | None) -> "Liquidity":
        """Return the whole lots in the size of a tick; a size that is no number is nothing."""
        if size is None:
            return cls(None)
        return cls(market.floor_size(size) if math.isfinite(size) and size > 0 else ZERO)

    def take(self, wanted: Decimal) -> Decimal:
        """Take up to ``wanted`` and return how much was there."""
        if self._left is None:
            return wanted
        taken = min(wanted, self._left)
        self._left -= taken
        return taken


class DisplayedSide:
    """The best price on one side of the quote, with the size shown there.

    What was taken stays taken until the price or the size of this side changes.
    """

    def __init__(self, market: Market) -> None:
        self._market = market
        self.price: float | None = None
        """None before the first quote."""
        self._size: float | None = None
        self._liquidity: Liquidity | None = None

    def show(self, price: float, size: float | None) -> None:
        """Take over this side of a new quote."""
        if price != self.price or size != self._size:
            self.price, self._size, self._liquidity = price, size, None

    @property
    def displayed_size(self) -> Decimal | None:
        """The whole lots that were displayed, taken or not; None if the feed does not say."""
        if self.price is None or self._size is None:
            return None
        if not (math.isfinite(self._size) and self._size > 0):
            return ZERO
        return self._market.floor_size(self._size)

    @property
    def liquidity(self) -> Liquidity:
        """What is left of the displayed size."""
        if self._liquidity is None:
            self._liquidity = Liquidity.of_tick(self._market, self._size)
        return self._liquidity
