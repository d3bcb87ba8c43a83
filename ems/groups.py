"""Does what groups want done, through the same table as every request of a client."""

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from decimal import Decimal
from typing import Final, Protocol

from msgspec.structs import replace

from ems.departures import Departures
from ems.dialog_changes import Fact
from ems.group_index import GroupIndex, Place, place_of
from ems.group_rules import Group, Step, due, filled_peers, overfilled
from ems.lifecycle import Lifecycle
from ems.market import Market
from ems.messages import ZERO
from ems.order_dialog import OrderDialog
from ems.positions import PositionBook
from ems.refusal import Refusal
from ems.retry import Retry
from ems.transitions import E

log = logging.getLogger(__name__)


class Triggering(Protocol):
    """The markets, and the triggers in them."""

    markets: dict[str, Market]

    def fire_reached(self, symbol: str) -> None:
        """Fire every trigger of a market whose price is reached already."""


class ReleaseGate(Protocol):
    """The gate that every request passes."""

    def refuses_release(self, dialog: OrderDialog) -> Refusal | None:
        """Say why an order that was held here may not go out; None if it may."""


class Groups:
    """Keeps the orders of each group as they have to be.

    Parameters
    ----------
    is_up
        Tells whether the line to a broker is up.
    warn
        Tells every client of a market something that is wrong.
    """

    def __init__(
        self,
        index: GroupIndex,
        lifecycle: Lifecycle,
        positions: PositionBook,
        hub: Triggering,
        departures: Departures,
        gate: ReleaseGate,
        is_up: Callable[[str], bool],
        warn: Callable[[str, str], None],
    ) -> None:
        self.index: Final = index
        self._lifecycle = lifecycle
        self._positions = positions
        self._hub = hub
        self._departures = departures
        self._gate = gate
        self._is_up = is_up
        self._warn = warn
        self._busy: set[Place] = set()
        self._paused = 0
        self._told: set[tuple[str, str]] = set()
        self._again: set[str] = set()
        self._retry = Retry(self._try_again)

    def close(self) -> None:
        """Stop the timer."""
        self._retry.stop()

    # ---- what happened

    def moved(self, dialog: OrderDialog, event: E) -> None:
        """Something happened to an order."""
        if dialog.order.link is not None:
            self.index.note(dialog)
        elif event is E.FILL and dialog.over:
            self.index.reopen(dialog)
        place = place_of(dialog)
        if self.index.has(place) and event not in (E.NOT_SENT_GROUP, E.NOT_SENT):
            self.settle(place)

    def moved_position(self, account: str, symbol: str) -> None:
        """A position changed without an order of ours, or the venue named it."""
        if self.index.has((account, symbol)):
            self.settle((account, symbol))

    @contextmanager
    def paused(self) -> Iterator[None]:
        """Let nothing be done while only a part of what happened is known."""
        self._paused += 1
        try:
            yield
        finally:
            self._paused -= 1
            if not self._paused:
                self._try_again()

    def settle_all(self) -> None:
        """Do all that is due, as at the start and after a reconnect."""
        for place in self.index.places():
            self.settle(place)

    def settle(self, place: Place) -> None:
        """Do what is due at a place; what that brings about is seen to before this returns."""
        market = self._hub.markets.get(place[1])
        if place in self._busy or self._paused or market is None:
            return
        self._busy.add(place)
        try:
            while (step := self._next(place, market)) is not None:
                if not self._do(step):
                    break
        finally:
            self._busy.discard(place)
        for group in self.index.at(place):
            self._look_for_faults(group, market)
            if not group.alive:
                self.index.close(place, group)

    # ---- inside

    def _next(self, place: Place, market: Market) -> Step | None:
        def position(is_long: bool) -> Decimal:
            record = self._positions.of(*place)
            sizes = [record.size, record.venue_size or ZERO]
            return max(ZERO, *(size if is_long else -size for size in sizes))

        steps = due(self.index.at(place), position, market.floor_size)
        return next((step for step in steps if self._can(step)), None)

    def _can(self, step: Step) -> bool:
        """Tell whether the step can be done now: what needs the line waits until it is up.

        What was refused, or did not leave, is tried again after a while.
        """
        dialog = step.dialog
        needs_line = step.event is E.RELEASE and dialog.order.exec_mode == "live"
        if needs_line and not self._is_up(dialog.broker):
            return False
        if not _in_vain(step) or dialog.oid in self._again:
            return True
        self._retry.start()
        return False

    def _try_again(self) -> None:
        """Do what was refused, once more."""
        self._again = {one.oid for place in self.index.places() for one in self._all(place)}
        self.settle_all()

    def _all(self, place: Place) -> Iterator[OrderDialog]:
        for group in self.index.at(place):
            yield from group.members
            if group.entry is not None:
                yield group.entry

    def _do(self, step: Step) -> bool:
        dialog = step.dialog
        self._again.discard(dialog.oid)
        if step.event is E.RELEASE:
            return self._release(step)
        if step.event is E.CANCEL:
            return self._lifecycle.apply(dialog, E.CANCEL, Fact(reason=step.reason))
        changed = replace(dialog.wanted, size=step.size or dialog.order.size)
        fact = Fact(order=changed, msg=changed, reason=step.reason)
        return self._lifecycle.apply(dialog, E.MODIFY, fact)

    def _release(self, step: Step) -> bool:
        dialog = step.dialog
        order = replace(dialog.order, size=step.size or dialog.order.size)
        refusal = self._gate.refuses_release(dialog)
        if refusal is not None and refusal.waits:
            self._retry.start()
            return False
        if refusal is not None:
            return self._refuse(dialog, refusal.text)
        if order.exec_mode == "dark":
            fact = Fact(order=order, msg=order)
            done = self._lifecycle.apply(dialog, E.RELEASE_DARK, fact)
            self._hub.fire_reached(order.symbol)
            return done
        leaving = self._departures.leaving(order)
        if isinstance(leaving, str):
            return self._refuse(dialog, leaving)
        return self._lifecycle.apply(dialog, E.RELEASE, Fact(order=leaving, msg=leaving))

    def _refuse(self, dialog: OrderDialog, reason: str) -> bool:
        fact = Fact(reason=reason, refused="new")
        return self._lifecycle.apply(dialog, E.REFUSED, fact)

    def _look_for_faults(self, group: Group, market: Market) -> None:
        """Say at once what should not have happened, once each."""
        if too_much := overfilled(group):
            names = _names(one for one in group.exits if one.filled)
            self._say_once(
                group,
                market,
                f"The exits in {market.fqsn} were filled by {market.format_size(too_much)} more "
                f"than their entry ({names}): look at the position.",
            )
        if len(done := list(filled_peers(group))) > 1:
            self._say_once(
                group,
                market,
                f"More than one order of an OCO group in {market.fqsn} was filled "
                f"({_names(done)}): look at the position.",
            )

    def _say_once(self, group: Group, market: Market, text: str) -> None:
        if (group.name, text) not in self._told:
            self._told.add((group.name, text))
            log.error("%s", text)
            self._warn(market.fqsn, text)


def _in_vain(step: Step) -> bool:
    """Tell whether the same was refused, or did not leave, when it was asked for last."""
    dialog = step.dialog
    if step.event is E.MODIFY:
        return step.size == dialog.refused_size
    return dialog.refused == ("new" if step.event is E.RELEASE else "cancel")


def _names(dialogs: Iterator[OrderDialog] | list[OrderDialog]) -> str:
    words = []
    for one in dialogs:
        role = one.order.link.role if one.order.link else "order"
        words.append(f"{role} {one.oid[:8]}, {one.filled} of {one.order.size}")
    return "; ".join(words)
