"""The journal: what was accepted is there, what is not written is refused, damage is survived."""

import asyncio
import re
import sqlite3
import stat
import subprocess
import sys
from decimal import Decimal
from pathlib import Path

import pytest
from msgspec.structs import replace

from ems import journal_file
from ems.embedded import open_ems
from ems.errors import JournalDamaged, JournalLocked, JournalUnreadable
from ems.journal import Journal
from ems.messages import Notice
from tests.ems.conftest import Watcher, open_bench
from tests.ems.full_disk import can_write
from tests.sims.scripted_venue import PushFeed, ScriptedVenue, backend


def set_aside(folder: Path) -> Path:
    (aside,) = folder.glob("journal.db.damaged-*")
    return aside


async def test_only_one_ems_has_it(tmp_path: Path) -> None:
    async with open_bench(tmp_path):
        with pytest.raises(JournalLocked, match=r"journal\.db is in use .* --state-dir"):
            Journal(tmp_path / "journal.db")
    Journal(tmp_path / "journal.db").close()


async def test_files_are_the_users_own(tmp_path: Path) -> None:
    async with open_bench(tmp_path / "state") as bench:
        bench.submit()
        for path in (tmp_path / "state").iterdir():
            assert stat.S_IMODE(path.stat().st_mode) & 0o077 == 0, path
    assert stat.S_IMODE((tmp_path / "state").stat().st_mode) == 0o700


def test_lock_is_free_after_kill_9(tmp_path: Path) -> None:
    code = (
        "import sys, os, signal; from pathlib import Path; from ems.journal import Journal;"
        "j = Journal(Path(sys.argv[1])); os.kill(os.getpid(), signal.SIGKILL)"
    )
    path = tmp_path / "journal.db"
    done = subprocess.run([sys.executable, "-c", code, str(path)], check=False)
    assert done.returncode == -9
    Journal(path).close()


async def test_damaged_pages_are_set_aside_and_what_is_left_is_saved(tmp_path: Path) -> None:
    path = tmp_path / "journal.db"
    async with open_bench(tmp_path) as bench:
        bench.feed.trade(101)
        dark = bench.submit("buy", "100", exec_mode="dark")
        for reqid in range(100):
            order = bench.working(reqid=reqid)
            bench.venue.fill(reqid, exec_id=f"x{reqid}")
            bench.venue.status("closed", reqid)
            assert order
    data = bytearray(path.read_bytes())
    hole = len(data) * 3 // 4 // 4096 * 4096  # among the tables: the tail was before them
    data[hole : hole + 8192] = b"\xa5" * 8192
    path.write_bytes(data)
    with pytest.raises(JournalDamaged, match="set aside") as caught:
        async with open_ems(backend(ScriptedVenue(), PushFeed()), path):
            pass
    aside = set_aside(tmp_path)
    assert aside.read_bytes() == data
    assert str(aside) in str(caught.value)
    async with open_bench(tmp_path) as again:
        said = re.search(r"(\d+) active of (\d+) orders, (\d+) fills", str(caught.value))
        assert said is not None
        active, orders, fills = map(int, said.groups())
        assert orders > 60
        assert fills > 60
        assert [s.oid for s in again.watcher.statuses()] == [dark.oid] * active
        assert len(await again.watcher.client.fills()) == fills


async def test_torn_last_page(tmp_path: Path) -> None:
    path = tmp_path / "journal.db"
    async with open_bench(tmp_path) as bench:
        bench.feed.trade(101)
        dark = [bench.submit("buy", "100", exec_mode="dark").oid for _ in range(50)]
    path.write_bytes(path.read_bytes()[:-1000])
    with pytest.raises(JournalDamaged, match="set aside"):
        async with open_ems(backend(ScriptedVenue(), PushFeed()), path):
            pass
    async with open_bench(tmp_path) as again:
        back = {s.oid for s in again.watcher.statuses()}
        assert back <= set(dark)
        assert len(back) > 25


async def test_not_a_journal_at_all(tmp_path: Path) -> None:
    path = tmp_path / "journal.db"
    path.write_text("my shopping list, which is rather long " * 40)
    with pytest.raises(JournalDamaged, match="0 active of 0 orders"):
        async with open_ems(backend(ScriptedVenue(), PushFeed()), path):
            pass
    aside = set_aside(tmp_path)
    assert aside.read_text().startswith("my shopping list")
    Journal(path).close()


async def test_a_large_journal_is_checked_while_it_is_in_use(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "journal.db"
    async with open_bench(tmp_path) as bench:
        for reqid in range(200):
            bench.working(reqid=reqid)
            bench.venue.status("canceled", reqid)
    data = bytearray(path.read_bytes())
    with sqlite3.connect(path) as db:
        (root,) = db.execute("SELECT rootpage FROM sqlite_master WHERE name = 'event'").fetchone()
    db.close()
    data[(root - 1) * 4096 : (root - 1) * 4096 + 64] = b"\xa5" * 64
    path.write_bytes(data)
    monkeypatch.setattr(journal_file, "SMALL", 0)
    async with open_bench(tmp_path) as bench:
        async with asyncio.timeout(20):
            while not any(isinstance(m, Notice) for m in bench.watcher.read()):
                await asyncio.sleep(0.005)
        told = [m for m in Watcher(bench.ems).read() if isinstance(m, Notice)]
        assert "is damaged" in told[0].text


def test_journal_of_a_newer_program_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "journal.db"
    Journal(path).close()
    with sqlite3.connect(path) as db:
        db.execute("UPDATE meta SET value = '99'")
    db.close()
    before = path.read_bytes()
    with pytest.raises(JournalUnreadable, match="newer ordermode"):
        Journal(path)
    assert path.read_bytes() == before


def test_folder_that_is_a_file(tmp_path: Path) -> None:
    (tmp_path / "state").write_text("")
    with pytest.raises(JournalUnreadable, match="cannot be opened"):
        Journal(tmp_path / "state" / "journal.db")


class TestTheDiskRefuses:
    """Each write is refused, as by a full or read-only disk."""

    async def test_new_orders_and_modifies_are_refused_and_not_sent(self, tmp_path: Path) -> None:
        async with open_bench(tmp_path) as bench:
            working = bench.working()
            dark = bench.submit("buy", "90", exec_mode="dark")
            can_write(bench.ems.journal, False)
            sent = len(bench.venue.received)
            new = bench.submit()
            held = bench.submit("sell", "110", exec_mode="dark")
            bench.watcher.client.modify(replace(working, price=Decimal(99)))
            bench.watcher.client.modify(replace(dark, price=Decimal(89)))
            assert len(bench.venue.received) == sent
            for order, resp in ((new, "error"), (held, "error"), (working, "open"),
                                (dark, "dark_open")):  # fmt: skip
                last = bench.watcher.last(order.oid)
                assert last.resp == resp
                assert "cannot be written" in last.reason
            bench.feed.trade(91)
            bench.feed.trade(110)
            assert len(bench.venue.received) == sent, "nothing that was refused may fire"

    async def test_cancel_goes_out_and_the_venues_word_counts(self, tmp_path: Path) -> None:
        async with open_bench(tmp_path) as bench:
            order = bench.working("buy", "100", "2")
            can_write(bench.ems.journal, False)
            bench.cancel(order)
            assert len(bench.venue.cancels) == 1
            bench.venue.fill()
            bench.venue.fill()
            bench.venue.status("canceled")
            assert bench.watcher.last(order.oid).resp == "canceled"
            assert bench.watcher.position().size == 1
            notices = [m for m in bench.watcher.heard if isinstance(m, Notice)]
            assert notices
            assert all(n.level == "error" for n in notices)

    async def test_triggered_dark_order_stays_here(self, tmp_path: Path) -> None:
        async with open_bench(tmp_path) as bench:
            bench.feed.trade(101)
            dark = bench.submit("buy", "100", exec_mode="dark")
            can_write(bench.ems.journal, False)
            bench.feed.trade(99)
            assert bench.venue.received == []
            last = bench.watcher.last(dark.oid)
            assert last.resp == "dark_open"
            assert "nothing was sent" in last.reason
            told = len(bench.watcher.statuses())
            bench.feed.trade(98)
            assert len(bench.watcher.statuses()) == told, "the same is not told twice"
            can_write(bench.ems.journal, True)
            bench.feed.trade(97)
            assert [order.oid for order in bench.venue.orders] == [dark.oid]
