"""Orders that Kraken would not amend, and that are replaced instead: ``edit_order``.

An edit ends the order and makes another one, which has an id of its own, none of our ids, and a
place at the end of the queue. Kraken's documents name no order that can be edited and not amended;
so it is offered where Kraken refuses an amend for a reason that is neither about the numbers of the
change nor about the account, and done only when its owner asks for the change once more.

Sources: https://docs.kraken.com/exchange/api-reference/spot-websocket-v2/edit_order,
https://docs.kraken.com/exchange/guides/general/amends
"""

import time
from collections.abc import Callable
from typing import Final, NamedTuple

from brokers.kraken import wire
from brokers.kraken.live_order import LiveOrder
from brokers.kraken.status import EXEC_TYPES, OVER, WOULD_REFUSE_AN_EDIT_TOO
from ems.messages import BrokerdOrder

OFFERED_S: Final = 60.0
"""So long an offer stands."""


class Refused(NamedTuple):
    """The refusal of an amend."""

    reason: str
    offer: str = ""
    """What would be done if the same were asked for again, as a question; empty = nothing."""


class Replacing:
    """Knows which orders may be replaced, and which are on the way to that.

    While an edit has no answer, it is not known which new order it makes. Reports that may be about
    it wait for the answer, so that nobody hears of an order that ended, and of a stranger. Once it
    was waited for in vain, just that has been told, and an answer that comes later changes nothing.

    Parameters
    ----------
    clock
        Seconds; only differences count.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._offered: dict[str, float] = {}
        """By order: how long the offer stands."""
        self._under_way: BrokerdOrder | None = None
        self._waiting: list[wire.Execution] = []
        self._replaced: set[str] = set()

    # ---- the offer

    def offer(self, live: LiveOrder, request: BrokerdOrder, error: str) -> Refused:
        """Return the refusal of an amend, with the offer to replace the order where that helps."""
        trails = live.trail is not None  # an edit has no word for what its limit is a distance from
        if error.startswith(WOULD_REFUSE_AN_EDIT_TOO) or live.triggered or trails:
            return Refused(error)
        if not _moves(live, request):
            return Refused(error)
        if live.filled:
            return Refused(
                f"{error}. Kraken will not amend this order, and as it is filled in part it cannot "
                "be replaced either: cancel it and place another."
            )
        self._offered[live.order_id] = self._clock() + OFFERED_S
        return Refused(
            f"{error}. Kraken will not amend this order. Ask for the change once more within a "
            "minute and it is replaced by a new order, which loses its place in the queue.",
            f"Kraken will not amend this order ({error}). Replace it by a new one? It loses its "
            "place in the queue.",
        )

    def wanted(self, live: LiveOrder, request: BrokerdOrder) -> bool:
        """Tell whether a change is the answer to an offer, and take the offer back.

        Prices are changed by the user alone. A change of the size may be that of an exit, which
        follows its entry by itself and is asked for again and again: that is no answer.
        """
        until = self._offered.pop(live.order_id, 0.0)
        return self._clock() < until and not live.filled and _moves(live, request)

    # ---- on the way

    @property
    def busy(self) -> bool:
        """True while an edit has no answer: one at a time, as a new order says not whose it is."""
        return self._under_way is not None

    def waits_for(self, request: BrokerdOrder) -> bool:
        """Tell whether this edit is under way; False once it was waited for in vain."""
        return self._under_way is request

    def is_of(self, order_id: str) -> bool:
        """Tell whether the edit that is under way is one of this order."""
        return self._under_way is not None and self._under_way.reqid == order_id

    def has_replaced(self, order_id: str) -> bool:
        """Tell whether this order lives on as another one."""
        return order_id in self._replaced

    def begin(self, request: BrokerdOrder) -> None:
        """An edit was sent."""
        self._under_way = request

    def done(self, *, replaced: bool) -> list[wire.Execution]:
        """The edit is answered, or was waited for in vain; return the reports that waited."""
        if replaced and self._under_way is not None:
            self._replaced.add(str(self._under_way.reqid))
        self._under_way = None
        waited, self._waiting = self._waiting, []
        return waited

    def keeps(self, report: wire.Execution, *, known: bool) -> bool:
        """Tell whether a report has to wait, or is the end of an order that was replaced."""
        row = EXEC_TYPES.get(report.exec_type)
        ends = row is not None and row.status in OVER
        if ends and report.order_id in self._replaced:
            return True
        ends_it = ends and self.is_of(report.order_id)
        if not self.busy or not (ends_it or (not known and not report.cl_ord_id)):
            return False
        self._waiting.append(report)
        return True

    def give_up(self) -> None:
        """A snapshot says how things are: nothing that came before it is waited for."""
        self._under_way = None
        self._waiting.clear()

    def line_lost(self) -> None:
        """No answer will come; the next snapshot says how things are."""
        self._offered.clear()
        self.give_up()


def _moves(live: LiveOrder, request: BrokerdOrder) -> bool:
    """Tell whether a change is about a price."""
    return (request.price, request.limit_price) != (live.price, live.limit_price)
