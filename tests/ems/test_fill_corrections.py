"""A venue puts a fill right: in the journal, in the position and in the order."""

import shutil
from decimal import Decimal
from pathlib import Path

import pytest
from msgspec.structs import replace

from ems.journal_reader import open_reader
from ems.messages import BrokerdFill, Status
from tests.ems.conftest import Bench, open_bench, turn_ends
from tests.ems.full_disk import can_write
from tests.sims.scripted_venue import FQSN
from ui.order_story import EVENT_WORDS


def fill(exec_id: str, size: str, price: str, **fields: object) -> BrokerdFill:
    made = BrokerdFill(
        reqid=1,
        account="scripted",
        symbol=FQSN,
        exec_id=exec_id,
        action="buy",
        size=Decimal(size),
        price=Decimal(price),
        broker_time_ns=2,
        time_ns=3,
    )
    return replace(made, **fields)


def ledger(folder: Path) -> list[tuple[str, Decimal, str | None]]:
    """What the file itself says of the fills."""
    with open_reader(folder / "journal.db") as disk:
        return [(fill.exec_id, fill.size, fill.oid) for fill in disk.fills()]


def copied_while_open(folder: Path) -> Path:
    """The journal as a crash at this moment would leave it."""
    crashed = folder / "crashed"
    crashed.mkdir()
    for file in folder.glob("journal.db*"):
        if not file.name.endswith("lock"):
            shutil.copy(file, crashed / file.name)
    return crashed


async def test_price_and_size_take_the_place_of_the_old(bench: Bench) -> None:
    order = bench.working(size="10")
    bench.venue.say(fill("x.01", "4", "100"))
    bench.venue.say(fill("x.02", "3", "99", replaces="x.01"))
    status = bench.watcher.last(order.oid)
    assert (status.resp, status.filled, status.avg_price) == ("fill", 3, 99)
    assert status.brokerd_msg.exec_id == "x.02"
    position = bench.watcher.position()
    assert (position.size, position.avg_price) == (3, 99)
    assert [f.exec_id for f in bench.ems.journal.fills()] == ["x.02"]
    last = bench.ems.journal.history(order.oid)[-1]
    assert last.event in EVENT_WORDS
    assert b"x.02" in last.msg


async def test_a_fee_that_comes_later_is_counted_once(bench: Bench) -> None:
    order = bench.working(size="10")
    paid = fill("x", "4", "100", fee=Decimal("1.5"), fee_currency="USD", replaces="x")
    bench.venue.say(fill("x", "4", "100"))
    bench.venue.say(paid)
    bench.venue.say(replace(paid, time_ns=99))
    assert bench.watcher.position().fees == Decimal("1.5")
    fills = [s for s in bench.watcher.statuses(order.oid) if s.resp == "fill"]
    assert [s.brokerd_msg.fee for s in fills] == [0, Decimal("1.5")]
    assert bench.watcher.last(order.oid).filled == 4


async def test_one_that_replaces_what_was_never_heard_of_is_a_fill(bench: Bench) -> None:
    order = bench.working(size="10")
    bench.venue.say(fill("x.02", "4", "100", replaces="x.01"))
    assert bench.watcher.last(order.oid).filled == 4


async def test_it_is_there_after_a_restart(tmp_path: Path) -> None:
    async with open_bench(tmp_path) as bench:
        bench.working(size="10")
        bench.venue.say(fill("x.01", "4", "100"))
        bench.venue.say(fill("x.02", "3", "99", replaces="x.01"))
    async with open_bench(tmp_path) as bench:
        bench.watcher.read()
        position = bench.watcher.position()
        assert (position.size, position.avg_price) == (3, 99)
        [status] = [m for m in bench.watcher.heard if isinstance(m, Status)]
        assert (status.filled, status.avg_price) == (3, 99)


@pytest.mark.parametrize("unwritten", [0, 1, 2, 3], ids=["fill", "first", "second", "nothing"])
async def test_what_waits_for_the_disk_is_put_right_too(tmp_path: Path, unwritten: int) -> None:
    """A fill, its correction, and the correction of that: the disk refuses from one of them on."""
    said = [
        fill("x.01", "4", "100"),
        fill("x.02", "3", "99", replaces="x.01"),
        fill("x.03", "2", "98", replaces="x.02"),
    ]
    async with open_bench(tmp_path) as bench:
        order = bench.working(size="10")
        for n, msg in enumerate(said):
            can_write(bench.ems.journal, n < unwritten)
            bench.venue.say(msg)
            bench.venue.say(msg)  # said again, it counts for nothing
            await turn_ends()
        status, position = bench.watcher.last(order.oid), bench.watcher.position()
        assert (status.filled, status.avg_price) == (2, 98)
        assert (position.size, position.avg_price) == (2, 98)
        assert [f.exec_id for f in bench.ems.journal.fills()] == ["x.03"]
        can_write(bench.ems.journal, True)
        bench.venue.say(fill("y.01", "1", "98"))
        await turn_ends()
        assert ledger(tmp_path) == [("x.03", 2, order.oid), ("y.01", 1, order.oid)]
    async with open_bench(tmp_path) as again:
        assert again.watcher.position().size == 3
        assert again.watcher.last(order.oid).filled == 3


@pytest.mark.parametrize("corrected", ["before the snapshot", "after the snapshot"])
async def test_a_crash_after_it_leaves_no_old_position(tmp_path: Path, corrected: str) -> None:
    async with open_bench(tmp_path) as bench:
        bench.working(size="10")
        bench.venue.say(fill("w.01", "1", "90"))
        bench.venue.say(fill("x.01", "4", "100"))
        if corrected == "before the snapshot":
            bench.ems.snapshot_positions()
        bench.venue.say(fill("x.02", "3", "99", fee=Decimal(2), replaces="x.01"))
        bench.venue.say(fill("y.01", "1", "99"))
        if corrected == "after the snapshot":
            bench.ems.snapshot_positions()
        before = bench.watcher.position()
        await turn_ends()
        crashed = copied_while_open(tmp_path)
    async with open_bench(crashed) as again:
        after = again.watcher.position()
        assert (after.size, after.fees) == (5, 2)
        assert (after.avg_price, after.realised) == (before.avg_price, before.realised)


async def test_a_late_fee_is_in_the_position_after_a_crash(tmp_path: Path) -> None:
    async with open_bench(tmp_path) as bench:
        bench.working(size="10")
        bench.venue.say(fill("x", "4", "100"))
        bench.ems.snapshot_positions()
        bench.venue.say(fill("x", "4", "100", fee=Decimal("1.5"), replaces="x"))
        await turn_ends()
        crashed = copied_while_open(tmp_path)
    async with open_bench(crashed) as again:
        position = again.watcher.position()
        assert (position.size, position.fees) == (4, Decimal("1.5"))


@pytest.mark.parametrize("second", ["x.01", "x.02"], ids=["its fee", "its price and size"])
async def test_one_before_the_ack_counts_once_for_position_and_order(
    bench: Bench, second: str
) -> None:
    order = bench.submit(size="10")
    bench.venue.say(fill("x.01", "4", "100"))
    bench.venue.say(fill(second, "3", "99", fee=Decimal(1), replaces="x.01"))
    assert (bench.watcher.position().size, bench.watcher.position().fees) == (3, 1)
    bench.venue.works(order.oid)
    status = bench.watcher.last(order.oid)
    assert (status.filled, status.avg_price) == (3, 99)
    assert (bench.watcher.position().size, bench.watcher.position().fees) == (3, 1)
    [known] = bench.ems.journal.fills()
    assert (known.exec_id, known.oid) == (second, order.oid)


async def test_one_of_a_fill_whose_order_was_not_known_counts_for_the_order(tmp_path: Path) -> None:
    async with open_bench(tmp_path) as bench:
        bench.venue.say(fill("x.01", "4", "100"))
    async with open_bench(tmp_path) as bench:
        order = bench.working(size="10")
        bench.venue.say(fill("x.02", "3", "99", replaces="x.01"))
        status = bench.watcher.last(order.oid)
        assert (status.filled, status.avg_price) == (3, 99)
        assert bench.watcher.position().size == 3


async def test_a_partial_close_is_averaged_anew(bench: Bench) -> None:
    bench.working(size="10")
    bench.venue.say(fill("a.01", "4", "100"))
    bench.venue.say(fill("b.01", "2", "110", action="sell"))
    bench.venue.say(fill("a.02", "4", "90", replaces="a.01"))
    position = bench.watcher.position()
    assert (position.size, position.avg_price, position.realised) == (2, 90, 40)
