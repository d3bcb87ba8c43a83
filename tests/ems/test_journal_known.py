"""What the journal says of orders and executions without a look at its tables."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ems import journal_known
from ems.journal_known import Known
from tests.ems.conftest import make_order, open_bench, turn_ends

keys = st.lists(st.uuids().map(str))


@given(before=keys, after=keys, others=keys)
def test_no_is_for_sure(before, after, others):
    known = Known(len(before), before)
    known.add(after)
    assert all(known.may_have(key) for key in (*before, *after))
    strangers = [key for key in others if known.may_have(key)]
    assert len(strangers) <= 1 + len(set(others) & {*before, *after})


@pytest.mark.parametrize("largest", [0, 1_000_000])
async def test_what_an_earlier_run_had_is_found(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, largest: int
) -> None:
    """Also in a journal that has too many orders to know them all."""
    async with open_bench(tmp_path) as bench:
        order = bench.working()
        bench.venue.fill()
        bench.venue.status("closed")
    monkeypatch.setattr(journal_known, "LARGEST", largest)
    async with open_bench(tmp_path) as again:
        again.watcher.client.submit(order)
        assert again.watcher.last(order.oid).resp == "closed", "it is no new order"
        again.venue.fill()
        await turn_ends()
        assert again.watcher.position().size == 1, "it was counted then"
        another = make_order()
        assert again.ems.journal.dialog(another.oid) is None
        assert again.ems.journal.fill("scripted", "x2") is None
