"""What is staged: it follows the hands, the pointer and the market, and holds the view still."""

from dataclasses import replace
from decimal import Decimal

from ems.market import Market
from order_mode.chart_port import ChartPort
from order_mode.dialogs import Dialogs
from order_mode.gesture import Intent
from order_mode.line import STAGED_KEY
from order_mode.sizing import Sizing
from order_mode.staging import Staged, stage


class Stager:
    """Works out what a click, or a choice in a menu, would place, and shows it.

    Parameters
    ----------
    market, chart
        Where it is shown.
    orders
        What is at work already.
    account, sizing
        Of the next order.
    """

    def __init__(
        self, market: Market, chart: ChartPort, orders: Dialogs, account: str, sizing: Sizing
    ) -> None:
        self.account = account
        self.sizing = sizing
        self.staged: Staged | None = None
        """What is on the chart now."""
        self.pointer: float | None = None
        """The price under the pointer; None = it is not over the plot."""
        self.previewed: Staged | None = None
        """What a menu points at: shown in place of what the keys stage, and no click places it."""
        self._market = market
        self._chart = chart
        self._orders = orders
        self._view_held = False

    def stage_at(self, intent: Intent, price: Decimal) -> Staged:
        """Return the order that this intent would place at a price."""
        sizing = self.sizing
        if intent.slots is not None:
            sizing = replace(sizing, slots=intent.slots)
        exposure = self._orders.exposure(self.account)
        staged = stage(intent, price, self._market, self.account, sizing, exposure)
        return replace(staged, locked=self._orders.why_locked(staged.order))

    def restage(self, intent: Intent | None, *, dragging: bool) -> bool:
        """Work out anew what is staged and show it; return whether it is of another kind."""
        before, self.staged = self.staged, self._stage(None if dragging else intent)
        if self.staged is not None:
            held = self._orders.holding(self.account)
            self._chart.show_line(self.staged.line(self._market, self._orders.last, held))
        elif before is not None:
            self._chart.remove_line(STAGED_KEY)
        self._hold_view(self.staged is not None or dragging)
        return _kind(before) != _kind(self.staged)

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


def _kind(staged: Staged | None) -> object:
    """What of a staged order listeners show: all but its price, which is on the chart."""
    if staged is None:
        return None
    order = staged.order
    return order.action, order.exec_mode, order.size, staged.why, staged.locked
