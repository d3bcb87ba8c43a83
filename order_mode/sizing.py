"""How large the next order is: a limit cut into slots, and what is already at work."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Final, Literal, TypeAlias

from ems.market import Market
from ems.messages import ZERO, Side

ExitShare: TypeAlias = Literal["half", "all"]
"""How much of the position an exit closes, where it is not a slot."""
RiskUnit: TypeAlias = Literal["money", "percent"]


@dataclass(frozen=True, slots=True)
class Sizing:
    """An account's rule for the size of an order."""

    limit: Decimal = Decimal(10_000)
    """The most that position and entry orders together may be."""
    unit: Literal["units", "money"] = "money"
    """What the limit counts: units of the market, or its currency."""
    slots: int = 4
    """How many orders of equal size fill the limit."""
    risk: Decimal | None = None
    """What an order with a stop may lose; None = it has the size of a slot."""
    risk_unit: RiskUnit = "money"
    """``money`` in the currency of the market, or ``percent`` of ``equity``."""
    equity: Decimal | None = None
    """Of the account, as the user has stated it; None = not stated."""

    @property
    def risk_money(self) -> Decimal | None:
        """What an order with a stop may lose, in money; None = sizes are slots."""
        if self.risk is None or self.risk_unit == "money":
            return self.risk
        return None if self.equity is None else self.equity * self.risk / 100

    def __post_init__(self) -> None:
        if self.risk is not None and not (self.risk.is_finite() and self.risk > 0):
            raise ValueError(f"{self} is no sizing: a risk is above zero")
        if not (self.limit.is_finite() and self.limit > 0 and self.slots >= 1):
            raise ValueError(
                f"{self} is no sizing: the limit is above zero, the slots are 1 or more"
            )


DEFAULT_SIZING: Final = Sizing()


@dataclass(frozen=True, slots=True)
class Resting:
    """What is left of an order that works at the venue or is held here."""

    action: Side
    price: Decimal
    size: Decimal
    group: str = ""
    """Of an exit: its group, whose stops and targets close the same once."""
    role: str = ""
    """``stop`` or ``target`` of an exit."""


@dataclass(frozen=True, slots=True)
class Exposure:
    """What an account has in a market."""

    position: Decimal = ZERO
    """Signed: above zero long."""
    avg_price: Decimal | None = None
    orders: Sequence[Resting] = ()


@dataclass(frozen=True, slots=True)
class NextSize:
    """The size of the next order, or why there is none."""

    size: Decimal
    """Whole lots; zero = refused."""
    why: str = ""
    """A sentence: why it is refused, or why it is less than a slot."""


def next_size(
    sizing: Sizing,
    market: Market,
    exposure: Exposure,
    action: Side,
    price: Decimal,
    stop_points: Decimal | None = None,
) -> NextSize:
    """Return the size of an order at this price.

    What may be lost over the way to its stop, if there is one and a risk is set; else one slot.
    An order against the position is never larger than the position. If all orders of this side
    filled, the position would never be beyond the limit: the order is cut, or refused.

    Parameters
    ----------
    stop_points
        From the price to the stop; None = no stop, or one that the size decides about.
    """
    unit_cost = _cost(sizing, market, price)
    if unit_cost <= 0:
        return NextSize(
            ZERO, f"A limit in money has no size at the price {price}; set it in units."
        )
    sign = 1 if action == "buy" else -1
    against = -exposure.position * sign
    by_risk = None if against > 0 else risk_size(sizing, market, stop_points)
    if by_risk is not None:
        if not by_risk.size:
            return by_risk
        return _within_limit(
            by_risk.size, _room(sizing, market, exposure, action, price), sizing, market
        )
    slot = market.floor_size(sizing.limit / sizing.slots / unit_cost)
    if slot <= 0:
        return NextSize(
            ZERO,
            f"A slot, 1/{sizing.slots} of the limit of {_limit(sizing, market)}, is less than one "
            f"lot of {market.format_size(market.lot_size)} at {market.format_price(price)}; "
            "raise the limit or use fewer slots.",
        )
    if against > 0:
        slot = min(slot, market.floor_size(against))
        if slot <= 0:
            return NextSize(ZERO, "The position is less than one lot: no order can close it.")
    return _within_limit(slot, _room(sizing, market, exposure, action, price), sizing, market)


def exit_size(market: Market, exposure: Exposure, action: Side, share: ExitShare) -> NextSize:
    """Return the size of an order that closes a share of the position.

    Exits that are at work count: all of them together never close more than there is.
    """
    sign = 1 if action == "buy" else -1
    against = -exposure.position * sign
    if against <= 0:
        side = "short" if action == "buy" else "long"
        return NextSize(ZERO, f"There is no {side} position that a {action} could close.")
    at_work = _exits_at_work(exposure, action)
    wanted = market.floor_size(against / 2 if share == "half" else against)
    free = market.floor_size(max(ZERO, against - at_work))
    if not wanted:
        return NextSize(ZERO, "That is less than one lot: no order can close it.")
    if wanted <= free:
        return NextSize(wanted)
    covered = f"exits for {market.format_size(at_work)} are at work."
    if not free:
        return NextSize(ZERO, f"No order: {covered}")
    return NextSize(free, f"Cut from {market.format_size(wanted)}: {covered}")


def risk_size(sizing: Sizing, market: Market, stop_points: Decimal | None) -> NextSize | None:
    """Return the size that loses the risk on the way to the stop; None where slots count."""
    if sizing.risk is None or stop_points is None:
        return None
    money = sizing.risk_money
    if money is None:
        return NextSize(ZERO, "A risk in per cent needs the equity of the account: set it.")
    size = market.floor_size(money / market.money(stop_points, Decimal(1)))
    if size > 0:
        return NextSize(size)
    lot = market.money(stop_points, market.lot_size)
    return NextSize(
        ZERO,
        f"One lot of {market.format_size(market.lot_size)} risks {lot:,.2f} {market.currency} to "
        f"its stop, more than {money:,.2f}; raise the risk, or place the stop nearer.",
    )


def _exits_at_work(exposure: Exposure, action: Side) -> Decimal:
    """What orders of a side close in all: stop and target of a group close the same once."""
    alone, groups = ZERO, dict[str, dict[str, Decimal]]()
    for one in exposure.orders:
        if one.action == action and one.group:
            roles = groups.setdefault(one.group, {})
            roles[one.role] = roles.get(one.role, ZERO) + one.size
        elif one.action == action:
            alone += one.size
    return alone + sum((max(roles.values()) for roles in groups.values()), ZERO)


def room_for(
    sizing: Sizing, market: Market, exposure: Exposure, action: Side, price: Decimal
) -> Decimal:
    """Return the largest size of an order that the limit leaves room for, whole lots."""
    if _cost(sizing, market, price) <= 0:
        return ZERO
    return _room(sizing, market, exposure, action, price)


def _within_limit(slot: Decimal, room: Decimal, sizing: Sizing, market: Market) -> NextSize:
    if slot <= room:
        return NextSize(slot)
    full = f"position and orders at work would pass the limit of {_limit(sizing, market)}."
    if room <= 0:
        return NextSize(ZERO, f"No order: {full}")
    return NextSize(room, f"Cut from {market.format_size(slot)}: {full}")


def _room(
    sizing: Sizing, market: Market, exposure: Exposure, action: Side, price: Decimal
) -> Decimal:
    """Whole lots that fit below the limit, once all orders of this side have filled."""
    sign = 1 if action == "buy" else -1
    along = exposure.position * sign
    resting = [one for one in exposure.orders if one.action == action and not one.group]
    used = ZERO
    if along > 0:
        paid = price if exposure.avg_price is None else exposure.avg_price
        used = along * _cost(sizing, market, paid)
    closes = max(ZERO, -along)  # this much of what fills first closes the position
    for order in resting:
        entry = max(ZERO, order.size - closes)
        closes = max(ZERO, closes - order.size)
        used += entry * _cost(sizing, market, order.price)
    left = max(ZERO, sizing.limit - used) / _cost(sizing, market, price)
    return market.floor_size(left + closes)


def _cost(sizing: Sizing, market: Market, price: Decimal) -> Decimal:
    """What one unit takes of the limit."""
    return Decimal(1) if sizing.unit == "units" else market.money(price, Decimal(1))


def _limit(sizing: Sizing, market: Market) -> str:
    if sizing.unit == "money":
        return f"{sizing.limit:,f} {market.currency}".strip()
    return market.format_size(sizing.limit)
