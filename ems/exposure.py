"""What the orders that are not over could still do, summed up as they change."""

from decimal import Decimal
from heapq import heapify, heappop, heappush
from typing import Final, TypeAlias

from ems.judged_order import judged_price, only_closes
from ems.messages import ZERO, Side
from ems.order_dialog import OrderDialog
from ems.transitions import OVER

_SIDES: Final[tuple[Side, ...]] = ("buy", "sell")
_Place: TypeAlias = tuple[str, str, Side]  # account, fqsn, side


class _Account:
    """The orders of one account."""

    __slots__ = ("count",)

    def __init__(self) -> None:
        self.count = 0


class _Side:
    """The orders of one side in one market of an account."""

    __slots__ = ("account", "at", "count", "prices", "units")

    def __init__(self, account: _Account) -> None:
        self.account = account
        self.units = ZERO
        self.count = 0
        self.at: dict[Decimal, int] = {}  # how many orders there are at each price
        self.prices: list[Decimal] = []  # a heap of them, turned; at some there is none any more

    def join(self, price: Decimal) -> None:
        """One more order is at the price."""
        there = self.at.get(price, 0)
        self.at[price] = there + 1
        if not there:
            heappush(self.prices, -price)
            if len(self.prices) > 2 * len(self.at) + 64:  # mostly prices that nobody asks
                self.prices = [-price for price in self.at]
                heapify(self.prices)

    def leave(self, price: Decimal) -> None:
        """One order less is at the price."""
        there = self.at[price]
        if there > 1:
            self.at[price] = there - 1
        else:
            del self.at[price]

    def dearest(self) -> Decimal:
        """Return the highest price of an order; zero if there is none."""
        prices = self.prices
        while prices and -prices[0] not in self.at:
            heappop(prices)
        return -prices[0] if prices else ZERO


class _Part:
    """What one order adds."""

    __slots__ = ("change", "filled", "kept", "order", "price", "side", "units")

    def __init__(self, side: _Side, units: Decimal, price: Decimal) -> None:
        self.side = side
        self.units = units
        self.price = price

    def note(self, dialog: OrderDialog) -> None:
        """Note what of the record it was worked out from."""
        self.order, self.filled = dialog.order, dialog.filled
        self.change, self.kept = dialog.change, dialog.kept

    def leave(self) -> None:
        """Add nothing any more."""
        side = self.side
        side.leave(self.price)
        side.units -= self.units
        side.count -= 1
        side.account.count -= 1


def open_part(dialog: OrderDialog) -> tuple[Decimal, Decimal]:
    """Return the units that an order can still fill and its price, both at worst.

    An order that is being modified counts as it is or as it is asked to become, whatever is more.
    """
    order = dialog.order
    if dialog.change is None and dialog.kept is None:
        return max(ZERO, order.size - dialog.filled), judged_price(order)
    versions = [v for v in (dialog.order, dialog.change, dialog.kept) if v is not None]
    units = max(ZERO, max(v.size for v in versions) - dialog.filled)
    return units, max(judged_price(version) for version in versions)


class Exposure:
    """Sums of working and dark orders by account, market and side.

    A change costs the same however many orders there are, but for the logarithm of a heap.
    """

    def __init__(self) -> None:
        self._parts: dict[str, _Part] = {}
        self._sides: dict[_Place, _Side] = {}
        self._accounts: dict[str, _Account] = {}

    def note(self, dialog: OrderDialog) -> None:
        """Take in an order as it is now; one that is over counts no more."""
        order = dialog.order
        oid = order.oid
        part = self._parts.get(oid)
        over = dialog.state in OVER
        if (
            part is not None  # and it was worked out from the record as it is now
            and part.order is order
            and part.filled is dialog.filled
            and part.change is dialog.change
            and part.kept is dialog.kept
            and not over
        ):
            return
        if over or order.action == "alert" or only_closes(order):
            if part is not None:
                del self._parts[oid]
                part.leave()
            return
        units, price = open_part(dialog)
        if part is None:
            self._begin(oid, order.account, order.symbol, order.action, units, price).note(dialog)
            return
        part.note(dialog)
        if units != part.units:
            part.side.units += units - part.units
            part.units = units
        if price != part.price:
            part.side.leave(part.price)
            part.side.join(price)
            part.price = price

    def of_side(
        self, account: str, symbol: str, action: Side, *, but: str | None = None
    ) -> tuple[Decimal, Decimal]:
        """Return what the orders of one side could still fill, and the highest of their prices.

        Parameters
        ----------
        but
            An order whose units are left out.
        """
        side = self._sides.get((account, symbol, action))
        if side is None:
            return ZERO, ZERO
        part = None if but is None else self._parts.get(but)
        units = side.units if part is None else side.units - part.units
        return units, side.dearest()

    def count(self, account: str, symbol: str | None = None) -> int:
        """Return how many orders are not over, in one market or in all."""
        if symbol is None:
            found = self._accounts.get(account)
            return 0 if found is None else found.count
        sides = (self._sides.get((account, symbol, action)) for action in _SIDES)
        return sum(side.count for side in sides if side is not None)

    def _begin(
        self, oid: str, account: str, symbol: str, action: Side, units: Decimal, price: Decimal
    ) -> _Part:
        side = self._sides.get((account, symbol, action))
        if side is None:
            whole = self._accounts.setdefault(account, _Account())
            side = self._sides[account, symbol, action] = _Side(whole)
        side.units += units
        side.count += 1
        side.account.count += 1
        part = self._parts[oid] = _Part(side, units, price)
        side.join(price)
        return part
