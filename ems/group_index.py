"""Which orders belong together, by group and by the place (account and market) that they trade."""

from typing import Final, TypeAlias

from ems.dialog_index import DialogIndex
from ems.group_rules import Group
from ems.journal import Journal
from ems.order_dialog import OrderDialog

Place: TypeAlias = tuple[str, str]
"""(account, symbol)"""


def place_of(dialog: OrderDialog) -> Place:
    """Return where an order trades."""
    return dialog.order.account, dialog.order.symbol


class GroupIndex:
    """The groups that something can still happen to; oldest first."""

    def __init__(self, index: DialogIndex, journal: Journal) -> None:
        self._index: Final = index
        self._journal: Final = journal
        self._members: dict[str, dict[str, None]] = {}
        self.by_place: dict[Place, dict[str, None]] = {}
        """The names of the groups at each place that has any."""
        self._places: dict[str, set[Place]] = {}
        """Where each group is, also if whoever traded there is in it no more."""
        self._closers: dict[Place, dict[str, None]] = {}
        self._without_entry: set[str] = set()

    def has(self, place: Place) -> bool:
        """Tell whether there is a group at the place."""
        return place in self.by_place

    def concerns(self, dialog: OrderDialog) -> bool:
        """Tell whether an order is in a group that is open, or its entry."""
        return dialog.order.link is not None or dialog.oid in self._members

    def note(self, dialog: OrderDialog) -> None:
        """Take in the group that the order names, with those of its orders that are over."""
        link = dialog.order.link
        if link is None:
            return
        place = place_of(dialog)
        self._open(link.group, place)[dialog.oid] = None
        if link.role in ("flatten", "after"):
            self._closers.setdefault(place, {})[link.group] = None

    def reopen(self, entry: OrderDialog) -> None:
        """Take in the group of an entry that something happened to after it was over."""
        if entry.oid not in self._members and self._journal.members(entry.oid):
            self._open(entry.oid, place_of(entry))

    def _open(self, name: str, place: Place) -> dict[str, None]:
        members = self._members.get(name)
        if members is None:
            members = self._members[name] = dict.fromkeys(self._journal.members(name))
        self.by_place.setdefault(place, {})[name] = None
        self._places.setdefault(name, set()).add(place)
        return members

    def leave(self, dialog: OrderDialog) -> list[str]:
        """Take an order out of the groups that it names no more; return those left empty."""
        empty = []
        for name in tuple(self.by_place.get(place_of(dialog), ())):
            members = self._members[name]
            if dialog.oid not in members or _is_in(dialog, name):
                continue
            del members[dialog.oid]
            self._stay_at(name, {place_of(one) for one in self.members(name)})
            if not members:
                self._forget(name)
                empty.append(name)
        return empty

    def closers(self, place: Place) -> list[Group]:
        """Return the groups of a place that close its position; oldest first."""
        return [self._group(name) for name in self._closers.get(place, ())]

    def of(self, name: str) -> Group | None:
        """Return a group; None if nothing can happen to it any more, or there is none."""
        return self._group(name) if name in self._members else None

    def members(self, name: str) -> list[OrderDialog]:
        """Return the orders that name a group, oldest first, also of one that is closed."""
        oids = self._members.get(name)
        known = map(self._index.by_oid, self._journal.members(name) if oids is None else oids)
        return [one for one in known if one is not None and _is_in(one, name)]  # it may have left

    def entry_fills_on(self, name: str) -> bool:
        """Tell whether the entry of a group, if it has one, is not completely filled or over."""
        entry = None if name in self._without_entry else self._index.by_oid(name)
        return entry is not None and entry.active and entry.filled < entry.order.size

    def places(self) -> list[Place]:
        """Return where there are groups."""
        return list(self.by_place)

    def close(self, group: Group) -> None:
        """Forget a group whose orders are all over, until something happens to one of them."""
        self._forget(group.name)

    def _forget(self, name: str) -> None:
        self._members.pop(name, None)
        self._without_entry.discard(name)
        self._stay_at(name, set())

    def _stay_at(self, name: str, places: set[Place]) -> None:
        """List a group at no places but these."""
        for place in self._places.pop(name, set()) - places:
            for by_place in (self.by_place, self._closers):
                here = by_place.get(place, {})
                here.pop(name, None)
                if not here:
                    by_place.pop(place, None)
        if places:
            self._places[name] = places

    def _group(self, name: str) -> Group:
        entry = None if name in self._without_entry else self._index.by_oid(name)
        if entry is None:
            self._without_entry.add(name)  # a name of its own, no order's: never look again
        return Group(name, entry, tuple(self.members(name)))


def _is_in(one: OrderDialog, name: str) -> bool:
    return one.order.link is not None and one.order.link.group == name
