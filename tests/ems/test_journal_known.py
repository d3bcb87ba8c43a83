"""What the journal says of orders and executions without a look at its tables."""

import asyncio
import sqlite3
from pathlib import Path
from unittest.mock import patch

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ems import journal_known
from ems.journal_known import Known
from tests.ems.conftest import make_order, open_bench, turn_ends

keys = st.sets(st.uuids().map(lambda uuid: (str(uuid),)), max_size=30)


@given(before=keys, meanwhile=st.lists(keys, max_size=4), others=keys)
def test_no_is_for_sure(before, meanwhile, others):
    db = sqlite3.connect(":memory:")
    db.execute("CREATE TABLE dialog (oid TEXT UNIQUE)")
    db.executemany("INSERT INTO dialog VALUES (?)", before)
    there = set(before)
    with patch.object(journal_known, "SLICE", 4):
        known = Known(db, "dialog", ("oid",))
        for new in meanwhile:  # as the tail is sorted while the tables are read
            known.add(new)
            db.executemany("INSERT OR IGNORE INTO dialog VALUES (?)", new)
            there |= new
            assert all(known.may_have(key) for key in there)
            known.learn()
        while known.learn():
            assert all(known.may_have(key) for key in there)
    db.close()
    assert all(known.may_have(key) for key in there)
    assert sum(known.may_have(key) for key in others - there) <= 1, "else it is of no use"


@pytest.mark.parametrize(("largest", "at_a_time"), [(0, 500), (1000, 1), (1000, 500)])
async def test_what_an_earlier_run_had_is_found(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, largest: int, at_a_time: int
) -> None:
    """Before it was learnt, after, and where it is too much to learn."""
    monkeypatch.setattr(journal_known, "LARGEST", largest)
    monkeypatch.setattr(journal_known, "SLICE", at_a_time)
    async with open_bench(tmp_path) as bench:
        orders = [bench.working(reqid=n) for n in range(3)]
        for n in range(3):
            bench.venue.fill(n, exec_id=f"x{n}")
            bench.venue.status("closed", n)
    async with open_bench(tmp_path) as again:
        for n, order in enumerate(orders):
            again.watcher.client.submit(order)
            assert again.watcher.last(order.oid).resp == "closed", "it is no new order"
            again.venue.fill(n, exec_id=f"x{n}")
            await turn_ends()
            assert again.watcher.position().size == 3, "it was counted then"
        async with asyncio.timeout(20):
            while again.ems.journal.learn():
                await asyncio.sleep(0)
        another = make_order()
        assert again.ems.journal.dialog(another.oid) is None
        assert again.ems.journal.fill("scripted", "x9") is None
        assert again.ems.journal.fill("scripted", "x2") is not None
