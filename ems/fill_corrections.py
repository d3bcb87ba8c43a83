"""Executions that a venue puts right after it has told of them."""

from collections.abc import Callable
from functools import partial

from msgspec.structs import replace

from ems import dialog_changes
from ems.commits import Commits
from ems.errors import JournalWriteError
from ems.journal import Journal
from ems.messages import BrokerdFill
from ems.order_dialog import OrderDialog
from ems.outbox import Outbox
from ems.positions import PositionBook


class FillCorrections:
    """Changes what a fill counted for: its position, its order, and the journal.

    Parameters
    ----------
    clock
        Now, UTC ns.
    changed
        Called when an order is filled by another size than before.
    """

    def __init__(
        self,
        journal: Journal,
        positions: PositionBook,
        outbox: Outbox,
        commits: Commits,
        clock: Callable[[], int],
        changed: Callable[[OrderDialog], None],
    ) -> None:
        self._journal = journal
        self._positions = positions
        self._outbox = outbox
        self._commits = commits
        self._clock = clock
        self._changed = changed

    def correct(self, dialog: OrderDialog | None, fill: BrokerdFill) -> bool:
        """Put a fill right that was counted before; False if it still counts for its order.

        Parameters
        ----------
        dialog
            Its order; None if that is not known here.
        fill
            Names in ``replaces`` the one that it takes the place of.
        """
        before = self._counted_before(fill)
        if before is None:
            return False
        after = replace(fill, oid=before.oid)
        if _facts(before) != _facts(after):
            self._journal.correct_fill(after)
            fills = partial(self._journal.fills, after.symbol)
            position = self._positions.correct(before, after, fills)
            self._outbox.news(position.symbol, position.message())
            if dialog is not None and before.oid == dialog.oid:
                self._correct_order(dialog, before, after)
            self._commits.by_now()
            self._outbox.leave()
        return dialog is None or before.oid is not None

    def _counted_before(self, fill: BrokerdFill) -> BrokerdFill | None:
        """Return what the fill replaces; None if it was never heard of, or is replaced already."""
        try:
            if fill.exec_id != fill.replaces and self._journal.fill(fill.account, fill.exec_id):
                return None
            return self._journal.fill(fill.account, fill.replaces)
        except JournalWriteError as error:  # not even readable: better twice than never
            self._commits.warn(fill.symbol, str(error))
            return None

    def _correct_order(self, dialog: OrderDialog, before: BrokerdFill, after: BrokerdFill) -> None:
        dialog_changes.correct(dialog, before, after)
        self._changed(dialog)
        dialog.changed_ns = self._clock()
        self._journal.record_event(dialog, "FILL_CORRECTED", after)
        self._outbox.news(after.symbol, dialog.status(resp="fill", msg=after))


def _facts(fill: BrokerdFill) -> tuple[object, ...]:
    """What of a fill counts, whenever it was heard of."""
    return fill.exec_id, fill.action, fill.size, fill.price, fill.fee, fill.fee_currency
