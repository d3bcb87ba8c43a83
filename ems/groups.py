"""Does what groups want done, through the same table as every request of a client."""

import logging
from collections import defaultdict
from collections.abc import Callable, Container, Iterable, Iterator, Mapping
from contextlib import contextmanager
from decimal import Decimal
from functools import partial
from typing import Final

from ems.departing_ties import DepartingTies
from ems.departures import Departures
from ems.dialog_index import DialogIndex
from ems.flatten_rules import after_due, flatten_due, flattening
from ems.group_faults import faults, left_over
from ems.group_index import GroupIndex, Place, place_of
from ems.group_rules import Group, Step, can_cancel, group_due
from ems.group_shares import GroupShares
from ems.group_steps import GroupSteps, ReleaseGate, Triggering
from ems.lifecycle import Lifecycle
from ems.market import Market
from ems.messages import ZERO
from ems.order_dialog import OrderDialog
from ems.positions import PositionBook
from ems.retry import Retry
from ems.tied_groups import TiedGroups
from ems.transitions import OVER, E, S
from ems.venue_patience import VenuePatience

log = logging.getLogger(__name__)

SETTLES_NS: Final = 3_000_000_000
"""So long after a fill a venue's figure of the position may be an older one."""
_BEGINS: Final = frozenset({E.SUBMIT, E.HOLD, E.WAIT, E.RELEASE, E.TRIGGER})


class Groups:
    """Keeps the orders of each group as they have to be.

    Parameters
    ----------
    is_up
        Tells whether the line to a broker is up.
    warn
        Tells every client of a market something that is wrong.
    known_markets
        Those that were ever watched: sizes are kept right also while one cannot be watched.
    unwatched
        Those that could not be watched in this run.
    ties
        Which group at its venue an order leaves in.
    clock
        Now, UTC ns.
    """

    def __init__(
        self,
        index: GroupIndex,
        dialogs: DialogIndex,
        lifecycle: Lifecycle,
        positions: PositionBook,
        hub: Triggering,
        departures: Departures,
        ties: DepartingTies,
        gate: ReleaseGate,
        is_up: Callable[[str], bool],
        warn: Callable[[str, str], None],
        known_markets: Mapping[str, Market],
        unwatched: Container[str],
        clock: Callable[[], int],
    ) -> None:
        self.index: Final = index
        self._dialogs = dialogs
        self._lifecycle = lifecycle
        self._positions = positions
        self._hub = hub
        self._known_markets = known_markets
        self._departures = departures
        self._tied = TiedGroups(index, ties, lifecycle.ask)
        self._clock = clock
        self._warn = warn
        self._shares: defaultdict[Place, GroupShares] = defaultdict(GroupShares)
        self._busy: set[Place] = set()
        self._paused = 0
        self._told: set[tuple[str, str]] = set()
        self._closed: set[Place] = set()
        """Where a position was closed, and nothing has begun since."""
        self._closing: set[Place] = set()
        self._retry = Retry(self._try_again)
        self._patience = VenuePatience(self.settle_all)
        self._steps = GroupSteps(
            *(lifecycle, hub, departures, ties, gate, is_up),
            *(self._retry.start, self._patience, unwatched, self._say_once),
        )

    def close(self) -> None:
        """Stop the timers."""
        self._retry.stop()
        self._patience.stop()

    # ---- what happened

    def moved(self, dialog: OrderDialog, event: E) -> None:
        """Something happened to an order."""
        link = dialog.order.link
        if link is not None:
            self.index.note(dialog)
        elif dialog.state in OVER and event is E.FILL:
            self.index.reopen(dialog)
        if not (self.index.by_place or self._closed):
            return
        self._tied.moved(dialog, event)
        place = place_of(dialog)
        if event is E.LINK:
            for name in self.index.leave(dialog):
                self._forget(name, place)
        if self._closed:
            self._after_a_flatten(dialog, event, place)
        if not self.index.has(place):
            return
        if concerns := self.index.concerns(dialog):
            self._shares[place].look_at((dialog.oid if link is None else link.group,))
        if event is E.NOT_SENT or event is E.NOT_SENT_GROUP:
            return  # it is tried later
        if concerns or event is E.FILL or place in self._closing:
            self.settle(place)

    def why_ended(self, dialog: OrderDialog) -> str:
        """Say what its venue ended a tied order for; empty = unknown, or asked for here."""
        return self._tied.why_ended(dialog)

    def _after_a_flatten(self, dialog: OrderDialog, event: E, place: Place) -> None:
        """A late fill opens what was just closed: say so, until something new begins there."""
        if event in _BEGINS:
            self._closed.discard(place)
        elif event is E.FILL and dialog.over and place in self._closed:
            there = self._positions.there(*place)
            if there:
                text = left_over(self._known_markets[place[1]], place[0], there)
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
            if self.index.has(place):  # still: what was due elsewhere may have ended it
                self._shares[place].look_at(self.index.by_place[place])
                self.settle(place)

    def settle(self, place: Place) -> None:
        """Do what is due at a place; what that brings about is seen to before this returns."""
        market = self._known_markets.get(place[1])
        shares = self._shares[place]
        shares.look_at(group.name for group in self.index.closers(place))
        if place in self._busy or self._paused or market is None:
            return
        self._busy.add(place)
        try:
            seen, closing = self._work(place, shares, market)
        finally:
            self._busy.discard(place)
        (self._closing.add if closing else self._closing.discard)(place)
        for name in seen:
            self._conclude(name, place, market, closing=closing)
        if not self.index.has(place):
            self._shares.pop(place, None)

    # ---- inside

    def _work(
        self, place: Place, shares: GroupShares, market: Market
    ) -> tuple[dict[str, None], bool]:
        """Do what is due until nothing is.

        Returns
        -------
        dict
            The names of the groups that were looked at.
        bool
            Whether the position is being closed; until it is, the groups want nothing else.
        """
        seen: dict[str, None] = {}
        position = partial(self._position, place)
        while True:
            names = shares.take()
            seen |= names
            for group in self._groups(names):
                shares.note(group)
            flatten = flattening(self.index.closers(place))
            if flatten is not None:
                self._flatten(flatten, place)
                shares.put_off(names)
            else:
                shares.share_out(self.index.by_place.get(place, {}), position)
                for group in self._groups(names):
                    if self._do(self._due(group, place, shares, market)):
                        shares.look_at((group.name,))
                shares.take_up()
            if not shares.due:
                return seen, flatten is not None

    def _groups(self, names: Iterable[str]) -> Iterator[Group]:
        """Yield those of the groups that something can still happen to, as they are now."""
        for name in tuple(names):
            if (group := self.index.of(name)) is not None:
                yield group

    def _due(self, group: Group, place: Place, shares: GroupShares, market: Market) -> list[Step]:
        steps = group_due(group, shares.size(group.name), market.floor_size)
        if group.having("after"):
            steps += after_due([group], self._positions.there(*place))
        return steps or self._tied.due(group)

    def _flatten(self, flatten: OrderDialog, place: Place) -> None:
        """Do what closing the position asks for now."""
        while True:
            active = [one for one in self._dialogs.active() if place_of(one) == place]
            there = self._positions.there(*place)
            if not self._do(flatten_due(flatten, active, there, partial(self._owed, place))):
                return

    def _do(self, steps: Iterable[Step]) -> bool:
        """Do steps until other things may be due; False if nothing could be done."""
        done = False
        for step in steps:
            ended = step.event is E.CANCEL and not can_cancel(step.dialog)  # since it was due
            if ended or not self._steps.can(step):
                continue
            if not self._steps.do(step):
                return False
            done = True
            if step.event is not E.CANCEL:
                break
        return done

    def _conclude(self, name: str, place: Place, market: Market, *, closing: bool) -> None:
        """Say what is wrong with a group, and forget it once it is over."""
        group = self.index.of(name)
        if group is None:
            return
        protected = self._shares[place].size(name)
        for text in faults(group, market, protected, self._may_be_explained, closing=closing):
            self._say_once(name, market.fqsn, text)
        flattens = group.having("flatten")
        if any(one.state is S.CLOSED for one in flattens) and not group.having("after"):
            self._closed.add(place)
        if not (group.alive or group_due(group, protected, market.floor_size)):
            self.index.close(group)
            self._forget(name, *{place_of(one) for one in group.members})

    def _forget(self, name: str, *places: Place) -> None:
        """Keep nothing of a group that is not listed any more."""
        self._tied.forget(name)
        for place in places:
            self._shares[place].forget(name)
            if not self.index.has(place):
                self._shares.pop(place, None)

    def _position(self, place: Place, is_long: bool) -> Decimal:
        """How much of a long or short position there may be: by our count or the venue's."""
        record = self._positions.of(*place)
        sizes = (record.size, record.there)
        return max(ZERO, *(size if is_long else -size for size in sizes))

    def _may_be_explained(self, one: OrderDialog) -> bool:
        """Tell whether word of what a venue ended a tied order for may still come."""
        return self._patience.waits(one.oid, one.state)

    def _owed(self, place: Place) -> bool:
        """Tell whether what is really there may still change without an order.

        A fill of an order that is over is known of and was not heard of; or the venue's figure
        differs from ours and its news of the newest fill may still be on their way.
        """
        if any(one.owed and place_of(one) == place for one in self._dialogs.over()):
            return True
        record = self._positions.of(*place)
        agree = record.said is None or record.said == record.size
        if agree or self._departures.abilities(*place).reduce_only:
            return False
        settling = 0 <= self._clock() - record.filled_ns < SETTLES_NS  # a clock may be set back
        if settling:
            self._retry.start()
        return settling

    def _try_again(self) -> None:
        """Do what was refused, once more."""
        active = self._dialogs.active()
        self._steps.try_again({one.oid for one in active if self.index.has(place_of(one))})
        self.settle_all()

    def _say_once(self, about: str, symbol: str, text: str) -> None:
        if (about, text) not in self._told:
            self._told.add((about, text))
            log.error("%s", text)
            self._warn(symbol, text)
