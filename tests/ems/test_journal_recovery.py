"""What is saved of a damaged journal is there once, whichever version wrote it."""

import sqlite3
from decimal import Decimal
from pathlib import Path

import pytest
from msgspec.structs import replace

from ems.errors import JournalDamaged
from ems.journal_reader import open_reader
from ems.journal_recovery import recover
from ems.journal_tail_file import tail_path
from tests.ems.conftest import Bench, open_bench, turn_ends
from tests.ems.test_journal_tail import copy_files
from tests.ems.test_journal_versions import dialogs
from tests.ems.version_1 import a_fill, make

STORY = ["SUBMIT", "ACK", "WORKING", "FILL", "FILL_CORRECTED"]


@pytest.fixture
def crashed(tmp_path: Path) -> Path:
    """The folder that the files of a run are copied to, as a crash would leave them."""
    folder = tmp_path / "crashed"
    folder.mkdir()
    return folder


async def trade(bench: Bench) -> str:
    """An order with a fill that its venue puts right."""
    order = bench.working("buy", "100", "3")
    done = bench.venue.made_fill(size="2", exec_id="x1")
    bench.venue.say(done)
    bench.venue.say(replace(done, exec_id="x2", replaces="x1", price=Decimal(99)))
    await turn_ends()
    return order.oid


def lose(path: Path, *statements: str) -> None:
    """Take rows away, as a hole in the file does."""
    with sqlite3.connect(path) as db:
        for statement in statements:
            db.execute(statement)
    db.close()


def saved(path: Path, oid: str) -> tuple[list[str], list[str], Decimal | None]:
    """Return the story of an order, the fills, and how much of the order is filled."""
    with open_reader(path) as reader:
        dialog = reader.dialog(oid)
        return (
            [line.event for line in reader.history(oid)],
            [fill.exec_id for fill in reader.fills()],
            None if dialog is None else dialog.filled,
        )


def set_aside(folder: Path) -> set[str]:
    """Return how the damaged files of a folder are named: by their time, and which part it is."""
    return {file.name.split(".damaged-")[1] for file in folder.glob("*.damaged-*")}


@pytest.mark.parametrize("again", [False, True], ids=["at rest", "some more in the tail"])
@pytest.mark.parametrize(
    "lost",
    [
        [],
        ["DELETE FROM meta"],
        ["DELETE FROM event"],
        ["DELETE FROM event WHERE event = 'ACK'"],
        ["DELETE FROM dialog", "DELETE FROM event"],
        ["DELETE FROM fill"],
    ],
    ids=lambda lost: " and ".join(lost) or "nothing",
)
async def test_what_the_tail_has_still_is_not_there_twice_and_fills_the_holes(
    tmp_path: Path, crashed: Path, lost: list[str], again: bool
) -> None:
    """The tail is written over from its start: until then it has what is in the tables too."""
    async with open_bench(tmp_path) as bench:
        oid = await trade(bench)
        bench.ems.journal.sort()
        if again:
            bench.venue.status("closed")
            await turn_ends()
        copy_files(tmp_path, crashed)
    path = crashed / "journal.db"
    lose(path, *lost)
    recover(path)
    story, fills, filled = saved(path, oid)
    if again and lost and lost != ["DELETE FROM meta"]:
        return  # the run that had it is over: what the tables lost of it is lost
    assert sorted(story) == sorted(STORY + ["FILLED"] * again)
    assert fills == ["x2"]
    assert filled == 2


async def test_a_run_that_was_not_sorted_is_added(tmp_path: Path, crashed: Path) -> None:
    async with open_bench(tmp_path) as bench:
        oid = await trade(bench)
        copy_files(tmp_path, crashed)
    recover(crashed / "journal.db")
    assert saved(crashed / "journal.db", oid) == (STORY, ["x2"], 2)


async def test_a_fill_is_saved_of_which_only_the_correction_is_left(
    tmp_path: Path, crashed: Path
) -> None:
    async with open_bench(tmp_path) as bench:
        oid = await trade(bench)
        copy_files(tmp_path, crashed)
    tail = tail_path(crashed / "journal.db")
    data = bytearray(tail.read_bytes())
    data[data.index(b'"exec_id":"x1"')] ^= 1
    tail.write_bytes(data)
    recover(crashed / "journal.db")
    _, fills, filled = saved(crashed / "journal.db", oid)
    assert (fills, filled) == (["x2"], 2)


def test_version_1_is_saved_row_by_row(tmp_path: Path) -> None:
    path = tmp_path / "journal.db"
    dark, live = dialogs()
    make(path, [dark, live], [a_fill(live.order, "x1"), a_fill(live.order, "x2")])
    lose(path, "UPDATE fill SET body = x'00' WHERE exec_id = 'x2'")
    recovered = recover(path)
    assert (recovered.active_orders, recovered.orders, recovered.fills) == (2, 2, 1)
    with open_reader(path) as reader:
        assert [one.oid for one in reader.dialogs()] == [dark.oid, live.oid]
        assert list(reader.fills()) == [a_fill(live.order, "x1")]
        assert [line.event for line in reader.history(live.oid)] == ["SUBMIT", "ACK"]
        assert reader.dialog_of_reqid("scripted", "scripted", 7) is not None


async def test_a_damaged_version_1_is_traded_on_with_what_was_saved(tmp_path: Path) -> None:
    path = tmp_path / "journal.db"
    dark, live = dialogs()
    make(path, [dark, live], [a_fill(live.order, "x1")])
    lose(path, "DELETE FROM event", "DELETE FROM meta")
    recover(path)
    async with open_bench(tmp_path) as bench:
        assert {s.oid for s in bench.watcher.statuses()} == {dark.oid, live.oid}
        assert bench.watcher.position().size == 1
        bench.venue.fill(7, exec_id="x1")
        assert bench.watcher.position().size == 1, "it was counted by version 1"


class Killed(BaseException):
    """Nothing that comes after it is done."""


@pytest.mark.parametrize("renamed", range(3))
async def test_a_crash_while_the_files_are_renamed_loses_nothing(
    tmp_path: Path, crashed: Path, monkeypatch: pytest.MonkeyPatch, renamed: int
) -> None:
    async with open_bench(tmp_path) as bench:
        oid = await trade(bench)
        bench.ems.journal.sort()
        copy_files(tmp_path, crashed)
    path = crashed / "journal.db"
    lose(path, "DELETE FROM meta")
    left, really = iter(range(renamed)), Path.rename

    def rename(source: Path, target: Path | str) -> Path:
        if next(left, None) is None:
            raise Killed
        return really(source, target)

    with monkeypatch.context() as patched:
        patched.setattr(Path, "rename", rename)
        with pytest.raises(Killed):
            recover(path)
    with pytest.raises(JournalDamaged, match="1 active of 1 orders, 1 fills"):
        async with open_bench(crashed):
            pass
    assert saved(path, oid) == (STORY, ["x2"], 2)
    async with open_bench(crashed) as bench:
        assert bench.watcher.last(oid).filled == 2
    assert len({name.split("-")[0] for name in set_aside(crashed)}) == 1
