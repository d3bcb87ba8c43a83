"""What a row of the table does to the record of an order, and to nothing else."""

from decimal import Decimal
from typing import Final

import msgspec
from msgspec.structs import replace

from ems.messages import BrokerdFill, BrokerdMsg, Message, Order, ReqId, Request, Tie, Trail
from ems.order_dialog import OrderDialog
from ems.transitions import AT_VENUE, HERE, S
from ems.type_families import TRAILING

WORKS: Final = AT_VENUE - {S.ACKED}
"""What `confirm` finds an order in once the venue calls it open."""


class Fact(msgspec.Struct, frozen=True, gc=False):
    """What came with an event."""

    order: Order | None = None
    reqid: ReqId | None = None
    price: Decimal | None = None
    size: Decimal | None = None
    asked_size: Decimal | None = None
    """What the owner of an exit wants it to close."""
    limit_price: Decimal | None = None
    trail: Trail | None = None
    triggered: bool = False
    anew: Order | None = None
    """As an order that is cancelled is to be put anew."""
    tie: Tie | None = None
    """The group at its venue that an order leaves in."""
    fill: BrokerdFill | None = None
    reason: str = ""
    refused: Request | None = None
    unsent: bool = False
    """What was refused did not leave, for sure."""
    msg: Message | None = None
    """The message itself, for the journal."""
    relayed: BrokerdMsg | None = None
    """The broker's message that clients get with the status."""
    src: str | None = None
    """Who spoke; None = the EMS."""


def keep(dialog: OrderDialog, fact: Fact) -> None:
    """Keep a request until it can be sent: the newest modify, and a cancel beats it."""
    if fact.order is None:
        dialog.cancel_called = True
        dialog.kept = None
    elif not dialog.cancel_called:
        dialog.kept = fact.order


def wish(dialog: OrderDialog, fact: Fact) -> None:
    """Note the change that is asked for."""
    dialog.refused_size = None
    dialog.change = fact.order
    dialog.kept = None


def take(dialog: OrderDialog, fact: Fact) -> None:
    """Take what a modify may change at once: nobody else has to agree.

    At another level the side from which the price comes is another question. At the same one it is
    not: the price may have gone over it while nobody looked.
    """
    if fact.order is not None:
        if (fact.order.price, fact.order.trail) != (dialog.order.price, dialog.order.trail):
            dialog.trigger = {}
        dialog.order = fact.order


def changed_as(dialog: OrderDialog, asked: Order) -> Fact:
    """Return the order with what a client's modify may change.

    The size of an exit follows what there is to close: of its entry always; of a position up to
    what its owner asks for. Where a trailing stop stands at its venue is up to the price, and may
    be another by now than when this was asked for.
    """
    order, size, wish = dialog.order, asked.size, None
    if asked.trail is not None and asked.trail == order.trail and dialog.state not in HERE:
        asked = replace(asked, price=order.price, limit_price=_moved_limit(asked, order.price))
    if order.link is not None and order.link.role in ("stop", "target"):
        told = (order.size, dialog.wanted.size)
        wish = None if dialog.asked_size is None or size in told else size
        size = dialog.wanted.size
    changed = replace(
        order, price=asked.price, size=size, limit_price=asked.limit_price, trail=asked.trail
    )
    return Fact(order=changed, msg=asked, asked_size=wish)


def _moved_limit(order: Order, price: Decimal) -> Decimal | None:
    """Return the limit of an order whose trigger is moved to a price: as far away as before."""
    behind = limit_behind(order)
    return None if behind is None else price + behind


def as_said(order: Order, fact: Fact) -> Order:
    """Return the order as the venue says that it is; what it does not say is as it was."""
    price = order.price if fact.price is None or order.type == "market" else fact.price
    size = order.size if fact.size is None else fact.size
    limit = order.limit_price
    if limit is not None and fact.limit_price is not None:
        limit = fact.limit_price
    trail = order.trail if order.trail is None or fact.trail is None else fact.trail
    before = (order.price, order.size, order.limit_price, order.trail)
    if (price, size, limit, trail) == before:
        return order
    return replace(order, price=price, size=size, limit_price=limit, trail=trail)


def fulfils(change: Order | None, said: Order) -> bool:
    """Tell whether the order as the venue has it is the change that was asked for.

    The price of a market order is no wish. The prices of a trailing stop move by themselves: its
    limit, if it has one, is as far from its trigger as was asked for.
    """
    if change is None or change.size != said.size:
        return False
    if change.type in TRAILING:
        return change.trail == said.trail and limit_behind(change) == limit_behind(said)
    if change.limit_price != said.limit_price:
        return False
    return change.price == said.price or change.type == "market"


def limit_behind(order: Order) -> Decimal | None:
    """Return how far the limit of an order lies from its trigger; None if it has none."""
    return None if order.limit_price is None else order.limit_price - order.price


def is_done(dialog: OrderDialog, said: Order) -> bool:
    """Tell whether the change on its way is done, given the order as the venue has it.

    A venue that makes a tied order smaller meanwhile has moved it all the same.
    """
    change = dialog.change
    if fulfils(change, said):
        return True
    if change is None or dialog.tie is None or said.size >= change.size:
        return False
    return change.price != dialog.order.price and fulfils(replace(change, size=said.size), said)


def link(dialog: OrderDialog, fact: Fact) -> None:
    """Give the order its place in a group, in every form in which it is known."""
    place = None if fact.order is None else fact.order.link
    dialog.order = replace(dialog.order, link=place)
    for form in ("change", "kept", "held", "left"):
        order: Order | None = getattr(dialog, form)
        if order is not None:
            setattr(dialog, form, replace(order, link=place))


def confirm(dialog: OrderDialog, fact: Fact) -> None:
    """Take the order as the venue has it; a change that is fulfilled is done."""
    said = as_said(dialog.order, fact)
    if is_done(dialog, said):
        dialog.change = None
        dialog.outcome_unknown = False
    dialog.order = said
    dialog.triggered = dialog.triggered or fact.triggered
    if dialog.state in WORKS:
        dialog.works = True


def drop(dialog: OrderDialog, fact: Fact) -> None:
    """Forget what was asked for: it did not come about."""
    change = dialog.change or dialog.anew
    if change is not None:
        dialog.refused_size, dialog.unsent = change.size, fact.unsent
    dialog.change = None
    if dialog.state is S.OPEN:
        dialog.cancel_called, dialog.cancel_reason, dialog.anew = False, None, None


def doubt(dialog: OrderDialog, _: Fact) -> None:
    """Mark the outcome of the last request unknown."""
    dialog.outcome_unknown = True


def back(dialog: OrderDialog, _: Fact) -> None:
    """Hold it here again, as it was held before: it never reached the venue."""
    dialog.left = None if dialog.held is None else dialog.order
    if dialog.state is S.HELD:
        dialog.order = replace(dialog.held or dialog.order, exec_mode="dark")
    elif dialog.held is not None:
        dialog.order = dialog.held
    dialog.held = None
    dialog.reqid = None
    dialog.stale = False


def forth(dialog: OrderDialog, _: Fact) -> None:
    """Make it a live order, as it left: it did reach the venue."""
    if dialog.left is None:
        dialog.order = replace(dialog.order, exec_mode="live")
    else:
        dialog.held, dialog.order, dialog.left = dialog.order, dialog.left, None


def leave(dialog: OrderDialog, fact: Fact) -> None:
    """Make it the live order that leaves, and remember how it was held here."""
    before, leaving = dialog.order, fact.order or dialog.order
    if before.exec_mode == "dark":
        dialog.was_dark = True
        before = replace(before, exec_mode="live")
    if leaving.exec_mode == "dark":
        leaving = replace(leaving, exec_mode="live")
    if leaving is not before and leaving != before:
        dialog.held = dialog.order
    dialog.order = leaving
    dialog.tie = fact.tie


def count(dialog: OrderDialog, fact: Fact) -> None:
    """Add the fill to what is filled."""
    if fact.fill is not None:
        dialog.filled += fact.fill.size
        dialog.fill_cost += fact.fill.size * fact.fill.price


def correct(dialog: OrderDialog, before: BrokerdFill, after: BrokerdFill) -> None:
    """Count a fill as the venue has put it right, in the place of what it was."""
    dialog.filled += after.size - before.size
    dialog.fill_cost += after.size * after.price - before.size * before.price
    dialog.reason, dialog.refused = "", None


def end(dialog: OrderDialog) -> None:
    """Clear what only an active order has."""
    dialog.change = dialog.kept = None
    dialog.cancel_called = dialog.stale = dialog.outcome_unknown = False
