"""What groups that live at a venue ask of the EMS: whom to ask, what to tell, whom to tie."""

from collections.abc import Callable
from typing import Final

from ems.departing_ties import DepartingTies
from ems.group_index import GroupIndex
from ems.group_rules import Group, Step
from ems.order_dialog import OrderDialog
from ems.ties import TO_BE_TIED, is_unexplained, mates, why_ended, with_more_left
from ems.transitions import E

_ENTERS: Final = frozenset({E.FILL, E.FILLED, E.CANCELED, E.WAIT})


class TiedGroups:
    """Keeps an eye on what venues do to groups of their own.

    Parameters
    ----------
    ties
        Which group at its venue an order leaves in.
    ask
        Asks a venue what became of an order.
    """

    def __init__(
        self, index: GroupIndex, ties: DepartingTies, ask: Callable[[OrderDialog], None]
    ) -> None:
        self._index = index
        self._ties = ties
        self._ask = ask
        self._entered: set[str] = set()
        """Groups to which something happened in this run: their exits may have to be tied."""

    def moved(self, dialog: OrderDialog, event: E) -> None:
        """Something happened to an order."""
        if dialog.tie is not None and (dialog.over or event is E.MOVED):
            self._ask_about_the_others(dialog)
        if event in _ENTERS and self._index.concerns(dialog):
            link = dialog.order.link
            self._entered.add(dialog.oid if link is None else link.group)

    def forget(self, name: str) -> None:
        """Forget a group that is over."""
        self._entered.discard(name)

    def why_ended(self, dialog: OrderDialog) -> str:
        """Say what its venue ended a tied order for; empty = unknown, or asked for here."""
        if dialog.tie is None or dialog.cancel_reason is not None or dialog.over:
            return ""
        return why_ended(dialog, self._members(dialog))

    def due(self, group: Group) -> list[Step]:
        """Return how to tie the exits that went out while their entry filled, once it is done."""
        if group.name not in self._entered:
            return []
        pair = self._ties.pair_to_tie(group)
        if pair:
            self._entered.discard(group.name)
        return [Step(one, E.CANCEL, reason=TO_BE_TIED, anew=True) for one in pair]

    def _ask_about_the_others(self, one: OrderDialog) -> None:
        """Ask what became of the orders that a venue may have ended or reduced this one for."""
        members = self._members(one)
        others = mates(one, members)
        if one.over:
            asked = others if is_unexplained(one, members) else []
        else:
            asked = with_more_left(one, others)
        for other in asked:
            if other.active and not other.stale and other.reqid is not None:
                self._ask(other)

    def _members(self, dialog: OrderDialog) -> list[OrderDialog]:
        link = dialog.order.link
        return [] if link is None else self._index.members(link.group)
