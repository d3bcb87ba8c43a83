"""The only writer of order dialogs: reads the table, keeps the journal, then lets things leave.

`Lifecycle.apply` moves one dialog by one event. What the row says to send or to tell waits in the
outbox until the journal has committed; nothing leaves before that.
"""

import logging
from collections.abc import Callable
from copy import copy
from typing import Final, Protocol

from msgspec.structs import fields, replace

from ems import dialog_changes
from ems.answer_timers import AnswerTimers
from ems.dialog_changes import Fact
from ems.dialog_index import DialogIndex
from ems.errors import JournalWriteError
from ems.journal import Journal
from ems.messages import (
    BrokerdCancel,
    BrokerdFill,
    BrokerdOrder,
    BrokerdQuery,
    BrokerRequest,
    Notice,
    Order,
    Request,
    Resp,
)
from ems.order_dialog import Direction, OrderDialog, Series
from ems.outbox import Broadcast, Outbox, Send
from ems.positions import PositionBook
from ems.transitions import NO_NEWS, TRANSITIONS, Do, E, S, Tell

log = logging.getLogger(__name__)

NO_FACT: Final = Fact()
MUST_BE_WRITTEN: Final = frozenset({E.SUBMIT, E.HOLD, E.MODIFY, E.TRIGGER})
"""Undone and refused if the journal cannot be written. A cancel goes out all the same: it does
no harm twice, and the user wants out. What a venue says is a fact, written or not."""

_EVENT_RESP: Final[dict[Tell, Resp]] = {Tell.FILL: "fill", Tell.TRIGGERED: "triggered"}


def _facts(fill: BrokerdFill) -> tuple[object, ...]:
    """What of a fill counts, whenever it was heard of."""
    return fill.exec_id, fill.action, fill.size, fill.price, fill.fee, fill.fee_currency


def _with_corrected_fill(
    dialog: OrderDialog, before: BrokerdFill, after: BrokerdFill
) -> OrderDialog:
    cost = after.size * after.price - before.size * before.price
    return replace(
        dialog,
        filled=dialog.filled + after.size - before.size,
        fill_cost=dialog.fill_cost + cost,
    )


class Triggers(Protocol):
    """Where dark orders and alerts are armed."""

    def arm(self, order: Order, known: dict[Series, Direction]) -> dict[Series, Direction] | None:
        """Arm the trigger; None if its market is not watched yet."""

    def disarm(self, order: Order) -> None:
        """Remove the trigger, if there is one."""


class Lifecycle:
    """Moves dialogs through the table.

    Parameters
    ----------
    send, broadcast
        The ways out, to brokers and to clients.
    clock
        Now, UTC ns.
    answer_timeout_s : float
        How long a venue may be silent about a request before its outcome counts as unknown.
    """

    def __init__(
        self,
        journal: Journal,
        index: DialogIndex,
        positions: PositionBook,
        triggers: Triggers,
        send: Send,
        broadcast: Broadcast,
        clock: Callable[[], int],
        answer_timeout_s: float,
    ) -> None:
        self.index = index
        self._journal = journal
        self._writes = True
        self._execs_unwritten: set[tuple[str, str]] = set()
        self._positions = positions
        self._triggers = triggers
        self._clock = clock
        self._outbox = Outbox(send, broadcast, self._not_taken)
        self._timers = AnswerTimers(answer_timeout_s, self._silence)
        self._do: Final[dict[Do, Callable[[OrderDialog, Fact], None]]] = {
            Do.SEND: self._send_new,
            Do.SEND_CHANGE: self._send_change,
            Do.SEND_CANCEL: self._send_cancel,
            Do.ASK: self._ask,
            Do.ARM: lambda dialog, _: self.arm(dialog, known=False),
            Do.REARM: lambda dialog, _: self.arm(dialog, known=True),
            Do.DISARM: lambda dialog, _: self._triggers.disarm(dialog.order),
            Do.FLUSH: self._flush_kept,
            Do.COUNT: self._count,
            Do.KEEP: dialog_changes.keep,
            Do.WISH: dialog_changes.wish,
            Do.TAKE: dialog_changes.take,
            Do.CONFIRM: dialog_changes.confirm,
            Do.DROP: dialog_changes.drop,
            Do.DOUBT: dialog_changes.doubt,
            Do.BACK: dialog_changes.back,
        }

    def close(self) -> None:
        """Stop the timers."""
        self._timers.stop_all()

    # ---- the ways in

    def apply(self, dialog: OrderDialog, event: E, fact: Fact = NO_FACT) -> bool:
        """Move the dialog by the event; return False if the event changed nothing.

        A pair of state and event that the table does not have is logged whole.
        """
        before, mark = copy(dialog), self._outbox.mark()
        try:
            moved = self._move(dialog, event, fact)
            self._journal.commit()
        except JournalWriteError as error:
            self._restore(dialog, before, mark)
            if event in MUST_BE_WRITTEN:
                self._refuse_unwritten(dialog, event, str(error))
                return False
            moved = self._move_unwritten(dialog, event, fact, mark, str(error))
        if moved:
            self.index.add(dialog)
            if dialog.in_flight and not (before.in_flight and event is E.SILENCE):
                self._timers.start(dialog.oid)
            elif not dialog.in_flight:
                self._timers.stop(dialog.oid)
        self._outbox.leave()
        return moved

    def resume(self, dialog: OrderDialog) -> None:
        """Take in an active dialog from the journal of an earlier run.

        What was on its way to the venue may have arrived or not: only the venue can tell.
        """
        if dialog.state is S.SENT:
            dialog.state = S.UNKNOWN
        if dialog.state is not S.HELD:
            dialog.stale = True
        if dialog.in_flight:
            dialog.outcome_unknown = True
            self._timers.start(dialog.oid)
        self.index.add(dialog)

    def count_outside(self, fill: BrokerdFill) -> None:
        """Count the fill of an order that is not known here and is over."""
        try:
            if self._is_new(fill):
                self._tell_position(fill)
            self._journal.commit()
        except JournalWriteError as error:
            log.error("a fill is not counted: %s (%s)", fill, error)  # noqa: TRY400
        self._outbox.leave()

    def correct(self, dialog: OrderDialog | None, fill: BrokerdFill) -> bool:
        """Put a fill right that was counted before; False if there is no such fill.

        Parameters
        ----------
        dialog
            Its order; None if that is not known here.
        fill
            Names in ``replaces`` the one that it takes the place of.
        """
        before = self._journal.fill(fill.account, fill.replaces)
        if before is None:
            return False
        after = replace(fill, oid=before.oid or fill.oid)
        if _facts(before) == _facts(after):
            return True
        corrected = _with_corrected_fill(dialog, before, after) if dialog is not None else None
        try:
            self._journal.correct_fill(after)
            if corrected is not None:
                self._journal.record_event(corrected, "FILL_CORRECTED", after)
            self._journal.commit()
        except JournalWriteError as error:
            log.error("a fill was put right by the venue, not here: %s (%s)", fill, error)  # noqa: TRY400
            return True
        fills = self._journal.fills(after.symbol)
        position = self._positions.recount(after.account, after.symbol, fills)
        self._outbox.news(position.symbol, position.message())
        if dialog is not None and corrected is not None:
            dialog.filled, dialog.fill_cost = corrected.filled, corrected.fill_cost
            status = dialog.status(resp="fill", msg=after)
            self._outbox.news(after.symbol, replace(status, reason=""))
        self._outbox.leave()
        return True

    def refuse(self, dialog: OrderDialog, what: Request, reason: str) -> None:
        """Tell all clients that a request was refused here; the order stays as it is."""
        status = replace(dialog.status(), time_ns=self._clock(), refused=what, reason=reason)
        self._outbox.news(dialog.order.symbol, status)
        self._outbox.leave()

    def ask(self, dialog: OrderDialog) -> None:
        """Ask the broker what became of the order."""
        self._ask(dialog, NO_FACT)
        self._outbox.leave()

    def note_venue_cancel(self, dialog: OrderDialog, *, called: bool, src: str) -> None:
        """Show that the venue is busy with a cancel that was not asked for here, or no more."""
        if dialog.state not in (S.ACKED, S.OPEN) or dialog.cancel_called is called:
            return
        dialog.cancel_called = called
        self._outbox.news(dialog.order.symbol, dialog.status(src=src))
        self._outbox.leave()

    def arm(self, dialog: OrderDialog, *, known: bool) -> None:
        """Arm a held order; ``known`` keeps the directions that it was armed with before."""
        before = dialog.trigger if known else {}
        directions = self._triggers.arm(dialog.order, before)
        dialog.trigger = before if directions is None else directions

    def armed(self, dialog: OrderDialog, directions: dict[Series, Direction]) -> None:
        """Note from which side a trigger that waited for its first price will be reached."""
        dialog.trigger = directions
        try:
            self._journal.record_event(dialog, "ARMED", None)
            self._journal.commit()
        except JournalWriteError as error:
            self._warn(dialog, str(error))
            self._outbox.leave()

    # ---- one row of the table

    def _move(self, dialog: OrderDialog, event: E, fact: Fact) -> bool:
        row = TRANSITIONS.get((dialog.state, event))
        if row is None:
            if (dialog.state, event) not in NO_NEWS:
                log.warning("no row for %s in %s: %s of %s", event, dialog.state, fact, dialog)
            return False
        if fact.fill is not None and not self._is_new(fact.fill):
            return False
        if row.state is not dialog.state:
            dialog.outcome_unknown = False
        dialog.state, dialog.reason, dialog.refused = row.state, fact.reason, fact.refused
        dialog.changed_ns = self._clock()
        if fact.reqid is not None:
            dialog.reqid = fact.reqid
        if event in (E.STALE, E.FRESH):
            dialog.stale = event is E.STALE
        for do in row.do:
            if do is not Do.FLUSH:
                self._do[do](dialog, fact)
        if dialog.over:
            dialog_changes.end(dialog)
        if self._writes:
            self._journal.record_event(dialog, event.name, fact.msg)
        if row.tell is not Tell.NOTHING:
            status = dialog.status(resp=_EVENT_RESP.get(row.tell), src=fact.src, msg=fact.relayed)
            self._outbox.news(dialog.order.symbol, status)
        if Do.FLUSH in row.do:  # last, so that clients hear of the answer before the next request
            self._flush_kept(dialog, fact)
        return True

    def _is_new(self, fill: BrokerdFill) -> bool:
        """Write the execution down; False if it was counted before."""
        key = (fill.account, fill.exec_id)
        if self._writes:
            return key not in self._execs_unwritten and self._journal.record_fill(fill)
        if key in self._execs_unwritten:
            return False
        self._execs_unwritten.add(key)
        return True

    def _flush_kept(self, dialog: OrderDialog, _: Fact) -> None:
        if dialog.cancel_called:
            self._move(dialog, E.CANCEL, NO_FACT)
        elif dialog.kept is not None:
            kept, dialog.kept = dialog.kept, None
            if (kept.price, kept.size) != (dialog.order.price, dialog.order.size):
                self._move(dialog, E.MODIFY, Fact(order=kept, msg=kept))

    def _count(self, dialog: OrderDialog, fact: Fact) -> None:
        if fact.fill is None:
            return
        dialog.filled += fact.fill.size
        dialog.fill_cost += fact.fill.size * fact.fill.price
        self._tell_position(fact.fill)

    def _tell_position(self, fill: BrokerdFill) -> None:
        position = self._positions.apply(fill)
        self._outbox.news(position.symbol, position.message())

    # ---- requests to the broker

    def _send_new(self, dialog: OrderDialog, _: Fact) -> None:
        if dialog.order.exec_mode == "dark":
            dialog.was_dark = True
            dialog.order = replace(dialog.order, exec_mode="live")
        self._request(dialog, self._brokerd_order(dialog, dialog.order))

    def _send_change(self, dialog: OrderDialog, _: Fact) -> None:
        if dialog.change is not None:
            self._request(dialog, self._brokerd_order(dialog, dialog.change))

    def _send_cancel(self, dialog: OrderDialog, _: Fact) -> None:
        dialog.cancel_called = True
        dialog.kept = None
        if dialog.reqid is not None:
            cancel = BrokerdCancel(
                oid=dialog.oid,
                reqid=dialog.reqid,
                account=dialog.order.account,
                time_ns=self._clock(),
            )
            self._request(dialog, cancel)

    def _ask(self, dialog: OrderDialog, _: Fact) -> None:
        order = dialog.order
        query = BrokerdQuery(
            oid=order.oid,
            account=order.account,
            symbol=order.symbol,
            reqid=dialog.reqid,
            time_ns=self._clock(),
        )
        self._request(dialog, query)

    def _brokerd_order(self, dialog: OrderDialog, order: Order) -> BrokerdOrder:
        if order.action == "alert":
            raise AssertionError(f"an alert never goes to a venue: {dialog}")
        return BrokerdOrder(
            oid=order.oid,
            account=order.account,
            symbol=order.symbol,
            action=order.action,
            price=order.price,
            size=order.size,
            reqid=dialog.reqid,
            time_ns=self._clock(),
        )

    def _request(self, dialog: OrderDialog, request: BrokerRequest) -> None:
        self._outbox.request(dialog.broker, request)

    # ---- what goes wrong

    def _not_taken(self, request: BrokerRequest, error: Exception) -> None:
        """A backend did not take a request: nothing was sent, or who knows what."""
        dialog = self.index.by_oid(request.oid)
        if dialog is None or isinstance(request, BrokerdQuery):
            return  # the timer asks again
        if not isinstance(error, ConnectionError):
            self.apply(dialog, E.SILENCE, Fact(reason=f"{dialog.broker} failed: {error!r}"))
            return
        what: Request = "cancel" if isinstance(request, BrokerdCancel) else "modify"
        if request.reqid is None:
            what = "new"
        dark = what == "new" and dialog.was_dark
        self.apply(
            dialog,
            E.NOT_SENT_DARK if dark else E.NOT_SENT,
            Fact(reason=f"Not sent to {dialog.broker}: {error}", refused=what),
        )

    def _silence(self, oid: str) -> None:
        dialog = self.index.by_oid(oid)
        if dialog is not None and dialog.in_flight:
            why = f"No answer from {dialog.broker}; it is being asked what became of the request."
            self.apply(dialog, E.SILENCE, Fact(reason=why))

    def _restore(self, dialog: OrderDialog, before: OrderDialog, mark: int) -> None:
        self._outbox.take_back(mark)
        for field in fields(dialog):
            setattr(dialog, field.name, getattr(before, field.name))
        self._triggers.disarm(dialog.order)
        if dialog.state is S.HELD:
            self.arm(dialog, known=True)

    def _refuse_unwritten(self, dialog: OrderDialog, event: E, reason: str) -> None:
        if event is E.TRIGGER:  # not armed again: it would fire at each tick
            self._triggers.disarm(dialog.order)
            reason = f"Its price was touched, and it was not sent. {reason}"
        status = replace(
            dialog.status(),
            time_ns=self._clock(),
            reason=reason,
            refused="modify" if event is E.MODIFY else "new",
        )
        if dialog.state is S.NEW:
            status = replace(status, resp="error")
        self._outbox.news(dialog.order.symbol, status)
        self._outbox.leave()

    def _move_unwritten(
        self, dialog: OrderDialog, event: E, fact: Fact, mark: int, reason: str
    ) -> bool:
        """Move all the same; orders and modifies that would follow from it stay here."""
        self._writes = False
        try:
            moved = self._move(dialog, event, fact)
        finally:
            self._writes = True
        self._outbox.take_back_orders(mark)
        self._warn(dialog, reason)
        return moved

    def _warn(self, dialog: OrderDialog, text: str) -> None:
        log.error("%s", text)
        notice = Notice(time_ns=self._clock(), level="error", text=text)
        self._outbox.news(dialog.order.symbol, notice)
