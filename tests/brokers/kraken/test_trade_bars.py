"""Bars before the 720 that Kraken tells, made of its public trades."""

import asyncio
from collections.abc import AsyncIterator

import numpy as np
import pytest

from brokers.kraken.backend import open_backend
from brokers.kraken.errors import KrakenError
from brokers.kraken.feed import KrakenFeed
from brokers.kraken.trade_bars import CALLS_A_PIECE, LEAST_BARS
from ems.errors import BadHistory
from tests.brokers.kraken.conftest import FQSN, until
from tests.sims.kraken import TIMING, KrakenSim

MINUTE = 60_000_000_000
FIRST_S = 1_700_000_040 // 60 * 60
"""Where the bars that Kraken tells begin."""


@pytest.fixture
async def feed(sim: KrakenSim, tmp_path) -> AsyncIterator[KrakenFeed]:
    feed = open_backend(sim.options(), tmp_path / "state", TIMING).feed
    assert isinstance(feed, KrakenFeed)
    yield feed
    await feed.aclose()


def tell(sim: KrakenSim, *, seconds: float, trades: int, count: int = 720) -> None:
    """Let there be so many trades before the bars, and as dense a market in them."""
    dense = max(1, round(60 / seconds))
    sim.bars = [[FIRST_S + 60 * i, "5", "5", "5", "5", "0", "1", dense] for i in range(count)]
    sim.old_trades = [
        (f"{100 + n % 7}.5", "0.25", FIRST_S - seconds * (trades - n)) for n in range(trades)
    ]


async def older(feed: KrakenFeed, end_ns: int = FIRST_S * 10**9, period: int = MINUTE):
    await feed.bars(FQSN, period, count=1)
    return await feed.bars(FQSN, period, end_ns=end_ns, count=3000)


def calls(sim: KrakenSim) -> int:
    return [name for name, _ in sim.rest_calls].count("Trades")


async def test_each_trade_is_in_its_bar(feed, sim):
    tell(sim, seconds=20, trades=3 * 30)
    bars = await older(feed)
    assert list(bars["time"]) == [(FIRST_S - 60 * n) * 10**9 for n in range(30, 0, -1)]
    first = bars[0]
    assert [first[name] for name in ("open", "high", "low", "close", "volume")] == [
        100.5, 102.5, 100.5, 102.5, 0.75
    ]  # fmt: skip
    assert len(await older(feed, int(bars["time"][0]))) == 0  # the pair was listed then


async def test_piece_by_piece_as_far_as_a_few_calls_go_and_not_asked_for_again(feed, sim):
    sim.trades_a_call = 1000
    tell(sim, seconds=1, trades=40_000)
    bars = await older(feed)
    assert 0 < len(bars) <= CALLS_A_PIECE * 1000 / 60
    assert calls(sim) <= CALLS_A_PIECE + 3
    again = calls(sim)
    assert len(await feed.bars(FQSN, MINUTE, end_ns=FIRST_S * 10**9, count=3000)) == len(bars)
    assert calls(sim) == again
    before = await feed.bars(FQSN, MINUTE, end_ns=int(bars["time"][0]), count=3000)
    both = np.concatenate([before, bars])
    assert list(np.unique(np.diff(both["time"]))) == [MINUTE]
    assert set(both["volume"]) == {15.0}


async def test_where_it_is_not_worth_the_wait_that_is_said_once(feed, sim):
    tell(sim, seconds=0.02, trades=100)
    assert CALLS_A_PIECE * 1000 * 0.02 / 60 < LEAST_BARS
    with pytest.raises(BadHistory, match="A shorter period goes further back"):
        await older(feed)
    assert len(await older(feed)) == 0
    assert calls(sim) == 1  # when the pair was listed


async def test_a_rate_limit_is_waited_out(feed, sim):
    tell(sim, seconds=20, trades=60)
    sim.script.rest_errors["Trades"] = ["EAPI:Rate limit exceeded", "EGeneral:Too many requests"]
    assert len(await older(feed)) == 20


async def test_what_broke_off_is_gone_on_with(feed, sim):
    tell(sim, seconds=1, trades=30_000)
    sim.trades_a_call = 500
    await feed.bars(FQSN, MINUTE, count=1)
    asking = asyncio.create_task(feed.bars(FQSN, MINUTE, end_ns=FIRST_S * 10**9, count=3000))
    await until(lambda: calls(sim) >= 4)
    asking.cancel()
    await asyncio.wait([asking])
    seen = [form["since"] for name, form in sim.rest_calls if name == "Trades"]
    sim.script.rest_errors["Trades"] = [503]
    with pytest.raises(KrakenError):
        await older(feed)
    bars = await older(feed)
    assert len(bars) > 20
    assert set(np.diff(bars["time"])) == {MINUTE}
    asked = [form["since"] for name, form in sim.rest_calls if name == "Trades"]
    assert asked.count(seen[1]) == 1  # the beginning was not asked for again


async def test_a_pair_with_few_bars_has_no_older_ones(feed, sim):
    tell(sim, seconds=20, trades=60, count=300)
    assert len(await older(feed)) == 0
    assert calls(sim) == 0


async def test_bars_that_go_on_keep_what_was_before_them(feed, sim):
    tell(sim, seconds=20, trades=60)
    bars = await older(feed)
    sim.bars = [[FIRST_S + 60 * (i + 100), "5", "5", "5", "5", "0", "1", 3] for i in range(720)]
    newest = await feed.bars(FQSN, MINUTE, count=820)
    assert newest["time"][0] == FIRST_S * 10**9
    assert len(await feed.bars(FQSN, MINUTE, count=5000)) == 820 + len(bars)  # what is here
    assert len(await older(feed)) == len(bars)
    assert list(np.unique(np.diff(newest["time"]))) == [MINUTE]


async def test_another_period_of_the_pair_leaves_what_was_made(feed, sim):
    tell(sim, seconds=20, trades=3 * 30)
    bars = await older(feed)
    asked = calls(sim)
    await feed.bars(FQSN, 5 * MINUTE, count=1)
    again = await feed.bars(FQSN, MINUTE, end_ns=FIRST_S * 10**9, count=3000)
    assert len(again) == len(bars)
    assert calls(sim) == asked


async def test_trades_in_a_shape_that_is_not_known(feed, sim):
    tell(sim, seconds=20, trades=60)
    sim._rest_trades = lambda query: {"XXBTZUSD": [["x", "1"]], "last": "0"}
    with pytest.raises(KrakenError, match="cannot be read"):
        await older(feed)


async def test_the_last_trades_are_told_one_by_one_and_none_before_them(feed, sim):
    sim.trades_a_call = 1000
    tell(sim, seconds=3, trades=1500)
    ticks = await feed.ticks(FQSN, count=5000)
    told = sim.old_trades[-1000:]
    assert ticks["time"].tolist() == [round(at * 10**9) for _, _, at in told]
    assert ticks["close"].tolist() == [float(price) for price, _, _ in told]
    assert set(ticks["volume"].tolist()) == {0.25}
    assert len(await feed.ticks(FQSN, count=10)) == 10
    assert len(await feed.ticks(FQSN, end_ns=int(ticks["time"][0]))) == 0
