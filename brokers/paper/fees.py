"""What the paper venue charges for an execution."""

from decimal import Decimal

import msgspec

from ems.market import Market
from ems.messages import ZERO


class Fees(msgspec.Struct, frozen=True):
    """The price list; a negative number is a rebate."""

    rate: Decimal = ZERO
    """Fraction of the notional: 0.001 is ten basis points."""
    per_unit: Decimal = ZERO
    """Money for each unit of size (a share, a contract)."""

    def of(self, market: Market, price: Decimal, size: Decimal) -> Decimal:
        """Return the fee of an execution, in the currency of the market, not rounded."""
        return market.money(price, size) * self.rate + size * self.per_unit
