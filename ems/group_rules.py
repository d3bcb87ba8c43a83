"""What the orders of a group do to each other: a pure function of their records.

Nothing is remembered here. Whoever asks again, after any event or a crash, is told what is still to
be done; once it is done, nothing is due.
"""

from collections.abc import Callable, Sequence
from decimal import Decimal
from typing import Final, NamedTuple

from ems.messages import ZERO, Action, Role
from ems.order_dialog import OrderDialog
from ems.ties import (
    FILLED_ELSEWHERE,
    IN_ITS_PLACE,
    comes_back,
    is_up_to_its_venue,
    mates,
    replaced,
)
from ems.transitions import HERE, E, S

Floor = Callable[[Decimal], Decimal]
"""Rounds a size down to whole lots."""

NO_ENTRY: Final = "Its entry ended without a fill."
NOTHING_LEFT: Final = "There is nothing left that it could close."
EXITS_DONE: Final = "Its exits have closed what was filled of it."
TOO_LARGE: Final = "There is less to close, and the venue did not make it smaller."
FOLLOWS: Final = "Its size follows what there is to close."


class Step(NamedTuple):
    """One thing that a group wants done."""

    dialog: OrderDialog
    event: E
    """``RELEASE``, ``MODIFY`` or ``CANCEL``; ``WAIT`` puts a new order in its place."""
    size: Decimal | None = None
    """The whole size, what is filled included; None = as it is."""
    reason: str = ""
    action: Action | None = None
    """The side of a flatten, known as it leaves."""
    anew: bool = False
    """It is cancelled to be put anew, as it is."""
    venue_does: bool = False
    """Its venue is to do this by itself, or to say why not; only if it does not in time is it
    asked for."""


class Group(NamedTuple):
    """The orders that name the same group, and the order that is its entry, if there is one."""

    name: str
    entry: OrderDialog | None
    members: tuple[OrderDialog, ...]
    """Oldest first, those that are over included."""

    def having(self, *roles: Role) -> list[OrderDialog]:
        """Return the members with one of the roles."""
        return [one for one in self.members if one.order.link and one.order.link.role in roles]

    @property
    def exits(self) -> list[OrderDialog]:
        """Its stops and targets."""
        return self.having("stop", "target")

    @property
    def closes_longs(self) -> bool:
        """True if its exits sell."""
        return any(one.order.action == "sell" for one in self.exits)

    @property
    def exits_filled(self) -> Decimal:
        """What its exits have closed, as soon as it is known: before the fills are told, too."""
        return sum((one.done for one in self.exits), ZERO)

    @property
    def is_done(self) -> bool:
        """True once its exits have closed all that there was."""
        return ZERO < self.covers <= self.exits_filled

    @property
    def covers(self) -> Decimal:
        """What its exits are to close in all: what of the entry is filled, or what was asked."""
        if self.entry is not None:
            return self.entry.filled
        back = {one.oid for one in self.coming_back}
        sides = (self.having("stop"), self.having("target"))
        return max(sum((asked(one, one.oid in back) for one in side), ZERO) for side in sides)

    @property
    def coming_back(self) -> list[OrderDialog]:
        """Those that have ended, and another is to be put in their place."""
        again = replaced(self.members)
        ended = (one for one in self.members if one.over and one.oid not in again)
        return [one for one in ended if comes_back(one, self.members)]

    @property
    def entry_may_fill(self) -> bool:
        """True while a fill of the entry may still come."""
        entry = self.entry
        if entry is None:
            return False
        return entry.active or entry.owed or (entry.state is S.CLOSED and not entry.filled)

    @property
    def alive(self) -> bool:
        """True while anything can be due."""
        entry = self.entry
        return (entry is not None and entry.active) or any(one.active for one in self.members)


def asked(exit_: OrderDialog, comes_back: bool = False) -> Decimal:
    """Return the size that the owner of an exit of a position asked for; what it did, if over."""
    if not (exit_.active or comes_back):
        return exit_.done
    return exit_.order.size if exit_.asked_size is None else exit_.asked_size


def group_due(group: Group, protected: Decimal, floor: Floor) -> list[Step]:
    """Return what a group wants done now, given how much there is for its exits to close."""
    steps = exits_due(group, protected, floor) if group.exits else []
    return steps + peers_due(group)


def need_of(group: Group) -> Decimal:
    """Return how much the exits of a group are still to close, if there is enough for all."""
    return max(ZERO, group.covers - group.exits_filled)


# ---- exits


def exits_due(group: Group, protected: Decimal, floor: Floor) -> list[Step]:
    """Return what a group of exits wants done, given how much there is for them to close."""
    held, at_venue = layers(group.having("stop"))
    targets = group.having("target")
    wanted = allot(group, held, max(ZERO, protected - _touched(at_venue)), floor)
    wanted |= allot(group, at_venue, max(ZERO, protected - _touched(held)), floor)
    wanted |= allot(group, targets, max(ZERO, protected - _touched(held + at_venue)), floor)
    steps = [step for one in group.exits if (step := _exit_step(group, one, wanted)) is not None]
    steps += _renewals(group, wanted, protected)
    entry = group.entry
    if entry is not None and group.is_done and can_cancel(entry):
        steps.append(Step(entry, E.CANCEL, reason=EXITS_DONE))
    return steps


def allot(
    group: Group, exits: Sequence[OrderDialog], protected: Decimal, floor: Floor
) -> dict[str, Decimal]:
    """Return how much each of the stops, or each of the targets, is still to close, by oid."""
    wanted, left = {}, protected
    for one, quota in zip(exits, _quotas(group, exits, floor), strict=True):
        wanted[one.oid] = min(max(ZERO, quota - one.done), left) if one.active else ZERO
        left -= wanted[one.oid]
    return wanted


def _quotas(group: Group, exits: Sequence[OrderDialog], floor: Floor) -> list[Decimal]:
    """Return what each is to close in all: whole lots that add up to what all shares add up to."""
    if group.entry is None:
        return [asked(one) for one in exits]
    quotas, so_far, share = [], ZERO, ZERO
    for one in exits:
        if one.over and one.state is not S.CLOSED:  # its share is free for another
            quotas.append(one.done)
            continue
        mine = one.order.link.share if one.order.link else ZERO
        if share + mine > ALL_SHARES:  # after one that was filled: a part of what is new
            quotas.append(floor(group.covers * mine))
            continue
        share += mine
        upto = group.covers if share > _ALL - _HAIR else floor(group.covers * share)
        quotas.append(upto - so_far)
        so_far = upto
    return quotas


_ALL: Final = Decimal(1)
_HAIR: Final = Decimal("0.001")
"""Three thirds are one."""
ALL_SHARES: Final = _ALL + _HAIR
"""What the shares of one kind of exits may add up to."""


def layers(stops: Sequence[OrderDialog]) -> tuple[list[OrderDialog], list[OrderDialog]]:
    """Return the stops that are held here and those at the venue.

    Each layer may close all that there is: a wide stop at the venue protects while the program is
    closed, behind a nearer one that is held here.
    """
    held = [one for one in stops if is_held(one)]
    return held, [one for one in stops if not is_held(one)]


def is_held(one: OrderDialog) -> bool:
    """Tell whether an order is held here, or was until its price was touched."""
    return one.was_dark or one.order.exec_mode == "dark"


def _exit_step(group: Group, one: OrderDialog, to_close: dict[str, Decimal]) -> Step | None:
    if not one.active:
        return None
    wanted, tied = to_close[one.oid], mates(one, group.members)
    if one.state is S.WAITING and wanted:
        return Step(one, E.RELEASE, wanted)
    if not wanted:
        if any(to_close[other.oid] for other in tied):
            return None  # a cancel would end those too: the venue sees to it
        over = not group.entry_may_fill or group.is_done
        waits_on = one.state is S.WAITING and not over
        return None if waits_on or not can_cancel(one) else _end(group, one)
    size = one.done + wanted
    if size == one.wanted.size or one.order.type == "market" or not can_cancel(one):
        return None
    if size == one.refused_size and size < one.order.size and not one.unsent:
        return Step(one, E.CANCEL, reason=TOO_LARGE)  # it cannot be made smaller
    up_to_it = is_up_to_its_venue(one, wanted, tied)
    return Step(one, E.MODIFY, size, FOLLOWS, venue_does=up_to_it)


def _renewals(group: Group, wanted: dict[str, Decimal], protected: Decimal) -> list[Step]:
    """Return the exits to put another in the place of, as something is left to close.

    A venue ends a whole group when one order of it is cancelled; here the others live on.
    """
    steps: list[Step] = []
    ended = [] if group.is_done else [one.oid for one in group.coming_back]
    for one in group.having("stop") + group.having("target"):
        if one.oid not in ended:
            continue
        alike = group.having(one.order.link.role) if one.order.link else []
        closed = sum((wanted[other.oid] for other in alike if not is_held(other)), ZERO)
        if closed < protected:
            steps.append(Step(one, E.WAIT, protected - closed, IN_ITS_PLACE))
    return steps


def _end(group: Group, one: OrderDialog) -> Step:
    if group.exits_filled:
        return Step(one, E.CANCEL, reason=FILLED_ELSEWHERE)
    return Step(one, E.CANCEL, reason=NOTHING_LEFT if group.covers else NO_ENTRY)


def _touched(stops: Sequence[OrderDialog]) -> Decimal:
    """Return how much stops close now, whatever the other orders of their group do."""
    return sum(
        (
            max(ZERO, one.order.size - one.done)
            for one in stops
            if one.active and one.state not in HERE and (one.was_dark or one.triggered)
        ),
        ZERO,
    )


# ---- one cancels the other


def peers_due(group: Group) -> list[Step]:
    """Return whom the first fill among peers ends; before it, what its venue ended goes anew.

    Where several were filled in a race, one that is filled completely ends the rest of the others.
    What its venue ended together with a peer that is being cancelled waits until that is over: it
    may have been filled instead, and then both would be.
    """
    peers = group.having("peer")
    filled = (one for one in peers if one.done)
    first = min(filled, key=lambda one: one.state is not S.CLOSED, default=None)
    if first is None:
        back = group.coming_back if peers else []
        ended = [one for one in back if not any(m.active for m in mates(one, peers))]
        waiting = [one for one in peers if one.state is S.WAITING]
        return [Step(one, E.WAIT, reason=IN_ITS_PLACE) for one in ended] + [
            Step(one, E.RELEASE) for one in waiting
        ]
    others = (one for one in peers if one is not first and can_cancel(one))
    return [
        Step(one, E.CANCEL, reason=FILLED_ELSEWHERE, venue_does=first.active and _tied(one, first))
        for one in others
    ]


def _tied(one: OrderDialog, other: OrderDialog) -> bool:
    return one.tie is not None and one.tie == other.tie and one.state not in HERE


# ---- what can be asked now


def can_cancel(one: OrderDialog) -> bool:
    """Tell whether a cancel makes sense that was not asked for already."""
    is_filled = one.state not in HERE and one.done >= one.order.size  # its end is on the way
    return one.active and not (one.stale or one.cancel_called or is_filled)
