"""Every order dialog that the EMS has in memory, by our id and by the venue's."""

from collections import OrderedDict
from collections.abc import Iterator
from typing import Final, TypeAlias

from ems.exposure import Exposure
from ems.journal import Journal
from ems.messages import ReqId
from ems.order_dialog import OrderDialog
from ems.transitions import OVER

VenueKey: TypeAlias = tuple[str, str, ReqId]
"""(broker, account, reqid): a reqid alone is not unique."""

KEEP_OVER: Final = 10_000
"""So many finished dialogs stay in memory for late fills; older ones are read from the journal."""


class DialogIndex:
    """Finds dialogs by oid and by (broker, account, reqid)."""

    def __init__(self, journal: Journal) -> None:
        self.exposure: Final = Exposure()
        """What the orders in here could still do to positions."""
        self._journal = journal
        self._active: dict[str, OrderDialog] = {}
        self._over: OrderedDict[str, OrderDialog] = OrderedDict()
        self._by_venue: dict[VenueKey, str] = {}

    def add(self, dialog: OrderDialog) -> None:
        """Take a dialog in, or move it to where its state belongs."""
        oid, account, reqid = dialog.order.oid, dialog.order.account, dialog.reqid
        self.exposure.note(dialog)
        if reqid is not None:
            self._by_venue[dialog.broker, account, reqid] = oid
        if dialog.state not in OVER:
            if self._active.get(oid) is not dialog:
                self._over.pop(oid, None)
                self._active[oid] = dialog
            return
        self._active.pop(oid, None)
        self._over[oid] = dialog
        if len(self._over) > KEEP_OVER:
            _, oldest = self._over.popitem(last=False)
            if oldest.reqid is not None:
                self._by_venue.pop((oldest.broker, oldest.order.account, oldest.reqid), None)

    def active(self) -> Iterator[OrderDialog]:
        """Yield the dialogs that are not over, oldest first."""
        return iter(list(self._active.values()))

    def over(self) -> Iterator[OrderDialog]:
        """Yield the dialogs that are over, as far as they are in memory."""
        return iter(list(self._over.values()))

    def began_ns(self, oid: str) -> int:
        """Return when an order began, by our clock; 0 if the journal has no word of that."""
        story = self._journal.history(oid)
        return story[0].time_ns if story else 0

    def by_oid(self, oid: str) -> OrderDialog | None:
        """Return the dialog of this oid; None if there was never one."""
        found = self._active.get(oid) or self._over.get(oid)
        if found is None and (found := self._journal.dialog(oid)) is not None:
            self.add(found)
        return found

    def by_reqid(self, broker: str, account: str, reqid: ReqId) -> OrderDialog | None:
        """Return the dialog of the order that the venue knows as ``reqid``."""
        oid = self._by_venue.get((broker, account, reqid))
        if oid is not None:
            return self._active.get(oid) or self.by_oid(oid)
        found = self._journal.dialog_of_reqid(broker, account, reqid)
        return None if found is None else self.by_oid(found.oid)
