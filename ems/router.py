"""Requests of clients in, through the gate to the dialogs; what becomes of them out to clients."""

import logging
from collections.abc import Callable, Iterable
from typing import Protocol

from msgspec.structs import replace

from ems.dialog_changes import Fact
from ems.lifecycle import Lifecycle
from ems.market import broker_of
from ems.messages import Cancel, ClientMsg, Order, Request, Status
from ems.order_dialog import HERE, OrderDialog
from ems.refusal import Refusal
from ems.risk import Gate
from ems.transitions import E, S
from ems.waiting_triggers import WaitingTriggers

log = logging.getLogger(__name__)


class Subscriber(Protocol):
    """A client as the router sees it."""

    def follows(self, fqsn: str) -> bool:
        """Tell whether it wants to hear of this market."""

    def deliver(self, msg: ClientMsg) -> None:
        """Take a message; never waits."""


class Router:
    """Takes every request, whoever makes it, and tells every client what concerns it.

    Parameters
    ----------
    clock
        Now, UTC ns.
    """

    def __init__(self, clock: Callable[[], int]) -> None:
        self._clock = clock
        self._subscribers: list[Subscriber] = []
        self._followers: dict[str, tuple[Subscriber, ...]] = {}
        """By fqsn, of those that were told of; forgotten when anybody comes or goes."""
        self._lifecycle: Lifecycle
        self._gate: Gate
        self._waiting: WaitingTriggers

    def bind(self, lifecycle: Lifecycle, gate: Gate, waiting: WaitingTriggers) -> None:
        """Name whom it hands requests to; the lifecycle speaks through the router itself."""
        self._lifecycle = lifecycle
        self._gate = gate
        self._waiting = waiting

    # ---- to clients

    @property
    def has_subscribers(self) -> bool:
        """True while anybody listens."""
        return bool(self._subscribers)

    def subscribe(self, subscriber: Subscriber) -> None:
        """Tell this client from now on."""
        self._subscribers.append(subscriber)
        self._followers.clear()

    def unsubscribe(self, subscriber: Subscriber) -> None:
        """Tell this client no more."""
        if subscriber in self._subscribers:
            self._subscribers.remove(subscriber)
            self._followers.clear()

    def client_broadcast(self, fqsn: str, msg: ClientMsg) -> None:
        """Send the message to every client that follows the market; to all if none is named."""
        followers = self._followers.get(fqsn)
        if followers is None:
            followers = tuple(s for s in self._subscribers if not fqsn or s.follows(fqsn))
            self._followers[fqsn] = followers
        for subscriber in followers:
            subscriber.deliver(msg)

    def tell_all(self, msg: ClientMsg) -> None:
        """Send the message to every client."""
        for subscriber in tuple(self._subscribers):
            subscriber.deliver(msg)

    # ---- from clients

    def submit(self, order: Order, sender: Subscriber) -> None:
        """Take a new order, dark order or alert, or the modify of a known one."""
        dialog = self._lifecycle.index.by_oid(order.oid)
        if dialog is not None:
            self._modify(dialog, order, sender)
            return
        consent, order = _parted(order)
        dialog = self._new_dialog(order)
        if refusal := self._gate.refuses_new(order, consent):
            if refusal.asks:
                self._ask(sender, dialog, "new", refusal)
            else:
                self._refuse_new(dialog, refusal.text, sender)
            return
        held = order.exec_mode == "dark" or order.action == "alert"
        self._lifecycle.apply(dialog, E.HOLD if held else E.SUBMIT, Fact(order=order, msg=order))

    def modify(self, order: Order, sender: Subscriber) -> None:
        """Take the modify of an order; one that was never here is refused, not made."""
        dialog = self._lifecycle.index.by_oid(order.oid)
        if dialog is not None:
            self._modify(dialog, order, sender)
            return
        self._refuse_unknown(sender, order.oid, "modify", "change", order)

    def cancel(self, cancel: Cancel, sender: Subscriber) -> None:
        """Take the cancel of an order, dark order or alert."""
        dialog = self._lifecycle.index.by_oid(cancel.oid)
        if dialog is not None:
            self._gate.withdrawn(dialog.order)
            self._lifecycle.apply(dialog, E.CANCEL, Fact(msg=cancel))
            return
        self._refuse_unknown(sender, cancel.oid, "cancel", "cancel")

    # ---- from the dark book and the venues

    def fired(self, oid: str, why: str) -> None:
        """A trigger's price was reached: the alert rings, the dark order goes out."""
        dialog = self._lifecycle.index.by_oid(oid)
        if dialog is None or dialog.state is not S.HELD:
            log.error("a trigger fired for an order that is not held: %s %s", oid, dialog)
            return
        if dialog.order.action == "alert":
            self._lifecycle.apply(dialog, E.RING, Fact(reason=why))
        elif (refusal := self._gate.refuses_trigger(dialog)) is None:
            self._waiting.forget(oid)
            self._lifecycle.apply(dialog, E.TRIGGER, Fact(reason=why))
        elif refusal.waits:
            self._waiting.hold(dialog, why, refusal)
        else:
            self._lifecycle.apply(dialog, E.REFUSED, Fact(reason=refusal.text, refused="new"))

    def adopt(self, broker: str, status: Status) -> OrderDialog:
        """Return a new dialog for an order that lives at a venue and was not made here."""
        if status.req is None:
            raise ValueError(f"no order to adopt in {status}")
        dialog = self._new_dialog(status.req)
        dialog.broker = broker
        dialog.origin = status.origin or f"made elsewhere, at {broker}"
        return dialog

    # ---- inside

    def _new_dialog(self, order: Order) -> OrderDialog:
        return OrderDialog(order=order, broker=broker_of(order.account), changed_ns=self._clock())

    def _modify(self, dialog: OrderDialog, order: Order, sender: Subscriber) -> None:
        consent, order = _parted(order)
        if not dialog.over and (refusal := self._gate.refuses_change(dialog, order, consent)):
            if refusal.asks:
                self._ask(sender, dialog, "modify", refusal)
            else:
                self._lifecycle.refuse(dialog, "modify", refusal.text)
            return
        changed = replace(dialog.order, price=order.price, size=order.size)
        self._lifecycle.apply(dialog, E.MODIFY, Fact(order=changed, msg=order))

    def _ask(
        self, sender: Subscriber, dialog: OrderDialog, what: Request, refusal: Refusal
    ) -> None:
        """Ask the one who sent a request before it is taken: nothing has happened by then."""
        status = replace(
            dialog.status(),
            time_ns=self._clock(),
            reason=refusal.text,
            refused=what,
            asks=refusal.asks,
        )
        sender.deliver(replace(status, resp="error") if what == "new" else status)

    def _refuse_new(self, dialog: OrderDialog, reason: str, sender: Subscriber) -> None:
        fact = Fact(order=dialog.order, reason=reason, refused="new", msg=dialog.order)
        self._lifecycle.apply(dialog, E.REFUSED, fact)
        if not sender.follows(dialog.order.symbol):
            sender.deliver(dialog.status())

    def _refuse_unknown(
        self, sender: Subscriber, oid: str, what: Request, verb: str, order: Order | None = None
    ) -> None:
        """Tell the one who asked: nobody else has heard of this order."""
        sender.deliver(
            Status(
                oid=oid,
                time_ns=self._clock(),
                resp="error",
                req=order,
                src=HERE,
                reason=f"There is no such order to {verb}.",
                refused=what,
            )
        )


def _parted(order: Order) -> tuple[tuple[str, ...], Order]:
    """Return what the owner has said yes to, and the order without it: it is for one request."""
    return order.consent, replace(order, consent=()) if order.consent else order


def snapshot(dialogs: Iterable[OrderDialog], subscriber: Subscriber) -> list[Status]:
    """Return the status of each active dialog that the client follows."""
    return [dialog.status() for dialog in dialogs if subscriber.follows(dialog.order.symbol)]
