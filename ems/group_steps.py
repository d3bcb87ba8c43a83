"""Carries out what a group wants done: through the gate and the table, as every request goes."""

import uuid
from collections.abc import Callable, Container
from typing import Protocol

from msgspec.structs import replace

from ems.departing_ties import DepartingTies
from ems.departures import Departures
from ems.dialog_changes import Fact
from ems.errors import JournalWriteError
from ems.group_rules import Step
from ems.lifecycle import Lifecycle, Start
from ems.market import Market
from ems.order_dialog import OrderDialog
from ems.refusal import Refusal
from ems.transitions import HERE, E
from ems.venue_patience import VenuePatience


class Triggering(Protocol):
    """The markets that are watched, and the triggers in them."""

    markets: dict[str, Market]

    def fire_reached(self, symbol: str) -> None:
        """Fire every trigger of a market whose price is reached already."""


class ReleaseGate(Protocol):
    """The gate that every request passes."""

    def refuses_release(self, dialog: OrderDialog) -> Refusal | None:
        """Say why an order that was held here may not go out; None if it may."""


class GroupSteps:
    """Does single steps.

    Parameters
    ----------
    ties
        Which group at its venue an order leaves in.
    is_up
        Tells whether the line to a broker is up.
    later
        Asks for another try after a while.
    patience
        How long a venue gets for what it does by itself.
    unwatched
        The markets that could not be watched in this run.
    say_once
        Tells every client of a market something that is wrong with an order or group, if it was
        not told of that one before.
    """

    def __init__(
        self,
        lifecycle: Lifecycle,
        hub: Triggering,
        departures: Departures,
        ties: DepartingTies,
        gate: ReleaseGate,
        is_up: Callable[[str], bool],
        later: Callable[[], None],
        patience: VenuePatience,
        unwatched: Container[str],
        say_once: Callable[[str, str, str], None],
    ) -> None:
        self._ties = ties
        self._patience = patience
        self._lifecycle = lifecycle
        self._hub = hub
        self._departures = departures
        self._gate = gate
        self._is_up = is_up
        self._later = later
        self._unwatched = unwatched
        self._say_once = say_once
        self._again: set[str] = set()

    def try_again(self, oids: set[str]) -> None:
        """Let what was refused of these orders, or did not leave, be asked for once more."""
        self._again = oids

    def can(self, step: Step) -> bool:
        """Tell whether a step can be done now: what needs the line waits until it is up.

        What was refused, or did not leave, is tried again after a while.
        """
        dialog = step.dialog
        order = dialog.order
        if step.event is E.MODIFY and dialog.state not in HERE:
            if order.symbol not in self._hub.markets and not self._can_shrink(step):
                return False  # it would not leave; what can be asked of its venue is not known
        elif step.event is E.RELEASE:
            if order.symbol not in self._hub.markets:
                return False  # its prices are not watched
            if order.exec_mode == "live" and not self._is_up(dialog.broker):
                return False
        if step.venue_does and self._patience.waits(dialog.oid, (step.event, step.size)):
            return False
        if not _in_vain(step) or dialog.oid in self._again:
            return True
        self._later()
        return False

    def _can_shrink(self, step: Step) -> bool:
        """Tell whether an order can be made smaller though its market cannot be watched.

        By what the journal knows of the market. Where it would have to be put anew, for which its
        price is needed, its owner is told.
        """
        dialog, size = step.dialog, step.size
        if size is None or size >= dialog.wanted.size or dialog.order.symbol not in self._unwatched:
            return False
        if dialog.tie is None or self._ties.changes_in_place(dialog):
            return True
        text = (
            f"An exit in {dialog.order.symbol} closes {dialog.wanted.size:f} and should close "
            f"{size:f}. The market is not watched, so it cannot be put anew: make it smaller "
            "yourself, at the venue."
        )
        self._say_once(dialog.oid, dialog.order.symbol, text)
        return False

    def do(self, step: Step) -> bool:
        """Do a step; False if it was not possible, and is tried again after a while."""
        self._again.discard(step.dialog.oid)
        self._patience.forget(step.dialog.oid)
        if step.event is E.RELEASE:
            done = self._release(step)
        elif step.event is E.WAIT:
            done = self._put_in_its_place(step)
        else:
            done = self._apply(step)
        if not done:
            self._later()
        return done

    def _put_in_its_place(self, step: Step) -> bool:
        """Begin another order like one that has ended, for what that has not filled."""
        gone = step.dialog
        order, filled = gone.anew or gone.order, gone.done
        assert order.link is not None
        asked = None if gone.asked_size is None else gone.asked_size - filled
        order = replace(
            order,
            oid=str(uuid.uuid4()),
            size=step.size or order.size - filled,
            link=replace(order.link, instead=gone.oid),
        )
        dialog = OrderDialog(
            order=order,
            broker=gone.broker,
            changed_ns=gone.changed_ns,
            asked_size=asked,
            first_price=gone.first_price,
        )
        fact = Fact(order=order, msg=order, reason=step.reason)
        try:
            return self._lifecycle.begin([Start(dialog, E.WAIT, fact)], refuse=False)
        except JournalWriteError as error:  # nobody has asked for it: no order is refused
            what = f"{order.action} of {order.size:f} at {order.price:f} in {order.symbol}"
            text = f"The {what} is not there again yet: {error}."
            self._say_once(gone.oid, order.symbol, text)
            return False

    def _apply(self, step: Step) -> bool:
        dialog = step.dialog
        if step.event is E.CANCEL:
            fact = Fact(reason=step.reason, anew=dialog.order if step.anew else None)
            return self._lifecycle.apply(dialog, E.CANCEL, fact)
        changed = replace(dialog.wanted, size=step.size or dialog.order.size)
        fact = Fact(order=changed, msg=changed, reason=step.reason)
        return self._lifecycle.apply(dialog, E.MODIFY, fact)

    def _release(self, step: Step) -> bool:
        dialog = step.dialog
        order = replace(
            dialog.order,
            size=step.size or dialog.order.size,
            action=step.action or dialog.order.action,
        )
        refusal = self._gate.refuses_release(dialog)
        if refusal is not None:
            return not refusal.waits and self._refuse(dialog, refusal.text)
        if order.exec_mode == "dark":
            fact = Fact(order=order, msg=order)
            done = self._lifecycle.apply(dialog, E.RELEASE_DARK, fact)
            self._hub.fire_reached(order.symbol)
            return done
        leaving = self._departures.leaving(order)
        if isinstance(leaving, str):
            return self._refuse(dialog, leaving)
        tie = self._ties.of(leaving, dialog.asked_size)
        words = self._departures.words(order, leaving)
        fact = Fact(order=leaving, msg=leaving, reason=words, tie=tie)
        return self._lifecycle.apply(dialog, E.RELEASE, fact)

    def _refuse(self, dialog: OrderDialog, reason: str) -> bool:
        fact = Fact(reason=reason, refused="new")
        return self._lifecycle.apply(dialog, E.REFUSED, fact)


def _in_vain(step: Step) -> bool:
    """Tell whether the same was refused, or did not leave, when it was asked for last."""
    dialog = step.dialog
    if step.event is E.MODIFY:
        return step.size == dialog.refused_size
    return dialog.refused == ("new" if step.event is E.RELEASE else "cancel")
