"""What the market stands at, and on which side of it a price lies."""

import math
from dataclasses import dataclass
from decimal import Decimal

from ems.messages import Side


@dataclass(frozen=True, slots=True)
class Prices:
    """The newest prices of a market; None = not known."""

    last: float | None = None
    bid: float | None = None
    ask: float | None = None

    @property
    def quoted(self) -> bool:
        """True if both sides are quoted and not crossed."""
        return _known(self.bid) and _known(self.ask) and (self.bid or 0) <= (self.ask or 0)

    def entry(self, side: Side) -> float | None:
        """Return what the side pays at once: the ask for a buy; the last price if unquoted."""
        if self.quoted:
            return self.ask if side == "buy" else self.bid
        return self.last if _known(self.last) else None

    def beyond(self, side: Side, price: Decimal) -> bool | None:
        """Tell whether a buy lies above the market, or a sell below it; None = no price known."""
        at = self.entry(side)
        if at is None:
            return None
        return float(price) > at if side == "buy" else float(price) < at

    def fills_at_once(self, side: Side, price: Decimal) -> bool:
        """Tell whether a limit order here meets the other side of the book already."""
        if not self.quoted:
            return bool(self.beyond(side, price))
        at = self.entry(side)
        assert at is not None
        return float(price) >= at if side == "buy" else float(price) <= at


def _known(price: float | None) -> bool:
    return price is not None and math.isfinite(price) and price > 0
