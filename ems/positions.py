"""Positions and profit from fills, at average cost, exact."""

from collections.abc import Callable, Iterable
from decimal import Decimal
from typing import Final

import msgspec

from ems.messages import ZERO, BrokerdFill, Position

_NS_PER_DAY: Final = 86_400_000_000_000
FOLLOWS_NS: Final = 10_000_000_000
"""So far apart a venue's figure and the fill that it has counted already may be heard of."""


class PositionRecord(msgspec.Struct):
    """The running position of an account in a market."""

    account: str
    symbol: str
    multiplier: Decimal = Decimal(1)
    currency: str = ""
    """Of the market; empty = not known yet."""
    size: Decimal = ZERO
    """Signed."""
    cost: Decimal = ZERO
    """Signed: what the open size was bought for, above zero, or sold short for, below."""
    cash: Decimal = ZERO
    """All money that went in by sells minus all that went out by buys, in points x size."""
    fees: Decimal = ZERO
    """In the currency of the market, as far as the fills say in which they are."""
    other_fees: dict[str, Decimal] = {}
    """By currency, fees in others: nobody here knows what they are worth in that of the market."""
    time_ns: int = 0
    said: Decimal | None = None
    """What the venue last said the size is."""
    since_said: Decimal = ZERO
    """What was filled after it said so, signed, and is not in what it said."""
    said_ns: int = 0
    """When it said so, by our clock."""
    ahead: Decimal = ZERO
    """How much of what it said no fill has told of, signed: fills that are still to come."""
    expected: Decimal | None = None
    """What it should say by all that is known; None before it has ever said a size."""
    filled_ns: int = 0
    """When the newest fill was heard of, by our clock."""
    day: int = 0
    """The newest day with a fill, by the venue's clock, UTC, in days since the epoch."""
    day_points: Decimal = ZERO
    """What that day realised, in points x size."""
    day_fees: Decimal = ZERO

    def apply(self, fill: BrokerdFill) -> None:
        """Count a fill. Average cost: reducing keeps the average, passing zero begins anew.

        Realised profit is ``(cash + cost) x multiplier``: exact whenever the position is flat,
        for then no division is left in it.
        """
        signed = fill.size if fill.action == "buy" else -fill.size
        before, money = self.size, signed * fill.price
        after, points = before + signed, self.cash + self.cost
        self.cash -= money
        if not after:
            self.cost = ZERO
        elif not before or (before > 0) == (signed > 0):
            self.cost += money
        elif (before > 0) == (after > 0):
            self.cost = self.cost * after / before
        else:  # through zero: the rest was opened at this price
            self.cost = after * fill.price
        self.size = after
        if fill.time_ns > self.time_ns:
            self.time_ns = fill.time_ns
        self._follow(signed, fill.time_ns)
        self.filled_ns = fill.time_ns
        self._count_in_day(fill, self.cash + self.cost - points)

    def _count_in_day(self, fill: BrokerdFill, points: Decimal) -> None:
        fee = self.pay(fill.fee, fill.fee_currency)
        day = fill.broker_time_ns // _NS_PER_DAY
        if day > self.day:
            self.day, self.day_points, self.day_fees = day, ZERO, ZERO
        if day == self.day:
            self.day_points += points
            self.day_fees += fee

    def pay(self, fee: Decimal, currency: str) -> Decimal:
        """Count a fee; return how much of it counts in the profit of the day."""
        if not currency or currency == self.currency or not fee:
            self.fees += fee
            return fee
        others = self.other_fees.get(currency, ZERO) + fee
        if others:
            self.other_fees[currency] = others
        else:
            del self.other_fees[currency]
        return ZERO if self.currency else fee

    def know(self, multiplier: Decimal, currency: str) -> bool:
        """Note what a point is worth and in which currency; return False if that is nothing new."""
        if (multiplier, currency) == (self.multiplier, self.currency):
            return False
        self.multiplier, self.currency = multiplier, currency
        self.fees += self.other_fees.pop(currency, ZERO)
        return True

    def hear(self, size: Decimal, time_ns: int) -> None:
        """Take the venue's own figure, heard at a time by our clock.

        A figure and the fill that it counts come in any order: what it changes by, and no fill has
        told of, is not added once more when that fill comes.
        """
        if self.expected is not None:
            before = self.ahead if self._are_near(time_ns) else ZERO
            self.ahead = before + size - self.expected
        self.said = self.expected = size
        self.since_said, self.said_ns = ZERO, time_ns

    def _follow(self, signed: Decimal, time_ns: int) -> None:
        """Count a fill for what the venue's figure is to become."""
        ahead = self.ahead
        if ahead and (ahead > 0) == (signed > 0) and self._are_near(time_ns):
            known = min(ahead, signed, key=abs)
            self.ahead -= known
            signed -= known
        self.since_said += signed
        if self.expected is not None:
            self.expected += signed

    def go_on_from(self, before: "PositionRecord", time_ns: int) -> None:
        """Take what the venue said to the position as it was before a fill was put right."""
        self.said, self.since_said, self.said_ns = before.said, before.since_said, before.said_ns
        self.ahead, self.expected = before.ahead, before.expected
        self._follow(self.size - before.size, time_ns)

    def _are_near(self, time_ns: int) -> bool:
        return abs(time_ns - self.said_ns) <= FOLLOWS_NS

    @property
    def venue_size(self) -> Decimal | None:
        """The venue's own figure; None if it has not said one."""
        return self.said

    @property
    def there(self) -> Decimal:
        """The signed size that is really there, as well as can be known.

        The venue's figure counts what was traded elsewhere and before. Where it is the same as our
        count, it has the newest fills already.
        """
        if self.said is None or self.said == self.size:
            return self.size
        return self.said + self.since_said

    @property
    def bounds(self) -> tuple[Decimal, Decimal]:
        """The least and the most that the signed size can be.

        A venue knows of positions that were not made here, so its figure counts once it has said
        one. What was filled after that may be in the figure already or not.
        """
        if self.said is None:
            return self.size, self.size
        moved = self.said + self.since_said
        return min(self.said, moved), max(self.said, moved)

    @property
    def avg_price(self) -> Decimal | None:
        """Average entry price of what is open; None when flat."""
        return self.cost / self.size if self.size else None

    @property
    def realised(self) -> Decimal:
        """Profit of what was closed, before fees, in the currency of the market."""
        return (self.cash + self.cost) * self.multiplier

    def unrealised(self, price: Decimal) -> Decimal:
        """Profit of what is open if it were closed at the price, before fees."""
        return (self.size * price - self.cost) * self.multiplier

    def realised_on(self, day: int) -> Decimal:
        """Profit of what was closed on that day, after its fees, if no newer day had a fill."""
        return self.day_points * self.multiplier - self.day_fees if day == self.day else ZERO

    def message(self) -> Position:
        """Return the position as a message."""
        return Position(
            account=self.account,
            symbol=self.symbol,
            size=self.size,
            time_ns=self.time_ns,
            avg_price=self.avg_price,
            realised=self.realised,
            fees=self.fees,
            other_fees=tuple(sorted(self.other_fees.items())),
            venue_size=self.venue_size,
        )


class PositionBook:
    """The positions of all accounts in all markets.

    The caller counts each execution once: the journal's `record_fill` tells it apart.
    """

    def __init__(self) -> None:
        self._records: dict[tuple[str, str], PositionRecord] = {}
        self._accounts: dict[str, dict[str, PositionRecord]] = {}
        """The same by account, then by market."""
        self._terms: dict[str, tuple[Decimal, str]] = {}
        """By market, what a point is worth, and its currency."""

    def of(self, account: str, symbol: str) -> PositionRecord:
        """Return the position of an account in a market, flat if there was never one."""
        key = (account, symbol)
        record = self._records.get(key)
        if record is None:
            record = PositionRecord(account, symbol, *self._terms.get(symbol, ()))
            self._keep(record)
        return record

    def _keep(self, record: PositionRecord) -> None:
        self._records[record.account, record.symbol] = record
        self._accounts.setdefault(record.account, {})[record.symbol] = record

    def there(self, account: str, symbol: str) -> Decimal:
        """Return the signed size of a position that is really there; zero if there was none."""
        record = self._records.get((account, symbol))
        return ZERO if record is None else record.there

    def apply(self, fill: BrokerdFill) -> PositionRecord:
        """Count a fill and return the position after it."""
        record = self.of(fill.account, fill.symbol)
        record.apply(fill)
        return record

    def restore(self, records: Iterable[PositionRecord]) -> None:
        """Begin with these positions."""
        for record in records:
            if record.symbol in self._terms:
                record.know(*self._terms[record.symbol])
            record.said, record.since_said = None, ZERO  # it has yet to say one
            self._keep(record)

    def correct(
        self, before: BrokerdFill, after: BrokerdFill, fills: Callable[[], Iterable[BrokerdFill]]
    ) -> PositionRecord:
        """Count a fill that was counted before as it is right, and return the position.

        Parameters
        ----------
        before, after
            As it was counted, and as it is right.
        fills
            Returns every fill of its market, in order, with this one as it is right. It is called
            if more than the fee differs: the average cost needs them all.
        """
        record = self.of(after.account, after.symbol)
        if executed(before) == executed(after):
            paid = record.pay(-before.fee, before.fee_currency)
            paid += record.pay(after.fee, after.fee_currency)
            if after.broker_time_ns // _NS_PER_DAY == record.day:
                record.day_fees += paid
            return record
        fresh = PositionRecord(record.account, record.symbol, record.multiplier, record.currency)
        for fill in fills():
            if fill.account == record.account:
                fresh.apply(fill)
        fresh.go_on_from(record, after.time_ns)
        self._keep(fresh)
        return fresh

    def set_terms(
        self, symbol: str, multiplier: Decimal, currency: str = ""
    ) -> list[PositionRecord]:
        """Note what a point is worth in a market; return the positions that it changes."""
        self._terms[symbol] = multiplier, currency
        here = [record for record in self._records.values() if record.symbol == symbol]
        return [record for record in here if record.know(multiplier, currency)]

    def of_account(self, account: str, symbol: str | None = None) -> list[PositionRecord]:
        """Return the account's positions, flat ones too, in one market or in all."""
        records = self._accounts.get(account, {})
        if symbol is None:
            return list(records.values())
        return [records[symbol]] if symbol in records else []

    def known(self) -> list[PositionRecord]:
        """Return every position that was ever held, flat ones too."""
        return list(self._records.values())


def executed(fill: BrokerdFill) -> tuple[object, ...]:
    """Return what was traded, whatever it cost."""
    return fill.action, fill.size, fill.price
