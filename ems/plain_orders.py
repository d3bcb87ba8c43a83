"""Plain orders well within every limit pass at a glance; all others go past every check.

Most requests are plain limit orders of a size that nobody minds, at no worse than the best price.
All that `ems.risk.Gate` would say of one is worked out here in a few lines, from the same figures
and as exactly. What does not pass here is neither refused nor asked about: it goes the long way,
which finds the words. `tests/ems/test_plain_orders.py` holds the two against each other.
"""

import re
from collections.abc import Container, Mapping
from decimal import Decimal, InvalidOperation
from typing import Final, TypeAlias

from ems.arming import Arming
from ems.arming_rules import ArmingRules
from ems.daily_loss import DailyLoss
from ems.exposure import Exposure
from ems.hard_limits import Stop
from ems.market import Market, broker_of
from ems.messages import ZERO, Order
from ems.order_dialog import OrderDialog
from ems.positions import PositionBook
from ems.price_ages import PriceAges
from ems.request_counts import RequestCounts
from ems.risk_limits import RiskLimits

Place: TypeAlias = tuple[str, str]
"""(account, symbol)"""

is_uuid: Final = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}").fullmatch
"""Takes an id as `uuid.UUID` writes it."""


class _Bounds:
    """Below which everything passes at one place; None = no such limit.

    Of a hard limit and the question that it has a softer one for, the lower.
    """

    def __init__(
        self, account: str, market: Market, limits: RiskLimits, rules: ArmingRules
    ) -> None:
        fqsn = market.fqsn
        here, counts = limits.of_market(account, fqsn), limits.counts(account, fqsn)
        self.of = (market, limits.changes, rules)
        """What it was worked out from."""
        self.tick, self.lot, self.multiplier = market.tick_size, market.lot_size, market.multiplier
        self.tick_at = market.tick_at if market.price_levels else None
        self.confirms = rules.of(account).mode == "confirm"
        self.order_units = _lower(here.largest_order_units, here.ask_order_units)
        self.order_money = _lower(here.largest_order_money, here.ask_order_money)
        self.position_units = _lower(here.largest_position_units, here.ask_position_units)
        self.position_money = _lower(here.largest_position_money, here.ask_position_money)
        self.quote_age_s = here.quote_age_s
        self.duplicate_s = here.duplicate_s
        self.working = [(s, c.working_orders) for s, c in counts if c.working_orders is not None]
        self.rates = [
            (s, c.requests_per_second) for s, c in counts if c.requests_per_second is not None
        ]
        self.losses = [(s, c.daily_loss) for s, c in counts if c.daily_loss is not None]


class PlainOrders:
    """Tells of plain orders that they pass every check for sure.

    Parameters
    ----------
    brokers
        Account names by broker.
    markets
        The markets that the EMS knows, by fqsn; read at each call.
    groups
        The places where there are groups of orders: there nothing passes at a glance.
    limits, arming, stop, exposure, positions, prices, counts, losses
        What the checks look at, as it is now.
    """

    def __init__(
        self,
        brokers: Mapping[str, tuple[str, ...]],
        markets: Mapping[str, Market],
        groups: Container[Place],
        limits: RiskLimits,
        arming: Arming,
        stop: Stop,
        exposure: Exposure,
        positions: PositionBook,
        prices: PriceAges,
        counts: RequestCounts,
        losses: DailyLoss,
    ) -> None:
        self._brokers = brokers
        self._markets = markets
        self._groups = groups
        self._limits = limits
        self._arming = arming
        self._stop = stop
        self._exposure = exposure
        self._positions = positions
        self._prices = prices
        self._counts = counts
        self._losses = losses
        self._bounds: dict[Place, _Bounds] = {}

    def passes(self, order: Order) -> bool:
        """Tell whether every check lets the new live order pass, without a question."""
        action, account, symbol = order.action, order.account, order.symbol
        bounds = self._here(account, symbol)
        if bounds is None or action == "alert" or not is_plain(order, "live"):
            return False
        if bounds.confirms or not is_uuid(order.oid) or not _is_on_grid(order, bounds):
            return False
        for scope, most in bounds.working:
            if self._exposure.count(account, scope) >= most:
                return False
        if bounds.duplicate_s is not None and self._counts.duplicates(order, bounds.duplicate_s):
            return False
        if self._arming.refuses(account) is not None:
            return False
        others, dearest = self._exposure.of_side(account, symbol, action)
        return self._within(order, bounds, order.size, others, dearest)

    def may_leave(self, dialog: OrderDialog) -> bool:
        """Tell whether every check lets the dark order go out, now that its price is touched."""
        order = dialog.order
        action, account, symbol = order.action, order.account, order.symbol
        bounds = self._here(account, symbol)
        if bounds is None or action == "alert" or not is_plain(order, "dark"):
            return False
        if not _is_on_grid(order, bounds):
            return False
        others, dearest = self._exposure.of_side(account, symbol, action, but=order.oid)
        return self._within(order, bounds, order.size - dialog.filled, others, dearest)

    # ---- inside

    def _here(self, account: str, symbol: str) -> _Bounds | None:
        """Return the bounds of a place; None if nothing passes at a glance there."""
        place = (account, symbol)
        market = self._markets.get(symbol)
        if market is None or place in self._groups:
            return None
        bounds = self._bounds.get(place)
        rules, limits = self._arming.rules, self._limits
        if bounds is not None:
            was_market, changes, was_rules = bounds.of
            if was_market is market and changes == limits.changes and was_rules is rules:
                return bounds
        if account not in self._brokers.get(broker_of(account), ()):
            return None
        bounds = self._bounds[place] = _Bounds(account, market, limits, rules)
        return bounds

    def _within(
        self, order: Order, bounds: _Bounds, left: Decimal, others: Decimal, dearest: Decimal
    ) -> bool:
        """Compare the order with the limits that hold whenever an order leaves.

        Parameters
        ----------
        left, others
            Units that it, and that the other orders of its side, can still fill.
        dearest
            The highest price of an order of its side.
        """
        account, symbol, price, size = order.account, order.symbol, order.price, order.size
        quote = self._prices.last_quote(symbol)
        if quote is None or self._stop.on:
            return False
        (bid, ask), age_s = quote
        if not (bounds.quote_age_s is None or age_s <= bounds.quote_age_s):
            return False
        low, high = self._positions.of(account, symbol).bounds
        if order.action == "buy":
            if price > ask:
                return False
            worst = left + others + high
        else:
            if price < bid:
                return False
            worst = left + others - low
        for scope, per_second in bounds.rates:
            if self._counts.are_sent(account, scope, per_second):
                return False
        for scope, loss in bounds.losses:
            if not self._losses.is_open(account, scope, loss):
                return False
        if bounds.order_units is not None and size > bounds.order_units:
            return False
        if bounds.position_units is not None and worst > bounds.position_units:
            return False
        most, multiplier = bounds.order_money, bounds.multiplier
        if most is not None and price * size * multiplier > most:
            return False
        most, worth = bounds.position_money, max(price, dearest, ask)
        return most is None or worth * worst * multiplier <= most


def is_plain(order: Order, mode: str) -> bool:
    """Tell whether nothing is said of the order but what every order has to say."""
    return order.exec_mode == mode and order == Order(
        oid=order.oid,
        action=order.action,
        exec_mode=order.exec_mode,
        symbol=order.symbol,
        account=order.account,
        price=order.price,
        size=order.size,
    )


def _is_on_grid(order: Order, bounds: _Bounds) -> bool:
    price, size = order.price, order.size
    try:
        if not (price > ZERO and size > ZERO):
            return False
        tick = bounds.tick if bounds.tick_at is None else bounds.tick_at(price)
        return not (price % tick or size % bounds.lot)
    except InvalidOperation:  # infinite, no number, or more digits than a Decimal can divide
        return False


def _lower(*limits: Decimal | None) -> Decimal | None:
    return min((limit for limit in limits if limit is not None), default=None)
