"""The line that follows the cursor: what a click would place, worked out before the click."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from decimal import Decimal

from ems.market import Market, broker_of
from ems.messages import ZERO, Order, OrderType, Trail
from ems.ports import Abilities
from ems.type_families import TRAILING
from order_mode.bracket import Preset, exits_of, stop_points
from order_mode.exit_distance import Entry, NoExit
from order_mode.exit_lines import bracket_words, staged_exit_line, stop_distance
from order_mode.gesture import Intent
from order_mode.labels import order_label
from order_mode.line import STAGED_KEY, Line, LineStyle
from order_mode.order_terms import OrderTerms, cannot, is_held
from order_mode.order_types import typed, types_at, wrong_side
from order_mode.outlook import Holding, outlook
from order_mode.prices import Prices
from order_mode.sizing import Exposure, NextSize, Sizing, exit_size, next_size
from order_mode.trail_distance import in_atr, trail_of


@dataclass(frozen=True, slots=True)
class Situation:
    """What an order is worked out from, besides the hands and the price."""

    market: Market
    account: str
    sizing: Sizing
    exposure: Exposure
    prices: Prices
    terms: OrderTerms
    can: Abilities
    """What the account's broker can do here; what it cannot is held here."""
    preset: Preset | None = None
    """The bracket that an entry gets."""
    atr: Callable[[], float | None] = lambda: None
    """Returns the average true range of the chart's bars, None = not known; asked only by what is
    so far away, as it is worked out from the bars."""


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
    measures: str = ""
    """Of a trailing stop: its distance in ATR, beside ticks and per cent."""
    exits: tuple[Order, ...] = ()
    """What goes with it; each names the entry's ``oid`` as its group."""

    @property
    def refused(self) -> str:
        """Why a click places nothing; empty if it would."""
        if self.locked and self.order.action != "alert":
            return f"Not sent: {self.locked}."
        no_size = self.order.action != "alert" and not self.order.size
        return self.why if no_size or self.impossible else ""

    def lines(self, market: Market, prices: Prices, held: Holding) -> list[Line]:
        """Return the lines to draw, given the market's prices and the account's position.

        That of the order is the first, those of its exits are tied to it.
        """
        paid = self.order.price
        one_r = stop_distance(paid, self.exits)
        exits = [
            staged_exit_line(market, one, f"{STAGED_KEY}:{number}", STAGED_KEY, paid, one_r)
            for number, one in enumerate(self.exits)
        ]
        return [self._line(market, prices, held), *exits]

    def _line(self, market: Market, prices: Prices, held: Holding) -> Line:
        order = self.order
        marks = (
            "DISARMED" if self.locked else "",
            self.why or _at_once(order, prices),
            self.measures,
        )
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
                risk=bracket_words(order, self.exits, market),
            ),
            limit_price=order.limit_price,
            refused=self.refused,
        )


def stage(intent: Intent, price: Decimal, now: Situation) -> Staged:
    """Return the order that a click at this price would place."""
    preset = _preset(intent, now)
    fault = ""
    try:
        sized = _size(intent, price, now, preset)
    except NoExit as error:
        sized, fault = NextSize(ZERO), str(error)
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
    if alert:
        return Staged(order)
    staged = _with_terms(order, NextSize(sized.size, fault or sized.why), intent, now)
    return staged if preset is None or staged.refused else _with_exits(staged, preset, now)


def _with_exits(staged: Staged, preset: Preset, now: Situation) -> Staged:
    order, offset = staged.order, now.terms.limit_offset
    try:
        exits = exits_of(order, preset, now.market, now.atr(), offset)
    except NoExit as error:
        return replace(staged, why=str(error), impossible=True)
    return replace(staged, exits=exits)


def _preset(intent: Intent, now: Situation) -> Preset | None:
    """The bracket, for an entry: what closes the position gets none."""
    sign = 1 if intent.action == "buy" else -1
    closes = now.exposure.position * sign < 0
    no_entry = intent.action == "alert" or intent.share is not None or closes
    return None if no_entry else now.preset


def _with_terms(order: Order, sized: NextSize, intent: Intent, now: Situation) -> Staged:
    kind = intent.type or _kind(order, intent.turns, now)
    try:
        trail = _standing_trail(now) if kind in TRAILING else None
    except NoExit as error:
        return Staged(order, str(error), impossible=True, held=is_held(order, now.can))
    plain = typed(order, kind, now.prices, now.market, now.terms.limit_offset, trail)
    order = now.terms.applied(plain)
    held, measures = is_held(order, now.can), ""
    if order.trail is not None:
        last = now.market.round_price(now.prices.last or float(order.price))
        measures = in_atr(abs(last - order.price), now.atr())
    if not sized.size:
        return Staged(order, sized.why, held=held)
    fault = wrong_side(order, now.market, now.prices) or cannot(
        order, now.can, broker_of(order.account)
    )
    return Staged(order, fault or sized.why, bool(fault), held, measures=measures)


def _standing_trail(now: Situation) -> Trail | None:
    """Return how far trailing stops trail; None = as far as they are clicked from the market."""
    if now.terms.trail is None or now.prices.last is None:
        return None
    last = now.market.round_price(now.prices.last)
    return trail_of(now.terms.trail, now.market, last, now.atr())


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


def _size(intent: Intent, price: Decimal, now: Situation, preset: Preset | None) -> NextSize:
    if intent.action == "alert":
        return NextSize(ZERO)
    if intent.share is not None:
        return exit_size(now.market, now.exposure, intent.action, intent.share)
    to_stop = None
    if preset is not None and preset.stop is not None and preset.stop.unit != "money":
        to_stop = stop_points(preset, Entry(now.market, price, ZERO, now.atr()))
    return next_size(now.sizing, now.market, now.exposure, intent.action, price, to_stop)
