"""What a row of the table does to the record of an order, and to nothing else."""

from decimal import Decimal
from typing import Final

import msgspec
from msgspec.structs import replace

from ems.messages import BrokerdFill, BrokerdMsg, Message, Order, ReqId, Request
from ems.order_dialog import OrderDialog
from ems.transitions import AT_VENUE, S

WORKS: Final = AT_VENUE - {S.ACKED}
"""What `confirm` finds an order in once the venue calls it open."""


class Fact(msgspec.Struct, frozen=True, gc=False):
    """What came with an event."""

    order: Order | None = None
    reqid: ReqId | None = None
    price: Decimal | None = None
    size: Decimal | None = None
    fill: BrokerdFill | None = None
    reason: str = ""
    refused: Request | None = None
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
    dialog.change = fact.order
    dialog.kept = None


def take(dialog: OrderDialog, fact: Fact) -> None:
    """Take the new price and size at once: nobody else has to agree."""
    if fact.order is not None:
        dialog.order = replace(dialog.order, price=fact.order.price, size=fact.order.size)


def confirm(dialog: OrderDialog, fact: Fact) -> None:
    """Take price and size as the venue has them; a change that they fulfil is done."""
    order = dialog.order
    price = order.price if fact.price is None else fact.price
    size = order.size if fact.size is None else fact.size
    if price != order.price or size != order.size:
        dialog.order = replace(order, price=price, size=size)
    change = dialog.change
    if change is not None and change.price == price and change.size == size:
        dialog.change = None
        dialog.outcome_unknown = False
    if dialog.state in WORKS:
        dialog.works = True


def drop(dialog: OrderDialog, _: Fact) -> None:
    """Forget what was asked for: it did not come about."""
    dialog.change = None
    if dialog.state is S.OPEN:
        dialog.cancel_called = False


def doubt(dialog: OrderDialog, _: Fact) -> None:
    """Mark the outcome of the last request unknown."""
    dialog.outcome_unknown = True


def back(dialog: OrderDialog, _: Fact) -> None:
    """Make it a dark order again: it never reached the venue."""
    dialog.order = replace(dialog.order, exec_mode="dark")
    dialog.reqid = None
    dialog.stale = False


def forth(dialog: OrderDialog, _: Fact) -> None:
    """Make it a live order: it did reach the venue."""
    dialog.order = replace(dialog.order, exec_mode="live")


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
