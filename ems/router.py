"""Requests of clients in, through the gate to the dialogs; what becomes of them out to clients."""

import logging
from collections.abc import Callable, Iterable, Sequence
from typing import Protocol

from msgspec.structs import replace

from ems.departures import Departures
from ems.dialog_changes import Fact, changed_as
from ems.lifecycle import Lifecycle, Start
from ems.messages import Cancel, ClientMsg, Link, Order, Request, Status
from ems.order_dialog import HERE, OrderDialog
from ems.order_starts import OrderStarts
from ems.refusal import Refusal, asking
from ems.risk import Gate
from ems.transitions import E, S
from ems.waiting_triggers import WaitingTriggers

log = logging.getLogger(__name__)

_HELD, _TRIGGER = S.HELD, E.TRIGGER
"""Names of their own, as a member of an enum is slow to find."""


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
        self._followers: dict[str, tuple[Callable[[ClientMsg], None], ...]] = {}
        """By fqsn, who is told, as far as it was asked; forgotten when anybody comes or goes."""
        self._lifecycle: Lifecycle
        self._gate: Gate
        self._departures: Departures
        self._starts: OrderStarts
        self._waiting: WaitingTriggers

    def bind(
        self,
        lifecycle: Lifecycle,
        gate: Gate,
        departures: Departures,
        starts: OrderStarts,
        waiting: WaitingTriggers,
    ) -> None:
        """Name whom it hands requests to; the lifecycle speaks through the router itself."""
        self._lifecycle = lifecycle
        self._gate = gate
        self._departures = departures
        self._starts = starts
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
            followers = tuple(s.deliver for s in self._subscribers if not fqsn or s.follows(fqsn))
            self._followers[fqsn] = followers
        for deliver in followers:
            deliver(msg)

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
        elif self._gate.passes_at_a_glance(order):
            self._gate.taken(order)
            if not self._lifecycle.apply(*self._starts.plain(order)):
                self._gate.not_taken(order)
        else:
            self._begin((order,), sender)

    def submit_group(self, orders: Sequence[Order], sender: Subscriber) -> None:
        """Take several new orders, or none of them."""
        seen: dict[str, Order] = {}
        for one in orders:
            if one.oid in seen or self._lifecycle.index.by_oid(one.oid):
                reason = f"The order {one.oid} is there already; a group is made of new orders."
                self._refuse_group({order.oid: order for order in orders}.values(), reason, sender)
                return
            seen[one.oid] = one
        self._begin(tuple(orders), sender)

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
        if dialog is None or dialog.state is not _HELD:
            log.error("a trigger fired for an order that is not held: %s %s", oid, dialog)
            return
        if dialog.order.action == "alert":
            self._lifecycle.apply(dialog, E.RING, Fact(reason=why))
            return
        leaving = self._departures.leaving(dialog.order)
        if isinstance(leaving, str):
            self._lifecycle.apply(dialog, E.REFUSED, Fact(reason=leaving, refused="new"))
        elif (refusal := self._gate.refuses_trigger(dialog, leaving)) is None:
            reason = f"{why} {self._departures.words(dialog.order, leaving)}".strip()
            if self._lifecycle.apply(dialog, _TRIGGER, Fact(order=leaving, reason=reason)):
                self._waiting.forget(oid)
            else:
                unwritten = Refusal(f"{self._lifecycle.why_unwritten}.", "journal", waits=True)
                self._waiting.hold(dialog, why, unwritten)
        elif refusal.waits:
            self._waiting.hold(dialog, why, refusal)
        else:
            self._lifecycle.apply(dialog, E.REFUSED, Fact(reason=refusal.text, refused="new"))

    def adopt(self, broker: str, status: Status) -> OrderDialog:
        """Return a new dialog for an order that lives at a venue and was not made here."""
        if status.req is None:
            raise ValueError(f"no order to adopt in {status}")
        dialog = self._starts.record(status.req)
        dialog.broker = broker
        dialog.tie = status.tie
        dialog.origin = status.origin or f"made elsewhere, at {broker}"
        return dialog

    # ---- inside

    def _begin(self, orders: tuple[Order, ...], sender: Subscriber) -> None:
        """Begin new orders, exits before their entry, all or none."""
        starts: list[Start] = []
        passed: list[Order] = []
        refusals: dict[str, Refusal] = {}
        asked_all = [_parted(order)[1] for order in orders]
        for order in orders:
            consent, asked = _parted(order)
            start = self._starts.start(asked, asked_all)
            if isinstance(start, str):
                refusals[order.oid] = Refusal(start, "order")
                continue
            judged = _judged(start)
            if refusal := self._gate.limits_new(judged, consent, passed):
                refusals[order.oid] = refusal
            passed.append(judged)
            starts.append(start)
        if refusals:
            self._refuse_all(orders, refusals, sender)
            return
        for order in orders:
            self._gate.taken(order)
        if len(starts) == 1:
            begun = self._lifecycle.apply(*starts[0])
        else:
            starts.sort(key=lambda start: start.event is not E.WAIT)
            begun = self._lifecycle.begin(starts)
        if not begun:
            for order in orders:
                self._gate.not_taken(order)

    def _refuse_all(
        self, orders: tuple[Order, ...], refusals: dict[str, Refusal], sender: Subscriber
    ) -> None:
        """Take none of the orders; ask about all of them together if that is all there is."""
        if all(refusal.asks for refusal in refusals.values()):
            asks = asking([q for refusal in refusals.values() for q in refusal.asks])
            for order in orders:
                self._ask(sender, self._starts.record(_parted(order)[1]), "new", asks)
            return
        others = "Not taken, as another order of its group was refused: "
        first = next(refusal for refusal in refusals.values() if not refusal.asks)
        for order in orders:
            own = refusals.get(order.oid)
            why = others + first.text if own is None or own.asks else own.text
            self._refuse_new(self._starts.record(_parted(order)[1]), why, sender)

    def _modify(self, dialog: OrderDialog, order: Order, sender: Subscriber) -> None:
        consent, order = _parted(order)
        if not dialog.over and (refusal := self._gate.refuses_change(dialog, order, consent)):
            if refusal.asks:
                self._ask(sender, dialog, "modify", refusal)
            else:
                self._lifecycle.refuse(dialog, "modify", refusal.text)
            return
        linked = False
        order = _in_the_same_place(order, dialog)
        if order.link is not None and order.link != dialog.order.link and not dialog.over:
            linked = self._link(dialog, order, order.link)
            if not linked:
                return
        change = changed_as(dialog, order)
        if linked and change.order == dialog.wanted and change.asked_size is None:
            return  # nothing that its venue would have to know
        self._lifecycle.apply(dialog, E.MODIFY, change)

    def _link(self, dialog: OrderDialog, order: Order, link: Link) -> bool:
        """Give an order another place in a group; False if that is not possible."""
        if refusal := self._starts.refuses_link(dialog, link):
            self._lifecycle.refuse(dialog, "modify", refusal)
            return False
        place = link if link.group else None
        fact = Fact(order=replace(order, link=place), msg=order)
        return self._lifecycle.apply(dialog, E.LINK, fact)

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

    def _refuse_group(self, orders: Iterable[Order], reason: str, sender: Subscriber) -> None:
        """Refuse what is not there yet of orders that cannot be a group."""
        for one in orders:
            if self._lifecycle.index.by_oid(one.oid) is None:
                self._refuse_new(self._starts.record(one), reason, sender)

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


def _in_the_same_place(order: Order, dialog: OrderDialog) -> Order:
    """Return a request with what its order was put in the place of: that is not the client's."""
    now = dialog.order.link
    if order.link is None or now is None or order.link.instead == now.instead:
        return order
    return replace(order, link=replace(order.link, instead=now.instead))


def _parted(order: Order) -> tuple[tuple[str, ...], Order]:
    """Return what the owner has said yes to, and the order without it: it is for one request."""
    return order.consent, replace(order, consent=()) if order.consent else order


def _judged(start: Start) -> Order:
    """Return a new order as the limits look at it: as it is held here, or as large as it leaves."""
    order, leaving = start.dialog.order, start.fact.order
    if start.event is not E.SUBMIT or leaving is None:
        return order
    return replace(order, size=leaving.size, reduce_only=leaving.reduce_only)


def snapshot(dialogs: Iterable[OrderDialog], subscriber: Subscriber) -> list[Status]:
    """Return the status of each active dialog that the client follows."""
    return [dialog.status() for dialog in dialogs if subscriber.follows(dialog.order.symbol)]
