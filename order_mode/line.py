"""One order line as data: all that a chart needs to draw it and nothing of how."""

from dataclasses import dataclass
from decimal import Decimal
from enum import Enum, auto
from typing import Final, Literal, TypeAlias

from ems.messages import Action

STAGED_KEY: Final = "staged"
"""The key of the line that follows the cursor; those of its exits begin with it."""
POSITION_KEY: Final = "position"
"""The key of the line of the position; every other key is an ``oid``."""


def is_order(key: str) -> bool:
    """Tell whether a line is that of an order that was asked for."""
    return key != POSITION_KEY and not is_staged(key)


def is_staged(key: str) -> bool:
    """Tell whether a line is that of an order, or an exit, in the trader's hand."""
    return key.startswith(STAGED_KEY)


class LineStyle(Enum):
    """How sure it is that there is an order at this price."""

    STAGED = auto()  # in the trader's hand; nobody was asked for anything
    DOTTED = auto()  # asked for
    DASHED = auto()  # held here, not at the venue
    WAITING = auto()  # held here for its group: no trigger is armed yet
    SOLID = auto()  # confirmed by the venue
    POSITION = auto()  # no order: the average price of the position


Button: TypeAlias = Literal["exit", "half_out", "break_even", "reverse", "flatten"]
"""``exit`` is a handle: what is dragged out of it is a stop-loss or a take-profit."""


@dataclass(frozen=True, slots=True)
class Label:
    """The words on a line, one field each; an empty one is not written."""

    side: str
    """``BUY``, ``SELL`` or ``ALERT``; ``LONG`` or ``SHORT`` of a position."""
    size: str = ""
    """``30``, or ``20/30`` for 20 left of 30; empty for an alert."""
    price: str = ""
    account: str = ""
    """``PAPER``, or ``LIVE ib.main``: money can be lost."""
    mode: str = ""
    """Where it is held: ``held here`` or ``at kraken``; empty for an alert."""
    type: str = ""
    """``limit``, ``stop``...; empty for an alert, and for a limit order where it is left out."""
    terms: str = ""
    """Time in force but GTC, post-only, reduce-only."""
    notional: str = ""
    distance: str = ""
    """To the last price, in ticks and per cent."""
    profit: str = ""
    """Of an exit, if it filled; of a position, as it is."""
    after: str = ""
    """The position that the order would make, with its average and break-even price."""
    risk: str = ""
    """Of an entry with exits: money at risk, and reward to risk."""
    note: str = ""
    """What is special just now: ``asked for``, ``cancel asked for``, a refusal's words..."""
    origin: str = ""
    """Where an order that was not made here comes from."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """A line on a chart; a chart shows the newest one of each key."""

    key: str
    """`STAGED_KEY`, `POSITION_KEY` or the order's ``oid``."""
    price: Decimal
    action: Action
    style: LineStyle
    label: Label
    limit_price: Decimal | None = None
    """The limit of an order whose line is its trigger."""
    ghost_price: Decimal | None = None
    """Where the order is, as confirmed, while the line shows where it is asked to be."""
    ghost_style: LineStyle = LineStyle.SOLID
    filled: float = 0.0
    """Part that is filled, 0 to 1."""
    cancel_called: bool = False
    stale: bool = False
    """The connection is lost: this is how it was."""
    outcome_unknown: bool = False
    refused: str = ""
    """Why there is no order (any more): the venue's words, or the sizing's."""
    draggable: bool = False
    buttons: tuple[Button, ...] = ()
    """What can be done at its label, from the left."""
    tie: str = ""
    """The key of the line that it belongs to: an exit's entry or position; empty = to none."""
