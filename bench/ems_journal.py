"""The journal: events, what is on disk for sure, and the start."""

import gc
import os
import sqlite3
import statistics
import tempfile
import time
from pathlib import Path

from bench.ems_rig import Row, an_order, median_us
from ems.embedded import open_ems
from ems.journal import Journal
from ems.messages import BrokerdFill
from ems.order_dialog import OrderDialog
from ems.ports import Backend
from ems.positions import PositionRecord
from ems.transitions import S
from tests.sims.scripted_venue import FQSN, PushFeed, ScriptedVenue


async def journal_events() -> list[Row]:
    """One event, committed by itself and in groups; and what a disk costs."""
    with tempfile.TemporaryDirectory(dir=os.environ.get("BENCH_DIR")) as folder:
        journal = Journal(Path(folder) / "journal.db")
        dialogs = [
            OrderDialog(order=an_order(), broker="scripted", changed_ns=1) for _ in range(1000)
        ]
        msg = an_order()

        def event_us(group: int) -> float:
            times = []
            for _ in range(6):
                gc.collect()
                begin = time.process_time_ns()
                for number in range(1900):  # fewer than it sorts before it goes on
                    journal.record_event(dialogs[number % 1000], "FILL", msg)
                    if number % group == group - 1:
                        journal.commit()
                times.append((time.process_time_ns() - begin) / 1_900_000)
                journal.sort()  # measured with whole orders
            return statistics.median(times[1:])

        rows: list[Row] = [
            Row("journal event, each committed", event_us(1), "us", 15),
            Row("journal event, 20 in a group", event_us(20), "us", 15),
        ]
        path = Path(folder) / "plain"
        with path.open("wb") as file:

            def plain() -> int:
                for _ in range(50):
                    file.write(b"x" * 4096)
                    file.flush()
                    os.fdatasync(file.fileno())
                return 50

            sync = median_us(plain)

        def durable() -> int:
            for number in range(50):
                journal.record_event(dialogs[number], "FILL", msg)
                journal.commit()
                os.fdatasync(journal._tail._file.fileno())
            return 50

        cost = median_us(durable)
        rows.append(Row("record on disk for sure / fdatasync", cost / sync, "x", 1.5))
        journal.close()
        return rows


async def start_up() -> list[Row]:
    """A journal of a million events: 200,000 orders, each with five, and as many fills."""
    with tempfile.TemporaryDirectory(dir=os.environ.get("BENCH_DIR")) as folder:
        path = Path(folder) / "journal.db"
        journal = Journal(path)
        record = PositionRecord("scripted", FQSN)
        for number in range(200_000):
            order = an_order()
            dialog = OrderDialog(order=order, broker="scripted", changed_ns=number)
            dialog.state = S.OPEN if number % 20_000 == 0 else S.CLOSED
            for event in ("SUBMIT", "ACK", "WORKING", "FILL", "FILLED"):
                journal.record_event(dialog, event, order)
            fill = BrokerdFill(
                reqid=number, account="scripted", symbol=FQSN, exec_id=f"x{number}",
                action="buy", size=order.size, price=order.price,
                broker_time_ns=number, time_ns=number, oid=order.oid,
            )  # fmt: skip
            journal.record_fill(fill)
            record.apply(fill)
            if number % 2000 == 0:
                journal.commit()
        journal.snapshot_positions([record])
        journal.close()
        size, held = path.stat().st_size, record.size
        took = []
        backends = {"scripted": Backend(name="scripted", feed=PushFeed(), broker=ScriptedVenue())}
        for crashed in (False, False, False, True):
            if crashed:
                with sqlite3.connect(path) as db:
                    db.execute("DELETE FROM position")
                    db.execute("DELETE FROM meta WHERE key = 'positions_seq'")
                db.close()
            begin = time.perf_counter()
            async with open_ems(backends, path) as ems:
                took.append(time.perf_counter() - begin)
                assert ems.positions.of("scripted", FQSN).size == held
    last = took.pop()
    growth = size / 20 / 1e6
    return [
        Row("start with 1,000,000 events, by the clock", statistics.median(took), "s", 1),
        Row("  with all 200,000 fills to count anew, once", last, "s", 1, kept=False),
        Row("journal growth, 10,000 orders a day", growth, "MB"),
    ]
