"""What is staged: it follows the hands, the pointer and the market, and holds the view still."""

import time
from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from typing import Final

from ems.ports import Abilities
from order_mode.bracket import Preset
from order_mode.dialogs import Dialogs
from order_mode.gesture import Intent
from order_mode.line import Line
from order_mode.order_terms import OrderTerms
from order_mode.order_types import TYPE_WORDS
from order_mode.sizing import Sizing
from order_mode.staging import Situation, Staged, stage

_SEEN_NS: Final = 400_000_000
"""So long after the market, and not the hand, made it another type, a click is not meant for it."""


class Stager:
    """Works out what a click, or a choice in a menu, would place, and shows it.

    Parameters
    ----------
    orders
        What is at work already, on the chart where it is shown.
    account, sizing, terms
        Of the next order.
    abilities
        Returns what an account's broker can do here.
    clock_ns
        A steady clock.
    """

    def __init__(
        self,
        orders: Dialogs,
        account: str,
        sizing: Sizing,
        terms: OrderTerms,
        abilities: Callable[[str], Abilities],
        clock_ns: Callable[[], int] = time.monotonic_ns,
    ) -> None:
        self.account = account
        self.sizing = sizing
        self.terms = terms
        self.preset: Preset | None = None
        """The bracket that the next entry gets."""
        self.staged: Staged | None = None
        """What is on the chart now."""
        self.pointer: float | None = None
        """The price under the pointer; None = it is not over the plot."""
        self.previewed: Staged | None = None
        """What a menu points at: shown in place of what the keys stage, and no click places it."""
        self._orders = orders
        self._market, self._chart = orders.market, orders.chart
        self._abilities = abilities
        self._clock_ns = clock_ns
        self._turned_ns: int | None = None
        self._view_held = False
        self._shown: set[str] = set()

    def stage_at(self, intent: Intent, price: Decimal) -> Staged:
        """Return the order that this intent would place at a price."""
        sizing = self.sizing
        if intent.slots is not None:
            sizing = replace(sizing, slots=intent.slots)
        now = Situation(
            self._market,
            self.account,
            sizing,
            self._orders.exposure(self.account),
            self._orders.prices,
            self.terms,
            self._abilities(self.account),
            self.preset,
            self._chart.atr,
        )
        staged = stage(intent, price, now)
        return replace(staged, locked=self._orders.arming.why_locked(staged.order))

    def restage(self, intent: Intent | None, *, dragging: bool, by_market: bool = False) -> bool:
        """Work out anew what is staged and show it; return whether it is of another kind.

        Parameters
        ----------
        by_market
            True if the market moved, and neither the hands nor the pointer.
        """
        before, self.staged = self.staged, self._stage(None if dragging else intent)
        if self.staged is not None:
            held = self._orders.holdings.of(self.account)
            self._show(self.staged.lines(self._market, self._orders.prices, held))
        elif before is not None:
            self._show([])
        if _type(before) != _type(self.staged):
            self._turned_ns = self._clock_ns() if by_market else None
        self._hold_view(self.staged is not None or dragging)
        return _kind(before) != _kind(self.staged)

    def _show(self, lines: list[Line]) -> None:
        for line in lines:
            self._chart.show_line(line)
        keys = {line.key for line in lines}
        for gone in self._shown - keys:
            self._chart.remove_line(gone)
        self._shown = keys

    def why_unseen(self) -> str:
        """Return why a click is not meant for what is staged: it has just become another type."""
        if self.staged is None or self._turned_ns is None:
            return ""
        if self._clock_ns() - self._turned_ns > _SEEN_NS:
            return ""
        order = self.staged.order
        through = f"the market has just gone through {self._market.format_price(order.price)}"
        now = f"a {order.action} there is a {TYPE_WORDS[order.type]} now"
        return f"Not placed: {through}, and {now}. Click again if you want it."

    def _stage(self, intent: Intent | None) -> Staged | None:
        if self.previewed is not None:
            return self.previewed
        if intent is None or self.pointer is None:
            return None
        return self.stage_at(intent, self._market.round_price(self.pointer))

    def _hold_view(self, hold: bool) -> None:
        if hold != self._view_held:
            self._view_held = hold
            (self._chart.hold_view if hold else self._chart.release_view)()


def _type(staged: Staged | None) -> object:
    return staged and (staged.order.action, staged.order.type)


def _kind(staged: Staged | None) -> object:
    """What of a staged order listeners show: all but its price, which is on the chart."""
    return staged and (*_order_kind(staged), staged.why, staged.held, staged.locked)


def _order_kind(staged: Staged) -> tuple[object, ...]:
    order = staged.order
    return order.action, order.exec_mode, order.size, order.type, order.tif, len(staged.exits)
