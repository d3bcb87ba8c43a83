"""A venue puts a fill right: in the journal, in the position and in the order."""

from decimal import Decimal
from pathlib import Path

from msgspec.structs import replace

from ems.messages import BrokerdFill, Status
from tests.ems.conftest import Bench, open_bench
from tests.sims.scripted_venue import FQSN


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
