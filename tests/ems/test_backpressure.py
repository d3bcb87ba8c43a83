"""A client that stops reading holds up nobody: it is dropped with the reason, and may return."""

import asyncio
from decimal import Decimal

import pytest
from msgspec.structs import replace

from ems import embedded_client
from ems.messages import Notice, Status
from tests.ems.conftest import Bench, Watcher

LIMIT = 50


@pytest.fixture(autouse=True)
def small_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(embedded_client, "UNREAD_LIMIT", LIMIT)


async def test_a_client_that_does_not_read_is_dropped_and_comes_back_to_everything(
    bench: Bench,
) -> None:
    bench.feed.trade(101)
    lazy = bench.ems.connect()
    dark = bench.submit("buy", "90", exec_mode="dark")
    for number in range(LIMIT * 2):
        bench.watcher.client.modify(replace(dark, price=Decimal(90) + number % 5))
        bench.watcher.read()
    live = bench.working()
    assert len(bench.watcher.resps(dark.oid)) == 1 + LIMIT * 2, "the other heard all of it"
    async with asyncio.timeout(20):
        heard = [msg async for msg in lazy]
    (last,) = heard
    assert isinstance(last, Notice)
    assert "left unread" in last.text
    again = Watcher(bench.ems)
    assert {s.oid: s.resp for s in again.statuses()} == {dark.oid: "dark_open", live.oid: "open"}
    assert again.last(dark.oid).req == bench.watcher.last(dark.oid).req


async def test_a_dropped_client_is_not_told_any_more_and_may_still_cancel(bench: Bench) -> None:
    lazy = Watcher(bench.ems)
    order = bench.working()
    for number in range(LIMIT):
        bench.venue.status("open", price=str(90 + number % 2), size="1")
        bench.watcher.read()
    assert lazy.client.dropped  # type: ignore[attr-defined]
    lazy.read()
    bench.venue.status("open", price="80", size="1")
    assert lazy.read() == []
    bench.cancel(order)
    assert len(bench.venue.cancels) == 1


async def test_one_that_comes_back_sees_how_everything_is_and_what_ended(bench: Bench) -> None:
    lazy = Watcher(bench.ems)
    ended, stays = bench.working(), bench.working(reqid=2)
    lazy.read()
    assert not lazy.client.come_back([])  # type: ignore[attr-defined]
    for number in range(LIMIT + 1):
        bench.venue.status("open", 2, price=str(90 + number % 2), size="1")
        bench.watcher.read()
    bench.venue.status("canceled", reason="by hand")
    lazy.read()
    assert lazy.client.come_back([ended.oid, stays.oid])  # type: ignore[attr-defined]
    told = {m.oid: m for m in lazy.read() if isinstance(m, Status)}
    assert (told[ended.oid].resp, told[ended.oid].reason) == ("canceled", "by hand")
    assert told[stays.oid].req == bench.watcher.last(stays.oid).req
    bench.venue.status("open", 2, price="80", size="1")
    assert len(lazy.read()) == 1, "and hears what comes"
    lazy.client.close()
    assert not lazy.client.come_back([])  # type: ignore[attr-defined]


async def test_one_for_whom_everything_is_too_much_at_once_hears_nothing_twice_later(
    bench: Bench,
) -> None:
    bench.feed.trade(100)
    orders = []
    for number in range(LIMIT + 1):
        orders.append(bench.submit("buy", str(1 + number % 90), exec_mode="dark"))
        bench.watcher.read()
    lazy = Watcher(bench.ems)
    assert lazy.client.dropped  # type: ignore[attr-defined]
    for order in orders[2:]:
        bench.cancel(order)
        bench.watcher.read()
    lazy.read()
    assert lazy.client.come_back([])  # type: ignore[attr-defined]
    lazy.read()
    bench.cancel(orders[0])
    assert len(lazy.read()) == 1
