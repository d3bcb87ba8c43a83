"""What the groups of one account and market may close, and which are to be looked at again.

An event of one order is about one group. The others only care if the position is, or was, not
enough for all of them: so an order among a thousand brackets costs what it costs alone.
"""

from collections.abc import Callable, Collection, Iterable
from decimal import Decimal

from ems.group_rules import Group, need_of
from ems.messages import ZERO


class GroupShares:
    """The groups of one place."""

    def __init__(self) -> None:
        self.due: dict[str, None] = {}
        """Something happened to these: they may want something."""
        self._later: dict[str, None] = {}
        self._needs: dict[str, tuple[bool, Decimal]] = {}
        self._totals = {True: ZERO, False: ZERO}
        self._cut: dict[bool, dict[str, Decimal]] = {True: {}, False: {}}
        """By side, what each may close where there is less than all of them need."""

    def look_at(self, names: Iterable[str]) -> None:
        """Look at these groups again."""
        for name in names:
            self.due[name] = None

    def take(self) -> dict[str, None]:
        """Return the groups that are due: whoever asks looks at them now."""
        due, self.due = self.due, {}
        return due

    def put_off(self, names: Iterable[str]) -> None:
        """Look at these groups at the next `take_up`."""
        for name in names:
            self._later[name] = None

    def take_up(self) -> None:
        """Look again at what was put off."""
        self.due |= self._later
        self._later = {}

    def note(self, group: Group) -> None:
        """Take what a group needs now."""
        self._forget_need(group.name)
        if group.exits:
            side, need = group.closes_longs, need_of(group)
            self._needs[group.name] = side, need
            self._totals[side] += need

    def forget(self, name: str) -> None:
        """Forget a group that is over."""
        self._forget_need(name)
        self.due.pop(name, None)
        self._later.pop(name, None)

    def _forget_need(self, name: str) -> None:
        side, need = self._needs.pop(name, (True, ZERO))
        self._totals[side] -= need

    def size(self, name: str) -> Decimal:
        """Return how much there is for the exits of a group to close."""
        side, need = self._needs.get(name, (True, ZERO))
        return self._cut[side].get(name, need)

    def share_out(self, names: Collection[str], position: Callable[[bool], Decimal]) -> None:
        """Give each group what it needs of the position, the older ones first.

        Those that get another share than before are looked at again.

        Parameters
        ----------
        names
            Every group of the place, oldest first; read only where there is not enough for all.
        position
            Returns how much of a long (True) or short (False) position there is.
        """
        for side, total in self._totals.items():
            if not total and not self._cut[side]:
                continue
            left = position(side)
            before, cut = self._cut[side], {}
            if total > left:
                for name in names:
                    of, need = self._needs.get(name, (not side, ZERO))
                    if of is side:
                        given = min(need, left)
                        left -= given
                        if given != need:
                            cut[name] = given
            if cut != before:
                self.look_at(name for name in before | cut if before.get(name) != cut.get(name))
                self._cut[side] = cut
