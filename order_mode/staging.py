"""The line that follows the cursor: what a click would place, worked out before the click."""

from dataclasses import dataclass
from decimal import Decimal

from ems.market import Market
from ems.messages import ZERO, Order
from order_mode.gesture import Intent
from order_mode.labels import order_label
from order_mode.line import STAGED_KEY, Line, LineStyle
from order_mode.outlook import Holding, outlook
from order_mode.sizing import Exposure, NextSize, Sizing, exit_size, next_size


@dataclass(frozen=True, slots=True)
class Staged:
    """An order in the trader's hand."""

    order: Order
    """What a click sends, but for its ``oid``."""
    why: str = ""
    """A sentence: why it cannot be placed, or why it is smaller than a slot."""
    locked: str = ""
    """Why its account takes no orders now, as a clause; empty if it does."""

    @property
    def refused(self) -> str:
        """Why a click places nothing; empty if it would."""
        if self.order.action == "alert":
            return ""
        if self.locked:
            return f"Not sent: {self.locked}."
        return "" if self.order.size else self.why

    def line(self, market: Market, last: float | None, held: Holding) -> Line:
        """Return the line to draw, given the last price, if known, and the account's position."""
        order = self.order
        after = None
        if order.action != "alert" and order.size:
            after = outlook(market, held, order.action, order.size, order.price)
        return Line(
            key=STAGED_KEY,
            price=order.price,
            action=order.action,
            style=LineStyle.STAGED,
            label=order_label(
                market,
                order,
                order.price,
                note=" · ".join(filter(None, ("DISARMED" if self.locked else "", self.why))),
                last=last,
                outlook=after,
            ),
            refused=self.refused,
        )


def stage(
    intent: Intent,
    price: Decimal,
    market: Market,
    account: str,
    sizing: Sizing,
    exposure: Exposure,
) -> Staged:
    """Return the order that a click at this price would place."""
    sized = _size(intent, price, market, sizing, exposure)
    alert = intent.action == "alert"
    order = Order(
        oid=STAGED_KEY,
        action=intent.action,
        exec_mode="dark" if alert else intent.exec_mode,  # an alert is always held here
        symbol=market.fqsn,
        account=account,
        price=price,
        size=sized.size,
    )
    return Staged(order, sized.why)


def _size(
    intent: Intent, price: Decimal, market: Market, sizing: Sizing, exposure: Exposure
) -> NextSize:
    if intent.action == "alert":
        return NextSize(ZERO)
    if intent.share is not None:
        return exit_size(market, exposure, intent.action, intent.share)
    return next_size(sizing, market, exposure, intent.action, price)
