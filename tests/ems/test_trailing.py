"""Trailing stops that are held here follow the best price, and remember how far they came."""

import asyncio
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from ems.dark_book import DarkBook, Touch
from ems.messages import Order, Trail
from ems.ticks import Trade
from ems.trail_news import TELL_S
from tests.ems.conftest import Bench, open_bench
from tests.ems.test_order_life import until
from tests.sims.scripted_venue import ScriptedVenue


def trailing(
    bench: Bench, action: str = "sell", price: str = "95", amount: str = "5", unit: str = "price"
) -> Order:
    return bench.submit(
        action, price, "2", type="trailing_stop", trail=Trail(Decimal(amount), unit)  # type: ignore[arg-type]
    )  # fmt: skip


def level(bench: Bench, order: Order) -> Decimal:
    return bench.ems.index.by_oid(order.oid).order.price


def sent(bench: Bench) -> list[str]:
    return [order.oid for order in bench.venue.orders]


@pytest.mark.parametrize(
    ("action", "price", "way", "stays", "fires"),
    [("sell", "95", [103, 101, 104], 99.5, 99), ("buy", "105", [97, 99, 96], 100.5, 101)],
)
async def test_it_follows_the_best_price_and_never_goes_back(
    bench: Bench, action: str, price: str, way: list[float], stays: float, fires: float
) -> None:
    bench.feed.trade(100)
    order = trailing(bench, action, price)
    for at in way:
        bench.feed.trade(at)
    bench.feed.trade(stays)
    assert sent(bench) == []
    bench.feed.trade(fires)
    assert sent(bench) == [order.oid]


async def test_percent_of_the_best_price(bench: Bench) -> None:
    bench.feed.trade(100)
    order = trailing(bench, "sell", "90", "10", "percent")
    bench.feed.trade(120)
    bench.feed.trade(108.01)
    assert sent(bench) == []
    bench.feed.trade(108)
    assert sent(bench) == [order.oid]


async def test_the_limit_behind_it_goes_along(bench: Bench) -> None:
    bench.feed.trade(100)
    order = bench.submit(
        "sell", "95", "2", type="trailing_stop_limit", trail=Trail(Decimal(5)),
        limit_price=Decimal("94.50"),
    )  # fmt: skip
    bench.feed.trade(110)
    bench.feed.trade(105)
    [sent] = bench.venue.orders
    assert (sent.oid, sent.type, sent.price) == (order.oid, "limit", Decimal("104.50"))


async def test_as_it_goes_out_its_level_is_that_of_the_best_price(bench: Bench) -> None:
    bench.feed.trade(100)
    order = trailing(bench)
    bench.feed.trade(110)
    bench.feed.trade(104)
    went = next(s for s in bench.watcher.statuses(order.oid) if s.resp == "triggered")
    assert went.req is not None
    assert (went.req.type, went.req.price) == ("limit", Decimal("102.96"))  # no market orders here
    story = bench.ems.journal.history(order.oid)
    assert [h.event for h in story] == ["HOLD", "TRAILED", "TRIGGER"]


async def test_clients_are_told_a_few_times_a_second(bench: Bench) -> None:
    bench.feed.trade(100)
    order = trailing(bench)
    told = len(bench.watcher.statuses(order.oid))
    for cents in range(10_000, 11_000):
        bench.feed.trade(cents / 100)
    assert len(bench.watcher.statuses(order.oid)) == told
    await until(lambda: len(bench.watcher.statuses(order.oid)) > told)
    assert level(bench, order) == Decimal("104.99")
    assert len(bench.watcher.statuses(order.oid)) == told + 1
    assert TELL_S >= 0.2


async def test_the_best_price_survives_a_restart(tmp_path: Path) -> None:
    async with open_bench(tmp_path, ScriptedVenue()) as bench:
        bench.feed.trade(100)
        order = trailing(bench)
        bench.feed.trade(110)
    async with open_bench(tmp_path, ScriptedVenue()) as bench:
        assert level(bench, order) == 105
        bench.feed.trade(107)
        bench.feed.trade(106)
        assert sent(bench) == []
        bench.feed.trade(105)
        assert sent(bench) == [order.oid]


async def test_what_was_told_is_written_within_a_second_or_so(bench: Bench) -> None:
    bench.feed.trade(100)
    order = trailing(bench)
    bench.feed.trade(110)
    await until(lambda: bench.ems.journal.dialog(order.oid).order.price == 105)
    assert [h.event for h in bench.ems.journal.history(order.oid)][-1] == "TRAILED"


async def test_a_reconnect_does_not_set_it_back(bench: Bench) -> None:
    bench.feed.trade(100)
    order = trailing(bench)
    bench.feed.trade(110)
    bench.venue.lose_connection()
    bench.venue.reconnect()
    bench.feed.trade(105)
    assert sent(bench) == [order.oid]


async def test_a_drag_moves_the_level_and_it_follows_from_there(bench: Bench) -> None:
    bench.feed.trade(100)
    order = trailing(bench)
    bench.feed.trade(110)
    bench.watcher.client.modify(replace(order, price=Decimal(100), trail=Trail(Decimal(12))))
    await asyncio.sleep(TELL_S * 2)
    assert level(bench, order) == 100
    bench.feed.trade(113)
    bench.feed.trade(101)
    assert sent(bench) == [order.oid]


@given(
    st.lists(st.integers(9_000, 11_000), min_size=1, max_size=40),
    st.sampled_from(["sell", "buy"]),
    st.integers(1, 900),
)
def test_its_level_is_what_the_definition_says(path: list[int], action: str, amount: int) -> None:

    fired: list[int] = []
    book = DarkBook(
        0.01, lambda _o, _s, price: fired.append(round(price * 100)), lambda _o, _d: None
    )
    sign = 1 if action == "sell" else -1
    level = 10_000 - sign * amount
    touch = Touch(
        ("trade",), "below" if action == "sell" else "above", Trail(Decimal(amount) / 100)
    )
    book.on_trade(Trade(1, 100.0, 1.0))
    book.arm("o", action, level / 100, only=touch)  # type: ignore[arg-type]
    expected = None
    for price in path:
        if sign * (price - level) <= 0:
            expected = price
            break
        level = sign * max(sign * level, sign * (price - sign * amount))
    for price in path:
        book.on_trade(Trade(1, price / 100, 1.0))
    assert fired == ([] if expected is None else [expected])
