"""A bracket: the exits that go with an entry, worked out from a preset."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Final, Literal, TypeAlias

from msgspec.structs import replace

from ems.market import Market
from ems.messages import ZERO, Link, Order, Side, Trail
from order_mode.exit_distance import Entry, ExitDistance, NoExit, parse_distance, points

StopType: TypeAlias = Literal["stop", "stop_limit", "trailing_stop"]


@dataclass(frozen=True, slots=True)
class Target:
    """One take-profit."""

    distance: ExitDistance
    share: Decimal = Decimal(1)
    """Of what the entry fills, above 0 up to 1."""


@dataclass(frozen=True, slots=True)
class Preset:
    """A bracket as the user calls it by a name."""

    name: str
    stop: ExitDistance | None = None
    targets: tuple[Target, ...] = ()
    stop_type: StopType = "stop"
    held_here: bool = False
    """True = dark: the venue does not see the exits."""
    safety_stop: ExitDistance | None = None
    """A wide stop at the venue behind exits that are held here, for when the program is closed."""


DEFAULT_PRESETS: Final = (
    Preset("1 % · 2R", parse_distance("1 %"), (Target(parse_distance("2 r")),)),
    Preset("2 ATR · 2R", parse_distance("2 atr"), (Target(parse_distance("2 r")),)),
    Preset(
        "2 ATR · 1R + 3R",
        parse_distance("2 atr"),
        (
            Target(parse_distance("1 r"), Decimal("0.5")),
            Target(parse_distance("3 r"), Decimal("0.5")),
        ),
    ),
    Preset("2 ATR trailing", parse_distance("2 atr"), stop_type="trailing_stop"),
)


def stop_points(preset: Preset, entry: Entry) -> Decimal | None:
    """Return the points from the entry to the stop; None if there is none.

    Raises
    ------
    NoExit
        If the distance is not known.
    """
    return None if preset.stop is None else points(preset.stop, entry)


def exits_of(
    order: Order, preset: Preset, market: Market, atr: float | None, limit_offset: int
) -> tuple[Order, ...]:
    """Return the exits of an entry, the stop first; each names the entry's ``oid`` as its group.

    Their own ``oid`` is empty. Parameters as in `Entry` and `order_mode.order_types.typed`.

    Raises
    ------
    NoExit
        If one of them cannot be placed.
    """
    assert order.action != "alert"
    entry = Entry(market, order.price, order.size, atr)
    risk = stop_points(preset, entry)
    exits = []
    if risk is not None:
        exits.append(stop_at(order, order.price - _sign(order.action) * risk, market))
        exits[0] = _as(exits[0], preset, risk, market, limit_offset)
    measured = Entry(market, order.price, order.size, atr, risk)
    sizes = shared(order.size, [target.share for target in preset.targets], market)
    for target, size in zip(preset.targets, sizes, strict=True):
        away = points(target.distance, measured)
        at = order.price + _sign(order.action) * away
        exits.append(target_at(order, at, market, size, target.share))
    if preset.held_here:
        exits = [replace(one, exec_mode="dark") for one in exits]
    if preset.safety_stop is not None:
        wide = points(preset.safety_stop, measured)
        if risk is not None and wide <= risk:
            raise NoExit("The safety stop lies no further away than the stop in front of it.")
        exits.append(stop_at(order, order.price - _sign(order.action) * wide, market))
    return tuple(exits)


def stop_at(entry: Order, price: Decimal, market: Market) -> Order:
    """Return a stop-loss for all of an entry; raises `NoExit` if it is on the wrong side."""
    if price <= 0:
        raise NoExit("The stop would be at or below zero: choose a smaller distance.")
    price = market.round_price(price)
    _check_side(entry, price, market, loses=True)
    link = Link(group=entry.oid, role="stop")
    return _exit(entry, price, link, entry.size, "stop")


def target_at(
    entry: Order, price: Decimal, market: Market, size: Decimal, share: Decimal = Decimal(1)
) -> Order:
    """Return a take-profit for a share of an entry; raises `NoExit` as `stop_at`."""
    if price <= 0:
        raise NoExit("The target would be at or below zero: choose a smaller distance.")
    if not size:
        raise NoExit("A target's share of this size is less than one lot.")
    price = market.round_price(price)
    _check_side(entry, price, market, loses=False)
    return _exit(entry, price, Link(group=entry.oid, role="target", share=share), size, "limit")


def resized(exits: Sequence[Order], size: Decimal, market: Market) -> list[Order]:
    """Return the exits of an entry for another size, each with its share of it.

    One whose share is less than a lot is left out.
    """
    kinds: dict[tuple[str, str], list[Order]] = {}
    for one in exits:
        role = "" if one.link is None else one.link.role
        kinds.setdefault((role, one.exec_mode), []).append(one)  # a kind shares out all of it
    resized = []
    for of_kind in kinds.values():
        shares = [one.link.share for one in of_kind if one.link is not None]
        parts = shared(size, shares, market)
        resized += [replace(one, size=part) for one, part in zip(of_kind, parts, strict=True)]
    return [one for one in resized if one.size > 0]


def shared(size: Decimal, shares: Iterable[Decimal], market: Market) -> list[Decimal]:
    """Return the parts of a size in whole lots; parts of all of it add up to it."""
    parts, so_far, share = [], ZERO, ZERO
    for one in shares:
        share += one
        upto = size if share >= 1 else market.floor_size(size * share)
        parts.append(upto - so_far)
        so_far = upto
    return parts


def money_at_risk(entry: Order, exits: Iterable[Order], market: Market) -> Decimal | None:
    """Return what the stop loses on all of the entry; None if there is no stop."""
    stop = _nearest_stop(entry.price, exits)
    return None if stop is None else market.money(abs(entry.price - stop.price), entry.size)


def reward_to_risk(price: Decimal, exits: Iterable[Order]) -> Decimal | None:
    """Return how many times the risk all targets earn; None without stop or targets."""
    stop = _nearest_stop(price, exits)
    targets = [one for one in exits if one.link and one.link.role == "target"]
    risk = ZERO if stop is None else abs(price - stop.price) * stop.size
    if not risk or not targets:
        return None
    return sum((abs(one.price - price) * one.size for one in targets), ZERO) / risk


def _nearest_stop(price: Decimal, exits: Iterable[Order]) -> Order | None:
    """The stop that would be reached first; another may lie behind it."""
    stops = [one for one in exits if one.link and one.link.role == "stop"]
    return min(stops, key=lambda one: abs(one.price - price), default=None)


def closing(side: Side) -> Side:
    """Return the side that closes what this one opens."""
    return "sell" if side == "buy" else "buy"


def _check_side(entry: Order, price: Decimal, market: Market, *, loses: bool) -> None:
    below = (entry.action == "buy") == loses
    if price != entry.price and (price < entry.price) == below:
        return
    what = "stop-loss" if loses else "take-profit"
    raise NoExit(
        f"A {what} of a {entry.action} at {market.format_price(entry.price)} lies "
        f"{'below' if below else 'above'} it, and {market.format_price(price)} does not."
    )


def _exit(
    entry: Order, price: Decimal, link: Link, size: Decimal, kind: Literal["stop", "limit"]
) -> Order:
    assert entry.action != "alert"
    return Order(
        oid="",
        action=closing(entry.action),
        exec_mode="live",
        symbol=entry.symbol,
        account=entry.account,
        price=price,
        size=size,
        type=kind,
        link=link,
    )


def _as(stop: Order, preset: Preset, risk: Decimal, market: Market, limit_offset: int) -> Order:
    """Return the stop as one of another type, with the prices that the type needs."""
    kind, distance = preset.stop_type, preset.stop
    if kind == "trailing_stop":
        in_percent = distance is not None and distance.unit == "%"
        trail = Trail(distance.amount, "percent") if distance and in_percent else Trail(risk)
        return replace(stop, type=kind, trail=trail)
    if kind == "stop_limit":
        ticks = limit_offset if stop.action == "buy" else -limit_offset
        return replace(stop, type=kind, limit_price=market.ticks_away(stop.price, ticks))
    return stop


def _sign(side: str) -> int:
    return 1 if side == "buy" else -1
