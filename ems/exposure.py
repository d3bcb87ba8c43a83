"""What the orders that are not over could still do, summed up as they change."""

from decimal import Decimal
from heapq import heapify, heappop, heappush
from typing import Final, NamedTuple, TypeAlias

from ems.judged_order import judged_price, only_closes
from ems.messages import ZERO, Side
from ems.order_dialog import OrderDialog
from ems.transitions import OVER

_SIDES: Final[tuple[Side, ...]] = ("buy", "sell")
_Place: TypeAlias = tuple[str, str, Side]  # account, fqsn, side


class _Part(NamedTuple):
    place: _Place
    units: Decimal
    price: Decimal


class _Side:
    """The orders of one side in one market of an account."""

    def __init__(self) -> None:
        self.units = ZERO
        self.count = 0
        self.dearest: list[tuple[Decimal, str]] = []  # (-price, oid); some are over or moved


def open_part(dialog: OrderDialog) -> tuple[Decimal, Decimal]:
    """Return the units that an order can still fill and its price, both at worst.

    An order that is being modified counts as it is or as it is asked to become, whatever is more.
    """
    if only_closes(dialog.order):
        return ZERO, ZERO
    if dialog.change is None and dialog.kept is None:  # as nearly always
        return max(ZERO, dialog.order.size - dialog.filled), judged_price(dialog.order)
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
        self._in_account: dict[str, int] = {}

    def note(self, dialog: OrderDialog) -> None:
        """Take in an order as it is now; one that is over counts no more."""
        oid, order = dialog.order.oid, dialog.order
        old = self._parts.get(oid)
        if order.action == "alert" or dialog.state in OVER:
            if old is not None:
                del self._parts[oid]
                self._add(old, -1)
            return
        part = _Part((order.account, order.symbol, order.action), *open_part(dialog))
        if part == old:
            return
        if old is not None:
            self._add(old, -1)
        self._parts[oid] = part
        side = self._add(part, 1)
        if old is None or old.price != part.price:
            heappush(side.dearest, (-part.price, oid))
            self._sweep(side)

    def units(self, account: str, symbol: str, action: Side, *, but: str | None = None) -> Decimal:
        """Return what the orders of one side could still fill, without the order ``but``."""
        side = self._sides.get((account, symbol, action))
        part = None if but is None else self._parts.get(but)
        return (ZERO if side is None else side.units) - (ZERO if part is None else part.units)

    def dearest(self, account: str, symbol: str, action: Side) -> Decimal:
        """Return the highest price of the orders of one side; zero if there are none."""
        side = self._sides.get((account, symbol, action))
        if side is None:
            return ZERO
        while side.dearest and not self._current(side.dearest[0]):
            heappop(side.dearest)
        return -side.dearest[0][0] if side.dearest else ZERO

    def count(self, account: str, symbol: str | None = None) -> int:
        """Return how many orders are not over, in one market or in all."""
        if symbol is None:
            return self._in_account.get(account, 0)
        sides = (self._sides.get((account, symbol, action)) for action in _SIDES)
        return sum(side.count for side in sides if side is not None)

    def _add(self, part: _Part, sign: int) -> _Side:
        side = self._sides.setdefault(part.place, _Side())
        side.units += sign * part.units
        side.count += sign
        account = part.place[0]
        self._in_account[account] = self._in_account.get(account, 0) + sign
        return side

    def _sweep(self, side: _Side) -> None:
        if len(side.dearest) > 2 * side.count + 64:  # mostly entries of orders that are over
            side.dearest = [entry for entry in side.dearest if self._current(entry)]
            heapify(side.dearest)

    def _current(self, entry: tuple[Decimal, str]) -> bool:
        part = self._parts.get(entry[1])
        return part is not None and part.price == -entry[0]
