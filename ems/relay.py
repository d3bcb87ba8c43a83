"""What one broker says, turned into events of the dialogs that it is about."""

import logging
from collections.abc import Callable
from typing import Any, Final

from msgspec.structs import replace

from ems.dialog_changes import Fact, as_said
from ems.dialog_index import DialogIndex
from ems.early_messages import EarlyMessages
from ems.lifecycle import Lifecycle
from ems.messages import (
    ZERO,
    BrokerdError,
    BrokerdFill,
    BrokerdOrderAck,
    BrokerdPosition,
    BrokerdReport,
    BrokerdStatus,
    BrokerEvent,
    ClientMsg,
    Connection,
    Message,
    Notice,
    Order,
    ReqId,
    Status,
)
from ems.order_dialog import OrderDialog
from ems.ports import Opening, TradesDialogue
from ems.positions import PositionBook
from ems.transitions import HERE, E, S
from ems.venue_words import (
    REFUSED_EVENT,
    STATUS_EVENT,
    UNHEARD_OF,
    likely_refused,
    not_there,
    standing,
    with_reason,
    working,
)

log = logging.getLogger(__name__)

_WORKING, _FILL = E.WORKING, E.FILL
"""Names of their own, as a member of an enum is slow to find."""
_UNACKED: Final = frozenset({S.SENT, S.UNKNOWN})


class Relay:
    """Takes the events of one broker.

    Parameters
    ----------
    broker : str
        Its name.
    adopt
        Makes the dialog of an order that was not made by this EMS.
    tell_all
        Tells every client, whatever it follows.
    """

    def __init__(
        self,
        broker: str,
        lifecycle: Lifecycle,
        positions: PositionBook,
        adopt: Callable[[str, Status], OrderDialog],
        tell_all: Callable[[ClientMsg], None],
    ) -> None:
        self.broker = broker
        self.connection: Connection | None = None
        self._lifecycle = lifecycle
        self._index: DialogIndex = lifecycle.index
        self._positions = positions
        self._adopt = adopt
        self._tell_all = tell_all
        self._early = EarlyMessages()
        self._takes = self._ways_in()
        self._dialogue: TradesDialogue | None = None

    def on_event(self, msg: BrokerEvent) -> None:
        """Take one event of the broker."""
        takes = self._takes.get(type(msg))
        if takes is None:
            log.error("%s sent what no broker sends: %s", self.broker, msg)
        else:
            takes(msg)

    def _ways_in(self) -> dict[type[BrokerEvent], Callable[[Any], None]]:
        """Return what takes each kind of event."""
        return {
            BrokerdOrderAck: self._on_ack,
            BrokerdStatus: self._on_keyed_status,
            BrokerdFill: self._on_keyed_fill,
            BrokerdError: self._on_error,
            BrokerdReport: self._on_report,
            BrokerdPosition: self._on_position,
            Status: self._on_live_order,
            Connection: self._on_connection,
            Notice: self._tell_all,
        }

    # ---- the connection

    def opened(self, dialogue: TradesDialogue, time_ns: int) -> None:
        """Take the dialogue with the venue; from now on it can be reconciled with."""
        self._dialogue = dialogue
        up, said = dialogue.opening is not None, self.connection
        if said is None or said.up != up:
            self._on_connection(Connection(broker=self.broker, up=up, time_ns=time_ns))
        else:  # told already; what it means is due now
            self._take_connection(said)

    def _reconcile(self, opening: Opening, time_ns: int) -> None:
        """Bring every dialog of this broker in line with what lives at the venue."""
        alive = set()
        for status in opening.orders:
            alive.add(status.oid)
            self._on_live_order(status, now=True)
        for fill in opening.fills:
            dialog = self._index.by_reqid(self.broker, fill.account, fill.reqid)
            if (dialog := dialog or self._named_by(fill)) is not None:
                self._fill(dialog, fill)
            else:
                self._count_outside(replace(fill, oid=None))
        self._reconcile_positions(opening, time_ns)  # its figures have these fills in them
        for dialog in self._index.active():
            if dialog.broker != self.broker:
                continue
            if dialog.state is S.HELD:
                self._lifecycle.arm(dialog, known=True)  # it may have met a line that was down
            elif dialog.state is not S.WAITING and (dialog.oid not in alive or dialog.in_flight):
                self._lifecycle.ask(dialog)

    def _reconcile_positions(self, opening: Opening, time_ns: int) -> None:
        """Take the venue's positions; one that it had and does not name any more is flat there."""
        for position in opening.positions:
            self._on_position(position)
        named = {(position.account, position.symbol) for position in opening.positions}
        for record in self._positions.known():
            key = (record.account, record.symbol)
            gone = record.account in opening.accounts and key not in named
            if gone and (record.expected if record.said is None else record.said):
                record.hear(ZERO, time_ns)
                self._lifecycle.position_said(record)

    def _on_connection(self, msg: Connection) -> None:
        self.connection = msg
        self._tell_all(msg)
        self._take_connection(msg)

    def _take_connection(self, msg: Connection) -> None:
        if msg.up:
            self._early.forget_statuses()
            if self._dialogue is not None and self._dialogue.opening is not None:
                with self._lifecycle.groups.paused():
                    self._reconcile(self._dialogue.opening, msg.time_ns)
            return
        for dialog in self._index.active():
            if dialog.broker != self.broker or dialog.state in HERE:
                continue
            if dialog.in_flight:
                self._lifecycle.apply(
                    dialog, E.SILENCE, Fact(reason=f"Connection lost: {msg.reason}")
                )
            self._lifecycle.apply(dialog, E.STALE, Fact(reason=msg.reason, src=self.broker))

    # ---- orders

    def _on_live_order(self, status: Status, *, now: bool = False) -> None:
        """Take an order that lives at the venue: ours from before, or made elsewhere.

        ``now`` tells that it is how things are, as at the opening of the dialogue; else it may
        have been overtaken, and what is known here already is not changed by it.
        """
        if status.req is None or status.reqid is None:
            log.error("a live order without its order or reqid: %s", status)
            return
        order = status.req
        dialog = self._index.by_oid(order.oid)
        dialog = dialog or self._index.by_reqid(self.broker, order.account, status.reqid)
        if dialog is None:
            dialog = self._adopt(self.broker, status)
            fact = Fact(order=order, reqid=status.reqid, msg=status, src=self.broker)
            self._lifecycle.apply(dialog, E.ADOPT, fact)
            self._release_early(dialog)
        elif now:
            first_word = dialog.state in UNHEARD_OF
            self._acknowledge(dialog, status.reqid, status)
            fact = Fact(
                price=order.price,
                size=order.size,
                limit_price=order.limit_price,
                trail=order.trail,
                triggered=status.triggered,
                msg=status,
                src=self.broker,
            )
            self._stands(dialog, fact, first_word=first_word)
        else:
            self._on_hearsay(dialog, status, order)
        if status.filled != dialog.filled:
            self._lifecycle.ask(dialog)  # fills that we did not hear of

    def _stands(self, dialog: OrderDialog, fact: Fact, *, first_word: bool) -> None:
        """The venue says of an order, as of now: it works, and so.

        After its first word a request that waited for it is out, which the venue has not seen.
        """
        event = (working if first_word else standing)(dialog, fact)
        self._lifecycle.apply(dialog, event, with_reason(dialog, event, fact))
        self._freshen(dialog)

    def _on_hearsay(self, dialog: OrderDialog, status: Status, order: Order) -> None:
        """It lived when this was said: if that is not what is known here, ask."""
        if dialog.state in UNHEARD_OF and status.reqid is not None:
            self._acknowledge(dialog, status.reqid, status)
        said = as_said(
            dialog.order,
            Fact(
                price=order.price,
                size=order.size,
                limit_price=order.limit_price,
                trail=order.trail,
            ),
        )
        if dialog.state is not S.OPEN or said != dialog.order:
            self._lifecycle.ask(dialog)

    def _freshen(self, dialog: OrderDialog) -> None:
        """The venue has spoken of the order: how it shows is how it is."""
        if dialog.stale:
            self._lifecycle.apply(dialog, E.FRESH, Fact(src=self.broker))

    def _on_ack(self, ack: BrokerdOrderAck) -> None:
        dialog = self._index.by_oid(ack.oid)
        if dialog is None:
            log.error("%s acknowledged an order that is not known here: %s", self.broker, ack)
        else:
            self._acknowledge_late(dialog, ack.reqid, ack)

    def _acknowledge_late(self, dialog: OrderDialog, reqid: ReqId, msg: Message) -> None:
        """The venue has the order, as ``reqid``; one that counted as lost is asked for."""
        if dialog.reqid is None and dialog.over:
            fact = Fact(reqid=reqid, msg=msg, src=self.broker)
            self._lifecycle.apply(dialog, E.LATE_ACK, fact)
            self._release_early(dialog)
        else:
            self._acknowledge(dialog, reqid, msg)

    def _acknowledge(self, dialog: OrderDialog, reqid: ReqId, msg: Message | None) -> None:
        """The venue has the order, as ``reqid``."""
        fact = Fact(reqid=reqid, msg=msg, src=self.broker)
        if dialog.state in HERE:  # it counted as never arrived
            self._lifecycle.apply(dialog, E.LATE_ACK, fact)
        if dialog.state in _UNACKED:
            self._lifecycle.apply(dialog, E.ACK, fact)
        elif self._index.by_reqid(self.broker, dialog.order.account, reqid) is not dialog:
            log.info("%s gave order %s a new id: %s", self.broker, dialog.oid, msg)
            self._lifecycle.apply(dialog, E.NEW_REQID, fact)
        self._release_early(dialog)

    def _release_early(self, dialog: OrderDialog) -> None:
        """Take what was said of the order before its id was known to be its."""
        if dialog.reqid is not None:
            for kept in self._early.take((self.broker, dialog.order.account, dialog.reqid)):
                self.on_event(kept)

    # ---- what goes by the venue's id

    def _on_keyed_status(self, msg: BrokerdStatus) -> None:
        dialog = self._index.by_reqid(self.broker, msg.account, msg.reqid)
        if dialog is None:
            self._early.keep((self.broker, msg.account, msg.reqid), msg)
        else:
            self._on_status(dialog, msg)

    def _on_keyed_fill(self, msg: BrokerdFill) -> None:
        dialog = self._index.by_reqid(self.broker, msg.account, msg.reqid)
        if dialog is None:
            dialog = self._named_by(msg)
        if dialog is None:  # the account has it, whatever the order
            self._count_outside(replace(msg, oid=None))
            self._early.keep((self.broker, msg.account, msg.reqid), msg)
        else:
            self._fill(dialog, msg)

    def _named_by(self, fill: BrokerdFill) -> OrderDialog | None:
        """Return the order that a fill names by our id, which is as good as an ack.

        Not of an order that has an id by now: of one that was replaced, this may be the older one.
        """
        dialog = None if fill.oid is None else self._index.by_oid(fill.oid)
        if dialog is not None and dialog.reqid is None:
            self._acknowledge_late(dialog, fill.reqid, fill)
        return dialog

    def _count_outside(self, fill: BrokerdFill) -> None:
        """Count a fill, or its correction, for the account alone: its order is not known here."""
        if not (fill.replaces and self._lifecycle.corrections.correct(None, fill)):
            self._lifecycle.count_outside(fill)

    def _fill(self, dialog: OrderDialog, msg: BrokerdFill) -> None:
        if msg.replaces and self._lifecycle.corrections.correct(dialog, msg):
            self._lifecycle.groups.moved_position(msg.account, msg.symbol)
            return
        oid = dialog.order.oid
        fill = msg if msg.oid == oid else replace(msg, oid=oid)
        fact = Fact(fill=fill, msg=fill, relayed=fill, src=self.broker)
        self._lifecycle.apply(dialog, _FILL, fact)

    def _on_status(self, dialog: OrderDialog, msg: BrokerdStatus) -> None:
        event = STATUS_EVENT.get(msg.status)
        if event is None:
            log.warning("%s sent the unknown status %r: %s", self.broker, msg.status, msg)
            return
        if msg.seq is not None:
            if dialog.last_seq is not None and msg.seq <= dialog.last_seq:
                return  # said again, or overtaken
            dialog.last_seq = msg.seq
        fact = self._as_said(msg)
        if event is _WORKING:
            event = working(dialog, fact)
        if msg.cancel_called is not dialog.cancel_called:
            self._lifecycle.note_venue_cancel(dialog, called=msg.cancel_called, src=self.broker)
        if dialog.tie is not None:  # what comes in its place is sized by what it has filled
            self._note_filled(dialog, msg)
        self._lifecycle.apply(dialog, event, self._explained(dialog, event, fact))
        self._note_filled(dialog, msg)

    def _note_filled(self, dialog: OrderDialog, msg: BrokerdStatus) -> None:
        if msg.filled is not None and msg.filled > max(dialog.filled, dialog.venue_filled):
            self._lifecycle.note_filled(dialog, msg.filled)

    def _explained(self, dialog: OrderDialog, event: E, fact: Fact) -> Fact:
        """Say what a venue has ended a tied order for, where its group tells that."""
        if dialog.tie is None or event not in (E.CANCELED, E.NOT_THERE):
            return fact
        why = self._lifecycle.groups.why_ended(dialog)
        return replace(fact, reason=why) if why else fact

    def _as_said(self, msg: BrokerdStatus | BrokerdReport) -> Fact:
        """The order as the venue has it."""
        return Fact(
            price=msg.price,
            size=msg.size,
            limit_price=msg.limit_price,
            trail=msg.trail,
            triggered=msg.triggered,
            reason=msg.reason,
            msg=msg,
            relayed=msg,
            src=self.broker,
        )

    def _on_error(self, msg: BrokerdError) -> None:
        dialog = None if msg.oid is None else self._index.by_oid(msg.oid)
        if dialog is None and msg.reqid is not None:
            dialog = self._index.by_reqid(self.broker, msg.account, msg.reqid)
            if dialog is None:
                self._early.keep((self.broker, msg.account, msg.reqid), msg)
                return
        if dialog is None:
            text = f"{self.broker} refused something: {msg.reason}"
            log.error("%s (%s)", text, msg)
            notice = Notice(time_ns=msg.time_ns, level="error", text=text, src=self.broker)
            self._tell_all(notice)
            return
        what = msg.request or likely_refused(dialog)
        if what == "new" and msg.reqid is None and dialog.reqid is not None and dialog.active:
            log.warning("%s refused what it had taken before: %s", self.broker, msg)
            self._lifecycle.ask(dialog)  # perhaps a second try that it knew as such
            return
        fact = Fact(reason=msg.reason, refused=what, msg=msg, relayed=msg, src=self.broker)
        self._lifecycle.apply(dialog, REFUSED_EVENT[what], fact)

    def _on_report(self, msg: BrokerdReport) -> None:
        dialog = self._index.by_oid(msg.oid)
        if dialog is None:
            log.error("%s reports on an order that is not known here: %s", self.broker, msg)
        elif not self._lifecycle.answers(msg):
            for fill in msg.fills if dialog.reqid is not None else ():
                self._fill(dialog, fill)  # what was done stays done
        elif not msg.found:
            event, reason = not_there(dialog), msg.reason
            if event is not E.FILLED:
                reason = reason or f"{self.broker} does not know this order."
            fact = Fact(reason=reason, msg=msg, src=self.broker)
            self._lifecycle.apply(dialog, event, self._explained(dialog, event, fact))
        else:
            self._on_found(dialog, msg)

    def _on_found(self, dialog: OrderDialog, msg: BrokerdReport) -> None:
        first_word = dialog.state in UNHEARD_OF
        if msg.reqid is not None:
            self._acknowledge(dialog, msg.reqid, msg)
        for fill in msg.fills:
            self._fill(dialog, fill)
        fact = self._as_said(msg)
        event = STATUS_EVENT.get(msg.status, E.PENDING)
        if event is E.WORKING:
            self._stands(dialog, fact, first_word=first_word)
        else:
            self._lifecycle.apply(dialog, event, self._explained(dialog, event, fact))
            self._freshen(dialog)
        self._lifecycle.note_filled(dialog, dialog.filled)

    def _on_position(self, msg: BrokerdPosition) -> None:
        position = self._positions.of(msg.account, msg.symbol)
        position.hear(msg.size, msg.time_ns)
        position.time_ns = max(position.time_ns, msg.time_ns)
        self._lifecycle.position_said(position)
        self._lifecycle.groups.moved_position(msg.account, msg.symbol)
