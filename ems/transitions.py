"""The life of an order, as a table: state x event -> state, what to do, what to tell.

Read it top to bottom: one block a state. A pair that is not here is logged whole and changes
nothing. `ems.lifecycle.Lifecycle` is the only code that reads it.
"""

from enum import Enum, auto
from typing import Final, NamedTuple


class S(Enum):
    """Where an order is in its life. The values are what the journal stores."""

    __hash__ = object.__hash__  # each is one object: no need to hash its name

    NEW = "new"  # made a moment ago; nobody has been told
    HELD = "held"  # a dark order or alert, waiting here for its price
    WAITING = "waits"  # held here for its group; no trigger is armed
    SENT = "sent"  # on its way to the venue, which has not answered
    UNKNOWN = "unknown"  # as SENT, and silence or a broken line: the venue is being asked
    ACKED = "acked"  # the venue has it and gave it a reqid; it does not work yet
    OPEN = "open"  # works at the venue
    CHANGING = "changing"  # works at the venue; a modify is on its way
    CANCELING = "canceling"  # at the venue; a cancel is on its way
    CLOSED = "closed"  # completely filled
    CANCELED = "canceled"  # cancelled, expired, or gone
    ERROR = "error"  # refused
    DONE = "done"  # an alert that rang


class E(Enum):
    """What can happen to an order."""

    __hash__ = object.__hash__  # each is one object: no need to hash its name

    # asked by a client
    SUBMIT = auto()  # a new live order
    HOLD = auto()  # a new dark order or alert
    WAIT = auto()  # a new order that its group lets go
    MODIFY = auto()
    CANCEL = auto()
    LINK = auto()  # another place in a group: the venue has no part in it
    # said by the dark book
    TRIGGER = auto()  # the price of a dark order was touched
    RING = auto()  # the price of an alert was touched
    # said by its group
    RELEASE = auto()  # to the venue
    RELEASE_DARK = auto()  # to be held here until its price is touched
    # said by the venue
    ADOPT = auto()  # an order that was not made here
    ACK = auto()
    LATE_ACK = auto()  # of an order that counts as never arrived, or as over
    NEW_REQID = auto()  # the venue calls it by another id from now on
    PENDING = auto()
    WORKING = auto()
    CHANGED = auto()  # works, with the price and size that a modify asked for
    MOVED = auto()  # works, with a price or size that nobody here asked for
    FILL = auto()
    FILLED = auto()  # completely
    CANCELED = auto()
    REFUSED = auto()
    CHANGE_REFUSED = auto()
    CANCEL_REFUSED = auto()
    STILL_THERE = auto()  # asked, the venue says: works, and as it was before the last request
    NOT_THERE = auto()  # asked, the venue says: no such order
    NOT_THERE_DARK = auto()  # the same, of a dark order that was on its way out
    NOT_THERE_GROUP = auto()  # the same, of an order that its group had let go
    # said by the line
    NOT_SENT = auto()  # the request did not leave, for sure
    NOT_SENT_DARK = auto()  # the same, of a dark order that was to go out
    NOT_SENT_GROUP = auto()  # the same, of an order that its group had let go
    SILENCE = auto()  # no answer in time, or the line broke with a request on its way
    STALE = auto()  # the line is down; this is how it was
    FRESH = auto()  # the line is back and this is how it is


class Do(Enum):
    """What a row does besides moving to its state."""

    __hash__ = object.__hash__  # each is one object: no need to hash its name

    SEND = auto()  # the new order to the venue
    SEND_CHANGE = auto()  # the modify
    SEND_CANCEL = auto()
    ASK = auto()  # the venue, what became of it
    ARM = auto()  # the trigger, from the side where the price is now
    REARM = auto()  # the trigger, from the side as before: a gap over the level fires
    DISARM = auto()
    KEEP = auto()  # the request until it can be sent; newest wins, a cancel beats a modify
    FLUSH = auto()  # send what was kept
    WISH = auto()  # note the change asked for
    BACK = auto()  # to being held here
    FORTH = auto()  # to being a live order: it did reach the venue
    TAKE = auto()  # the change asked for at once (it is held here)
    CONFIRM = auto()  # price and size as the venue has them
    DROP = auto()  # the change or cancel asked for
    COUNT = auto()  # the fill
    LINK = auto()  # take its place in a group
    DOUBT = auto()  # mark the outcome unknown


class Tell(Enum):
    """What clients hear of it."""

    __hash__ = object.__hash__  # each is one object: no need to hash its name

    NOTHING = auto()
    STATE = auto()  # the status key of the state
    FILL = auto()
    TRIGGERED = auto()


class Row(NamedTuple):
    """One row of the table."""

    state: S
    do: tuple[Do, ...] = ()
    tell: Tell = Tell.STATE


def _quiet(state: S, *do: Do) -> Row:
    return Row(state, do, Tell.NOTHING)


HERE: Final = frozenset({S.HELD, S.WAITING})
"""The venue knows nothing of it."""
AT_VENUE: Final = frozenset({S.SENT, S.UNKNOWN, S.ACKED, S.OPEN, S.CHANGING, S.CANCELING})
ACTIVE: Final = HERE | AT_VENUE
"""What a client that connects is told of."""
IN_FLIGHT: Final = frozenset({S.SENT, S.UNKNOWN, S.CHANGING, S.CANCELING})
"""A request is out and has no answer."""
OVER: Final = frozenset({S.CLOSED, S.CANCELED, S.ERROR, S.DONE})

_FILL: Final = (Do.COUNT,)
_END: Final = (Do.DROP,)

TRANSITIONS: Final[dict[tuple[S, E], Row]] = {
    # ---- made
    (S.NEW, E.SUBMIT): Row(S.SENT, (Do.SEND,)),
    (S.NEW, E.HOLD): Row(S.HELD, (Do.ARM,)),
    (S.NEW, E.WAIT): Row(S.WAITING),
    (S.NEW, E.ADOPT): Row(S.OPEN, (Do.CONFIRM,)),  # made elsewhere
    (S.NEW, E.REFUSED): Row(S.ERROR),  # by the gate: it never left
    # ---- held here: dark orders and alerts
    (S.HELD, E.MODIFY): Row(S.HELD, (Do.TAKE, Do.REARM)),  # at another level it has no side
    (S.HELD, E.CANCEL): Row(S.CANCELED, (Do.DISARM,)),
    (S.HELD, E.TRIGGER): Row(S.SENT, (Do.DISARM, Do.SEND), Tell.TRIGGERED),
    (S.HELD, E.RING): Row(S.DONE, (Do.DISARM,)),
    (S.HELD, E.REFUSED): Row(S.ERROR, (Do.DISARM,)),  # the gate stopped it at its trigger
    # held again because the venue did not know it, and now it does: it must not fire twice
    (S.HELD, E.LATE_ACK): Row(S.UNKNOWN, (Do.DISARM, Do.FORTH, Do.DOUBT, Do.ASK)),
    # ---- held here for its group: exits until their entry fills, a flatten until all else is gone
    (S.WAITING, E.MODIFY): Row(S.WAITING, (Do.TAKE,)),
    (S.WAITING, E.CANCEL): Row(S.CANCELED),
    (S.WAITING, E.RELEASE): Row(S.SENT, (Do.SEND,)),
    (S.WAITING, E.RELEASE_DARK): Row(S.HELD, (Do.TAKE, Do.ARM)),
    (S.WAITING, E.REFUSED): Row(S.ERROR),  # the gate stopped it when its group let it go
    # waits again because the venue did not know it, and now it does
    (S.WAITING, E.LATE_ACK): Row(S.UNKNOWN, (Do.FORTH, Do.DOUBT, Do.ASK)),
    # ---- sent, no answer yet: nothing can be asked of an order that has no reqid
    (S.SENT, E.MODIFY): Row(S.SENT, (Do.KEEP,)),
    (S.SENT, E.CANCEL): Row(S.SENT, (Do.KEEP,)),
    (S.SENT, E.ACK): Row(S.ACKED, (Do.FLUSH,)),
    (S.SENT, E.REFUSED): Row(S.ERROR, _END),
    (S.SENT, E.NOT_SENT): Row(S.ERROR, _END),
    (S.SENT, E.NOT_SENT_DARK): Row(S.HELD, (Do.BACK,)),  # armed when the line is back
    (S.SENT, E.NOT_SENT_GROUP): Row(S.WAITING, (Do.BACK,)),  # let go anew when the line is back
    (S.SENT, E.SILENCE): Row(S.UNKNOWN, (Do.DOUBT, Do.ASK)),
    # ---- outcome unknown: only the venue's word decides
    (S.UNKNOWN, E.MODIFY): Row(S.UNKNOWN, (Do.KEEP,)),
    (S.UNKNOWN, E.CANCEL): Row(S.UNKNOWN, (Do.KEEP,)),
    (S.UNKNOWN, E.ACK): Row(S.ACKED, (Do.FLUSH,)),
    (S.UNKNOWN, E.REFUSED): Row(S.ERROR, _END),
    (S.UNKNOWN, E.SILENCE): _quiet(S.UNKNOWN, Do.ASK),
    (S.UNKNOWN, E.NOT_THERE): Row(S.ERROR, _END),
    (S.UNKNOWN, E.NOT_THERE_DARK): Row(S.HELD, (Do.BACK, Do.REARM, Do.FLUSH)),
    (S.UNKNOWN, E.NOT_THERE_GROUP): Row(S.WAITING, (Do.BACK, Do.FLUSH)),
    # ---- acknowledged, not working yet
    (S.ACKED, E.PENDING): Row(S.ACKED, (Do.CONFIRM,)),
    (S.ACKED, E.WORKING): Row(S.OPEN, (Do.CONFIRM,)),
    (S.ACKED, E.MOVED): Row(S.OPEN, (Do.CONFIRM,)),
    (S.ACKED, E.STILL_THERE): Row(S.OPEN, (Do.CONFIRM,)),
    (S.ACKED, E.MODIFY): Row(S.CHANGING, (Do.WISH, Do.SEND_CHANGE)),
    (S.ACKED, E.CANCEL): Row(S.CANCELING, (Do.SEND_CANCEL,)),
    (S.ACKED, E.FILL): Row(S.ACKED, _FILL, Tell.FILL),
    (S.ACKED, E.FILLED): Row(S.CLOSED, _END),  # filled before the venue called it open
    (S.ACKED, E.CANCELED): Row(S.CANCELED, _END),
    (S.ACKED, E.REFUSED): Row(S.ERROR, _END),
    (S.ACKED, E.NOT_THERE): Row(S.CANCELED, _END),
    # ---- works
    (S.OPEN, E.PENDING): Row(S.OPEN, (Do.CONFIRM,)),  # held back by the venue, may work again
    (S.OPEN, E.MOVED): Row(S.OPEN, (Do.CONFIRM,)),  # changed from elsewhere
    (S.OPEN, E.MODIFY): Row(S.CHANGING, (Do.WISH, Do.SEND_CHANGE)),
    (S.OPEN, E.CANCEL): Row(S.CANCELING, (Do.SEND_CANCEL,)),
    (S.OPEN, E.FILL): Row(S.OPEN, _FILL, Tell.FILL),  # still works: can be moved and cancelled
    (S.OPEN, E.FILLED): Row(S.CLOSED, _END),
    (S.OPEN, E.CANCELED): Row(S.CANCELED, _END),
    (S.OPEN, E.REFUSED): Row(S.ERROR, _END),  # some venues refuse what they took first
    (S.OPEN, E.NOT_THERE): Row(S.CANCELED, _END),  # vanished: ends with a reason
    # a refusal of what was not asked for: twice the same, or the order itself is meant
    (S.OPEN, E.CHANGE_REFUSED): _quiet(S.OPEN, Do.ASK),
    (S.OPEN, E.CANCEL_REFUSED): _quiet(S.OPEN, Do.ASK),
    # ---- a modify is on its way: one at a time, so that each answer has one question
    (S.CHANGING, E.MODIFY): Row(S.CHANGING, (Do.KEEP,)),
    (S.CHANGING, E.CANCEL): Row(S.CANCELING, (Do.SEND_CANCEL,)),
    (S.CHANGING, E.CHANGED): Row(S.OPEN, (Do.CONFIRM, Do.FLUSH)),
    (S.CHANGING, E.MOVED): Row(S.CHANGING, (Do.CONFIRM,)),
    (S.CHANGING, E.CHANGE_REFUSED): Row(S.OPEN, (Do.DROP, Do.FLUSH)),
    (S.CHANGING, E.NOT_SENT): Row(S.OPEN, _END),
    (S.CHANGING, E.STILL_THERE): Row(S.OPEN, (Do.CONFIRM, Do.DROP, Do.FLUSH)),
    (S.CHANGING, E.SILENCE): Row(S.CHANGING, (Do.DOUBT, Do.ASK)),
    (S.CHANGING, E.FILL): Row(S.CHANGING, _FILL, Tell.FILL),
    (S.CHANGING, E.FILLED): Row(S.CLOSED, _END),  # the fill wins
    (S.CHANGING, E.CANCELED): Row(S.CANCELED, _END),
    (S.CHANGING, E.REFUSED): Row(S.ERROR, _END),
    (S.CHANGING, E.NOT_THERE): Row(S.CANCELED, _END),
    # ---- a cancel is on its way
    (S.CANCELING, E.CHANGED): Row(S.CANCELING, (Do.CONFIRM,)),  # the modify before the cancel
    (S.CANCELING, E.MOVED): Row(S.CANCELING, (Do.CONFIRM,)),
    # "Cannot cancel" may mean "filled": ask before anyone is told, the fill wins.
    (S.CANCELING, E.CANCEL_REFUSED): _quiet(S.CANCELING, Do.ASK),
    (S.CANCELING, E.NOT_SENT): Row(S.OPEN, _END),
    (S.CANCELING, E.STILL_THERE): Row(S.OPEN, (Do.CONFIRM, Do.DROP)),
    (S.CANCELING, E.SILENCE): Row(S.CANCELING, (Do.DOUBT, Do.ASK)),
    (S.CANCELING, E.FILL): Row(S.CANCELING, _FILL, Tell.FILL),
    (S.CANCELING, E.FILLED): Row(S.CLOSED, _END),
    (S.CANCELING, E.CANCELED): Row(S.CANCELED, _END),
    (S.CANCELING, E.REFUSED): Row(S.ERROR, _END),
    (S.CANCELING, E.NOT_THERE): Row(S.CANCELED, _END),
    # ---- groups live here: who is in which changes nothing at the venue
    **{(state, E.LINK): Row(state, (Do.LINK,)) for state in ACTIVE},
    # ---- over: a late fill is counted and shown, and revives nothing
    **{(state, E.FILL): Row(state, _FILL, Tell.FILL) for state in OVER},
    # ---- asked of an order that is over: tell how it ended; that is no error (the fill won)
    **{(state, asked): Row(state) for state in OVER for asked in (E.MODIFY, E.CANCEL)},
    # ---- over here, alive there: the venue's word counts, so ask, then believe it
    **{(state, E.LATE_ACK): _quiet(state, Do.ASK) for state in OVER - {S.DONE}},
    **{(state, E.STILL_THERE): Row(S.OPEN, (Do.FORTH, Do.CONFIRM)) for state in OVER - {S.DONE}},
    (S.ERROR, E.FILLED): Row(S.CLOSED),  # it was never there, we thought, and it was filled
    # ---- the line to the venue
    **{(state, E.NEW_REQID): Row(state) for state in AT_VENUE - {S.SENT, S.UNKNOWN}},
    **{(state, E.NEW_REQID): _quiet(state) for state in OVER - {S.DONE}},
    **{(state, E.STALE): Row(state) for state in AT_VENUE},
    **{(state, E.FRESH): Row(state) for state in AT_VENUE},
}

NO_NEWS: Final[frozenset[tuple[S, E]]] = frozenset(
    # ---- what venues repeat, or say too late to matter: no effect, and not worth a log line
    [(state, E.WORKING) for state in (S.OPEN, S.CHANGING, S.CANCELING)]
    + [(state, E.PENDING) for state in (S.CHANGING, S.CANCELING)]
    + [(state, E.STILL_THERE) for state in (S.OPEN,)]
    + [(state, E.CHANGE_REFUSED) for state in (S.CANCELING,)]
    + [(state, E.CANCEL) for state in (S.CANCELING,)]  # exactly one goes out
    + [(state, E.SILENCE) for state in (S.HELD, S.WAITING, S.ACKED, S.OPEN)]
    + [
        (state, event)
        for state in OVER
        for event in E
        if (state, event) not in TRANSITIONS and event not in (E.SUBMIT, E.HOLD, E.WAIT, E.ADOPT)
    ]
)
