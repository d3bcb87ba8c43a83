"""One order as a chart knows it: its newest status, and what was asked for since."""

from decimal import Decimal
from typing import Final

from ems.market import Market
from ems.messages import DONE_RESPS, ZERO, Action, BrokerdFill, Order, Request, Resp, Status
from order_mode.order_types import is_exit, moved, shifted
from order_mode.sizing import Resting


def is_over(resp: Resp, action: Action) -> bool:
    """Tell whether this status key ends the dialog of such an order."""
    return resp in DONE_RESPS or (resp == "triggered" and action == "alert")


class Dialog:
    """One order, dark order or alert on a chart.

    All that it knows comes from the newest `Status`, and from what was asked for here before any
    status could tell of it. `order_mode.dialog_line` says how it looks.

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
        self.market: Final = market
        """Of the order."""
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
            return shifted(self.target, self.drag_price - self.target.price, self.market)
        return moved(self.target, self.drag_price, self.market)

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
    def stale(self) -> bool:
        """True while the connection to its venue is lost: all is as it was."""
        return self.status is not None and self.status.stale

    @property
    def outcome_unknown(self) -> bool:
        """True while its venue is being asked what became of a request."""
        return self.status is not None and self.status.outcome_unknown

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
        if self.stale:
            return "the connection to the venue is lost"
        if self.outcome_unknown:
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
    def takes_exits(self) -> bool:
        """True for an entry that exits can be tied to now."""
        entry = self.order.link is None and self.order.type != "market"
        return entry and self.resting_or_waits and not self.why_fixed

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

    def _told(self, status: Status) -> bool:
        """Tell whether the status knows of the change asked for here."""
        asked, told = self._change, status.change or status.req
        if asked is None or told is None:
            return False
        return _terms_of(told) == _terms_of(asked)


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
