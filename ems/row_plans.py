"""The table of `ems.transitions`, each row with all that can be known of it before it is used."""

from collections.abc import Callable, Mapping
from typing import Final, TypeAlias

import msgspec

from ems.dialog_changes import Fact
from ems.messages import Resp
from ems.order_dialog import OrderDialog
from ems.transitions import ACTIVE, HERE, OVER, TRANSITIONS, Do, E, Row, S, Tell

Step: TypeAlias = Callable[[OrderDialog, Fact], None]
"""What does one thing of a row."""

_EVENT_RESP: Final[dict[Tell, Resp]] = {Tell.FILL: "fill", Tell.TRIGGERED: "triggered"}
_ONLY_HERE: Final = HERE | {S.NEW}
"""No venue knows of it: what the journal has not got is lost in a crash."""


class Plan(msgspec.Struct, frozen=True, kw_only=True):
    """What to do about one event in one state."""

    name: str
    """Of the event, as the journal has it."""
    state: S
    moves: bool
    """To another state."""
    steps: tuple[Step, ...]
    flushes: bool
    """Last, so that clients hear of the answer before the next request leaves."""
    tells: bool
    resp: Resp | None
    """The status key, if it is an event and not the state."""
    ends: bool
    """The order is over after it."""
    forgets: bool
    """No answer about the order is needed any more."""
    overtakes: bool
    """An answer that is on its way is old; a fill does not make it so."""
    stale: bool | None
    """What it says of the line to the venue."""
    counts: bool
    """An execution: on disk before anybody is told, as not every venue tells of one again."""
    places: bool
    """It is looked for elsewhere after it: among active orders, or among those that are over."""
    at_once: bool
    """Has to be on disk before anybody is told: no venue would say it again."""


def make_plans(steps: Mapping[Do, Step]) -> dict[tuple[S, E], Plan]:
    """Return the plan of each row, by state and event.

    Parameters
    ----------
    steps
        What does each thing; none for `Do.FLUSH`.
    """
    return {
        (before, event): _plan(before, event, row, steps)
        for (before, event), row in TRANSITIONS.items()
    }


def _plan(before: S, event: E, row: Row, steps: Mapping[Do, Step]) -> Plan:
    forgets = row.state in OVER and before in ACTIVE
    return Plan(
        name=event.name,
        state=row.state,
        moves=row.state is not before,
        steps=tuple(steps[do] for do in row.do if do is not Do.FLUSH),
        flushes=Do.FLUSH in row.do,
        tells=row.tell is not Tell.NOTHING,
        resp=_EVENT_RESP.get(row.tell),
        ends=row.state in OVER,
        forgets=forgets,
        overtakes=not forgets and event is not E.FILL,
        stale={E.STALE: True, E.FRESH: False}.get(event),
        counts=event is E.FILL,
        places=(
            before is S.NEW
            or (before in OVER) is not (row.state in OVER)
            or Do.FLUSH in row.do  # a cancel that was kept ends what is held here again
        ),
        at_once=event is E.CANCEL or not _ONLY_HERE.isdisjoint({before, row.state}),
    )
