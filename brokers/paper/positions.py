"""Positions by the paper venue's own count."""

from decimal import Decimal

import msgspec

from ems.messages import ZERO


class PaperPosition(msgspec.Struct, frozen=True, kw_only=True):
    """What an account holds in a market."""

    account: str
    symbol: str
    size: Decimal = ZERO
    """Signed: above zero long, below zero short."""
    avg_price: Decimal | None = None
    """Average entry price of what is open; None when flat."""

    def after_fill(self, change: Decimal, price: Decimal) -> "PaperPosition":
        """Return the position after an execution of the signed size ``change``."""
        size = self.size + change
        if not size:
            avg_price = None
        elif self.avg_price is None or size * self.size < 0:  # opened, or turned round
            avg_price = price
        elif self.size * change > 0:
            avg_price = (self.avg_price * self.size + price * change) / size
        else:
            avg_price = self.avg_price
        return msgspec.structs.replace(self, size=size, avg_price=avg_price)
