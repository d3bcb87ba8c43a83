"""The only writer of order dialogs: reads the table, keeps the journal, then lets things leave.

`Lifecycle.apply` moves one dialog by one event. What the row says to send or to tell waits in the
outbox until the journal has committed; nothing leaves before that.
"""

import logging
from collections.abc import Callable
from copy import copy
from decimal import Decimal
from functools import partial
from typing import Final, Protocol

from msgspec.structs import fields, replace

from ems import dialog_changes
from ems.answer_timers import AnswerTimers
from ems.broker_requests import cancel_request, order_request, query_request
from ems.dialog_changes import Fact
from ems.dialog_index import DialogIndex
from ems.errors import JournalWriteError
from ems.journal import Counted, Journal, Mark
from ems.messages import (
    BrokerdCancel,
    BrokerdFill,
    BrokerdQuery,
    BrokerdReport,
    BrokerRequest,
    Notice,
    Order,
    Request,
    Resp,
)
from ems.order_dialog import Direction, OrderDialog, Series
from ems.outbox import Broadcast, Outbox, Send
from ems.positions import PositionBook
from ems.questions import Questions, Verdict
from ems.transitions import NO_NEWS, OVER, TRANSITIONS, Do, E, S, Tell

log = logging.getLogger(__name__)

NO_FACT: Final = Fact()
MUST_BE_WRITTEN: Final = frozenset({E.SUBMIT, E.HOLD, E.MODIFY, E.TRIGGER})
"""Undone and refused if the journal cannot be written. A cancel goes out all the same: it does
no harm twice, and the user wants out. What a venue says is a fact, written or not."""

_EVENT_RESP: Final[dict[Tell, Resp]] = {Tell.FILL: "fill", Tell.TRIGGERED: "triggered"}


def _facts(fill: BrokerdFill) -> tuple[object, ...]:
    """What of a fill counts, whenever it was heard of."""
    return fill.exec_id, fill.action, fill.size, fill.price, fill.fee, fill.fee_currency


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
        self._requested = False
        self._warned = False
        self._questions = Questions(clock)
        self._positions = positions
        self._triggers = triggers
        self._clock = clock
        self._outbox = Outbox(send, broadcast, self._not_taken, self._commit_facts)
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
            Do.COUNT: dialog_changes.count,
            Do.KEEP: dialog_changes.keep,
            Do.WISH: dialog_changes.wish,
            Do.TAKE: dialog_changes.take,
            Do.CONFIRM: dialog_changes.confirm,
            Do.DROP: dialog_changes.drop,
            Do.DOUBT: dialog_changes.doubt,
            Do.BACK: dialog_changes.back,
            Do.FORTH: dialog_changes.forth,
        }

    def close(self) -> None:
        """Stop the timers."""
        self._timers.stop_all()

    # ---- the ways in

    def apply(self, dialog: OrderDialog, event: E, fact: Fact = NO_FACT) -> bool:
        """Move the dialog by the event; return False if the event changed nothing.

        A pair of state and event that the table does not have is logged whole.
        """
        if event in MUST_BE_WRITTEN:
            moved = self._apply_written(dialog, event, fact)
        else:
            moved = self._apply_fact(dialog, event, fact)
        if moved:
            self.index.add(dialog)
            self._mind_the_clock(dialog)
        self._outbox.leave()
        return moved

    def _apply_written(self, dialog: OrderDialog, event: E, fact: Fact) -> bool:
        """Move, or be as if nothing had been asked for."""
        before, mark = copy(dialog), self._outbox.mark()
        written = self._journal.mark(dialog.oid)
        self._requested = False
        moved = self._move(dialog, event, fact)
        try:
            self._journal.commit()
        except JournalWriteError as error:
            self._restore(dialog, before, mark, written)
            self._refuse_unwritten(dialog, event, str(error))
            return False
        return moved

    def _apply_fact(self, dialog: OrderDialog, event: E, fact: Fact) -> bool:
        """Move, written or not; orders and modifies that would follow from it stay here if not.

        What a venue says from within ``send`` is committed before the outbox goes on, at once
        with all else that it said.
        """
        mark = self._outbox.mark()
        self._requested = False
        try:
            moved = self._move(dialog, event, fact)
            if self._requested or not self._outbox.leaving:
                self._journal.commit()
        except JournalWriteError as error:
            moved = True
            self._outbox.take_back_orders(mark)
            self._warn(dialog.order.symbol, str(error))
            self._warned = True
        return moved

    def _commit_facts(self) -> None:
        """Commit what venues said while the outbox was emptied; once is enough to say it fails."""
        try:
            self._journal.commit()
            self._warned = False
        except JournalWriteError as error:
            if not self._warned:
                self._warned = True
                self._warn("", str(error))

    def _waits(self, dialog: OrderDialog) -> bool:
        """Tell whether the venue owes an answer or a word about the order."""
        return dialog.in_flight or dialog.owed or self._questions.waits(dialog.oid)

    def _mind_the_clock(self, dialog: OrderDialog) -> None:
        """Start or stop the timer by which the venue must have spoken."""
        if not self._waits(dialog):
            self._timers.stop(dialog.oid)
        elif self._requested or not self._timers.runs(dialog.oid):
            self._timers.start(dialog.oid)

    def resume(self, dialog: OrderDialog) -> None:
        """Take in an active dialog from the journal of an earlier run.

        What was on its way to the venue may have arrived or not: only the venue can tell.
        """
        if dialog.state is S.SENT:
            dialog.state = S.UNKNOWN
        if dialog.state is not S.HELD:
            dialog.stale = True
        dialog.outcome_unknown = dialog.in_flight
        self.index.add(dialog)
        self._mind_the_clock(dialog)

    def count_outside(self, fill: BrokerdFill) -> None:
        """Count the fill of an order that is not known here, or not yet."""
        try:
            if self._journal.record_fill(fill) is Counted.NEW:
                self._tell_position(fill)
            self._journal.commit()
        except JournalWriteError as error:
            self._warn(fill.symbol, str(error))
        self._outbox.leave()

    def note_filled(self, dialog: OrderDialog, filled: Decimal) -> None:
        """Note how much is filled by the venue's count; it is asked if no fill tells so soon."""
        dialog.venue_filled = filled
        self._requested = False
        self._mind_the_clock(dialog)

    def answers(self, report: BrokerdReport) -> bool:
        """Tell whether the report is how things are now; ask again if it may be overtaken."""
        verdict = self._questions.verdict(report)
        if verdict is Verdict.OVERTAKEN and (dialog := self.index.by_oid(report.oid)) is not None:
            self.ask(dialog)
        return verdict is Verdict.NEWS

    def correct(self, dialog: OrderDialog | None, fill: BrokerdFill) -> bool:
        """Put a fill right that was counted before; False if it still counts for its order.

        Parameters
        ----------
        dialog
            Its order; None if that is not known here.
        fill
            Names in ``replaces`` the one that it takes the place of.
        """
        before = self._counted_before(fill)
        if before is None:
            return False
        after = replace(fill, oid=before.oid)
        if _facts(before) != _facts(after):
            self._journal.correct_fill(after)
            fills = partial(self._journal.fills, after.symbol)
            position = self._positions.correct(before, after, fills)
            self._outbox.news(position.symbol, position.message())
            if dialog is not None and before.oid == dialog.oid:
                self._correct_order(dialog, before, after)
            if not self._outbox.leaving:
                self._commit_facts()
            self._outbox.leave()
        return dialog is None or before.oid is not None

    def _counted_before(self, fill: BrokerdFill) -> BrokerdFill | None:
        """Return what the fill replaces; None if it was never heard of, or is replaced already."""
        try:
            if fill.exec_id != fill.replaces and self._journal.fill(fill.account, fill.exec_id):
                return None
            return self._journal.fill(fill.account, fill.replaces)
        except JournalWriteError as error:  # not even readable: see `_record`
            self._warn(fill.symbol, str(error))
            return None

    def _correct_order(self, dialog: OrderDialog, before: BrokerdFill, after: BrokerdFill) -> None:
        dialog_changes.correct(dialog, before, after)
        self.index.exposure.note(dialog)
        dialog.changed_ns = self._clock()
        self._journal.record_event(dialog, "FILL_CORRECTED", after)
        self._outbox.news(after.symbol, dialog.status(resp="fill", msg=after))

    def refuse(self, dialog: OrderDialog, what: Request, reason: str) -> None:
        """Tell all clients that a request was refused here; the order stays as it is."""
        status = replace(dialog.status(), time_ns=self._clock(), refused=what, reason=reason)
        self._outbox.news(dialog.order.symbol, status)
        self._outbox.leave()

    def ask(self, dialog: OrderDialog) -> None:
        """Ask the broker what became of the order."""
        self._ask(dialog, NO_FACT)
        self._requested = False
        self._mind_the_clock(dialog)
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
            self._warn(dialog.order.symbol, str(error))
            self._outbox.leave()

    # ---- one row of the table

    def _move(self, dialog: OrderDialog, event: E, fact: Fact) -> bool:
        row = TRANSITIONS.get((dialog.state, event))
        if row is None:
            if (dialog.state, event) not in NO_NEWS:
                log.warning("no row for %s in %s: %s of %s", event, dialog.state, fact, dialog)
            return False
        counted = Counted.NEW
        if fact.fill is not None and (counted := self._record(fact.fill)) is Counted.KNOWN:
            return False
        if row.state in OVER and dialog.active:
            self._questions.forget(dialog.oid)
        elif event is not E.FILL:  # a fill does not make an answer that is on its way old
            self._questions.overtake(dialog.oid)
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
        if fact.fill is not None and counted is Counted.NEW:
            self._tell_position(fact.fill)
        if dialog.over:
            dialog_changes.end(dialog)
        self._journal.record_event(dialog, event.name, fact.msg)
        if row.tell is not Tell.NOTHING:
            status = dialog.status(resp=_EVENT_RESP.get(row.tell), src=fact.src, msg=fact.relayed)
            self._outbox.news(dialog.order.symbol, status)
        if Do.FLUSH in row.do:  # last, so that clients hear of the answer before the next request
            self._flush_kept(dialog, fact)
        return True

    def _record(self, fill: BrokerdFill) -> Counted:
        """Write the execution down."""
        try:
            return self._journal.record_fill(fill)
        except JournalWriteError as error:  # not even readable: better twice than never
            self._warn(fill.symbol, str(error))
            return Counted.NEW

    def _flush_kept(self, dialog: OrderDialog, _: Fact) -> None:
        if dialog.cancel_called:
            self._move(dialog, E.CANCEL, NO_FACT)
        elif dialog.kept is not None:
            kept, dialog.kept = dialog.kept, None
            if (kept.price, kept.size) != (dialog.order.price, dialog.order.size):
                self._move(dialog, E.MODIFY, Fact(order=kept, msg=kept))

    def _tell_position(self, fill: BrokerdFill) -> None:
        position = self._positions.apply(fill)
        self._outbox.news(position.symbol, position.message())

    # ---- requests to the broker

    def _send_new(self, dialog: OrderDialog, _: Fact) -> None:
        if dialog.order.exec_mode == "dark":
            dialog.was_dark = True
            dialog.order = replace(dialog.order, exec_mode="live")
        self._request(dialog, order_request(dialog, dialog.order, self._clock()))

    def _send_change(self, dialog: OrderDialog, _: Fact) -> None:
        if dialog.change is not None:
            self._request(dialog, order_request(dialog, dialog.change, self._clock()))

    def _send_cancel(self, dialog: OrderDialog, _: Fact) -> None:
        dialog.cancel_called = True
        dialog.kept = None
        if (cancel := cancel_request(dialog, self._clock())) is not None:
            self._request(dialog, cancel)

    def _ask(self, dialog: OrderDialog, _: Fact) -> None:
        query = query_request(dialog, self._questions.ask(dialog.oid))
        self._outbox.request(dialog.broker, query)

    def _request(self, dialog: OrderDialog, request: BrokerRequest) -> None:
        self._requested = True
        self._questions.overtake(dialog.oid)
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
        if dialog is None or not self._waits(dialog):
            self._timers.stop(oid)
        elif not dialog.in_flight:
            self.ask(dialog)
        else:
            why = f"No answer from {dialog.broker}; it is being asked what became of the request."
            self.apply(dialog, E.SILENCE, Fact(reason=why))

    def _restore(self, dialog: OrderDialog, before: OrderDialog, mark: int, written: Mark) -> None:
        self._outbox.take_back(mark)
        self._journal.take_back(written)
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

    def _warn(self, symbol: str, text: str) -> None:
        log.error("%s", text)
        self._outbox.news(symbol, Notice(time_ns=self._clock(), level="error", text=text))
