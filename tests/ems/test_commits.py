"""What is on disk when: requests before they leave, a venue's words by the end of the turn."""

from decimal import Decimal
from pathlib import Path

import pytest
from msgspec.structs import replace

from ems.commits import AT_MOST
from ems.journal_reader import open_reader
from ems.messages import BrokerdFill, BrokerRequest
from ems.transitions import S
from tests.ems.conftest import Bench, open_bench, turn_ends
from tests.sims.scripted_venue import ScriptedVenue


def on_disk(folder: Path, oid: str) -> list[str]:
    with open_reader(folder / "journal.db") as disk:
        return [line.event for line in disk.history(oid)]


class ReadingVenue(ScriptedVenue):
    """Looks into the journal at the moment when a request arrives."""

    def __init__(self, folder: Path) -> None:
        super().__init__()
        self.folder = folder
        self.seen: list[list[str]] = []

    def send(self, request: BrokerRequest) -> None:
        super().send(request)
        self.seen.append(on_disk(self.folder, request.oid))


async def test_each_request_is_on_disk_before_it_leaves(tmp_path: Path) -> None:
    venue = ReadingVenue(tmp_path)
    async with open_bench(tmp_path, venue) as bench:
        order = bench.submit()
        bench.watcher.client.modify(replace(order, price=Decimal(99)))
        venue.works(order.oid)
        venue.status("open", price="99", size="1")
        bench.cancel(order)
        assert venue.seen == [
            ["SUBMIT"],
            ["SUBMIT", "MODIFY", "ACK", "MODIFY"],
            ["SUBMIT", "MODIFY", "ACK", "MODIFY", "CHANGED", "CANCEL"],
        ]


async def test_what_a_venue_says_is_on_disk_when_the_turn_ends(tmp_path: Path) -> None:
    async with open_bench(tmp_path) as bench:
        order = bench.working()
        bench.venue.fill()
        bench.venue.status("closed")
        assert bench.watcher.last(order.oid).resp == "closed"
        await turn_ends()
        assert on_disk(tmp_path, order.oid)[-2:] == ["FILL", "FILLED"]


async def test_a_long_turn_is_written_in_parts(tmp_path: Path) -> None:
    async with open_bench(tmp_path) as bench:
        order = bench.working(size="1000")
        for number in range(AT_MOST + 1):
            bench.venue.fill(exec_id=f"x{number}")
        assert len(on_disk(tmp_path, order.oid)) > AT_MOST


async def held_again(bench: Bench) -> str:
    """A dark order that goes out and comes back: the venue has never heard of it."""
    bench.feed.trade(101)
    order = bench.submit("buy", "100", exec_mode="dark")
    bench.venue.refuses_to_send = True
    bench.feed.trade(100)
    return order.oid


async def test_what_is_held_here_is_on_disk_when_it_is_told(tmp_path: Path) -> None:
    async with open_bench(tmp_path) as bench:
        oid = await held_again(bench)
        assert bench.watcher.last(oid).resp == "dark_open"
        with open_reader(tmp_path / "journal.db") as disk:
            assert disk.dialog(oid).state is S.HELD


async def test_each_fill_is_on_disk_when_it_is_told(tmp_path: Path) -> None:
    """Not every venue tells of an execution again, so it does not wait for the turn's end."""
    async with open_bench(tmp_path) as bench:
        order = bench.working(size="3")
        seen: list[list[str]] = []
        arrived = bench.watcher.client._arrived  # type: ignore[attr-defined]

        def look() -> None:
            with open_reader(tmp_path / "journal.db") as disk:
                seen.append([fill.exec_id for fill in disk.fills()])

        bench.watcher.read()
        arrived.set = look
        bench.venue.fill(exec_id="x1")
        bench.watcher.read()
        bench.venue.fill(reqid=99, exec_id="elsewhere")
        bench.watcher.read()
        bench.venue.say(replace(disk_fill(tmp_path, "x1"), exec_id="x2", replaces="x1"))
        assert seen == [["x1"], ["x1", "elsewhere"], ["x2", "elsewhere"]]
        assert bench.watcher.last(order.oid).filled == 1
        del arrived.set


def disk_fill(folder: Path, exec_id: str) -> BrokerdFill:
    with open_reader(folder / "journal.db") as disk:
        found = disk.fill("scripted", exec_id)
    assert found is not None
    return found


async def test_a_reader_that_met_the_writer_in_the_middle_looks_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two records were written while it read: it has the second, and half of the first."""
    read = Path.read_bytes
    torn: list[Path] = []

    def as_met(path: Path) -> bytes:
        data = read(path)
        if path.name.endswith("-tail") and not torn:
            torn.append(path)
            return data[:40] + b"?" + data[41:]
        return data

    async with open_bench(tmp_path) as bench:
        asked = [bench.submit("buy", "90", exec_mode="dark") for _ in range(3)]
        monkeypatch.setattr(Path, "read_bytes", as_met)
        with open_reader(tmp_path / "journal.db") as disk:
            assert {d.oid for d in disk.active_dialogs()} == {order.oid for order in asked}
        assert torn
