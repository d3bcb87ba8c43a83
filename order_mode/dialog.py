"""One order as a chart knows it: its newest status, and what was asked for since."""

from collections.abc import Collection
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from msgspec.structs import replace

from ems.market import Market
from ems.messages import (
    DONE_RESPS,
    ZERO,
    Action,
    BrokerdFill,
    Order,
    Request,
    Resp,
    Role,
    Status,
)
from order_mode.exit_lines import exit_profit_words
from order_mode.labels import ALL_FIELDS, DEFAULT_FIELDS, Field, order_label
from order_mode.line import Line, LineStyle
from order_mode.order_types import is_exit, moved, shifted
from order_mode.outlook import Holding, Outlook, outlook
from order_mode.sizing import Resting
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


def is_over(resp: Resp, action: Action) -> bool:
    """Tell whether this status key ends the dialog of such an order."""
    return resp in DONE_RESPS or (resp == "triggered" and action == "alert")


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


class Dialog:
    """One order, dark order or alert on a chart.

    All that is drawn comes from the newest `Status`, and from what was asked for here before any
    status could tell of it.

    Parameters
    ----------
    order
        As submitted here, or as the first status has it.
    market
        Of the order.
    """

    def __init__(self, order: Order, market: Market) -> None:
        self.order = order
        """As confirmed, or as asked for while nothing is confirmed."""
        self.status: Status | None = None
        """The newest one; None until the EMS has spoken."""
        self.fills: list[BrokerdFill] = []
        self.drag_price: Decimal | None = None
        """Where the trader's hand holds the line; None if it does not."""
        self.marked = False
        """True while it waits for another order to be tied with."""
        self.hand_words = ""
        """What is special about how the trader's hand holds it."""
        self.follows = False
        """True if it is in hand because its entry is."""
        self.successor: Order | None = None
        """What is placed once its cancel is confirmed, under a new ``oid``; None = it just ends."""
        self.sent_with: tuple[Order, ...] = ()
        """The orders that it was submitted together with, itself included; empty = alone."""
        self._market = market
        self._state: Resp = "pending"
        self._change: Order | None = None
        self._last_asked: Order | None = None
        self._cancel_asked = False

    @property
    def oid(self) -> str:
        """The id of the order."""
        return self.order.oid

    @property
    def state(self) -> Resp:
        """The newest status key that is a state: never ``fill``."""
        return self._state

    @property
    def done(self) -> bool:
        """True once the order is over: filled, cancelled, refused, or an alert that rang."""
        return is_over(self._state, self.order.action)

    @property
    def change(self) -> Order | None:
        """The order as asked for and not yet confirmed; None if nothing is asked for."""
        reported = self.status.change if self.status else None
        return self._change or reported

    @property
    def target(self) -> Order:
        """The order as it will be if every request is granted."""
        return self.change or self.order

    @property
    def shown(self) -> Order:
        """The order as its line shows it: in the trader's hand, or as it is to become."""
        if self.drag_price is None:
            return self.target
        if self.follows:
            return shifted(self.target, self.drag_price - self.target.price, self._market)
        return moved(self.target, self.drag_price, self._market)

    @property
    def cancel_called(self) -> bool:
        """True while a cancel is asked for."""
        return self._cancel_asked or (self.status is not None and self.status.cancel_called)

    @property
    def put_anew(self) -> bool:
        """True while it is only cancelled to be put anew: its venue cannot change it there."""
        return self.status is not None and self.status.put_anew

    @property
    def waits(self) -> bool:
        """True while it waits for its group, and nothing of it is armed."""
        return self.status is not None and self.status.waits

    @property
    def remaining(self) -> Decimal:
        """Size that is not filled."""
        return self.order.size if self.status is None else self.status.remaining

    @property
    def filled(self) -> Decimal:
        """Size that is filled."""
        return ZERO if self.status is None else self.status.filled

    @property
    def refusal(self) -> str:
        """Why the order was refused, in the venue's words; empty if it was not."""
        if self._state != "error":
            return ""
        return (self.status.reason if self.status else "") or "refused without a reason"

    @property
    def why_fixed(self) -> str:
        """Why the line cannot be dragged, as a clause; empty if it can."""
        if self.done:
            return "it is over"
        if self.cancel_called:
            return "its cancel is asked for"
        if self.status is not None and self.status.stale:
            return "the connection to the venue is lost"
        if self.status is not None and self.status.outcome_unknown:
            return "its outcome is unknown and the venue is being asked"
        return ""

    @property
    def resting(self) -> Resting | None:
        """What it may still buy or sell; None for an alert and for an order that is over.

        Nor does an order count that waits for its group.
        """
        if self.done or self.waits or self.order.action == "alert":
            return None
        link = self.order.link
        if link is None or link.role == "peer":
            return Resting(self.order.action, self.target.price, self.remaining)
        return Resting(self.order.action, self.target.price, self.remaining, link.group, link.role)

    @property
    def resting_or_waits(self) -> bool:
        """True for an order, no alert, that is not over."""
        return not self.done and self.order.action != "alert"

    @property
    def _takes_exits(self) -> bool:
        return self.resting_or_waits and self.order.link is None and self.order.type != "market"

    def newly_refused(self, status: Status) -> Request | None:
        """Return the request that this status refuses, None if that is no news."""
        old = self.status
        match status.refused:
            case "modify" if self.change is not None and status.change is None:
                return "modify"
            case "cancel" if self.cancel_called and not status.cancel_called:
                return "cancel"
        told = old is not None and (old.refused, old.reason) == (status.refused, status.reason)
        return None if told else status.refused

    def apply(self, status: Status) -> None:
        """Take the newest status."""
        self.status = status
        if status.req is not None:
            self.order = status.req
        match status.resp:
            case "fill":  # an event; that it was executed says that the venue has it
                self._state = "open" if self._state in ("pending", "triggered") else self._state
            case state:
                self._state = state
        if status.cancel_called or status.refused == "cancel":
            self._cancel_asked = False
        if status.refused == "modify" or self._told(status):
            self._change = None

    def ask_change(self, order: Order) -> None:
        """Note that the order is asked to become as given."""
        self._change = self._last_asked = order

    def asked_here(self, change: Order | None) -> bool:
        """Tell whether it was this chart that asked for a change, and not another client."""
        asked = self._last_asked
        return not (asked is None or change is None) and _terms_of(asked) == _terms_of(change)

    def drop_change(self) -> None:
        """Note that nobody asks for a change any more."""
        self._change = None

    def ask_cancel(self) -> None:
        """Note that a cancel is asked for."""
        self._cancel_asked = True

    def line(
        self,
        last: float | None = None,
        *,
        lost: bool = False,
        held: Holding | None = None,
        group: GroupWords = NO_GROUP,
        fields: Collection[Field] = DEFAULT_FIELDS,
        atr: float | None = None,
    ) -> Line:
        """Return the line to draw.

        Parameters
        ----------
        last
            Last price of the market, for the label.
        lost
            The EMS itself no longer speaks to this chart: all is as it was.
        held
            The position of the order's account; None = not known.
        group
            What its group says about it.
        fields
            What the label shows while the line rests; in the hand it shows all.
        atr
            Average true range of the bars, for how far a stop in the hand trails.
        """
        shown = self.shown
        price = shown.price
        in_hand = self.drag_price is not None
        left = self.remaining + self.target.size - self.order.size
        base = self._base_style()
        moving = in_hand or self.change is not None
        ghost = self.order.price if moving and self._state in _CONFIRMED else None
        return Line(
            key=self.oid,
            price=price,
            action=self.order.action,
            style=LineStyle.STAGED if in_hand else LineStyle.DOTTED if moving else base,
            label=order_label(
                self._market,
                replace(shown, link=None) if group.alone else shown,
                price,
                fields=ALL_FIELDS if in_hand else fields,
                remaining=left,
                last=last,
                outlook=self._outlook(held, left, price),
                note=self._hand_note(shown, atr) if in_hand else self._note(lost),
                origin=self.status.origin if self.status else "",
                waits=self.waits,
                risk=group.risk,
                tied=group.tied,
                profit=None if group.paid is None else self._profit(group, shown, left),
            ),
            limit_price=shown.limit_price,
            ghost_price=None if ghost == price else ghost,
            ghost_style=base,
            filled=self._filled_part(),
            cancel_called=self.cancel_called,
            stale=lost or (self.status is not None and self.status.stale),
            outcome_unknown=self.status is not None and self.status.outcome_unknown,
            refused=self.refusal,
            draggable=not lost and not self.why_fixed,
            tie=group.tie,
            buttons=() if lost or self.why_fixed or not self._takes_exits else ("exit",),
        )

    def _hand_note(self, shown: Order, atr: float | None) -> str:
        if shown.trail is None:
            return self.hand_words
        return trail_measures(self._market, shown.trail, shown.price, atr)

    def _profit(self, group: GroupWords, shown: Order, left: Decimal) -> str:
        assert group.paid is not None
        return exit_profit_words(self._market, shown, left, group.paid, group.one_r)

    def _base_style(self) -> LineStyle:
        if self.waits:
            return LineStyle.WAITING
        return _STYLE.get(self._state, LineStyle.DOTTED)

    def _told(self, status: Status) -> bool:
        """Tell whether the status knows of the change asked for here."""
        asked, told = self._change, status.change or status.req
        if asked is None or told is None:
            return False
        return _terms_of(told) == _terms_of(asked)

    def _note(self, lost: bool) -> str:
        status = self.status
        if self._state == "error":
            return f"refused: {self.refusal}"
        if status is not None and status.outcome_unknown:
            return "outcome unknown"
        if lost or (status is not None and status.stale):
            return "connection lost"
        if self.put_anew:
            return "changing"
        if self.cancel_called:
            return _succession_words(self.order, self.successor)
        if self.change is not None:
            return "change asked for"
        if self.marked:
            return "OCO: mark the other one"
        if self.waits:
            return _WAITS_FOR.get(self.order.link.role, "") if self.order.link else "waits"
        if status is not None and status.triggered:
            return "triggered"
        if self._state == "pending" and status is not None and status.reason:
            return status.reason  # its venue has it, and says why it does not work yet
        return {"pending": "asked for", "triggered": "triggered"}.get(self._state, "")

    def _outlook(self, held: Holding | None, left: Decimal, price: Decimal) -> Outlook | None:
        action = self.order.action
        if held is None or action == "alert" or self.done:
            return None
        return outlook(self._market, held, action, left, price)

    def _filled_part(self) -> float:
        if self.status is None or not self.order.size:
            return 0.0
        return float(min(self.status.filled / self.order.size, Decimal(1)))


def _terms_of(order: Order) -> tuple[object, ...]:
    """What a change can be about.

    The price of a trailing stop moves by itself, with its limit if it has one, and the size of an
    exit follows what there is.
    """
    limit = order.limit_price
    prices: tuple[object, ...] = (order.price, limit)
    if order.trail is not None:
        prices = (order.trail, None if limit is None else limit - order.price)
    size = None if is_exit(order) else order.size
    return (*prices, size, order.tif, order.expires_ns, _place_of(order))


def _place_of(order: Order) -> object:
    """Its group and share; a link that names no group takes it out of one."""
    link = order.link
    return None if link is None or not link.group else (link.group, link.share)


def _succession_words(order: Order, successor: Order | None) -> str:
    if successor is None:
        return "cancel asked for"
    same = successor.exec_mode == order.exec_mode
    return "changing" if same else f"becoming {successor.exec_mode}"
