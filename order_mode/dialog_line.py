"""How an order looks on a chart: its line, and what the label says besides the order itself."""

from collections.abc import Collection
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from msgspec.structs import replace

from ems.messages import Order, Resp, Role
from order_mode.dialog import Dialog
from order_mode.exit_lines import exit_profit_words
from order_mode.labels import ALL_FIELDS, DEFAULT_FIELDS, Field, order_label
from order_mode.line import Label, Line, LineStyle
from order_mode.outlook import Holding, Outlook, outlook
from order_mode.trail_distance import trail_measures

_STYLE: Final[dict[Resp, LineStyle]] = {
    "pending": LineStyle.DOTTED,
    "open": LineStyle.SOLID,
    "dark_open": LineStyle.DASHED,
    "triggered": LineStyle.DOTTED,  # a dark order on its way to the venue
}
_WAITS_FOR: Final[dict[Role, str]] = {  # of exits it is said with where they are
    "flatten": "waits for the end of every other order",
    "after": "waits until the position is closed",
}
_CONFIRMED: Final = ("open", "dark_open")


@dataclass(frozen=True, slots=True)
class GroupWords:
    """What its group says about an order."""

    tie: str = ""
    """The key of the line that it belongs to."""
    paid: Decimal | None = None
    """Of an exit: the price of what it closes."""
    one_r: Decimal | None = None
    """Of an exit: points of price that are one R."""
    risk: str = ""
    """Of an entry: what there is to say of its exits."""
    tied: bool = False
    """Its venue itself ends it, or makes it smaller, with another order of the group."""
    alone: bool = False
    """Of one that would cancel others, or be cancelled by them: there is no other any more."""


NO_GROUP: Final = GroupWords()


@dataclass(frozen=True, slots=True, kw_only=True)
class Surroundings:
    """What a line says that its order does not know."""

    last: float | None = None
    """Last price of the market."""
    lost: bool = False
    """The EMS itself no longer speaks to this chart: all is as it was."""
    held: Holding | None = None
    """The position of the order's account; None = not known."""
    group: GroupWords = NO_GROUP
    """What its group says about it."""
    fields: Collection[Field] = DEFAULT_FIELDS
    """What the label shows while the line rests; in the hand it shows all."""
    atr: float | None = None
    """Average true range of the bars, for how far a stop in the hand trails."""


ALONE: Final = Surroundings()


def line_of(dialog: Dialog, around: Surroundings = ALONE) -> Line:
    """Return the line to draw of an order as it is now."""
    shown = dialog.shown
    in_hand = dialog.drag_price is not None
    base = _base_style(dialog)
    moving = in_hand or dialog.change is not None
    ghost = dialog.order.price if moving and dialog.state in _CONFIRMED else None
    return Line(
        key=dialog.oid,
        price=shown.price,
        action=dialog.order.action,
        style=LineStyle.STAGED if in_hand else LineStyle.DOTTED if moving else base,
        label=_label(dialog, shown, around),
        limit_price=shown.limit_price,
        ghost_price=None if ghost == shown.price else ghost,
        ghost_style=base,
        filled=_filled_part(dialog),
        cancel_called=dialog.cancel_called,
        stale=around.lost or dialog.stale,
        outcome_unknown=dialog.outcome_unknown,
        refused=dialog.refusal,
        draggable=not around.lost and not dialog.why_fixed,
        tie=around.group.tie,
        buttons=("exit",) if dialog.takes_exits and not around.lost else (),
    )


def _label(dialog: Dialog, shown: Order, around: Surroundings) -> Label:
    in_hand = dialog.drag_price is not None
    left = dialog.remaining + dialog.target.size - dialog.order.size
    group = around.group
    return order_label(
        dialog.market,
        replace(shown, link=None) if group.alone else shown,
        shown.price,
        fields=ALL_FIELDS if in_hand else around.fields,
        remaining=left,
        last=around.last,
        outlook=_outlook(dialog, around.held, left, shown.price),
        note=_hand_note(dialog, shown, around.atr) if in_hand else _note(dialog, around.lost),
        origin=dialog.status.origin if dialog.status else "",
        waits=dialog.waits,
        risk=group.risk,
        tied=group.tied,
        profit=None
        if group.paid is None
        else exit_profit_words(dialog.market, shown, left, group.paid, group.one_r),
    )


def _base_style(dialog: Dialog) -> LineStyle:
    if dialog.waits:
        return LineStyle.WAITING
    return _STYLE.get(dialog.state, LineStyle.DOTTED)


def _filled_part(dialog: Dialog) -> float:
    if not dialog.order.size:
        return 0.0
    return float(min(dialog.filled / dialog.order.size, Decimal(1)))


def _outlook(dialog: Dialog, held: Holding | None, left: Decimal, price: Decimal) -> Outlook | None:
    action = dialog.order.action
    if held is None or action == "alert" or dialog.done:
        return None
    return outlook(dialog.market, held, action, left, price)


def _hand_note(dialog: Dialog, shown: Order, atr: float | None) -> str:
    if shown.trail is None:
        return dialog.hand_words
    return trail_measures(dialog.market, shown.trail, shown.price, atr)


def _note(dialog: Dialog, lost: bool) -> str:
    """Return what is special about an order that rests; the worst first."""
    status, state = dialog.status, dialog.state
    if state == "error":
        return f"refused: {dialog.refusal}"
    if dialog.outcome_unknown:
        return "outcome unknown"
    if lost or dialog.stale:
        return "connection lost"
    if dialog.put_anew:
        return "changing"
    if dialog.cancel_called:
        return _succession_words(dialog.order, dialog.successor)
    if dialog.change is not None:
        return "change asked for"
    if dialog.marked:
        return "OCO: mark the other one"
    if dialog.waits:
        return _WAITS_FOR.get(dialog.order.link.role, "") if dialog.order.link else "waits"
    if status is not None and status.triggered:
        return "triggered"
    if state == "pending" and status is not None and status.reason:
        return status.reason  # its venue has it, and says why it does not work yet
    return {"pending": "asked for", "triggered": "triggered"}.get(state, "")


def _succession_words(order: Order, successor: Order | None) -> str:
    if successor is None:
        return "cancel asked for"
    same = successor.exec_mode == order.exec_mode
    return "changing" if same else f"becoming {successor.exec_mode}"
