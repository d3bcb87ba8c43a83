"""What each account holds in one market: its positions, and the executions that made them."""

from collections import defaultdict
from collections.abc import Iterable
from decimal import Decimal
from typing import Literal

from ems.market import Market
from ems.messages import ZERO, BrokerdFill, Order, Position
from order_mode.exit_lines import stop_distance
from order_mode.outlook import FeeLedger, Holding


class Holdings:
    """The positions and executions of a market, of every account.

    Parameters
    ----------
    market
        Of all of them.
    """

    def __init__(self, market: Market) -> None:
        self.positions: dict[str, Position] = {}
        """By account."""
        self.fills: list[BrokerdFill] = []
        """Every execution that the chart shows, each once."""
        self._market = market
        self._fees: defaultdict[str, FeeLedger] = defaultdict(lambda: FeeLedger(market))
        self._known: set[tuple[str, str]] = set()
        self._one_r: dict[str, Decimal] = {}

    def of(self, account: str) -> Holding:
        """Return what an account holds, with the fees if the fills add up to it."""
        position = self.positions.get(account)
        if position is None:
            return Holding(fees=self._fees[account].fees(ZERO))
        return Holding(position.size, position.avg_price, self._fees[account].fees(position.size))

    def take_fill(self, fill: BrokerdFill) -> Literal["new", "correction"] | None:
        """Count an execution once; return None if it was counted before."""
        key = (fill.account, fill.exec_id)
        corrects = bool(fill.replaces) and (fill.account, fill.replaces) in self._known
        if corrects:
            put_right(self.fills, fill)
            self._count_fees_anew(fill.account)
        elif key in self._known:
            return None
        else:
            self.fills.append(fill)
            self._fees[fill.account].apply(fill)
        self._known.add(key)
        return "correction" if corrects else "new"

    def _count_fees_anew(self, account: str) -> None:
        self._fees[account] = FeeLedger(self._market)
        for fill in self.fills:
            if fill.account == account:
                self._fees[account].apply(fill)

    def one_r(self, account: str) -> Decimal | None:
        """Return the points that are one R of a position: to where its stop was placed first.

        None if the position never had a stop that loses, as far as this chart has seen.
        """
        return self._one_r.get(account)

    def note_risk(self, account: str, exits: Iterable[Order]) -> None:
        """Take note of how far away the stop of a position was placed.

        Parameters
        ----------
        exits
            Those that close it, as they were placed first.
        """
        held = self.of(account)
        if not held.size or held.avg_price is None:
            self._one_r.pop(account, None)
            return
        away = stop_distance(held.avg_price, list(exits))
        if away is not None:
            self._one_r[account] = max(away, self._one_r.get(account, ZERO))


def put_right(fills: list[BrokerdFill], fill: BrokerdFill) -> None:
    """Put a fill in the place of the one that it replaces."""
    for row, before in enumerate(fills):
        if (before.account, before.exec_id) == (fill.account, fill.replaces):
            fills[row] = fill
