"""Exits for what is there already: an order without them, or a position."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

from msgspec.structs import replace

from ems.messages import ZERO, Link, Order, Role, Side
from order_mode.bracket import Preset, closing, exits_of, shared, stop_at, target_at
from order_mode.dialog import Dialog
from order_mode.dialogs import Dialogs
from order_mode.exit_distance import NoExit
from order_mode.line import POSITION_KEY
from order_mode.order_types import wrong_side


@dataclass(frozen=True, slots=True)
class Owner:
    """What exits can be attached to."""

    entry: Order
    """An order; of a position, what it would be as one. Its ``oid`` is the group."""
    filled: bool
    """True if exits work at once: there is a position that they close."""
    exits: Sequence[Order]
    """Those that it has."""
    is_position: bool = False

    def free(self, role: Role) -> Decimal:
        """Return the part of its size, 0 to 1, that no exit of this role closes."""
        taken = ZERO
        for one in self.exits:
            if one.link is not None and one.link.role == role:
                taken += one.size / self.entry.size if self.is_position else one.link.share
        return max(ZERO, 1 - taken)  # one behind another closes the same twice over

    def share(self, role: Role) -> Decimal:
        """Return the share of one more exit of this role."""
        links = [one.link for one in self.exits if one.link is not None]
        return (1 - sum((link.share for link in links if link.role == role), ZERO)) or Decimal(1)


class ExitMaker:
    """Works out exits that can be attached; sends nothing.

    Parameters
    ----------
    orders
        What there is.
    """

    def __init__(self, orders: Dialogs) -> None:
        self._orders = orders
        self._market, self._atr = orders.market, orders.chart.atr

    def owner(self, key: str, account: str) -> Owner:
        """Return what the line with this key can have exits of.

        Raises
        ------
        NoExit
            If there can be none; the text says why.
        """
        if key == POSITION_KEY:
            return self._position(account)
        dialog = self._orders.by_oid.get(key)
        if dialog is None or dialog.done or dialog.order.action == "alert":
            raise NoExit("There is no order any more that could have exits.")
        if dialog.order.link is not None:
            raise NoExit("An order of a group cannot have exits of its own.")
        if why := dialog.why_fixed:
            raise NoExit(f"No exits: {why}.")
        exits = [one.target for one in self._orders.groups.exits(key)]
        return Owner(dialog.target, dialog.filled > 0, exits)

    def of_preset(self, owner: Owner, preset: Preset, limit_offset: int) -> list[Order]:
        """Return the exits of a preset, those of a role that the owner has none of yet.

        Raises
        ------
        NoExit
            If there are none, or one of them cannot be placed.
        """
        made = exits_of(owner.entry, preset, self._market, self._atr(), limit_offset)
        wanted = [one for one in made if one.link and owner.free(one.link.role) == 1]
        if not wanted:
            raise NoExit("It has its exits already: drag them, or cancel them first.")
        for one in wanted:
            self._check(one, owner)
        return wanted

    def at_price(self, owner: Owner, price: Decimal) -> Order:
        """Return the exit that lies at a price: a stop where it loses, else a target.

        Of a position, a price on the market's other side is a stop, whether it loses or not.

        Raises
        ------
        NoExit
            If it cannot be placed.
        """
        return self._made(owner, self._role(owner, price), price)

    def stop_at(self, owner: Owner, price: Decimal) -> Order:
        """Return a stop-loss at a price; raises `NoExit` if it cannot be placed."""
        return self._made(owner, "stop", price)

    def safety_at(self, owner: Owner, price: Decimal) -> Order:
        """Return a wide stop at the venue behind stops that are held here.

        Raises
        ------
        NoExit
            If there is none that it could lie behind, or it lies no further away.
        """
        stops = [one for one in owner.exits if one.link is not None and one.link.role == "stop"]
        if not stops or any(one.exec_mode == "live" for one in stops):
            raise NoExit("A safety stop lies behind a stop-loss that is held here (dark).")
        sells = stops[0].action == "sell"
        nearer = [one.price for one in stops if (one.price <= price) == sells]
        if nearer:
            near = self._market.format_price(nearer[0])
            raise NoExit(
                f"A safety stop lies further away than the stop in front of it, at {near}."
            )
        exit_ = self._plain(owner, "stop", price, owner.entry.size)
        exit_ = replace(exit_, link=Link(group=owner.entry.oid, role="stop"))
        self._check(exit_, owner)
        return exit_

    # ---- inside

    def _made(self, owner: Owner, role: Literal["stop", "target"], price: Decimal) -> Order:
        free = owner.free(role)
        if not free:
            what = "stop-loss" if role == "stop" else "take-profit"
            raise NoExit(
                f"It has a {what} for all of it: drag that one, change its size, or cancel it."
            )
        [size] = shared(owner.entry.size * free, [Decimal(1)], self._market)
        exit_ = self._plain(owner, role, price, size)
        link = Link(group=owner.entry.oid, role=role, share=owner.share(role))
        exit_ = replace(exit_, link=link)
        self._check(exit_, owner)
        return exit_

    def _role(self, owner: Owner, price: Decimal) -> Literal["stop", "target"]:
        side = closing(_side(owner.entry))
        if owner.filled:
            beyond = self._orders.prices.beyond(side, price)
            if beyond is None:
                raise NoExit("No price of this market is known yet.")
            return "stop" if beyond else "target"
        below = price < owner.entry.price
        return "stop" if below == (owner.entry.action == "buy") else "target"

    def _plain(self, owner: Owner, role: Role, price: Decimal, size: Decimal) -> Order:
        if not owner.filled:
            if role == "stop":
                return replace(stop_at(owner.entry, price, self._market), size=size)
            return target_at(owner.entry, price, self._market, size)
        return Order(
            oid="",
            action=closing(_side(owner.entry)),
            exec_mode="live",
            symbol=owner.entry.symbol,
            account=owner.entry.account,
            price=price,
            size=size,
            type="stop" if role == "stop" else "limit",
        )

    def _check(self, exit_: Order, owner: Owner) -> None:
        """Refuse what would go out at once."""
        if exit_.price <= 0:
            raise NoExit("An exit lies above zero.")
        if not exit_.size:
            raise NoExit("That is less than one lot.")
        if owner.filled and (why := wrong_side(exit_, self._market, self._orders.prices)):
            raise NoExit(why)

    def _position(self, account: str) -> Owner:
        held = self._orders.holdings.of(account)
        if not held.size or held.avg_price is None:
            raise NoExit("There is no position that could have exits.")
        side: Side = "buy" if held.size > 0 else "sell"
        members = self._orders.position_exits(account)
        group = _group_of(members) or str(uuid.uuid4())
        entry = Order(
            oid=group,
            action=side,
            exec_mode="live",
            symbol=self._market.fqsn,
            account=account,
            price=self._market.round_price(held.avg_price),
            size=abs(held.size),
        )
        exits = [one.target for one in members]
        return Owner(entry, filled=True, exits=exits, is_position=True)


def _side(order: Order) -> Side:
    assert order.action != "alert"
    return order.action


def _group_of(dialogs: Sequence[Dialog]) -> str:
    """Return the group that the newest of the exits is in; empty if there is none."""
    link = dialogs[-1].order.link if dialogs else None
    return "" if link is None else link.group
