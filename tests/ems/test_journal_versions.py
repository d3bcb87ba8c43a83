"""A journal of an older version is brought up to date, with all that it holds, or left alone."""

import sqlite3
from decimal import Decimal
from pathlib import Path

import pytest

from ems import journal_schema
from ems.errors import JournalUnreadable
from ems.journal_reader import open_reader
from ems.order_dialog import OrderDialog
from ems.transitions import S
from tests.ems.conftest import make_order, open_bench
from tests.ems.version_1 import a_fill, make
from tests.sims.scripted_venue import ScriptedVenue


def dialogs() -> list[OrderDialog]:
    """A dark order, and one that works with a fill."""
    dark = make_order("buy", "90", exec_mode="dark")
    live = make_order("buy", "100", "3")
    return [
        OrderDialog(order=dark, broker="scripted", changed_ns=11, state=S.HELD),
        OrderDialog(
            order=live, broker="scripted", changed_ns=22, state=S.OPEN, reqid=7,
            filled=Decimal(1), fill_cost=Decimal(100),
        ),
    ]  # fmt: skip


async def test_version_1_is_migrated_with_orders_fills_and_history(tmp_path: Path) -> None:
    dark, live = dialogs()
    make(tmp_path / "journal.db", [dark, live], [a_fill(live.order, "x1")])
    venue = ScriptedVenue()
    async with open_bench(tmp_path, venue) as bench:
        seen = {s.oid: s for s in bench.watcher.statuses()}
        assert seen[dark.oid].req == dark.order
        assert (seen[live.oid].filled, seen[live.oid].reqid) == (1, 7)
        assert bench.watcher.position().size == 1
        assert [h.event for h in bench.ems.journal.history(live.oid)][:2] == ["SUBMIT", "ACK"]
        venue.fill(7, exec_id="x1")  # of version 1: counted then
        venue.fill(7, exec_id="x2")
        assert bench.watcher.position().size == 2
    with open_reader(tmp_path / "journal.db") as reader:
        assert [d.oid for d in reader.dialogs()] == [dark.oid, live.oid]


def test_an_older_journal_is_not_migrated_by_reading(tmp_path: Path) -> None:
    path = tmp_path / "journal.db"
    make(path, dialogs(), [])
    before = path.read_bytes()
    with pytest.raises(JournalUnreadable, match="older ordermode"), open_reader(path):
        pass
    assert path.read_bytes() == before


async def test_a_migration_that_breaks_off_changes_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "journal.db"
    dark, live = dialogs()
    make(path, [dark, live], [])

    def to_2_and_die(db: sqlite3.Connection) -> None:
        journal_schema._to_2(db)
        raise sqlite3.OperationalError("database or disk is full")

    with monkeypatch.context() as patched:
        patched.setitem(journal_schema._STEPS, 1, to_2_and_die)
        with pytest.raises(JournalUnreadable, match="disk is full"):
            async with open_bench(tmp_path):
                pass
    async with open_bench(tmp_path) as bench:
        assert {s.oid for s in bench.watcher.statuses()} == {dark.oid, live.oid}
