"""Carries out what a group wants done: through the gate and the table, as every request goes."""

from collections.abc import Callable
from typing import Protocol

from msgspec.structs import replace

from ems.departures import Departures
from ems.dialog_changes import Fact
from ems.group_rules import Step
from ems.lifecycle import Lifecycle
from ems.market import Market
from ems.order_dialog import OrderDialog
from ems.refusal import Refusal
from ems.transitions import E


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
    is_up
        Tells whether the line to a broker is up.
    later
        Asks for another try after a while.
    """

    def __init__(
        self,
        lifecycle: Lifecycle,
        hub: Triggering,
        departures: Departures,
        gate: ReleaseGate,
        is_up: Callable[[str], bool],
        later: Callable[[], None],
    ) -> None:
        self._lifecycle = lifecycle
        self._hub = hub
        self._departures = departures
        self._gate = gate
        self._is_up = is_up
        self._later = later
        self._again: set[str] = set()

    def try_again(self, oids: set[str]) -> None:
        """Let what was refused of these orders, or did not leave, be asked for once more."""
        self._again = oids

    def can(self, step: Step) -> bool:
        """Tell whether a step can be done now: what needs the line waits until it is up.

        What was refused, or did not leave, is tried again after a while.
        """
        dialog = step.dialog
        if step.event is E.RELEASE:
            order = dialog.order
            if order.symbol not in self._hub.markets:
                return False  # its prices are not watched
            if order.exec_mode == "live" and not self._is_up(dialog.broker):
                return False
        if not _in_vain(step) or dialog.oid in self._again:
            return True
        self._later()
        return False

    def do(self, step: Step) -> bool:
        """Do a step; False if it was not possible, and is tried again after a while."""
        self._again.discard(step.dialog.oid)
        done = self._release(step) if step.event is E.RELEASE else self._apply(step)
        if not done:
            self._later()
        return done

    def _apply(self, step: Step) -> bool:
        dialog = step.dialog
        if step.event is E.CANCEL:
            return self._lifecycle.apply(dialog, E.CANCEL, Fact(reason=step.reason))
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
        fact = Fact(order=leaving, msg=leaving, reason=self._departures.words(order, leaving))
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
