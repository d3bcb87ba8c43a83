"""Orders of every type, and groups, from code on the paper venue."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from decimal import Decimal
from pathlib import Path

import pytest

from brokers.paper.broker import open_backend
from ems.embedded import open_ems
from ems.known_orders import OrderOver
from ems.market import Market
from ems.messages import Order, Trail
from ems.ports import Backend
from ems.risk_limits import NO_LIMITS
from ems.trading_client import TradingClient
from tests.sims.scripted_venue import FQSN, PushFeed


class Desk:
    """A program with one market at the paper venue; the test says where the price is."""

    def __init__(self, client: TradingClient, market: Market, feed: PushFeed) -> None:
        self.client, self.market, self.feed = client, market, feed

    def price(self, bid: float) -> None:
        self.feed.quote(bid, bid + 0.02)
        self.feed.trade(bid)

    async def ends(self, order: Order) -> str:
        """How an order ends."""
        return (await self.client.until(order, "closed", "canceled", "error")).resp


@asynccontextmanager
async def opened(folder: Path) -> AsyncIterator[Desk]:
    feed = PushFeed()
    backends = {
        "scripted": Backend(name="scripted", feed=feed),
        "paper": open_backend({"latency_ms": 0}, folder),
    }
    async with (
        open_ems(backends, folder / "journal.db", limits=NO_LIMITS) as ems,
        TradingClient(ems) as client,
    ):
        desk = Desk(client, await client.market(FQSN), feed)
        desk.price(100)
        yield desk


@pytest.fixture
async def desk(tmp_path: Path) -> AsyncIterator[Desk]:
    async with opened(tmp_path) as at:
        yield at


async def test_a_market_order_and_a_stop(desk: Desk) -> None:
    bought = desk.client.buy(desk.market, 100, 10, type="market")
    assert (await desk.client.until(bought, "closed")).avg_price == Decimal("100.02")
    stop = desk.client.sell(desk.market, 95, 10, type="stop", tif="day", reduce_only=True)
    told = (await desk.client.until(stop, "open")).req
    assert (told.type, told.tif, told.reduce_only) == ("stop", "day", True)
    desk.price(94)
    assert await desk.ends(stop) == "closed"
    assert desk.client.position(desk.market) == 0


async def test_floats_of_every_price_come_onto_the_grid(desk: Desk) -> None:
    limited = desk.client.buy(desk.market, 105.004, 1, type="stop_limit", limit_price=105.104)
    told = (await desk.client.until(limited, "open")).req
    assert (told.price, told.limit_price) == (Decimal("105.00"), Decimal("105.10"))
    trailing = desk.client.sell(desk.market, 98, 1, type="trailing_stop", trail=2.004)
    assert (await desk.client.until(trailing, "open")).req.trail == Trail(Decimal("2.00"))
    percent = Trail(Decimal(2), "percent")
    other = desk.client.sell(desk.market, 98, 1, type="trailing_stop", trail=percent)
    assert (await desk.client.until(other, "open")).req.trail == percent


async def test_a_post_only_order_that_would_take_is_refused(desk: Desk) -> None:
    order = desk.client.buy(desk.market, 101, 1, post_only=True)
    with pytest.raises(OrderOver):
        await desk.client.until(order, "closed")
    assert desk.client.position(desk.market) == 0


async def test_a_dark_order_waits_here(desk: Desk) -> None:
    order = desk.client.buy(desk.market, 99, 1, dark=True, account="paper")
    assert (await desk.client.until(order, "dark_open")).req.exec_mode == "dark"


async def test_the_targets_of_a_bracket_share_what_its_entry_fills(desk: Desk) -> None:
    entry = desk.client.new_order("buy", desk.market, 99, 5)
    made = desk.client.bracket(entry, stop=95, targets=((103, 0.5), (105, 0.5)))
    assert made.stop is not None
    assert [one.size for one in made.targets] == [2, 3]
    desk.price(98)
    await desk.client.until(entry, "closed")
    desk.price(103)
    assert await desk.ends(made.targets[0]) == "closed"
    assert desk.client.position(desk.market) == 3
    desk.price(94)
    assert await desk.ends(made.stop) == "closed"
    assert await desk.ends(made.targets[1]) == "canceled"
    assert desk.client.position(desk.market) == 0


async def test_a_short_bracket_closes_with_buys(desk: Desk) -> None:
    entry = desk.client.new_order("sell", desk.market, 101, 4, type="limit")
    made = desk.client.bracket(entry, targets=((97, 1),))
    assert made.stop is None
    desk.price(102)
    await desk.client.until(entry, "closed")
    desk.price(96)
    assert await desk.ends(made.targets[0]) == "closed"
    assert desk.client.position(desk.market) == 0


async def test_a_bracket_is_refused_as_a_whole(desk: Desk) -> None:
    entry = desk.client.new_order("buy", desk.market, 99, 5)
    made = desk.client.bracket(entry, stop=99.5)
    for one in (made.entry, made.stop):
        assert one is not None
        with pytest.raises(OrderOver):
            await desk.client.until(one, "open", "dark_open")


async def test_the_peer_of_a_filled_order_is_cancelled(desk: Desk) -> None:
    below = desk.client.new_order("buy", desk.market, 98, 1)
    above = desk.client.new_order("buy", desk.market, 102, 1, type="stop")
    desk.client.oco(below, above)
    await desk.client.until(below, "open")
    desk.price(102)
    assert await desk.ends(above) == "closed"
    assert await desk.ends(below) == "canceled"


async def test_flatten_ends_the_orders_and_closes_the_position(desk: Desk) -> None:
    await desk.client.until(desk.client.sell(desk.market, 100, 7, type="market"), "closed")
    resting = desk.client.buy(desk.market, 90, 1)
    await desk.client.until(resting, "open")
    closing = desk.client.flatten(desk.market)
    assert await desk.ends(closing) == "closed"
    assert await desk.ends(resting) == "canceled"
    assert desk.client.position(desk.market) == 0


async def test_flatten_with_nothing_there_ends_the_orders_and_opens_nothing(desk: Desk) -> None:
    resting = desk.client.buy(desk.market, 90, 1)
    await desk.client.until(resting, "open")
    assert await desk.ends(desk.client.flatten(desk.market)) == "canceled"
    assert await desk.ends(resting) == "canceled"
    assert await desk.client.fills(desk.market) == []


async def test_what_an_account_can_do(desk: Desk) -> None:
    can = desk.client.abilities(desk.market)
    assert {"market", "trailing_stop"} <= can.types
    assert can.post_only
    assert desk.client.abilities(desk.market, "nobody").types == {"limit"}


async def test_groups_that_are_none_are_not_sent(desk: Desk) -> None:
    order = desk.client.new_order("buy", desk.market, 98, 1)
    with pytest.raises(ValueError, match="two orders"):
        desk.client.oco(order)
    with pytest.raises(ValueError, match="a stop, targets"):
        desk.client.bracket(order)
    tied = desk.client.oco(order, desk.client.new_order("buy", desk.market, 97, 1))
    with pytest.raises(ValueError, match="one group"):
        desk.client.oco(*tied)
    with pytest.raises(ValueError, match="alert"):
        desk.client.bracket(desk.client.new_order("alert", desk.market, 98, 0), stop=90)
