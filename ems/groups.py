"""Does what groups want done, through the same table as every request of a client."""

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from decimal import Decimal
from functools import partial
from typing import Final, Protocol

from msgspec.structs import replace

from ems.departures import Departures
from ems.dialog_changes import Fact
from ems.dialog_index import DialogIndex
from ems.flatten_rules import after_due, flatten_due, flattening
from ems.group_faults import faults, left_over
from ems.group_index import GroupIndex, Place, place_of
from ems.group_rules import Step, due, protected_sizes
from ems.lifecycle import Lifecycle
from ems.market import Market
from ems.messages import ZERO
from ems.order_dialog import OrderDialog
from ems.positions import PositionBook
from ems.refusal import Refusal
from ems.retry import Retry
from ems.transitions import OVER, E, S

log = logging.getLogger(__name__)

_BEGINS: Final = frozenset({E.SUBMIT, E.HOLD, E.WAIT, E.RELEASE, E.TRIGGER})


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
        dialogs: DialogIndex,
        lifecycle: Lifecycle,
        positions: PositionBook,
        hub: Triggering,
        departures: Departures,
        gate: ReleaseGate,
        is_up: Callable[[str], bool],
        warn: Callable[[str, str], None],
    ) -> None:
        self.index: Final = index
        self._dialogs = dialogs
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
        self._closed: set[Place] = set()
        """Where a position was closed, and nothing has begun since."""
        self._retry = Retry(self._try_again)

    def close(self) -> None:
        """Stop the timer."""
        self._retry.stop()

    # ---- what happened

    def moved(self, dialog: OrderDialog, event: E) -> None:
        """Something happened to an order."""
        if dialog.order.link is not None:
            self.index.note(dialog)
        elif dialog.state in OVER and event is E.FILL:
            self.index.reopen(dialog)
        if not (self.index.by_place or self._closed):
            return
        place = place_of(dialog)
        if self._closed:
            self._after_a_flatten(dialog, event, place)
        if self.index.has(place) and event not in (E.NOT_SENT_GROUP, E.NOT_SENT):
            self.settle(place)

    def _after_a_flatten(self, dialog: OrderDialog, event: E, place: Place) -> None:
        """A late fill opens what was just closed: say so, until something new begins there."""
        if event in _BEGINS:
            self._closed.discard(place)
        elif event is E.FILL and dialog.over and place in self._closed:
            there = self._positions.there(*place)
            if there:
                text = left_over(self._hub.markets[place[1]], place[0], there)
                self._say_once(f"{dialog.oid} {dialog.filled}", place[1], text)

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
        groups = self.index.at(place)
        sizes = protected_sizes(groups, partial(self._position, place))
        closing = flattening(groups) is not None
        for group in groups:
            for text in faults(group, market, sizes[group.name], closing=closing):
                self._say_once(group.name, market.fqsn, text)
            flattens = group.having("flatten")
            if any(one.state is S.CLOSED for one in flattens) and not group.having("after"):
                self._closed.add(place)
            if not group.alive:
                self.index.close(place, group)

    # ---- inside

    def _next(self, place: Place, market: Market) -> Step | None:
        groups = self.index.at(place)
        flatten = flattening(groups)
        there = self._positions.there(*place)
        if flatten is not None:
            active = [one for one in self._dialogs.active() if place_of(one) == place]
            steps = flatten_due(flatten, active, there, owed=self._owed(place))
        else:
            position = partial(self._position, place)
            steps = due(groups, position, market.floor_size) + after_due(groups, there)
        return next((step for step in steps if self._can(step)), None)

    def _position(self, place: Place, is_long: bool) -> Decimal:
        """How much of a long or short position there may be: by our count or the venue's."""
        record = self._positions.of(*place)
        sizes = (record.size, record.there)
        return max(ZERO, *(size if is_long else -size for size in sizes))

    def _owed(self, place: Place) -> bool:
        """Tell whether a fill of an order that is over is known of, and was not heard of."""
        return any(one.owed and place_of(one) == place for one in self._dialogs.over())

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
        self._again = {one.oid for one in self._dialogs.active() if self.index.has(place_of(one))}
        self.settle_all()

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
        order = replace(
            dialog.order,
            size=step.size or dialog.order.size,
            action=step.action or dialog.order.action,
        )
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

    def _say_once(self, group: str, symbol: str, text: str) -> None:
        if (group, text) not in self._told:
            self._told.add((group, text))
            log.error("%s", text)
            self._warn(symbol, text)


def _in_vain(step: Step) -> bool:
    """Tell whether the same was refused, or did not leave, when it was asked for last."""
    dialog = step.dialog
    if step.event is E.MODIFY:
        return step.size == dialog.refused_size
    return dialog.refused == ("new" if step.event is E.RELEASE else "cancel")
