"""`ordermode orders | fills | positions | log`: what the journal says, while the program runs."""

import csv
import io
import json
import subprocess
import sys
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

from ems.errors import JournalUnreadable
from ems.transitions import E
from tests.ems.conftest import Bench, open_bench
from tests.sims.scripted_venue import FQSN, PushFeed, ScriptedVenue
from ui.command_line import parse
from ui.commands import ReportCommand
from ui.journal_report import UnknownOrder, report
from ui.order_story import EVENT_WORDS


def said(folder: Path, text: str) -> str:
    """What the command prints, read beside the EMS that has the journal open."""
    command = parse(text.split())
    assert isinstance(command, ReportCommand)
    out = io.StringIO()
    report(command, folder / "journal.db", out)
    return out.getvalue()


def rows(folder: Path, text: str) -> list[dict[str, Any]]:
    return json.loads(said(folder, f"{text} --json"))


async def trade(bench: Bench) -> tuple[str, str]:
    """Buy 2 in one account, all filled; leave a dark sell in the other."""
    bench.feed.trade(101)
    live = bench.submit("buy", "100", "2")
    bench.venue.works(live.oid)
    bench.watcher.client.modify(replace(live, price=Decimal("99.50")))
    bench.venue.refuse("too far [red]away[/red]", reqid=1, request="modify")
    bench.venue.fill(size="2", price="100")
    bench.venue.status("closed")
    dark = bench.submit("sell", "110", exec_mode="dark", account="scripted.two")
    return live.oid, dark.oid


async def test_orders_are_read_while_the_ems_runs_and_goes_on(tmp_path: Path) -> None:
    async with open_bench(tmp_path) as bench:
        live, dark = await trade(bench)
        first, second = rows(tmp_path, "orders")
        assert (first["oid"], first["status"], first["filled"]) == (live, "closed", "2")
        assert (second["oid"], second["status"], second["price"]) == (dark, "dark_open", "110")
        assert second["account"] == "scripted.two"
        after = bench.submit("buy", "90", exec_mode="dark")
        assert bench.watcher.last(after.oid).resp == "dark_open"
        assert len(rows(tmp_path, "orders")) == 3


async def test_an_order_says_its_type(tmp_path: Path) -> None:
    async with open_bench(tmp_path) as bench:
        bench.feed.trade(101)
        bench.submit("buy", "100", "2")
        stop = bench.submit("sell", "90", "2", type="stop")
        bench.submit("alert", "95", exec_mode="dark")
        assert [row["kind"] for row in rows(tmp_path, "orders")] == ["limit", "stop", ""]
        text = said(tmp_path, "orders")
        line = next(line for line in text.splitlines() if stop.oid[:8] in line)
        assert "stop" in line


async def test_filters_by_account_market_and_time(tmp_path: Path) -> None:
    async with open_bench(tmp_path) as bench:
        live, dark = await trade(bench)
        assert [r["oid"] for r in rows(tmp_path, "orders --account scripted.two")] == [dark]
        assert rows(tmp_path, "orders --market other.test.scripted") == []
        assert len(rows(tmp_path, f"orders --market {FQSN}")) == 2
        changed = rows(tmp_path, "orders")[1]["time"]
        assert [r["oid"] for r in rows(tmp_path, f"orders --since {changed}")] == [dark]
        assert [r["oid"] for r in rows(tmp_path, f"orders --until {changed}")] == [live]


async def test_fills_and_positions(tmp_path: Path) -> None:
    async with open_bench(tmp_path) as bench:
        live, _ = await trade(bench)
        (fill,) = rows(tmp_path, "fills")
        assert (fill["oid"], fill["size"], fill["price"], fill["exec_id"]) == (
            live, "2", "100", "x1",
        )  # fmt: skip
        (position,) = rows(tmp_path, "positions")
        assert (position["size"], position["avg_price"]) == ("2", "100")
        assert position["currency"] == "USD"
        assert rows(tmp_path, "positions --until 1970-01-01") == []


async def test_a_market_that_is_not_watched_now_has_its_multiplier(tmp_path: Path) -> None:
    venue, feed = ScriptedVenue(), PushFeed()
    feed._market = replace(feed._market, multiplier=Decimal(50))
    async with open_bench(tmp_path, venue, feed) as bench:
        bench.working()
        bench.venue.fill(price="100")
        bench.working("sell", "101", reqid=2)
        bench.venue.fill(2, price="101", exec_id="x2", action="sell")
    (position,) = rows(tmp_path, "positions")
    assert (position["realised"], position["net"]) == ("50", "50")


async def test_log_tells_the_story_from_the_beginning_of_an_id(tmp_path: Path) -> None:
    async with open_bench(tmp_path) as bench:
        live, _ = await trade(bench)
        story = rows(tmp_path, f"log {live[:12]}")
        assert [line["event"] for line in story] == [
            *("SUBMIT", "ACK", "WORKING", "MODIFY", "CHANGE_REFUSED", "FILL", "FILLED"),
        ]
        assert [line["time"] for line in story] == sorted(line["time"] for line in story)
        assert story[0]["words"].endswith("buy 2 at 100")
        assert story[3]["words"].endswith("buy 2 at 99.50")
        assert "[red]away" in story[4]["reason"]
        assert story[5]["message"]["exec_id"] == "x1"


async def test_log_wants_one_order(tmp_path: Path) -> None:
    async with open_bench(tmp_path) as bench:
        await trade(bench)
        with pytest.raises(UnknownOrder, match="no order's id begins with 'zz'"):
            said(tmp_path, "log zz")
        for _ in range(40):
            bench.submit("alert", "90", exec_mode="dark")
        firsts = [row["oid"][0] for row in rows(tmp_path, "orders")]
        often = max(firsts, key=firsts.count)  # 42 ids begin with 16 characters
        with pytest.raises(UnknownOrder, match="write more of it"):
            said(tmp_path, f"log {often}")


async def test_a_table_for_people_shows_what_a_venue_says_as_it_is(tmp_path: Path) -> None:
    async with open_bench(tmp_path) as bench:
        live, dark = await trade(bench)
        table = said(tmp_path, "orders")
        assert live[:8] in table
        assert dark[:8] in table
        assert "[red]away[/red]" in said(tmp_path, f"log {live}")
        assert "Nothing in the journal" in said(tmp_path, "orders --account nobody")


async def test_csv_has_the_same_numbers(tmp_path: Path) -> None:
    async with open_bench(tmp_path) as bench:
        await trade(bench)
        for what in ("orders", "fills", "positions"):
            read = list(csv.DictReader(io.StringIO(said(tmp_path, f"{what} --csv"))))
            want = [
                {name: "" if value is None else str(value) for name, value in row.items()}
                for row in rows(tmp_path, what)
            ]
            assert read == want


def test_no_journal_yet(tmp_path: Path) -> None:
    with pytest.raises(JournalUnreadable, match="there is no journal"):
        said(tmp_path, "orders")


def test_every_event_has_words() -> None:
    assert set(EVENT_WORDS) == {event.name for event in E} | {"ARMED", "FILL_CORRECTED", "TRAILED"}


async def test_the_program_itself_prints_it_without_a_display(tmp_path: Path) -> None:
    async with open_bench(tmp_path) as bench:
        await trade(bench)
    (tmp_path / "journal.db").rename(tmp_path / "journal.sqlite")
    done = subprocess.run(  # noqa: ASYNC221
        [sys.executable, "-m", "ui.app", "fills", "--csv", "--state-dir", str(tmp_path)],
        capture_output=True, text=True, check=True, env={"PATH": "/usr/bin:/bin"},
    )  # fmt: skip
    assert len(done.stdout.splitlines()) == 2
    assert not (tmp_path / "ordermode.log").exists()
