"""Trading from code: what is asked goes out, what is told comes by `async for`."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from ems import reader
from ems.known_orders import OrderOver
from ems.market import Market
from ems.messages import Status
from ems.reader import FellBehind
from ems.ticks import Trade
from ems.trading_client import TradingClient
from tests.ems.conftest import Bench, open_bench
from tests.sims.scripted_venue import FQSN, ScriptedVenue


@pytest.fixture
async def client(bench: Bench) -> AsyncIterator[TradingClient]:
    async with TradingClient(bench.ems) as opened:
        yield opened


@pytest.fixture
async def market(client: TradingClient) -> Market:
    return await client.market(FQSN)


def account(name: str = "scripted") -> dict[str, str]:
    return {"account": name}


async def test_an_order_goes_out_once_with_exact_numbers(bench, client, market) -> None:
    client.buy(market, 100.004, 2.9, **account())
    client.sell(market, Decimal("101.25"), Decimal(3), **account("scripted.two"))
    bought, sold = bench.venue.orders
    assert (bought.action, str(bought.price), bought.size) == ("buy", "100.00", 2)
    assert (sold.action, str(sold.price), sold.account) == ("sell", "101.25", "scripted.two")


async def test_a_decimal_off_the_grid_is_refused_not_rounded(client, market) -> None:
    order = client.buy(market, Decimal("100.004"), 1, **account())
    with pytest.raises(OrderOver, match=r"tick size is 0\.01"):
        await client.until(order, "open")


async def test_until_waits_and_tells_how_it_ended(bench, client, market) -> None:
    order = client.buy(market, 100, 2, **account())
    waiting = asyncio.create_task(client.until(order, "open"))
    bench.venue.works(order.oid)
    assert (await waiting).resp == "open"
    bench.venue.fill(size="2")
    bench.venue.status("closed")
    assert (await client.until(order, "closed")).filled == 2
    assert (await client.until(order, "closed")).filled == 2  # also long after
    with pytest.raises(OrderOver) as over:
        await client.until(order, "open")
    assert over.value.status.resp == "closed"


async def test_statuses_of_one_order_end_with_it(bench, client, market) -> None:
    order = client.buy(market, 100, 1, **account())
    other = client.buy(market, 99, 1, **account())
    bench.venue.works(order.oid, 1)
    bench.venue.works(other.oid, 2)
    bench.venue.status("canceled", 1)
    heard = [status.resp async for status in client.statuses(order)]
    assert heard[-1] == "canceled"


async def test_every_status_and_position_first_as_it_is_then_as_it_changes(bench, client) -> None:
    first = bench.working(reqid=1)
    bench.venue.fill(1, size="1")
    await client.ready()
    heard: list[Status] = []

    async def listen() -> None:
        async for status in client.statuses():
            heard.append(status)

    listening = asyncio.create_task(listen())
    await asyncio.sleep(0)
    second = bench.working(reqid=2)
    while len(heard) < 4:
        await asyncio.sleep(0)
    assert heard[0].oid == first.oid
    assert {status.oid for status in heard[1:]} == {second.oid}
    listening.cancel()
    async for position in client.position_changes():
        assert position.size == 1
        break


async def test_modify_and_cancel_also_what_others_made(bench, client) -> None:
    order = bench.working()  # made by the chart, say
    await client.ready()
    asked = client.modify(order.oid, price=99.5)
    assert (asked.price, asked.size) == (Decimal("99.50"), order.size)
    assert [change.price for change in bench.venue.changes] == [Decimal("99.5")]
    bench.venue.status("open", price="99.5", size="1")
    client.cancel(order.oid)
    assert len(bench.venue.cancels) == 1
    bench.venue.status("canceled")
    await client.ready()
    assert order.oid not in client.orders
    with pytest.raises(KeyError):
        client.modify(order, price=1)


async def test_an_alert_rings_and_is_over(bench, client, market) -> None:
    bench.feed.trade(101)
    alert = client.alert(market, 100, "low tide", **account())
    assert (await client.until(alert, "dark_open")).req.note == "low tide"
    bench.feed.trade(100)
    rung = await client.until(alert, "triggered")
    assert rung.req is not None
    await client.ready()
    assert client.orders == {}


async def test_a_dark_order_is_held_here(bench, client, market) -> None:
    bench.feed.trade(101)
    order = client.buy(market, 100, 1, dark=True, **account())
    await client.until(order, "dark_open")
    assert bench.venue.orders == []


async def test_positions_and_fills(bench, client, market) -> None:
    bench.working()
    bench.venue.fill(size="1")
    await client.ready()
    assert client.position(market, "scripted") == 1
    assert client.position(market, "scripted.two") == 0
    [fill] = await client.fills(market)
    assert fill.exec_id == "x1"


async def test_ticks_bars_and_the_last_price(bench, client, market) -> None:
    assert client.last(market) == (None, None)
    ticks = client.ticks(market)
    first = asyncio.ensure_future(anext(ticks))
    await asyncio.sleep(0)
    bench.feed.trade(100.5)
    assert await first == Trade(1, 100.5, 100.0)
    assert client.last(market)[1] == Trade(1, 100.5, 100.0)
    await ticks.aclose()
    assert len(await client.bars(market, timedelta(minutes=1))) == 0


async def test_when_it_closes_every_loop_ends(bench) -> None:
    client = TradingClient(bench.ems)

    async def listen() -> str:
        async for _ in client.messages():
            pass
        return "ended"

    listening = asyncio.create_task(listen())
    await asyncio.sleep(0)
    await client.aclose()
    assert await listening == "ended"
    assert [msg async for msg in client.messages()] == []


async def test_a_loop_that_reads_nothing_is_told_so(bench, client, market, monkeypatch) -> None:
    monkeypatch.setattr(reader, "UNREAD_LIMIT", 10)
    ticks = client.ticks(market)
    first = asyncio.ensure_future(anext(ticks))
    await asyncio.sleep(0)
    for _ in range(20):
        bench.feed.trade(100.5)
    with pytest.raises(FellBehind, match="read them faster"):
        await first


async def test_refusals_of_what_nobody_knows(tmp_path: Path) -> None:
    async with open_bench(tmp_path) as bench, TradingClient(bench.ems) as client:
        client.cancel("11111111-2222-3333-4444-555555555555")
        with pytest.raises(OrderOver, match="no such order"):
            await client.until("11111111-2222-3333-4444-555555555555", "open")


async def test_the_next_price_is_that_of_the_next_trade(bench, client, market) -> None:
    waiting = asyncio.create_task(client.next_price(market))
    await asyncio.sleep(0)
    bench.feed.quote(99, 101)
    bench.feed.trade(100.5)
    bench.feed.trade(100.75)
    assert await waiting == 100.5


class TaskingVenue(ScriptedVenue):
    """Starts a task to send, as backends with a socket do."""

    def send(self, request) -> None:
        asyncio.get_running_loop().create_task(self._later(request))

    async def _later(self, request) -> None:
        super().send(request)


def test_requests_may_come_from_a_prompt_or_a_button(tmp_path: Path) -> None:
    venue = TaskingVenue()
    with asyncio.Runner() as runner:
        stack = AsyncExitStack()

        async def begin() -> tuple[TradingClient, Market]:
            bench = await stack.enter_async_context(open_bench(tmp_path, venue))
            client = await stack.enter_async_context(TradingClient(bench.ems))
            return client, await client.market(FQSN)

        client, market = runner.run(begin())
        order = client.buy(market, 100, 1, **account())  # no loop is running
        runner.run(asyncio.sleep(0.01))
        assert [request.oid for request in venue.orders] == [order.oid]
        with pytest.raises(RuntimeError, match="another thread"):
            runner.run(asyncio.to_thread(client.cancel, order))
        client.cancel(order)
        runner.run(stack.aclose())
