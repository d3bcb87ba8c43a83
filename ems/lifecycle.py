"""The only writer of order dialogs: reads the table, keeps the journal, then lets things leave.

`Lifecycle.apply` moves one dialog by one event. What the row says to send or to tell waits in the
outbox until the journal has committed; nothing leaves before that.
"""

import logging
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from decimal import Decimal
from typing import Final, NamedTuple, Protocol

from msgspec.structs import fields, replace

from ems import dialog_changes
from ems.answer_timers import AnswerTimers
from ems.broker_requests import cancel_request, order_request, query_request
from ems.commits import Commits
from ems.dialog_changes import Fact
from ems.dialog_index import DialogIndex
from ems.errors import JournalWriteError
from ems.fill_corrections import FillCorrections
from ems.journal import Counted, Journal, Mark
from ems.messages import (
    BrokerdCancel,
    BrokerdFill,
    BrokerdQuery,
    BrokerdReport,
    BrokerRequest,
    Order,
    Request,
)
from ems.order_dialog import Direction, OrderDialog, Series
from ems.outbox import Broadcast, Outbox, Send
from ems.positions import PositionBook, PositionRecord
from ems.questions import Questions, Verdict
from ems.row_plans import Plan, Step, make_plans
from ems.ties import PUT_ANEW
from ems.trails import at_level
from ems.transitions import HERE, IN_FLIGHT, NO_NEWS, Do, E, S
from ems.venue_words import not_sent

log = logging.getLogger(__name__)

NO_FACT: Final = Fact()
MUST_BE_WRITTEN: Final = frozenset(
    {E.SUBMIT, E.HOLD, E.WAIT, E.MODIFY, E.LINK, E.TRIGGER, E.RELEASE, E.RELEASE_DARK}
)
"""Undone and refused if the journal cannot be written. A cancel goes out all the same: it does
no harm twice, and the user wants out. What a venue says is a fact, written or not."""

_NEW_FILL, _KNOWN_FILL = Counted.NEW, Counted.KNOWN
_CANCEL, _CANCELED, _MODIFY = E.CANCEL, E.CANCELED, E.MODIFY
"""Names of their own, as a member of an enum is slow to find."""


class Triggers(Protocol):
    """Where dark orders and alerts are armed."""

    def arm(self, order: Order, known: dict[Series, Direction]) -> dict[Series, Direction] | None:
        """Arm the trigger; None if its market is not watched yet."""

    def disarm(self, order: Order) -> None:
        """Remove the trigger, if there is one."""


class Start(NamedTuple):
    """An order that begins: held here, waiting for its group, or on its way to the venue."""

    dialog: OrderDialog
    event: E
    fact: Fact


class GroupKeeper(Protocol):
    """Who looks after groups of orders."""

    def moved(self, dialog: OrderDialog, event: E) -> None:
        """Something happened to an order."""

    def moved_position(self, account: str, symbol: str) -> None:
        """A position changed without an order of ours, or the venue named it."""

    def paused(self) -> AbstractContextManager[None]:
        """Let nothing be done while only a part of what happened is known."""

    def why_ended(self, dialog: OrderDialog) -> str:
        """Say what its venue ended a tied order for; empty = unknown, or asked for here."""


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
        self.groups: GroupKeeper
        self.changes_in_place: Callable[[OrderDialog], bool] = lambda _: True
        """Tells whether a venue can change a tied order where it is."""
        self.why_unwritten = ""
        """Why the journal could not take a request, the last time that it could not."""
        self._journal = journal
        self._requested = False
        self._questions = Questions(clock)
        self._positions = positions
        self._triggers = triggers
        self._clock = clock
        self._outbox = Outbox(send, broadcast, self._not_taken)
        self._commits = Commits(journal, self._outbox, clock)
        self.corrections = FillCorrections(
            journal, positions, self._outbox, self._commits, clock, index.exposure.note
        )
        """Puts right what venues told of their executions."""
        self._timers = AnswerTimers(answer_timeout_s, self._silence)
        self._plans: Final = make_plans(self._steps())

    def _steps(self) -> dict[Do, Step]:
        """Return what does each thing that a row can ask for."""
        return {
            Do.SEND: self._send_new,
            Do.SEND_CHANGE: self._send_change,
            Do.SEND_CANCEL: self._send_cancel,
            Do.ASK: self._ask,
            Do.ARM: lambda dialog, _: self.arm(dialog, known=False),
            Do.REARM: lambda dialog, _: self.arm(dialog, known=True),
            Do.DISARM: lambda dialog, _: self._triggers.disarm(dialog.order),
            Do.COUNT: dialog_changes.count,
            Do.KEEP: dialog_changes.keep,
            Do.WISH: dialog_changes.wish,
            Do.TAKE: dialog_changes.take,
            Do.LINK: dialog_changes.link,
            Do.CONFIRM: dialog_changes.confirm,
            Do.DROP: dialog_changes.drop,
            Do.DOUBT: dialog_changes.doubt,
            Do.BACK: dialog_changes.back,
            Do.FORTH: dialog_changes.forth,
        }

    def close(self) -> None:
        """Stop the timers."""
        self._timers.stop_all()
        self._commits.close()

    # ---- the ways in

    def apply(self, dialog: OrderDialog, event: E, fact: Fact = NO_FACT) -> bool:
        """Move the dialog by the event; return False if the event changed nothing.

        A pair of state and event that the table does not have is logged whole.
        """
        if event is _CANCEL and dialog.anew is not None and fact.anew is None and not dialog.over:
            return self._leave_it_ended(dialog, fact)
        if event in MUST_BE_WRITTEN:
            plan = self._apply_written(dialog, event, fact)
        else:
            plan = self._apply_fact(dialog, event, fact)
        outbox = self._outbox
        if plan is None:
            if not outbox.leaving:
                outbox.leave()
            return False
        if plan.places or fact.reqid is not None:
            self.index.add(dialog)
        else:
            self.index.exposure.note(dialog)
        self._mind_the_clock(dialog)
        if not outbox.leaving:
            outbox.leave()
        self.groups.moved(dialog, event)
        return True

    def begin(self, starts: Sequence[Start], *, refuse: bool = True) -> bool:
        """Begin several dialogs, all or none, in one transaction; return False if none began.

        Parameters
        ----------
        refuse
            Show what the journal cannot take as refused; else nobody has asked for it, and
            `JournalWriteError` is raised.
        """
        before = [replace(one.dialog) for one in starts]
        mark = self._outbox.mark()
        written = [self._journal.mark(one.dialog.oid) for one in starts]
        try:
            for one in starts:
                self._move(*one)
            self._commits.now()
        except JournalWriteError as error:
            for one, was, place in zip(starts, before, written, strict=True):
                self._restore(one.dialog, was, mark, place)
            if not refuse:
                raise
            for one in starts:
                self._refuse_unwritten(one.dialog, one.event, str(error))
            return False
        for one in starts:
            self.index.add(one.dialog)
            self._mind_the_clock(one.dialog)
        self._outbox.leave()
        for one in starts:
            self.groups.moved(one.dialog, one.event)
        return True

    def _leave_it_ended(self, dialog: OrderDialog, fact: Fact) -> bool:
        """Let an order that was to be put anew end for good: its cancel is on its way already."""
        self._requested = False
        dialog.anew, dialog.cancel_reason = None, fact.reason
        self._journal.record_event(dialog, E.CANCEL.name, fact.msg)
        self._outbox.news(dialog.order.symbol, dialog.status())
        self._commits.try_now(dialog.order.symbol)
        self.index.add(dialog)
        self._mind_the_clock(dialog)
        self._outbox.leave()
        self.groups.moved(dialog, E.CANCEL)
        return True

    def _apply_written(self, dialog: OrderDialog, event: E, fact: Fact) -> Plan | None:
        """Move, or be as if nothing had been asked for."""
        before, mark = replace(dialog), self._outbox.mark()
        written = self._journal.mark(dialog.order.oid)
        self._requested = False
        plan = self._move(dialog, event, fact)
        try:
            self._commits.now()
        except JournalWriteError as error:
            self._restore(dialog, before, mark, written)
            self._refuse_unwritten(dialog, event, str(error))
            return None
        return plan

    def _apply_fact(self, dialog: OrderDialog, event: E, fact: Fact) -> Plan | None:
        """Move, written or not; orders and modifies that would follow from it stay here if not.

        What no request leaves for and nothing that is held here depends on is committed at the
        end of the loop's turn: after a crash the venue says it again, but for an execution.
        """
        mark = self._outbox.mark()
        self._requested = False
        plan = self._move(dialog, event, fact)
        if plan is None:
            return None
        if not (self._requested or plan.at_once):
            (self._commits.by_now if plan.counts else self._commits.soon)()
        elif not self._commits.try_now(dialog.order.symbol):
            self._outbox.take_back_orders(mark)
        return plan

    def _waits(self, dialog: OrderDialog) -> bool:
        """Tell whether the venue owes an answer or a word about the order."""
        return dialog.state in IN_FLIGHT or dialog.owed or dialog.order.oid in self._questions.open

    def _mind_the_clock(self, dialog: OrderDialog) -> None:
        """Start or stop the timer by which the venue must have spoken."""
        oid, timers = dialog.order.oid, self._timers
        if (
            dialog.state in IN_FLIGHT
            or ((dialog.filled or dialog.venue_filled) and dialog.owed)
            or oid in self._questions.open
        ):
            if self._requested or oid not in timers.running:
                timers.start(oid)
        elif oid in timers.running:
            timers.stop(oid)

    def resume(self, dialog: OrderDialog) -> None:
        """Take in an active dialog from the journal of an earlier run.

        What was on its way to the venue may have arrived or not: only the venue can tell.
        """
        if dialog.state is S.SENT:
            dialog.state = S.UNKNOWN
        if dialog.state not in HERE:
            dialog.stale = True
        dialog.outcome_unknown = dialog.in_flight
        self.index.add(dialog)
        self._mind_the_clock(dialog)

    def count_outside(self, fill: BrokerdFill) -> None:
        """Count the fill of an order that is not known here, or not yet."""
        try:
            if self._journal.record_fill(fill) is Counted.NEW:
                self._tell_position(fill)
        except JournalWriteError as error:
            self._commits.warn(fill.symbol, str(error))
        self._commits.by_now()
        self._outbox.leave()
        self.groups.moved_position(fill.account, fill.symbol)

    def position_said(self, record: PositionRecord) -> None:
        """Tell the clients of a position that the venue named, behind what waits to be told.

        A venue that answers from within ``send`` tells a fill and then the position. The fill's
        news waits its turn; the position must not overtake it, or the older one is told last.
        """
        self._outbox.news(record.symbol, record.message())
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
        self._journal.record_event(dialog, "ARMED", None)
        if not self._commits.try_now(dialog.order.symbol):
            self._outbox.leave()

    def trailed(self, dialog: OrderDialog, level: Decimal | None, *, write: bool) -> None:
        """Note where the level of a trailing stop has come to; None = it was told before."""
        if dialog.state is not S.HELD or dialog.order.trail is None:
            return
        if level is not None:
            dialog.order = at_level(dialog.order, level)
            dialog.changed_ns = self._clock()
            self._outbox.news(dialog.order.symbol, dialog.status())
        if write:
            self._journal.record_event(dialog, "TRAILED", None)
            self._commits.soon()
        self._outbox.leave()

    # ---- one row of the table

    def _move(self, dialog: OrderDialog, event: E, fact: Fact) -> Plan | None:
        """Do what the table says, and return it; None if the event changed nothing."""
        if event is _MODIFY and dialog.tie is not None and not self._changes_in_place(dialog):
            event = _CANCEL
            fact = Fact(anew=fact.order, reason=PUT_ANEW, asked_size=fact.asked_size, msg=fact.msg)
        plan = self._plans.get((dialog.state, event))
        if plan is None:
            if (dialog.state, event) not in NO_NEWS:
                log.warning("no row for %s in %s: %s of %s", event, dialog.state, fact, dialog)
            return None
        fill, counted = fact.fill, None
        if fill is not None:
            counted = self._record(fill)
            if counted is _KNOWN_FILL:
                return None
        if self._questions.open:
            if plan.overtakes:
                self._questions.overtake(dialog.order.oid)
            elif plan.forgets:
                self._questions.forget(dialog.order.oid)
        if plan.moves:
            dialog.state = plan.state
            dialog.outcome_unknown = False
        reason = fact.reason
        if event is _CANCEL:
            if reason or not dialog.cancel_called:
                dialog.cancel_reason = reason
            dialog.anew = fact.anew
        elif event is _CANCELED:
            reason = reason or dialog.cancel_reason or ""
        dialog.reason, dialog.refused, dialog.changed_ns = reason, fact.refused, self._clock()
        if fact.reqid is not None:
            dialog.reqid = fact.reqid
        if fact.asked_size is not None:
            dialog.asked_size = fact.asked_size
        if plan.stale is not None:
            dialog.stale = plan.stale
        for step in plan.steps:
            step(dialog, fact)
        if counted is _NEW_FILL and fill is not None:
            self._tell_position(fill)
        if plan.ends:
            dialog_changes.end(dialog)
        self._journal.record_event(dialog, plan.name, fact.msg)
        if plan.tells:
            status = dialog.status(resp=plan.resp, src=fact.src, msg=fact.relayed)
            self._outbox.news(dialog.order.symbol, status)
        if plan.flushes and (dialog.kept is not None or dialog.cancel_called):
            self._flush_kept(dialog)
        return plan

    def _changes_in_place(self, dialog: OrderDialog) -> bool:
        """Tell whether a modify goes out as one; a tied order may have to be put anew instead."""
        return dialog.state not in (S.ACKED, S.OPEN) or self.changes_in_place(dialog)

    def _record(self, fill: BrokerdFill) -> Counted:
        """Write the execution down."""
        try:
            return self._journal.record_fill(fill)
        except JournalWriteError as error:  # not even readable: better twice than never
            self._commits.warn(fill.symbol, str(error))
            return Counted.NEW

    def _flush_kept(self, dialog: OrderDialog) -> None:
        if dialog.cancel_called:
            self._move(dialog, E.CANCEL, NO_FACT)
        elif dialog.kept is not None:
            kept, dialog.kept = dialog.kept, None
            if kept != dialog.order:
                self._move(dialog, E.MODIFY, Fact(order=kept, msg=kept))

    def _tell_position(self, fill: BrokerdFill) -> None:
        position = self._positions.apply(fill)
        self._outbox.news(position.symbol, position.message())

    # ---- requests to the broker

    def _send_new(self, dialog: OrderDialog, fact: Fact) -> None:
        dialog_changes.leave(dialog, fact)
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
        self.apply(
            dialog,
            not_sent(dialog, what),
            Fact(reason=f"Not sent to {dialog.broker}: {error}", refused=what, unsent=True),
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
        self.why_unwritten = reason
        if event is E.TRIGGER:  # whoever fired it tries again
            self._triggers.disarm(dialog.order)
            return
        status = replace(
            dialog.status(),
            time_ns=self._clock(),
            reason=reason,
            refused="modify" if event in (E.MODIFY, E.LINK) else "new",
        )
        if dialog.state is S.NEW:
            status = replace(status, resp="error")
        self._outbox.news(dialog.order.symbol, status)
        self._outbox.leave()
