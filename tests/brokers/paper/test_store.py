"""The paper venue's file: what was told is there again, whatever happened in between."""

import resource
import signal
import sqlite3
import subprocess
import sys
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from decimal import Decimal
from pathlib import Path

import pytest

from brokers.paper.order import PaperOrder
from brokers.paper.positions import PaperPosition
from brokers.paper.store import PaperStore
from ems.errors import EmsError
from ems.messages import (
    BrokerdFill,
    BrokerdMsg,
    BrokerdOrderAck,
    BrokerdPosition,
    BrokerdStatus,
    BrokerEvent,
    Connection,
    decode,
)

from .session import Session, cancel, new_order, paper

_ROOT = Path(__file__).resolve().parents[3]


def run_and_kill(folder: Path, after_lines: int) -> list[BrokerdMsg]:
    """Start the busy program, kill it once it told so much, and return all it told."""
    module = f"{__package__}.busy_program"
    source_of_package = Path(__file__).resolve().parents[len((__package__ or "").split("."))]
    process = subprocess.Popen(
        [sys.executable, "-m", module, str(folder)],
        stdout=subprocess.PIPE,
        cwd=source_of_package,
        env={"PYTHONPATH": str(_ROOT), "PATH": ""},
    )
    with process:
        assert process.stdout is not None
        lines = [process.stdout.readline() for _ in range(after_lines)]
        process.kill()
        lines += process.stdout.readlines()
    assert process.returncode == -signal.SIGKILL
    return [decode(line) for line in lines if line.endswith(b"\n")]  # type: ignore[misc]


@pytest.mark.parametrize("after_lines", [1, 40, 333, 1200])
async def test_after_kill_9_all_that_was_told_is_there(tmp_path: Path, after_lines: int) -> None:
    told = run_and_kill(tmp_path, after_lines)
    assert len(told) >= after_lines
    async with paper(tmp_path) as session:
        check_orders(session, told)
        check_fills_and_positions(session, told)
        session.buy("50")
        numbers = [int(m.reqid[1:]) for m in told if isinstance(m, BrokerdOrderAck)]  # type: ignore[index]
        assert int(session.reqids[0][1:]) > max(numbers)


def check_orders(session: Session, told: list[BrokerdMsg]) -> None:
    """Each order is at least as far as we heard; the open ones are all in the opening."""
    assert session.trades.opening is not None
    live = {status.reqid: status for status in session.trades.opening.orders}
    heard = {m.reqid: m for m in told if isinstance(m, BrokerdStatus)}
    for ack in (m for m in told if isinstance(m, BrokerdOrderAck)):
        report = session.ask(oid=ack.oid)
        assert (report.found, report.reqid) == (True, ack.reqid)
        assert (report.status == "open") == (ack.reqid in live)
        if report.status == "open":
            assert live[ack.reqid].oid == ack.oid
            assert live[ack.reqid].filled == sum(fill.size for fill in report.fills)
        if ack.reqid in heard and heard[ack.reqid].status != "open":
            assert report.status == heard[ack.reqid].status


def check_fills_and_positions(session: Session, told: list[BrokerdMsg]) -> None:
    """No fill that we heard of is missing or changed; the position is the sum of all fills."""
    assert session.trades.opening is not None
    heard: dict[object, list[BrokerdFill]] = defaultdict(list)
    for fill in (m for m in told if isinstance(m, BrokerdFill)):
        heard[fill.reqid].append(fill)
    position = Decimal(0)
    for number in range(1, 5000):
        report = session.ask(reqid=f"P{number}")
        if not report.found:
            break
        assert list(report.fills[: len(heard[report.reqid])]) == heard[report.reqid]
        position += sum(f.size if f.action == "buy" else -f.size for f in report.fills)
    assert sum(p.size for p in session.trades.opening.positions) == position


async def test_the_place_in_the_queue_survives_kill_9(tmp_path: Path) -> None:
    run_and_kill(tmp_path, 500)
    async with paper(tmp_path) as session:
        assert session.trades.opening is not None
        buys = [s for s in session.trades.opening.orders if s.req and s.req.action == "buy"]
        assert len(buys) > 2
        session.trade(10**6, 1.0)  # falls through every buy
        first_fills = list(dict.fromkeys(f.reqid for f in session.of(BrokerdFill)))
    # this program never modifies, so the order of numbers is the order of time
    by_priority = sorted(buys, key=lambda s: (-s.req.price, int(str(s.reqid)[1:])))  # type: ignore[union-attr]
    assert first_fills == [status.reqid for status in by_priority]


@pytest.mark.parametrize(
    "damage",
    [
        lambda path: path.write_bytes(b"this is no database at all, but a letter to you" * 99),
        lambda path: path.write_bytes(path.read_bytes()[:6000]),
        lambda path: path.write_bytes(path.read_bytes()[:4096] + b"\xff" * 20000),
    ],
    ids=["no database", "cut off", "overwritten"],
)
async def test_a_damaged_file_is_set_aside_not_deleted(tmp_path: Path, damage: object) -> None:
    async with paper(tmp_path) as session:
        for i in range(100):
            session.buy(str(50 + i))
    path = tmp_path / "paper.db"
    damage(path)  # type: ignore[operator]
    damaged = path.read_bytes()
    with pytest.raises(EmsError, match="damaged") as raised:
        async with paper(tmp_path):
            pass
    (kept,) = (entry for entry in entries(tmp_path) if ".damaged-" in entry.name)
    assert kept.read_bytes() == damaged
    assert str(path) in str(raised.value)
    assert str(kept) in str(raised.value)
    assert "Start again" in str(raised.value)
    async with paper(tmp_path) as session:
        session.buy("100")
        assert session.reqids == ["P1"]


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE orders SET price = 'cheap'",
        "UPDATE orders SET action = 'alert'",
        "UPDATE markets SET facts = x'00'",
        "ALTER TABLE orders DROP COLUMN cost",
    ],
)
async def test_a_row_that_makes_no_sense_is_damage(tmp_path: Path, change: str) -> None:
    async with paper(tmp_path) as session:
        session.buy("100")
    alter(tmp_path / "paper.db", change)
    with pytest.raises(EmsError, match="damaged"):
        async with paper(tmp_path):
            pass
    assert any(entry.name.startswith("paper.db.damaged-") for entry in entries(tmp_path))


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ("PRAGMA user_version = 3", "has version 3"),
        ("PRAGMA application_id = 5", "is no paper account's file"),
    ],
)
async def test_a_file_of_others_is_left_alone(tmp_path: Path, change: str, says: str) -> None:
    async with paper(tmp_path):
        pass
    alter(tmp_path / "paper.db", change)
    before = (tmp_path / "paper.db").read_bytes()
    with pytest.raises(EmsError, match=says):
        async with paper(tmp_path):
            pass
    assert entries(tmp_path) == [tmp_path / "paper.db"]
    assert (tmp_path / "paper.db").read_bytes() == before


def entries(folder: Path) -> list[Path]:
    return sorted(folder.iterdir())


def alter(path: Path, statement: str) -> None:
    db = sqlite3.connect(path)
    db.execute(statement)
    db.commit()
    db.close()


async def test_a_file_in_use_is_said_to_be(tmp_path: Path) -> None:
    async with paper(tmp_path) as session:
        session.buy("100")
        with pytest.raises(EmsError, match="in use by another running program"):
            async with paper(tmp_path):
                pass
        (status,) = session.send(cancel("P1"))
        assert status.status == "canceled"
    assert entries(tmp_path) == [tmp_path / "paper.db"]


async def test_a_folder_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("not a folder")
    with pytest.raises(EmsError, match=str(tmp_path / "file")):
        async with paper(tmp_path / "file" / "paper"):
            pass


@contextmanager
def full_disk() -> Iterator[None]:
    """Let each write past the first byte of a file fail."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


async def test_when_the_disk_is_full_nothing_is_told_that_is_not_kept(tmp_path: Path) -> None:
    order = new_order("100")
    async with paper(tmp_path) as session:
        session.buy("99")
        with full_disk():
            (down,) = session.send(order)
        assert isinstance(down, Connection)
        assert (down.broker, down.up) == ("paper", False)
        assert "cannot write the paper account's file" in down.reason
        assert session.quote(1, 90.0, 91.0) == []
        with pytest.raises(ConnectionError, match="cannot write"):
            session.buy("98")
    async with paper(tmp_path) as session:
        assert not session.ask(oid=order.oid).found
        assert session.ask(reqid="P1").status == "open"
        session.quote(1, 90.0, 91.0)
        assert [exec_id for exec_id, *_ in session.fills] == ["P1-1"]


async def test_after_a_refused_write_the_requests_that_wait_are_dropped(tmp_path: Path) -> None:
    async with paper(tmp_path) as session:
        disk = full_disk()

        def react(event: BrokerEvent) -> None:
            if isinstance(event, BrokerdOrderAck):
                disk.__enter__()
                session.trades.send(new_order("99"))
                session.trades.send(new_order("98"))
            elif isinstance(event, Connection):
                disk.__exit__(None, None, None)

        session.on_event = react
        session.buy("100")
        assert session.reqids == ["P1"]
        assert len(list(session.of(Connection))) == 1


def test_a_change_is_kept_whole_or_not_at_all(tmp_path: Path) -> None:
    def order(number: int, oid: str) -> PaperOrder:
        return PaperOrder(
            number=number,
            oid=oid,
            account="paper",
            symbol="a.b",
            action="buy",
            price=Decimal(1),
            size=Decimal(1),
        )

    store = PaperStore(tmp_path / "paper.db")
    store.save([order(1, "one")])
    position = PaperPosition(account="paper", symbol="a.b", size=Decimal(1))
    with pytest.raises(EmsError, match="cannot write"):
        store.save([order(2, "two"), order(3, "one")], positions=[position])
    store.save([order(2, "another")])
    store.close()
    store = PaperStore(tmp_path / "paper.db")
    assert [o.oid for o in store.open_orders] == ["one", "another"]
    assert (store.positions, store.last_number) == ([], 2)
    store.close()


async def test_position_messages_come_from_what_was_kept(tmp_path: Path) -> None:
    async with paper(tmp_path) as session:
        session.trade(1, 100.0)
        session.buy("100", 2)
    async with paper(tmp_path) as session:
        session.trade(2, 106.0)
        session.buy("106", 1)
        (position,) = session.of(BrokerdPosition)
    assert (position.size, position.avg_price) == (3, 102)
