"""Which group at its venue an order leaves in."""

from decimal import Decimal

from ems.departures import Departures
from ems.group_index import GroupIndex
from ems.group_rules import Group
from ems.messages import Order, Tie
from ems.order_dialog import OrderDialog
from ems.ties import pair_to_tie, tie_for


class DepartingTies:
    """Chooses the group at the venue, by what lives there already and what the venue can do."""

    def __init__(self, groups: GroupIndex, departures: Departures) -> None:
        self._groups = groups
        self._departures = departures

    def of(self, order: Order, asked_size: Decimal | None = None) -> Tie | None:
        """Return the group that an order joins or begins as it leaves; None = it goes out alone.

        Parameters
        ----------
        asked_size
            Of an exit of a position, what its owner wants it to close.
        """
        if order.link is None:
            return None
        kinds = self._departures.abilities(order.account, order.symbol).ties
        if not kinds:
            return None
        members = self._groups.members(order.link.group)
        may_grow = self._groups.entry_fills_on(order.link.group)
        return tie_for(order, asked_size, members, kinds, may_grow=may_grow)

    def changes_in_place(self, dialog: OrderDialog) -> bool:
        """Tell whether a tied order is changed where it is, and not put anew by its group."""
        order = dialog.order
        if order.link is None:
            return True
        return self._departures.abilities(order.account, order.symbol).changes_tied

    def pair_to_tie(self, group: Group) -> list[OrderDialog]:
        """Return the exits that are to be put anew, tied: their entry fills no more."""
        if group.entry_may_fill or not (pair := pair_to_tie(group.exits)):
            return []
        order = pair[0].order
        can = self._departures.abilities(order.account, order.symbol)
        return pair if "reduces" in can.ties else []
