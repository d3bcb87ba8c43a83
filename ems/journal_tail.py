"""The tail of the journal: what was committed last and is not in the tables yet.

A commit adds one record to one file, `ems.journal_tail_file`, whatever it is about, because a
commit to tables costs many times more. `ems.journal_sorter` moves the records to where they are
looked for, in large groups. Until then readers lay the tail over the tables.
"""

import sqlite3
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Final, TypeAlias

import msgspec

from ems.journal_decode import decoder
from ems.market import Market
from ems.messages import BrokerdFill, Message, encode
from ems.order_dialog import OrderDialog
from ems.waiting_fills import WaitingFills

FILL: Final = "FILL"
CORRECTED: Final = "FILL_CORRECTED"
"""The events whose message is an execution to be counted, or what one was put right to. Those of
an order that is not known have no ``oid``."""


_NOTHING: Final = msgspec.Raw(b"null")
if TYPE_CHECKING:
    Said: TypeAlias = Message | msgspec.Raw | None
    """The message itself in the EMS that records it, its JSON where it was read."""
else:
    Said = msgspec.Raw  # what it is decoded as


class Event(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """What happened to one order."""

    time_ns: int
    oid: str
    event: str
    state: str
    """After it."""
    reason: str | None
    said: Said
    """The message that brought it, or nothing."""

    @property
    def msg(self) -> bytes | None:
        """The message that brought it, in JSON."""
        said = self.said
        if isinstance(said, msgspec.Raw):
            return None if said == _NOTHING else bytes(said)
        return None if said is None else encode(said)


Turn: TypeAlias = tuple[list[Event], list[OrderDialog], list[Market]]
"""One commit: events in their order, each order that they are about as it was at its end, and
markets that became known."""

_encode: Final = msgspec.json.Encoder().encode
_LARGEST: Final = 2**63 - 1
"""What a column of SQLite can hold."""
_decode: Final[Callable[[bytes], Turn]] = decoder(Turn)
_decode_fill: Final[Callable[[bytes], BrokerdFill]] = decoder(BrokerdFill)


def encode_turn(
    events: list[Event], dialogs: Iterable[OrderDialog], markets: list[Market]
) -> bytes:
    """Return what a commit writes."""
    return _encode((events, list(dialogs), markets))


def run_of(db: sqlite3.Connection) -> int:
    """Return the number of the run that the tables do not have yet."""
    row = db.execute("SELECT value FROM meta WHERE key = 'tail_run'").fetchone()
    return int(row[0]) if row else 0


def in_table(db: sqlite3.Connection) -> list[bytes]:
    """Return what version 4 committed to a table and did not sort."""
    return [body for (body,) in db.execute("SELECT body FROM tail ORDER BY seq")]


def _read(body: bytes) -> Turn:
    turn = _decode(body)
    for event in turn[0]:
        check_time(event.time_ns)
    for dialog in turn[1]:
        check_time(dialog.changed_ns)
    return turn


def check_time(time_ns: int) -> None:
    """Raise `msgspec.DecodeError` at a number that no table can hold: no run of ours wrote it."""
    if not -_LARGEST <= time_ns <= _LARGEST:
        raise msgspec.DecodeError(f"{time_ns} is no time in ns")


def check_turn(body: bytes) -> None:
    """Raise `msgspec.DecodeError` if this is no turn, or one that does not hold together."""
    events, dialogs, _ = _read(body)
    lost = {event.oid for event in events if event.oid} - {one.order.oid for one in dialogs}
    if lost:
        raise msgspec.DecodeError(f"events of orders that are not there: {', '.join(lost)}")
    for _ in _fills(events):
        pass


def _fills(events: Iterable[Event]) -> Iterator[tuple[Event, BrokerdFill]]:
    """Yield the executions that are told of."""
    for event in events:
        if event.event in (FILL, CORRECTED) and event.msg is not None:
            fill = _decode_fill(event.msg)
            check_time(fill.time_ns)
            yield event, fill


class Unsorted:
    """What is not in the tables yet, in memory.

    In the EMS that writes it, the records are those that change: they are read only when nothing
    waits for a commit.
    """

    def __init__(self) -> None:
        self.turns = 0
        self.events: list[Event] = []
        self.dialogs: dict[str, OrderDialog] = {}
        self.markets: list[Market] = []
        self.fills = WaitingFills()
        """In the EMS that writes it, those too that wait for a commit."""

    def add(
        self, events: list[Event], dialogs: Mapping[str, OrderDialog], markets: list[Market]
    ) -> None:
        """Take in a turn, whose fills are known here already; the dialogs by oid."""
        self.turns += 1
        self.events += events
        self.dialogs.update(dialogs)
        if markets:
            self.markets += markets

    def read(self, bodies: Iterable[bytes]) -> None:
        """Take in what was committed, oldest first."""
        for events, dialogs, markets in map(_read, bodies):
            self.add(events, {dialog.oid: dialog for dialog in dialogs}, markets)
            for event, fill in _fills(events):
                (self.fills.note if event.event == FILL else self.fills.correct)(fill)

    def clear(self) -> None:
        """Forget all: it is in the tables."""
        self.turns = 0
        self.events.clear()
        self.dialogs.clear()
        self.markets.clear()
        self.fills.clear()
