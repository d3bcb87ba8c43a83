"""One order as the EMS knows it: the record that the journal keeps and statuses are made from."""

from decimal import Decimal
from typing import Final, Literal

import msgspec
from msgspec.structs import replace

from ems.messages import (
    ZERO,
    BrokerdMsg,
    Order,
    ReqId,
    Request,
    Resp,
    Status,
    Tie,
)
from ems.transitions import ACTIVE, AT_VENUE, IN_FLIGHT, OVER, S

Series = Literal["trade", "bid", "ask"]
"""The price series that a trigger can look at."""
Direction = Literal["above", "below"]
"""Fires at this price or above it; at this price or below it."""

HERE: Final = "dark"
"""What ``Status.src`` says of the EMS itself."""

_HELD_HERE: Final = frozenset({S.HELD, S.WAITING})
"""What was tied there counts as never arrived there."""
_WAITING: Final = S.WAITING
"""A name of its own, as a member of an enum is slow to find."""
_RESP: Final[dict[S, Resp]] = {
    S.NEW: "pending",
    S.HELD: "dark_open",
    S.WAITING: "dark_open",
    S.SENT: "pending",
    S.UNKNOWN: "pending",
    S.ACKED: "pending",
    S.OPEN: "open",
    S.CLOSED: "closed",
    S.CANCELED: "canceled",
    S.ERROR: "error",
    S.DONE: "triggered",
}


class OrderDialog(msgspec.Struct, kw_only=True, omit_defaults=True):
    """The record of one order. Only `ems.lifecycle.Lifecycle` writes to it."""

    order: Order
    """As it is: confirmed by the venue, or as asked for while nothing is confirmed."""
    broker: str
    changed_ns: int
    """When the last thing happened to it, by our clock."""
    state: S = S.NEW
    reqid: ReqId | None = None
    change: Order | None = None
    """The modify that is on its way."""
    kept: Order | None = None
    """The newest modify that waits for an ack, or for the answer to the one before."""
    cancel_called: bool = False
    works: bool = False
    """The venue has called it open; what ``changing`` and ``canceling`` show as."""
    was_dark: bool = False
    """It went out by a trigger."""
    held: Order | None = None
    """As it was held here, if it went out as something else: a held stop as a market order."""
    left: Order | None = None
    """As it went out, of one that counts as never arrived and is held here again in another form:
    the venue may have it after all."""
    first_price: Decimal | None = None
    """Of a stop-loss: where the first one of its group was placed, from which R is measured."""
    asked_size: Decimal | None = None
    """An exit of a position: the size that its owner wants; its group makes it smaller."""
    refused_size: Decimal | None = None
    """The size of the last change that did not come about."""
    unsent: bool = False
    """That change did not leave: its venue has not refused it."""
    cancel_reason: str | None = None
    """Why its end was asked for; empty = a client did, None = nobody did."""
    tie: Tie | None = None
    """The group at the venue that it went out in; None = none."""
    anew: Order | None = None
    """As it is to be put anew once it is cancelled: its venue cannot change it where it is."""
    ends_ns: int | None = None
    """When the EMS ends it, UTC; None = never, or its venue does it."""
    triggered: bool = False
    """The venue says that its stop price was touched."""
    trigger: dict[Series, Direction] = {}
    """From which side each price series has to reach the level; empty until armed."""
    filled: Decimal = ZERO
    venue_filled: Decimal = ZERO
    """How much is filled by the venue's own count; more than ``filled`` = a fill is on its way."""
    fill_cost: Decimal = ZERO
    """Sum of price x size of the fills, so that the average price is exact."""
    last_seq: int | None = None
    """The newest `BrokerdStatus.seq` that was applied."""
    reason: str = ""
    refused: Request | None = None
    outcome_unknown: bool = False
    stale: bool = False
    origin: str = ""
    """Where it was made, if not here; in words."""

    @property
    def oid(self) -> str:
        """Our id of the order."""
        return self.order.oid

    @property
    def active(self) -> bool:
        """True until the order is over."""
        return self.state in ACTIVE

    @property
    def over(self) -> bool:
        """True once nothing but a late fill can come."""
        return self.state in OVER

    @property
    def in_flight(self) -> bool:
        """True while a request is out that the venue has not answered."""
        return self.state in IN_FLIGHT

    @property
    def owed(self) -> bool:
        """True while a word of the venue is missing: a fill, or that a filled order is closed."""
        filled = self.filled
        if not filled:
            return bool(self.venue_filled)
        if filled < self.venue_filled:
            return True
        return ZERO < self.order.size <= filled and self.state in AT_VENUE

    @property
    def done(self) -> Decimal:
        """What is filled of it by all that is known: as soon as it is called filled, too."""
        if self.state is S.CLOSED:
            return max(self.order.size, self.filled)
        return max(self.filled, self.venue_filled)

    @property
    def resp(self) -> Resp:
        """The status key of the state."""
        said = _RESP.get(self.state)
        if said is None:  # a modify or a cancel is on its way
            return "open" if self.works else "pending"
        return said

    @property
    def wanted(self) -> Order:
        """The order as the newest request has it, on its way or confirmed."""
        return self.kept or self.change or self.order

    @property
    def avg_price(self) -> Decimal | None:
        """Average price of the fills; None before the first."""
        return self.fill_cost / self.filled if self.filled else None

    def status(
        self,
        *,
        resp: Resp | None = None,
        src: str | None = None,
        msg: BrokerdMsg | None = None,
    ) -> Status:
        """Return the status that shows the dialog as it is now.

        Parameters
        ----------
        resp
            The status key, if it is an event (``fill``, ``triggered``) and not the state.
        src
            Who spoke; None = the EMS.
        msg
            The broker's message that it relays.
        """
        order, filled = self.order, self.filled
        size = order.size
        if filled:
            remaining = size - filled if filled < size else ZERO
            avg_price = self.fill_cost / filled
        else:
            remaining, avg_price = size, None
        status = Status(
            oid=order.oid,
            time_ns=self.changed_ns,
            resp=resp or _RESP.get(self.state) or self.resp,
            reqid=self.reqid,
            req=order,
            src=src or HERE,
            cancel_called=self.cancel_called,
            brokerd_msg=msg,
            filled=filled,
            remaining=remaining,
            avg_price=avg_price,
            reason=self.reason,
            change=self.kept or self.change,
            triggered=self.triggered,
        )
        if (
            self.refused
            or self.outcome_unknown
            or self.stale
            or self.origin
            or self.tie
            or self.anew
            or self.first_price is not None
            or self.state is _WAITING
        ):
            return self._with_the_rest(status)
        return status

    def _with_the_rest(self, status: Status) -> Status:
        """Return a status with what most have not."""
        put_anew = self.anew is not None and self.state is S.CANCELING
        return replace(
            status,
            refused=self.refused,
            outcome_unknown=self.outcome_unknown,
            stale=self.stale,
            origin=self.origin,
            waits=self.state is _WAITING,
            tie=None if self.state in _HELD_HERE else self.tie,
            put_anew=put_anew,
            change=self.anew if put_anew else status.change,
            first_price=self.first_price,
        )
