"""What a position would be if an order filled, and where it would break even."""

from dataclasses import dataclass
from decimal import Decimal

from ems.market import Market
from ems.messages import ZERO, BrokerdFill, Side


@dataclass(frozen=True, slots=True)
class Fees:
    """What executions cost so far, and so what the next ones are expected to cost."""

    open_fees: Decimal = ZERO
    """Paid for what is open now, in the currency of the market."""
    rate: Decimal = ZERO
    """Fees a unit of notional, over every execution so far."""


@dataclass(frozen=True, slots=True)
class Holding:
    """The position of one account in one market."""

    size: Decimal = ZERO
    """Signed: above zero long."""
    avg_price: Decimal | None = None
    fees: Fees | None = None
    """None = not known."""


@dataclass(frozen=True, slots=True)
class Outlook:
    """A position as it would be."""

    size: Decimal
    """Signed: above zero long."""
    avg_price: Decimal | None
    """None when flat, or where it is not known."""
    breakeven: Decimal | None = None
    """Where closing all of it leaves nothing after fees; None = flat, or the fees are unknown."""
    profit: Decimal | None = None
    """What the order would realise before fees; None if it closes nothing."""


class FeeLedger:
    """Counts the fees of one account in one market from its executions.

    Parameters
    ----------
    market
        Of the executions. A fee in another currency than the market's makes fees unknown.
    """

    def __init__(self, market: Market) -> None:
        self._market = market
        self._size = ZERO
        self._open = ZERO
        self._paid = ZERO
        self._traded = ZERO
        self._foreign = False

    def apply(self, fill: BrokerdFill) -> None:
        """Count an execution; what it closes takes its share of the fees along."""
        signed = fill.size if fill.action == "buy" else -fill.size
        before, after = self._size, self._size + signed
        self._size = after
        self._foreign |= bool(fill.fee) and fill.fee_currency not in ("", self._market.currency)
        self._paid += fill.fee
        self._traded += abs(self._market.money(fill.price, fill.size))
        if after == 0:
            self._open = ZERO
        elif before == 0 or (before > 0) == (signed > 0):
            self._open += fill.fee
        elif (before > 0) == (after > 0):
            self._open = self._open * after / before
        else:  # through zero: the part that opened anew
            self._open = fill.fee * abs(after / signed)

    def fees(self, size: Decimal) -> Fees | None:
        """Return the fees of an open size, None if these executions do not add up to it."""
        if self._foreign or not self._traded or size != self._size:
            return None
        return Fees(self._open, self._paid / self._traded)


def breakeven(market: Market, held: Holding) -> Decimal | None:
    """Return the price at which closing all pays for its fees, those of the close included."""
    if not held.size or held.avg_price is None or held.fees is None:
        return None
    sign = 1 if held.size > 0 else -1
    paid = held.fees.open_fees / market.money(Decimal(1), abs(held.size))
    return (held.avg_price + sign * paid) / (1 - sign * held.fees.rate)


def outlook(
    market: Market, held: Holding, action: Side, order_size: Decimal, price: Decimal
) -> Outlook:
    """Return the position after an order of this size filled at this price, and no other did."""
    size = held.size
    signed = order_size if action == "buy" else -order_size
    closed = min(abs(size), order_size) if size * signed < 0 else ZERO
    profit = None
    if closed and held.avg_price is not None:
        profit = market.money(price - held.avg_price, closed if size > 0 else -closed)
    fees = None if held.fees is None else _fees_after(market, size, signed, price, held.fees)
    after = Holding(size + signed, _average(size, held.avg_price, signed, price), fees)
    return Outlook(after.size, after.avg_price, breakeven(market, after), profit)


def _average(
    size: Decimal, avg_price: Decimal | None, signed: Decimal, price: Decimal
) -> Decimal | None:
    after = size + signed
    if after == 0:
        return None
    if size == 0 or size * after < 0:
        return price
    if size * signed < 0:
        return avg_price
    return None if avg_price is None else (size * avg_price + signed * price) / after


def _fees_after(market: Market, size: Decimal, signed: Decimal, price: Decimal, fees: Fees) -> Fees:
    after = size + signed
    if size and size * signed < 0 and size * after >= 0:
        return Fees(fees.open_fees * after / size, fees.rate)
    opened = abs(after) if size * after < 0 else abs(signed)
    kept = ZERO if size * after < 0 else fees.open_fees
    return Fees(kept + abs(market.money(price, opened)) * fees.rate, fees.rate)
