"""The line that follows the cursor: what a click would place, worked out before the click."""

from dataclasses import dataclass
from decimal import Decimal

from ems.market import Market, broker_of
from ems.messages import ZERO, Order, OrderType
from ems.ports import Abilities
from order_mode.gesture import Intent
from order_mode.labels import order_label
from order_mode.line import STAGED_KEY, Line, LineStyle
from order_mode.order_terms import OrderTerms, cannot, is_held
from order_mode.order_types import typed, types_at, wrong_side
from order_mode.outlook import Holding, outlook
from order_mode.prices import Prices
from order_mode.sizing import Exposure, NextSize, Sizing, exit_size, next_size


@dataclass(frozen=True, slots=True)
class Situation:
    """What an order is worked out from, besides the hands and the price."""

    market: Market
    account: str
    sizing: Sizing
    exposure: Exposure
    prices: Prices
    terms: OrderTerms
    can: Abilities | None
    """What the account's broker can do here; None = the EMS takes limit orders only."""


@dataclass(frozen=True, slots=True)
class Staged:
    """An order in the trader's hand."""

    order: Order
    """What a click sends, but for its ``oid``."""
    why: str = ""
    """A sentence: why it cannot be placed, or why it is smaller than a slot."""
    impossible: bool = False
    """True if the sentence is about more than the size: a click places nothing."""
    held: bool = True
    """True if it will wait here and not at the venue."""
    locked: str = ""
    """Why its account takes no orders now, as a clause; empty if it does."""

    @property
    def refused(self) -> str:
        """Why a click places nothing; empty if it would."""
        if self.locked and self.order.action != "alert":
            return f"Not sent: {self.locked}."
        no_size = self.order.action != "alert" and not self.order.size
        return self.why if no_size or self.impossible else ""

    def line(self, market: Market, prices: Prices, held: Holding) -> Line:
        """Return the line to draw, given the market's prices and the account's position."""
        order = self.order
        marks = ("DISARMED" if self.locked else "", self.why or _at_once(order, prices))
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
                note=" · ".join(filter(None, marks)),
                last=prices.last,
                outlook=after,
                held=self.held,
            ),
            limit_price=order.limit_price,
            refused=self.refused,
        )


def stage(intent: Intent, price: Decimal, now: Situation) -> Staged:
    """Return the order that a click at this price would place."""
    sized = _size(intent, price, now)
    alert = intent.action == "alert"
    order = Order(
        oid=STAGED_KEY,
        action=intent.action,
        exec_mode="dark" if alert else intent.exec_mode,  # an alert is always held here
        symbol=now.market.fqsn,
        account=now.account,
        price=price,
        size=sized.size,
    )
    if alert or now.can is None:
        return Staged(order, sized.why, held=order.exec_mode == "dark")
    return _with_terms(order, sized, intent, now, now.can)


def _with_terms(
    order: Order, sized: NextSize, intent: Intent, now: Situation, can: Abilities
) -> Staged:
    kind = intent.type or _kind(order, intent.turns, now)
    plain = typed(order, kind, now.prices, now.market, now.terms.limit_offset)
    order = now.terms.applied(plain)
    held = is_held(order, can)
    if not sized.size:
        return Staged(order, sized.why, held=held)
    fault = wrong_side(order, now.market, now.prices) or cannot(
        order, can, broker_of(order.account)
    )
    return Staged(order, fault or sized.why, impossible=bool(fault), held=held)


def _kind(order: Order, turns: int, now: Situation) -> OrderType:
    """The type by the user's rule, or so many turns on among those that can lie there."""
    assert order.action != "alert"
    kinds = types_at(order.action, order.price, now.prices)
    rule = now.terms.type
    if rule != "by_side":
        kinds = (rule, *(kind for kind in kinds if kind != rule))
    return kinds[turns % len(kinds)]


def _at_once(order: Order, prices: Prices) -> str:
    """Say that a limit order would meet the book before the user finds out by a fill."""
    if order.action == "alert" or order.exec_mode == "dark" or order.type != "limit":
        return ""
    return "fills at once" if prices.fills_at_once(order.action, order.price) else ""


def _size(intent: Intent, price: Decimal, now: Situation) -> NextSize:
    if intent.action == "alert":
        return NextSize(ZERO)
    if intent.share is not None:
        return exit_size(now.market, now.exposure, intent.action, intent.share)
    return next_size(now.sizing, now.market, now.exposure, intent.action, price)
