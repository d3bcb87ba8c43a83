"""Reading a journal: for the EMS that writes it, and for others while it does."""

import sqlite3
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final, NamedTuple

import msgspec

from ems.errors import JournalUnreadable
from ems.journal_decode import decoder
from ems.journal_file import check_version, open_error
from ems.journal_schema import VERSION
from ems.journal_sorter import reqid_key
from ems.journal_tail import Unsorted, in_table, run_of
from ems.journal_tail_file import newest_tail, read_tail
from ems.market import Market, broker_of
from ems.messages import BrokerdFill, Order, ReqId
from ems.order_dialog import OrderDialog
from ems.positions import PositionRecord
from ems.transitions import S

_decode_dialog: Final[Callable[[bytes], OrderDialog]] = decoder(OrderDialog)
_decode_fill: Final[Callable[[bytes], BrokerdFill]] = decoder(BrokerdFill)
_decode_position: Final[Callable[[bytes], PositionRecord]] = decoder(PositionRecord)
_decode_market: Final[Callable[[bytes], Market]] = decoder(Market)


TRIES: Final = 100
"""So often a reader looks for a moment when tables and tail belong together; then a power cut took
what the tables had last, and no program has the journal that would sort."""


class HistoryEvent(NamedTuple):
    """One line of an order's story."""

    time_ns: int
    event: str
    state: str
    """After it."""
    reason: str | None
    msg: bytes | None
    """The message that brought it, in JSON."""


class JournalReader:
    """What a journal says. The EMS reads what it wrote; `open_reader` reads beside it.

    Parameters
    ----------
    db
        The open file.
    tail
        What is not in its tables yet: it is laid over them.
    """

    def __init__(self, db: sqlite3.Connection, tail: Iterable[bytes]) -> None:
        self._db = db
        self._unsorted = Unsorted()
        self._unsorted.read(in_table(db))
        self._unsorted.read(tail)

    # ---- orders

    def active_dialogs(self) -> Iterator[OrderDialog]:
        """Yield the record of every order that is not over, oldest first."""
        rows = self._db.execute("SELECT oid, body FROM dialog WHERE active ORDER BY id")
        return (dialog for dialog in self._newest(rows) if dialog.active)

    def dialogs(self) -> Iterator[OrderDialog]:
        """Yield the record of every order that there ever was, oldest first."""
        return self._newest(self._db.execute("SELECT oid, body FROM dialog ORDER BY id"))

    def rung_to_repeat(self) -> list[Order]:
        """Return the alerts that rang and repeat, oldest first, those armed anew among them."""
        rows = self._db.execute(
            "SELECT oid, body FROM dialog WHERE NOT active"
            " AND instr(CAST(body AS TEXT), '\"repeats\":true') ORDER BY id"
        )
        rung = (dialog for dialog in self._newest(rows) if dialog.state is S.DONE)
        return [dialog.order for dialog in rung if dialog.order.repeats]

    def _newest(self, rows: Iterable[tuple[str, bytes]]) -> Iterator[OrderDialog]:
        newer = dict(self._unsorted.dialogs)
        for oid, body in rows:
            yield newer.pop(oid) if oid in newer else _decode_dialog(body)
        yield from newer.values()

    def dialog(self, oid: str) -> OrderDialog | None:
        """Return the record of an order, active or over; None if there was never one."""
        newer = self._unsorted.dialogs.get(oid)
        if newer is not None:
            return newer
        row = self._db.execute("SELECT body FROM dialog WHERE oid = ?", (oid,)).fetchone()
        return _decode_dialog(row[0]) if row else None

    def dialog_of_reqid(self, broker: str, account: str, reqid: ReqId) -> OrderDialog | None:
        """Return the record of the order that the venue knows as ``reqid``.

        A venue that counts anew gives an id twice: the newest order is meant.
        """
        for newer in reversed(self._unsorted.dialogs.values()):
            if newer.reqid == reqid and (newer.broker, newer.order.account) == (broker, account):
                return newer
        row = self._db.execute(
            "SELECT body FROM dialog WHERE reqid = ? AND account = ? AND broker = ?"
            " ORDER BY changed_ns DESC LIMIT 1",
            (reqid_key(reqid), account, broker),
        ).fetchone()
        return _decode_dialog(row[0]) if row else None

    def members(self, group: str) -> list[str]:
        """Return the ids of the orders that name the group, active or over, oldest first."""
        rows = self._db.execute("SELECT oid FROM dialog WHERE in_group = ? ORDER BY id", (group,))
        found = dict.fromkeys(oid for (oid,) in rows)
        for oid, newer in self._unsorted.dialogs.items():
            if newer.order.link is not None and newer.order.link.group == group:
                found[oid] = None
        return list(found)

    def oids_that_begin(self, text: str, limit: int = 20) -> list[str]:
        """Return the ids that begin with the text, at most ``limit``."""
        rows = self._db.execute(
            "SELECT oid FROM dialog WHERE oid >= ? AND oid < ? ORDER BY oid LIMIT ?",
            (text, text + "\U0010ffff", limit),
        )
        found = {oid for (oid,) in rows}
        found.update(oid for oid in self._unsorted.dialogs if oid.startswith(text))
        return sorted(found)[:limit]

    def history(self, oid: str) -> list[HistoryEvent]:
        """Return the whole story of an order, oldest first."""
        rows = self._db.execute(
            "SELECT time_ns, event, state, reason, msg FROM event"
            " WHERE dialog = (SELECT id FROM dialog WHERE oid = ?) ORDER BY seq",
            (oid,),
        )
        newer = (
            HistoryEvent(one.time_ns, one.event, one.state, one.reason, one.msg)
            for one in self._unsorted.events
            if one.oid == oid
        )
        return [*(HistoryEvent(*row) for row in rows), *newer]

    # ---- fills and what they add up to

    def fills(self, symbol: str | None = None, after_seq: int = 0) -> Iterator[BrokerdFill]:
        """Yield every execution, in the order in which we heard of them."""
        if symbol is None:
            rows = self._db.execute(
                "SELECT body FROM fill WHERE seq > ? ORDER BY seq", (after_seq,)
            )
        else:
            rows = self._db.execute(
                "SELECT body FROM fill WHERE symbol = ? AND seq > ? ORDER BY seq",
                (symbol, after_seq),
            )
        return self._unsorted.fills.over((_decode_fill(body) for (body,) in rows), symbol)

    def fill(self, account: str, exec_id: str) -> BrokerdFill | None:
        """Return one execution; None if it is not here."""
        newer = self._unsorted.fills.get(account, exec_id)
        if newer is not None:
            return newer
        row = self._db.execute(
            "SELECT body FROM fill WHERE broker = ? AND account = ? AND exec_id = ?",
            (broker_of(account), account, exec_id),
        ).fetchone()
        return _decode_fill(row[0]) if row else None

    def positions_seq(self) -> int:
        """Return the ``seq`` of the last fill that `positions` has counted; 0 = none."""
        row = self._db.execute("SELECT value FROM meta WHERE key = 'positions_seq'").fetchone()
        return int(row[0]) if row else 0

    def positions(self) -> list[PositionRecord]:
        """Return the positions as they were after the fill of `positions_seq`."""
        return [_decode_position(body) for (body,) in self._db.execute("SELECT body FROM position")]

    def markets(self) -> dict[str, Market]:
        """Return every market that was ever watched, as it was then, by fqsn."""
        rows = self._db.execute("SELECT fqsn, body FROM market")
        known = {fqsn: _decode_market(body) for fqsn, body in rows}
        return known | {market.fqsn: market for market in self._unsorted.markets}


@contextmanager
def open_reader(path: Path) -> Iterator[JournalReader]:
    """Open a journal to read it alone, whether a program has it or not; nothing is locked.

    Raises
    ------
    JournalUnreadable, JournalDamaged
        If there is none, if it is of another version, or if it cannot be read.
    """
    if not path.exists():
        raise JournalUnreadable(
            f"there is no journal {path} yet; trade first, or name its folder with --state-dir"
        )
    try:
        db = sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True, timeout=5)
        try:
            if check_version(db, path) < VERSION:
                raise JournalUnreadable(
                    f"an older ordermode wrote the journal {path}; "
                    "start this one once, and it is brought up to date"
                )
            yield JournalReader(db, _begin(db, path))
        finally:
            db.close()
    except (sqlite3.DatabaseError, OSError, msgspec.DecodeError) as error:
        raise open_error(path, error) from error


def _begin(db: sqlite3.Connection, path: Path) -> list[bytes]:
    """Begin to read tables that stay as they are; return the tail of the same moment."""
    for _ in range(TRIES):
        db.execute("BEGIN")
        with suppress(msgspec.DecodeError):  # one record was written while it was read, or damaged
            tail = read_tail(path, run_of(db))
            if tail is not None:
                return tail
        db.execute("ROLLBACK")  # it was sorted between the two looks
    db.execute("BEGIN")
    return newest_tail(path, run_of(db))
