"""Market data with no account: history, live ticks, and what a break brings."""

import asyncio
import time
from collections.abc import AsyncIterator
from dataclasses import replace

import pytest

from brokers.kraken.backend import open_backend
from ems.ticks import Quote, Trade
from tests.brokers.kraken.conftest import FQSN, until
from tests.sims.kraken import TIMING

MINUTE = 60_000_000_000


@pytest.fixture
async def feed(sim, tmp_path) -> AsyncIterator:
    backend = open_backend(sim.options(), tmp_path, TIMING)
    assert backend.broker is None
    yield backend.feed
    await backend.feed.aclose()


async def watch(feed, sim) -> list:
    ticks: list = []
    feed.stop = await feed.subscribe("btcusd.kraken", ticks.extend)
    await until(lambda: {("ticker", "BTC/USD"), ("trade", "BTC/USD")} <= sim.watched)
    return ticks


async def test_live_quotes_and_trades(feed, sim):
    ticks = await watch(feed, sim)
    sim.quote("50000.0", "50000.1")
    sim.trade("50000.1", "0.25")
    await until(lambda: len(ticks) == 2)
    quote, trade = ticks
    assert isinstance(quote, Quote)
    assert (quote.bid, quote.ask, quote.bid_size, quote.ask_size) == (50000.0, 50000.1, 1.0, 2.0)
    assert isinstance(trade, Trade)
    assert (trade.price, trade.size, trade.side) == (50000.1, 0.25, 1)
    assert abs(trade.time_ns - time.time_ns()) < 60 * 10**9


async def test_nothing_connects_before_it_is_asked_and_all_ends_after(feed, sim):
    await feed.market(FQSN)
    assert sim.watched == set()
    await watch(feed, sim)
    feed.stop()
    await until(lambda: sim._public == {}, "the end of the connection")


async def test_a_second_market_on_the_same_connection(feed, sim):
    await watch(feed, sim)
    other: list = []
    stop = await feed.subscribe("xdgusd.kraken", other.extend)
    await until(lambda: ("trade", "DOGE/USD") in sim.watched)
    sim.trade("0.1", symbol="DOGE/USD")
    await until(lambda: other)
    stop()
    await until(lambda: ("trade", "DOGE/USD") not in sim.watched)
    assert ("trade", "BTC/USD") in sim.watched
    assert len(sim._public) == 1


async def test_trades_missed_in_a_break_come_once(feed, sim):
    sim.trade("1.0")
    sim.trade("2.0")
    ticks = await watch(feed, sim)
    await until(lambda: ticks)
    assert [tick.price for tick in ticks] == [2.0]  # the last price; what was before is history
    sim.trade("3.0")
    await until(lambda: len(ticks) == 2)
    sim.cut()
    sim.trade("4.0")
    sim.trade("5.0")
    await until(lambda: len(ticks) == 4)
    assert [tick.price for tick in ticks] == [2.0, 3.0, 4.0, 5.0]


@pytest.mark.parametrize(("missed", "gaps"), [(50, 0), (51, 1), (200, 1)])
async def test_more_trades_missed_than_kraken_repeats_are_a_gap(feed, sim, missed, gaps):
    ticks = await watch(feed, sim)
    told: list = []
    stop = feed.watch_gaps(FQSN, lambda: told.append(True))
    sim.trade("1.0")
    await until(lambda: len(ticks) == 1)
    sim.script.down = True
    sim.cut()
    for number in range(missed):
        sim.trade(f"{2 + number}.0")
    sim.script.down = False
    await until(lambda: len(ticks) == 1 + min(missed, 50))
    assert len(told) == gaps
    stop()
    sim.cut()
    for _ in range(60):
        sim.trade("9.0")
    await until(lambda: len(ticks) > 60)
    assert len(told) == gaps


async def test_numbers_left_out_while_the_line_stands_are_no_gap(feed, sim):
    ticks = await watch(feed, sim)
    told: list = []
    feed.watch_gaps(FQSN, lambda: told.append(True))
    for price in ("1.0", "2.0", "3.0"):
        next(sim._trade_ids)
        sim.trade(price)
    await until(lambda: len(ticks) == 3)
    assert told == []


async def test_a_half_open_line_of_market_data_is_found_by_its_silence(sim, tmp_path):
    timing = replace(TIMING, silence_s=0.6)
    feed = open_backend(sim.options(), tmp_path / "state", timing).feed
    try:
        ticks = await watch(feed, sim)
        sim.trade("1.0")
        await until(lambda: ticks)
        sim.script.deaf = sim.script.down = True
        sim.trade("2.0")  # into the void
        await until(lambda: not sim._public)
        sim.script.deaf = sim.script.down = False
        await until(lambda: [tick.price for tick in ticks] == [1.0, 2.0])
    finally:
        await feed.aclose()


async def test_an_unknown_shape_stops_nothing(feed, sim, caplog):
    ticks = await watch(feed, sim)
    for socket in sim._public:
        sim._queue(socket, b'{"channel":"ticker","type":"update","data":[{"symbol":1}]}')
        sim._queue(socket, b"nonsense")
    sim.trade("7.0")
    await until(lambda: ticks)
    assert caplog.text.count("unknown shape") == 2


def rows(count: int, minutes: int = 1, first: int = 1_700_000_040) -> list:
    return [
        [first + 60 * minutes * i, str(i), str(i + 5), str(i - 5), str(i + 1), "0", "2.5", 3]
        for i in range(1, count + 1)
    ]


async def test_history(feed, sim):
    sim.bars = rows(720)
    bars = await feed.bars(FQSN, MINUTE, count=10)
    assert len(bars) == 10
    assert bars[-1]["time"] == (1_700_000_040 + 60 * 720) * 10**9
    assert [bars[-1][name] for name in ("open", "high", "low", "close", "volume")] == [
        720,
        725,
        715,
        721,
        2.5,
    ]


async def test_older_bars_end_where_krakens_end_and_are_not_asked_for_again(feed, sim):
    sim.bars = rows(720)
    newest = await feed.bars(FQSN, MINUTE, count=500)
    older = await feed.bars(FQSN, MINUTE, end_ns=int(newest[0]["time"]), count=500)
    assert len(older) == 220
    assert older[-1]["time"] < newest[0]["time"]
    none = await feed.bars(FQSN, MINUTE, end_ns=int(older[0]["time"]), count=500)
    assert len(none) == 0
    assert [name for name, _ in sim.rest_calls].count("OHLC") == 1


async def test_a_period_that_kraken_does_not_have_is_made_from_one_that_it_has(feed, sim):
    sim.bars = rows(9, first=1_699_999_920)  # starts a minute after a multiple of three
    bars = await feed.bars(FQSN, 3 * MINUTE)
    assert all(bars["time"] % (3 * MINUTE) == 0)
    assert sim.rest_calls[-1][1]["interval"] == "1"
    whole = bars[0]
    first = int(whole["open"])
    assert [whole[name] for name in ("high", "low", "close", "volume")] == [
        first + 7,
        first - 5,
        first + 3,
        7.5,
    ]


async def test_seconds_have_no_history(feed, sim):
    assert len(await feed.bars(FQSN, 10**9)) == 0


async def test_a_bug_in_a_sink_is_shown_and_costs_no_tick(feed, sim):
    loop = asyncio.get_running_loop()
    shown: list = []
    loop.set_exception_handler(lambda _, context: shown.append(context["exception"]))

    def buggy(_ticks) -> None:
        raise ZeroDivisionError

    stop = await feed.subscribe(FQSN, buggy)
    ticks = await watch(feed, sim)
    sim.trade("1.0")
    await until(lambda: shown)
    stop()
    sim.trade("2.0")
    await until(lambda: ticks)
    assert [type(error) for error in shown] == [ZeroDivisionError]
    loop.set_exception_handler(None)


async def test_a_bug_that_stops_the_socket_is_shown(feed, sim, monkeypatch):
    loop = asyncio.get_running_loop()
    shown: list = []
    loop.set_exception_handler(lambda _, context: shown.append(context["message"]))

    def buggy() -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(feed, "on_open", buggy)
    await feed.subscribe(FQSN, lambda _: None)
    await until(lambda: shown)
    assert shown == ["Kraken, market data has stopped"]
    loop.set_exception_handler(None)
