"""What the tail of a damaged journal has that its tables have not.

The tail is written over from its start, so that after a sort it still has what went to the tables,
until the next commit. And what went there may be in a hole now.
"""

import json
import sqlite3
from collections import Counter
from itertools import chain
from typing import Final

from ems.journal_decode import decoder
from ems.journal_tail import Event, Unsorted
from ems.messages import BrokerdFill
from ems.order_dialog import OrderDialog
from ems.waiting_fills import WaitingFills

_decode_dialog: Final = decoder(OrderDialog)
_decode_fill: Final = decoder(BrokerdFill)
_EVENTS: Final = (
    "SELECT time_ns, oid, event, state, reason, msg FROM event JOIN dialog ON dialog.id = dialog"
    " WHERE oid IN (SELECT value FROM json_each(?))"
)
_DIALOGS: Final = "SELECT oid, body FROM dialog WHERE oid IN (SELECT value FROM json_each(?))"


def leftovers(db: sqlite3.Connection, tail: Unsorted) -> Unsorted:
    """Return what is to be added to the tables: orders, each as it was last, and their events.

    Its fills are not among it: see `merge_fills`.
    """
    oids = json.dumps(list(tail.dialogs))
    known = Counter(tuple(row) for row in db.execute(_EVENTS, (oids,)))
    new = []
    for event in tail.events:
        if known[key := _key(event)]:
            known[key] -= 1
        else:
            new.append(event)
    dialogs = dict(tail.dialogs)
    if len(new) < len(tail.events):  # it went to the tables: they may know better by now
        stored = db.execute(_DIALOGS, (oids,))
        dialogs |= {oid: _decode_dialog(body) for oid, body in stored}
    rest = Unsorted()
    rest.add(new, dialogs, tail.markets)
    return rest


def _key(event: Event) -> tuple[object, ...]:
    return event.time_ns, event.oid, event.event, event.state, event.reason, event.msg


def merge_fills(db: sqlite3.Connection, tail: Unsorted) -> None:
    """Bring each execution into the table once, as it was put right last; within a transaction."""
    rows = db.execute("SELECT body FROM fill ORDER BY seq").fetchall()
    fills: dict[tuple[str, str], BrokerdFill] = {}
    stored = (_decode_fill(body) for (body,) in rows)
    for fill in chain(tail.fills.over(stored, None), tail.fills):
        fills.setdefault((fill.account, fill.exec_id), fill)
    merged = WaitingFills()
    for fill in fills.values():
        merged.note(fill)
    db.execute("DELETE FROM fill")
    merged.write(db)
