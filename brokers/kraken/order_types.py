"""Order types and times in force: ours to Kraken's and back, in one place.

Sources: [add] https://docs.kraken.com/exchange/api-reference/spot-websocket-v2/add_order,
[amend] https://docs.kraken.com/exchange/api-reference/spot-websocket-v2/amend_order,
[exec] https://docs.kraken.com/exchange/api-reference/spot-websocket-v2/executions.
"""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Final, NamedTuple

import msgspec

from brokers.kraken import wire
from brokers.kraken.pairs import Pair
from ems.messages import BrokerdOrder, OrderType, Trail
from ems.ports import Abilities
from ems.type_families import TWO_PRICES

KRAKEN_TYPE: Final[dict[OrderType, str]] = {
    "limit": "limit",
    "market": "market",
    "stop": "stop-loss",
    "stop_limit": "stop-loss-limit",
    "limit_if_touched": "take-profit-limit",
    "market_if_touched": "take-profit",
    "trailing_stop": "trailing-stop",
    "trailing_stop_limit": "trailing-stop-limit",
}
"""[add] A stop-loss is touched off from the unfavourable side, a take-profit from the favourable
one; both look at the last trade unless told otherwise."""
OUR_TYPE: Final[dict[str, OrderType]] = {theirs: ours for ours, theirs in KRAKEN_TYPE.items()}

_LIMIT_ONLY: Final = Abilities(
    types=frozenset({"limit", *TWO_PRICES}),
    tifs=frozenset({"gtc", "day", "ioc", "gtd"}),
    post_only=True,
    retrail=True,
)
ABILITIES: Final = Abilities(
    types=frozenset(KRAKEN_TYPE),
    tifs=frozenset({"gtc", "day", "ioc", "gtd"}),
    post_only=True,
    retrail=True,
)
"""Reduce-only is for margin orders alone [add], which are not made here."""

AMENDABLE: Final = frozenset({*OUR_TYPE, "iceberg"})
"""An iceberg is a limit order that shows a part of itself: its price and size can be amended, and
what it shows stays."""
_TRAILS: Final = ("trailing-stop", "trailing-stop-limit")
_TRAIL_TYPE: Final = {"price": "quote", "percent": "pct"}
OFFSET: Final = "quote"
"""``limit_price_type``: the limit of a trailing-stop-limit is a distance from its trigger, below
zero under it; a price of its own is not to be had [add]."""


def abilities_in(pair: Pair | None) -> Abilities:
    """Return what can be asked for in a pair, by its status of now; None = it is not known."""
    return _LIMIT_ONLY if pair is not None and pair.status == "limit_only" else ABILITIES


class Prices(NamedTuple):
    """The prices of an order, as we have them."""

    price: Decimal | None
    """Where its line is: the limit, or what touches it off."""
    limit_price: Decimal | None


class Trigger(msgspec.Struct, frozen=True, kw_only=True):
    """Parameter ``triggers`` of ``add_order`` [add]."""

    price: msgspec.Raw
    price_type: str = "static"
    """``static`` a price; ``quote`` and ``pct`` a distance from the best price."""
    reference: str = "last"


def prices_of(report: wire.Execution, kind: str) -> Prices:
    """Return the prices that a report names; None where it names none.

    A trailing stop's ``price`` is its distance, where it stands is ``actual_price`` [exec].
    """
    trigger = report.triggers
    touched_off_at = report.stop_price or None
    if trigger is not None and trigger.price_type in ("", "static"):
        touched_off_at = trigger.actual_price or trigger.price or touched_off_at
    elif trigger is not None:
        touched_off_at = trigger.actual_price or touched_off_at
    limit = report.limit_price or None
    if kind in ("limit", "market", "", "iceberg", "settle-position"):
        return Prices(limit or touched_off_at, None)
    if OUR_TYPE.get(kind) not in TWO_PRICES:
        return Prices(touched_off_at or limit, None)
    if kind == "trailing-stop-limit" and report.order_type in ("", kind):
        return Prices(touched_off_at, _limit_behind(report, touched_off_at))
    return Prices(touched_off_at or limit, limit)


def _limit_behind(report: wire.Execution, stands: Decimal | None) -> Decimal | None:
    """Return the limit of a trailing stop that is not touched off yet, as a price."""
    said = report.limit_price
    if said is None or stands is None:
        return None
    if report.limit_price_type == "pct":
        return stands * (1 + said / 100)
    if report.limit_price_type == "static" or said > stands / 2:  # no distance can be that long
        return said
    return stands + said


def is_triggered(report: wire.Execution) -> bool:
    """Tell whether its price has touched it off [exec]."""
    return report.triggers is not None and report.triggers.status == "triggered"


def trail_of(report: wire.Execution, kind: str) -> Trail | None:
    """Return the distance that a report names of a trailing stop; None for every other type."""
    trigger = report.triggers
    if kind not in _TRAILS or trigger is None or not trigger.price:
        return None
    return Trail(abs(trigger.price), "percent" if trigger.price_type == "pct" else "price")


class Limit(NamedTuple):
    """The limit of an order as it is written."""

    price: msgspec.Raw | None
    """None for an order that has none."""
    kind: str | None = None
    """``limit_price_type``; None = a price."""


def limit_of(order: BrokerdOrder, pair: Pair, *, triggered: bool = False) -> Limit:
    """Return the limit as it is written; one that was touched off works at a price."""
    price, digits = order.limit_price, pair.market.price_digits
    if order.type == "limit":
        price = order.price
    if price is None:
        return Limit(None)
    if order.trail is None or triggered:
        return Limit(wire.number(price, digits))
    return Limit(wire.number(price - order.price, digits), OFFSET)


def trigger_of(order: BrokerdOrder, pair: Pair) -> Trigger | None:
    """Return what touches the order off; None for one that works at once."""
    digits = pair.market.price_digits
    if order.trail is not None:
        amount = order.trail.amount
        written = wire.number(amount, digits if order.trail.unit == "price" else 2)
        return Trigger(price=written, price_type=_TRAIL_TYPE[order.trail.unit])
    if order.type in ("limit", "market"):
        return None
    return Trigger(price=wire.number(order.price, digits))


def end_ns(order: BrokerdOrder, now_ns: int) -> int | None:
    """Return when Kraken ends the order, UTC ns; None = never.

    Kraken knows no day orders: they are sent good till the next midnight UTC, its day's end.
    """
    if order.tif == "gtd":
        return order.expires_ns
    if order.tif != "day":
        return None
    today = datetime.fromtimestamp(now_ns / 1e9, UTC).replace(
        hour=0, minute=0, second=0, microsecond=0
    )
    return int((today + timedelta(days=1)).timestamp()) * 1_000_000_000


def refuses(order: BrokerdOrder, pair: Pair) -> str | None:
    """Say why Kraken would refuse these terms; None if it would not."""
    limit = order.limit_price
    if limit is not None and order.trail is not None and not pair.market.is_price(order.price):
        limit = pair.market.round_price(limit)  # its stop stands between two ticks, so may it
    if limit is not None and not pair.market.is_price(limit):
        tick = pair.market.tick_size
        return f"{order.limit_price} is no price of {pair.symbol}: its tick size is {tick}."
    if pair.status == "limit_only" and order.type not in {"limit", *TWO_PRICES}:
        return f"Kraken takes only limit orders in {pair.symbol} now."
    if pair.status == "post_only" and not order.post_only:
        return f"Kraken takes only post-only orders in {pair.symbol} now."
    if order.reduce_only:
        return "Kraken has reduce-only for margin orders alone."
    trail = order.trail
    if trail is not None and trail.unit == "percent" and trail.amount != round(trail.amount, 2):
        return f"A trail of {trail.amount} % is finer than Kraken takes: two decimals."
    return None
