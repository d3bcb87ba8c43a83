"""The journal: every request before it is sent, every event as it comes, in one SQLite file.

What is committed survives ``kill -9`` at any moment. What is recorded waits in memory and is safe
once `Journal.commit` has returned; no request leaves the EMS before that. What the disk refuses
waits on, and goes with the next commit that succeeds. A commit adds to the journal's tail, a file
of its own; `Journal.sort` moves that to the tables, in WAL with ``synchronous=NORMAL``.
"""

import sqlite3
from collections.abc import Iterable
from contextlib import suppress
from enum import Enum, auto
from pathlib import Path
from typing import Final

from msgspec import DecodeError, Struct
from msgspec.json import Encoder

from ems.errors import JournalWriteError
from ems.journal_checkpoint import Checkpoints
from ems.journal_file import is_large, lock_journal, open_error, open_journal
from ems.journal_known import Known
from ems.journal_reader import HistoryEvent, JournalReader
from ems.journal_sorter import Sorter
from ems.journal_tail import CORRECTED, FILL, Event, encode_turn, run_of
from ems.journal_tail_file import TailFile
from ems.market import Market, broker_of
from ems.messages import BrokerdFill, Message
from ems.order_dialog import OrderDialog
from ems.positions import PositionRecord

__all__ = ["Counted", "HistoryEvent", "Journal", "Mark"]

_encode: Final = Encoder().encode

CHECKPOINT_AT: Final = 500
"""So many commits are worth moving from the log to the file."""

SORT_AT: Final = 64
"""So many commits are worth a sort in the loop's next turn."""
SORT_AT_ONCE: Final = 2000
"""So many are sorted by whoever commits next: the loop does not get to it. Fewer than
`ems.dialog_index.KEEP_OVER`, which has all orders that are not in their table yet."""


class Counted(Enum):
    """What the journal knew of an execution before it was recorded."""

    NEW = auto()  # nothing: it counts for the position and for its order
    CLAIMED = auto()  # that it was, not of which order: it counts for the order alone
    KNOWN = auto()  # all of it: it counts for nothing


class Mark(Struct, frozen=True, gc=False):
    """A place that `Journal.take_back` goes back to."""

    events: int
    oid: str
    waits: bool


class Journal(JournalReader):
    """The open journal of one EMS.

    Parameters
    ----------
    path : Path
        The SQLite file; it is made, readable by the user alone, if it is not there, and brought
        up to date if an older version wrote it.

    Raises
    ------
    JournalLocked
        If another running program has it.
    JournalUnreadable
        If the user may not open it, or a newer program wrote it.
    JournalDamaged
        If it is no SQLite file of ours. Nothing is changed: see `ems.journal_recovery`.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._events: list[Event] = []
        self._dialogs: dict[str, OrderDialog] = {}
        self._markets: list[Market] = []
        self._outside: BrokerdFill | None = None
        self._lock = lock_journal(path)
        try:
            self._open(path)
        except BaseException:
            self._lock.release()
            raise
        self._orders = Known(self._db, "dialog", ("oid",))
        self._fills = Known(self._db, "fill", ("broker", "account", "exec_id"))
        self._sorter = Sorter(self._db)
        self._checkpoints = Checkpoints(path)
        self._in_log = 0
        with suppress(JournalWriteError):  # a full disk: it is read where it is
            self.sort()

    def _open(self, path: Path) -> None:
        db = open_journal(path)
        try:
            self._tail = TailFile(path, run_of(db))
        except (OSError, DecodeError) as error:
            db.close()
            raise open_error(path, error) from error
        super().__init__(db, self._tail.bodies)

    def close(self) -> None:
        """Write what still waits, close the file, and let others have it."""
        with suppress(JournalWriteError):  # it was said when it happened
            self.sort()
        self._checkpoints.close()
        with suppress(sqlite3.Error):  # a full disk: what is committed stays in the WAL
            self._db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        self._db.close()
        self._tail.close()
        self._lock.release()

    @property
    def is_large(self) -> bool:
        """True if its pages were not checked at the start, as that takes too long."""
        return is_large(self.path)

    # ---- writing

    def record_event(self, dialog: OrderDialog, event: str, msg: Message | None) -> None:
        """Note an event of an order, and that the order is as it is at the next commit."""
        oid = dialog.order.oid
        if msg is not None and msg is self._outside:
            self._events.pop()  # it is not outside: here is its order
        self._events.append(
            Event(dialog.changed_ns, oid, event, dialog.state._value_, dialog.reason or None, msg)
        )
        self._dialogs[oid] = dialog
        self._outside = None

    def record_fill(self, fill: BrokerdFill) -> Counted:
        """Note an execution, and return what was known of it.

        Raises
        ------
        JournalWriteError
            If the disk does not say.
        """
        known = self.fill(fill.account, fill.exec_id)
        if known is not None and (known.oid is not None or fill.oid is None):
            return Counted.KNOWN
        self._unsorted.fills.note(fill)
        self._record_outside(fill, FILL)
        return Counted.NEW if known is None else Counted.CLAIMED

    def correct_fill(self, fill: BrokerdFill) -> None:
        """Note that an execution takes the place of the one that it replaces, which is known."""
        self._unsorted.fills.correct(fill)
        self._record_outside(fill, CORRECTED)

    def _record_outside(self, fill: BrokerdFill, event: str) -> None:
        """Note what has no order, unless `record_event` tells of its order next."""
        self._events.append(Event(fill.time_ns, "", event, "", None, fill))
        self._outside = fill

    def record_market(self, market: Market) -> None:
        """Note the facts of a market, so that its profits can be read without its feed."""
        self._markets.append(market)

    def mark(self, oid: str) -> Mark:
        """Return the place before what is recorded next, of this order alone."""
        return Mark(len(self._events), oid, oid in self._dialogs)

    def take_back(self, mark: Mark) -> None:
        """Forget the events that were recorded of the order since the mark."""
        del self._events[mark.events :]
        if not mark.waits:
            self._dialogs.pop(mark.oid, None)

    @property
    def waiting(self) -> int:
        """How many events are recorded and not committed."""
        return len(self._events)

    def commit(self) -> None:
        """Make everything recorded so far survive a crash.

        Raises
        ------
        JournalWriteError
            If the disk refuses; what is recorded waits for the next commit.
        """
        events, dialogs, markets = self._events, self._dialogs, self._markets
        if not (events or markets):
            return
        try:
            self._tail.append(encode_turn(events, dialogs.values(), markets))
        except OSError as error:
            raise self._write_error(error) from error
        self._unsorted.add(events, dialogs, markets)
        self._events, self._outside = [], None
        dialogs.clear()
        markets.clear()
        if self._unsorted.turns >= SORT_AT_ONCE:
            with suppress(JournalWriteError):  # this was committed; the next one tries again
                self.sort()

    @property
    def unsorted(self) -> int:
        """How many commits are in the tail."""
        return self._unsorted.turns

    def sort(self) -> None:
        """Commit, and move all that is in the tail to the tables that it is looked for in.

        Raises
        ------
        JournalWriteError
            If the disk refuses; what is committed stays so.
        """
        self.commit()
        if not self._unsorted.turns:
            return
        self._orders.add((oid,) for oid in self._unsorted.dialogs)
        self._fills.add(self._unsorted.fills.keys())
        run = self._tail.run + 1
        try:
            self._sorter.sort(self._unsorted, run)
        except sqlite3.Error as error:
            raise self._write_error(error) from error
        self._tail.begin(run)
        self._in_log += self._unsorted.turns
        self._unsorted.clear()
        if self._in_log >= CHECKPOINT_AT:
            self._in_log = 0
            self._checkpoints.start()

    def snapshot_positions(self, records: Iterable[PositionRecord]) -> None:
        """Write the positions down as they are after every fill so far: the next start is quick.

        Raises
        ------
        JournalWriteError
            If the disk refuses; the snapshot before it still counts.
        """
        self.sort()
        try:
            self._db.execute("BEGIN IMMEDIATE")
            self._db.execute("DELETE FROM position")
            self._db.executemany(
                "INSERT INTO position VALUES (?, ?, ?)",
                [(record.account, record.symbol, _encode(record)) for record in records],
            )
            self._db.execute(
                "INSERT OR REPLACE INTO meta"
                " SELECT 'positions_seq', CAST(coalesce(max(seq), 0) AS TEXT) FROM fill"
            )
            self._db.execute("COMMIT")
        except sqlite3.Error as error:
            self._undo()
            raise self._write_error(error) from error

    # ---- reading

    def learn(self) -> bool:
        """Learn some more of what the tables have, so that what is new need not be looked for.

        False if there is nothing more to learn.
        """
        return self._orders.learn() or self._fills.learn()

    def dialog(self, oid: str) -> OrderDialog | None:
        """Return the record of an order, active or over; None if there was never one."""
        if oid not in self._unsorted.dialogs and not self._orders.may_have((oid,)):
            return None
        return super().dialog(oid)

    def fill(self, account: str, exec_id: str) -> BrokerdFill | None:
        """Return one execution as it is known now, written or not; None if it is not known.

        Raises
        ------
        JournalWriteError
            If the disk does not say.
        """
        newer = self._unsorted.fills.get(account, exec_id)
        key = broker_of(account), account, exec_id
        if newer is not None or not self._fills.may_have(key):
            return newer
        try:
            return super().fill(account, exec_id)
        except sqlite3.Error as error:
            raise self._write_error(error) from error

    def history(self, oid: str) -> list[HistoryEvent]:
        """Return the whole story of an order, oldest first: all that the disk has taken of it."""
        with suppress(JournalWriteError):  # it is said by whoever recorded it
            self.commit()
        return super().history(oid)

    # ---- inside

    def _undo(self) -> None:
        if self._db.in_transaction:
            with suppress(sqlite3.Error):  # a failed write may have rolled back by itself
                self._db.execute("ROLLBACK")

    def _write_error(self, error: sqlite3.Error | OSError) -> JournalWriteError:
        why = (error.strerror or error) if isinstance(error, OSError) else error
        return JournalWriteError(
            f"the journal {self.path} cannot be written ({why}); "
            "nothing was sent: make room on the disk or make the file writable"
        )
