"""What was committed last is read where it is, and found in its tables later."""

import asyncio
import shutil
import sqlite3
from collections.abc import Callable
from pathlib import Path

from msgspec.structs import replace

from ems import journal, journal_reader
from ems.journal_reader import JournalReader, open_reader
from ems.journal_tail import run_of
from ems.journal_tail_file import read_tail
from tests.ems.conftest import Bench, open_bench, turn_ends
from tests.sims.scripted_venue import FQSN


def in_tail(folder: Path) -> int:
    """How many commits are not in the tables yet."""
    with sqlite3.connect(folder / "journal.db") as db:
        rows = read_tail(folder / "journal.db", run_of(db))
    db.close()
    assert rows is not None
    return len(rows)


def copy_files(folder: Path, to: Path) -> None:
    """The journal as a crash at this moment would leave it."""
    for file in folder.glob("journal.db*"):
        if not file.name.endswith("lock"):
            shutil.copy(file, to / file.name)


async def until(held: Callable[[], bool]) -> None:
    async with asyncio.timeout(20):
        while not held():
            await asyncio.sleep(0.01)


async def trade(bench: Bench) -> tuple[str, str]:
    """A dark order that is moved, and a live one that is filled, in two commits or more each."""
    bench.feed.trade(101)
    dark = bench.submit("buy", "90", exec_mode="dark")
    bench.watcher.client.modify(replace(dark, price=dark.price + 1))
    live = bench.working("buy", "100", "2")
    bench.venue.fill(size="1", exec_id="x1")
    await turn_ends()
    bench.venue.fill(size="1", exec_id="x2")
    bench.venue.status("closed")
    await turn_ends()
    return dark.oid, live.oid


def everything(reader: JournalReader, *oids: str) -> tuple[object, ...]:
    """All that a reader can be asked."""
    return (
        list(reader.dialogs()),
        list(reader.active_dialogs()),
        [reader.dialog(oid) for oid in oids],
        reader.dialog_of_reqid("scripted", "scripted", 1),
        [reader.history(oid) for oid in oids],
        [reader.oids_that_begin(oid[:5]) for oid in oids],
        list(reader.fills()),
        list(reader.fills(FQSN)),
        reader.fill("scripted", "x1"),
        reader.markets(),
    )


async def test_a_reader_sees_the_same_before_and_after_it_is_sorted(tmp_path: Path) -> None:
    async with open_bench(tmp_path) as bench:
        oids = await trade(bench)
        assert in_tail(tmp_path) >= 4
        with open_reader(tmp_path / "journal.db") as reader:
            before = everything(reader, *oids)
        await until(lambda: in_tail(tmp_path) == 0)
        with open_reader(tmp_path / "journal.db") as reader:
            assert everything(reader, *oids) == before
        dialogs, active, *_ = before
        assert [dialog.oid for dialog in dialogs] == list(oids)  # type: ignore[attr-defined]
        assert [dialog.oid for dialog in active] == [oids[0]]  # type: ignore[attr-defined]


async def test_half_of_it_sorted_is_all_of_it(tmp_path: Path) -> None:
    async with open_bench(tmp_path) as bench:
        bench.feed.trade(101)
        order = bench.working("buy", "100", "3")
        bench.venue.fill(size="1", exec_id="x1")
        bench.ems.journal.sort()
        bench.venue.fill(size="1", exec_id="x2")
        await turn_ends()
        with open_reader(tmp_path / "journal.db") as reader:
            assert reader.dialog(order.oid).filled == 2  # type: ignore[union-attr]
            assert [dialog.filled for dialog in reader.dialogs()] == [2]
            assert [fill.exec_id for fill in reader.fills()] == ["x1", "x2"]
            story = [line.event for line in reader.history(order.oid)]
            assert story == ["SUBMIT", "ACK", "WORKING", "FILL", "FILL"]


async def test_a_crash_leaves_a_tail_that_the_next_start_reads(tmp_path: Path) -> None:
    crashed = tmp_path / "crashed"
    crashed.mkdir()
    async with open_bench(tmp_path) as bench:
        dark, live = await trade(bench)
        copy_files(tmp_path, crashed)
    async with open_bench(crashed) as again:
        assert again.watcher.last(dark).req.price == 91  # type: ignore[union-attr]
        assert again.watcher.position().size == 2
        again.venue.fill(size="1", exec_id="x2")
        assert again.watcher.position().size == 2, "it was counted before the crash"
        assert again.ems.index.by_oid(live).filled == 2  # type: ignore[union-attr]
        assert in_tail(crashed) == 0


async def test_a_long_turn_is_sorted_before_it_ends(tmp_path: Path, monkeypatch) -> None:
    monkeypatch.setattr(journal, "SORT_AT_ONCE", 50)
    async with open_bench(tmp_path) as bench:
        for _ in range(120):
            bench.submit("buy", "90", exec_mode="dark")
            assert in_tail(tmp_path) < 50
        assert len(list(bench.ems.journal.active_dialogs())) == 120


async def test_a_reader_misses_nothing_that_is_sorted_while_it_looks(
    tmp_path: Path, monkeypatch
) -> None:
    """Tables and tail are two files: what it reads of both has to be of one moment."""
    looks: list[int] = []
    async with open_bench(tmp_path) as bench:
        bench.feed.trade(101)
        bench.submit("buy", "90", exec_mode="dark")

        def late(path: Path, run: int) -> list[bytes] | None:
            looks.append(run)
            if len(looks) < 3:  # between its look at the tables and at the tail
                bench.ems.journal.sort()
                bench.submit("buy", "91", exec_mode="dark")
            return read_tail(path, run)

        monkeypatch.setattr(journal_reader, "read_tail", late)
        with open_reader(tmp_path / "journal.db") as reader:
            assert [int(d.order.price) for d in reader.active_dialogs()] == [90, 91, 91]
    assert looks == sorted(set(looks)), "each time it looked at newer tables"
    assert len(looks) == 3
