"""The journal: every request before it is sent, every event as it comes, in one SQLite file.

WAL with ``synchronous=NORMAL``: what is committed survives ``kill -9`` at any moment. What is
recorded waits in memory and is safe once `Journal.commit` has returned; nothing leaves the EMS
before that. What the disk refuses waits on, and goes with the next commit that succeeds.
"""

import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import suppress
from enum import Enum, auto
from pathlib import Path
from typing import Final, NamedTuple

import msgspec

from ems.errors import JournalWriteError
from ems.journal_file import is_large, lock_journal, open_journal
from ems.journal_reader import HistoryEvent, JournalReader, reqid_key
from ems.market import Market
from ems.messages import BrokerdFill, Message, encode
from ems.order_dialog import OrderDialog
from ems.positions import PositionRecord
from ems.transitions import ACTIVE
from ems.waiting_fills import WaitingFills

__all__ = ["Counted", "HistoryEvent", "Journal", "Mark"]

_encode: Final = msgspec.json.Encoder().encode

_INSERT_DIALOG: Final = (
    "INSERT INTO dialog (active, reqid, changed_ns, body, broker, account, symbol, oid,"
    " in_group) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)"
    " ON CONFLICT (oid) DO UPDATE SET active = excluded.active, reqid = excluded.reqid,"
    " changed_ns = excluded.changed_ns, body = excluded.body RETURNING id"
)
_UPDATE_DIALOG: Final = (
    "UPDATE dialog SET active = ?, reqid = ?, changed_ns = ?, body = ? WHERE id = ?"
)
_UPDATE_ACTIVE: Final = "UPDATE dialog SET active = ?, changed_ns = ?, body = ? WHERE id = ?"
_UPDATE_BODY: Final = "UPDATE dialog SET changed_ns = ?, body = ? WHERE id = ?"
"""Touches no index: what most events need."""
_INSERT_EVENT: Final = (
    "INSERT INTO event (time_ns, event, state, reason, msg, dialog) VALUES (?, ?, ?, ?, ?, ?)"
)


class Counted(Enum):
    """What the journal knew of an execution before it was recorded."""

    NEW = auto()  # nothing: it counts for the position and for its order
    CLAIMED = auto()  # that it was, not of which order: it counts for the order alone
    KNOWN = auto()  # all of it: it counts for nothing


class _Row(NamedTuple):
    """Where the file has an order, and under what its indexes have it."""

    number: int
    active: bool
    reqid: str | None


class Mark(NamedTuple):
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
        self._lock = lock_journal(path)
        try:
            super().__init__(open_journal(path))
        except BaseException:
            self._lock.release()
            raise
        self._events: list[tuple[int, str, str, str | None, bytes | None, str]] = []
        self._dialogs: dict[str, OrderDialog] = {}
        self._fills = WaitingFills()
        self._markets: list[Market] = []
        self._rows: dict[str, _Row] = {}

    def close(self) -> None:
        """Write what still waits, close the file, and let others have it."""
        with suppress(JournalWriteError):  # it was said when it happened
            self.commit()
        with suppress(sqlite3.Error):  # a full disk: what is committed stays in the WAL
            self._db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        self._db.close()
        self._lock.release()

    @property
    def is_large(self) -> bool:
        """True if its pages were not checked at the start, as that takes too long."""
        return is_large(self.path)

    # ---- writing

    def record_event(self, dialog: OrderDialog, event: str, msg: Message | None) -> None:
        """Note an event of an order, and that the order is as it is at the next commit."""
        oid = dialog.order.oid
        encoded = None if msg is None else encode(msg)
        why = dialog.reason or None
        self._events.append((dialog.changed_ns, event, dialog.state.value, why, encoded, oid))
        self._dialogs[oid] = dialog

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
        self._fills.note(fill)
        return Counted.NEW if known is None else Counted.CLAIMED

    def correct_fill(self, fill: BrokerdFill) -> None:
        """Note that an execution takes the place of the one that it replaces, which is known."""
        self._fills.correct(fill)

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
        if not (self._events or self._fills or self._markets):
            return
        try:
            self._db.execute("BEGIN IMMEDIATE")
            rows = {oid: self._write_dialog(dialog) for oid, dialog in self._dialogs.items()}
            self._db.executemany(
                _INSERT_EVENT, [(*event[:-1], rows[event[-1]].number) for event in self._events]
            )
            self._fills.write(self._db)
            for market in self._markets:
                values = (market.fqsn, _encode(market))
                self._db.execute("INSERT OR REPLACE INTO market VALUES (?, ?)", values)
            self._db.execute("COMMIT")
        except sqlite3.Error as error:
            self._undo()
            raise self._write_error(error) from error
        self._note_written(rows)

    def snapshot_positions(self, records: Iterable[PositionRecord]) -> None:
        """Write the positions down as they are after every fill so far: the next start is quick.

        Raises
        ------
        JournalWriteError
            If the disk refuses; the snapshot before it still counts.
        """
        self.commit()
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

    def fill(self, account: str, exec_id: str) -> BrokerdFill | None:
        """Return one execution as it is known now, written or not; None if it is not known.

        Raises
        ------
        JournalWriteError
            If the disk does not say.
        """
        waiting = self._fills.get(account, exec_id)
        if waiting is not None:
            return waiting
        try:
            return super().fill(account, exec_id)
        except sqlite3.Error as error:
            raise self._write_error(error) from error

    def fills(self, symbol: str | None = None, after_seq: int = 0) -> Iterator[BrokerdFill]:
        """Yield every execution as it is known now, written or not, oldest first."""
        return self._fills.over(super().fills(symbol, after_seq), symbol)

    def history(self, oid: str) -> list[HistoryEvent]:
        """Return the whole story of an order, oldest first: all that the disk has taken of it."""
        with suppress(JournalWriteError):  # it is said by whoever recorded it
            self.commit()
        return super().history(oid)

    # ---- inside

    def _write_dialog(self, dialog: OrderDialog) -> _Row:
        order, body = dialog.order, _encode(dialog)
        active = dialog.state in ACTIVE
        key = None if dialog.reqid is None else reqid_key(dialog.reqid)
        row = self._rows.get(order.oid)
        if row is None:
            values = (active, key, dialog.changed_ns, body, dialog.broker, order.account)
            group = None if order.link is None else order.link.group
            done = self._db.execute(_INSERT_DIALOG, (*values, order.symbol, order.oid, group))
            return _Row(done.fetchone()[0], active, key)
        if (row.active, row.reqid) == (active, key):
            self._db.execute(_UPDATE_BODY, (dialog.changed_ns, body, row.number))
            return row
        if row.reqid == key:
            self._db.execute(_UPDATE_ACTIVE, (active, dialog.changed_ns, body, row.number))
            return _Row(row.number, active, key)
        self._db.execute(_UPDATE_DIALOG, (active, key, dialog.changed_ns, body, row.number))
        return _Row(row.number, active, key)

    def _note_written(self, rows: dict[str, _Row]) -> None:
        for oid, row in rows.items():
            if row.active:
                self._rows[oid] = row
            else:
                self._rows.pop(oid, None)  # over: it is hardly written again
        self._events.clear()
        self._dialogs.clear()
        self._fills.clear()
        self._markets.clear()

    def _undo(self) -> None:
        if self._db.in_transaction:
            with suppress(sqlite3.Error):  # a failed write may have rolled back by itself
                self._db.execute("ROLLBACK")

    def _write_error(self, error: sqlite3.Error) -> JournalWriteError:
        return JournalWriteError(
            f"the journal {self.path} cannot be written ({error}); "
            "nothing was sent: make room on the disk or make the file writable"
        )
