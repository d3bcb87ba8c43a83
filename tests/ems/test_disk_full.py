"""The disk is full, or the journal read-only, while trading: told at once, nothing is claimed."""

import asyncio
import sys
from decimal import Decimal
from pathlib import Path

from msgspec.structs import replace

from ems.journal_reader import open_reader
from ems.messages import Notice
from ems.risk_limits import RiskLimits
from tests.ems.brackets import ALL, Bracket
from tests.ems.conftest import open_bench, turn_ends
from tests.ems.full_disk import can_write, fill_the_disk, make_room
from tests.ems.test_order_life import until
from tests.sims.scripted_venue import AbleVenue

REPOSITORY = Path(__file__).resolve().parents[2]


async def test_what_is_accepted_is_on_disk_and_the_rest_is_refused(tmp_path: Path) -> None:
    async with open_bench(tmp_path) as bench:
        bench.feed.trade(101)
        fill_the_disk(bench.ems.journal)
        asked = [bench.submit("buy", "90", exec_mode="dark") for _ in range(200)]
        last = {order.oid: bench.watcher.last(order.oid) for order in asked}
        accepted = {oid for oid, status in last.items() if status.resp == "dark_open"}
        refused = [status for status in last.values() if status.resp == "error"]
        assert refused
        assert all("full" in status.reason for status in refused)
        with open_reader(tmp_path / "journal.db") as disk:
            assert {d.oid for d in disk.active_dialogs()} == accepted
    async with open_bench(tmp_path) as again:
        assert {s.oid for s in again.watcher.statuses()} == accepted


async def test_what_a_venue_says_is_written_once_there_is_room(tmp_path: Path) -> None:
    async with open_bench(tmp_path) as bench:
        orders = [bench.working("buy", "100", reqid=n) for n in range(100)]
        fill_the_disk(bench.ems.journal)
        for n in range(100):
            bench.venue.fill(n, exec_id=f"x{n}")
            bench.venue.fill(n, exec_id=f"x{n}")
            bench.venue.status("closed", n)
            await turn_ends()
        assert bench.watcher.position().size == 100
        assert any(isinstance(m, Notice) and "full" in m.text for m in bench.watcher.heard)
        with open_reader(tmp_path / "journal.db") as disk:
            assert len(list(disk.fills())) < 100
        make_room(bench.ems.journal)
        bench.working("buy", "99", reqid=1000)
        await turn_ends()
        with open_reader(tmp_path / "journal.db") as disk:
            assert len(list(disk.fills())) == 100
            assert [d.order.price for d in disk.active_dialogs()] == [99]
    async with open_bench(tmp_path) as again:
        assert again.watcher.position().size == 100
        assert again.ems.index.by_oid(orders[0].oid).filled == 1


async def test_a_read_only_journal_while_trading(tmp_path: Path) -> None:
    async with open_bench(tmp_path) as bench:
        bench.feed.trade(101)
        dark = bench.submit("buy", "100", exec_mode="dark")
        can_write(bench.ems.journal, False)
        new = bench.submit()
        bench.watcher.client.modify(replace(dark, price=Decimal(99)))
        assert bench.watcher.last(new.oid).resp == "error"
        shown = bench.watcher.last(dark.oid)
        assert shown.req is not None
        assert (shown.req.price, shown.refused) == (100, "modify")
        can_write(bench.ems.journal, True)
        bench.watcher.client.modify(replace(dark, price=Decimal(98)))
        shown = bench.watcher.last(dark.oid)
        assert shown.req is not None
        assert (shown.req.price, shown.refused, shown.reason) == (98, None, "")
        story = [h.event for h in bench.ems.journal.history(dark.oid)]
        assert story == ["HOLD", "MODIFY"], "what was refused leaves no trace"


async def test_the_same_once_more_is_no_duplicate_of_what_was_not_written(tmp_path: Path) -> None:
    async with open_bench(tmp_path, limits=RiskLimits()) as bench:
        bench.feed.quote(99.9, 100.1)
        can_write(bench.ems.journal, False)
        for note in ("", "not plain"):
            order = bench.submit("buy", "100", "1", note=note)
            assert "cannot be written" in bench.watcher.last(order.oid).reason
        can_write(bench.ems.journal, True)
        order = bench.submit("buy", "100", "1")
        assert bench.watcher.last(order.oid).resp == "pending"


UNDER_A_LIMIT = """
import asyncio, resource, signal, sys
from pathlib import Path
from tests.ems.conftest import open_bench

async def main(folder):
    async with open_bench(folder) as bench:
        bench.feed.trade(101)
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (200_000, resource.RLIM_INFINITY))
        for _ in range(400):
            order = bench.submit("buy", "90", exec_mode="dark")
            if bench.watcher.last(order.oid).resp == "dark_open":
                print(order.oid, flush=True)

asyncio.run(main(Path(sys.argv[1])))
"""


async def test_a_real_limit_on_the_size_of_files(tmp_path: Path) -> None:
    """The system itself refuses the write, in the middle of a page perhaps."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-c", UNDER_A_LIMIT, str(tmp_path),
        stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
        cwd=REPOSITORY,
    )  # fmt: skip
    out, err = await process.communicate()
    assert process.returncode == 0, err.decode()
    accepted = set(out.decode().split())
    assert 0 < len(accepted) < 400
    async with open_bench(tmp_path) as again:
        assert {s.oid for s in again.watcher.statuses()} == accepted


async def test_a_group_is_on_disk_as_a_whole_or_not_at_all(tmp_path: Path) -> None:
    async with open_bench(tmp_path) as bench:
        fill_the_disk(bench.ems.journal)
        groups = [Bracket(bench) for _ in range(60)]
        whole, none = 0, 0
        for group in groups:
            oids = (group.entry.oid, group.stop.oid, group.target.oid)
            refused = {bench.watcher.last(oid).resp == "error" for oid in oids}
            assert len(refused) == 1, "one of a group was taken and another refused"
            whole, none = whole + (refused == {False}), none + (refused == {True})
        assert none > 0
        assert len(bench.venue.orders) == whole
        with open_reader(tmp_path / "journal.db") as disk:
            assert len(list(disk.active_dialogs())) == 3 * whole


async def test_exits_leave_once_there_is_room(tmp_path: Path) -> None:
    async with open_bench(tmp_path, AbleVenue(ALL)) as bench:
        groups = [Bracket(bench) for _ in range(60)]
        for number, group in enumerate(groups):
            bench.venue.works(group.entry.oid, number)
        await turn_ends()
        fill_the_disk(bench.ems.journal)
        for number in range(60):
            bench.venue.fill(number, "10", exec_id=f"e{number}")
        assert len(bench.venue.orders) < 180
        assert any("full" in s.reason for s in bench.watcher.statuses() if s.waits)
        make_room(bench.ems.journal)
        await until(lambda: len(bench.venue.orders) == 180)
