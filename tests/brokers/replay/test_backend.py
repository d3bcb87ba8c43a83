import asyncio
import math
import subprocess
import sys
from decimal import Decimal

import pytest

from brokers.replay import open_backend
from ems.errors import BadHistory, EmsError
from ems.ticks import Quote, Trade
from tests.brokers.replay.recorded import MINUTE, real_file


async def test_the_demo_plays_at_once_from_where_two_days_are_history(tmp_path):
    backend = open_backend({"speed": "max"}, tmp_path)
    feed = backend.feed
    [market] = feed.markets
    assert (backend.name, market.fqsn, backend.broker) == ("replay", "aapl.demo.replay", None)
    assert (market.tick_size, market.timezone, market.badge) == (
        Decimal("0.01"), "America/New_York", "REPLAY",
    )  # fmt: skip
    bars = await feed.bars(market.fqsn, MINUTE)
    assert len(bars) == 780
    got = []
    enough = asyncio.Event()

    def sink(batch):
        got.extend(batch)
        if len(got) > 2000:
            enough.set()

    stop = await feed.subscribe(market.fqsn, sink)
    await asyncio.wait_for(enough.wait(), 10)
    stop()
    feed.close()
    assert {type(tick) for tick in got} == {Quote, Trade}
    assert got[0].time_ns >= bars["time"][-1] + MINUTE
    assert feed.end_ns is None
    assert not feed.at_end
    assert not feed.remarks


async def test_the_same_seed_gives_the_same_ticks(tmp_path):
    async def first_ticks(seed, name):
        feed = open_backend({"seed": seed}, tmp_path / name).feed
        got = []
        await feed.subscribe("aapl.demo.replay", got.extend)
        for _ in range(20):
            feed.step()
        feed.close()
        return got

    assert await first_ticks(3, "a") == await first_ticks("3", "b")
    assert await first_ticks(3, "c") != await first_ticks(4, "d")


def test_it_opens_without_pyarrow():
    script = (
        "import sys, tempfile, pathlib; from brokers.replay import open_backend;"
        "open_backend({}, pathlib.Path(tempfile.mkdtemp()));"
        "print('pyarrow' in sys.modules)"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True, timeout=60
    )
    assert done.stdout.strip() == "False"


def test_a_file_is_the_first_market_and_the_demo_is_there_too(tmp_path):
    path = real_file("trades_ES_20130901_20130903")
    options = {"file": str(path), "multiplier": 50, "currency": "USD"}
    feed = open_backend(options, tmp_path).feed
    market, demo = feed.markets
    assert market.fqsn == "trades_es_20130901_20130903.file.replay"
    assert (market.tick_size, market.lot_size, market.multiplier) == (Decimal("0.25"), 1, 50)
    assert "MIT" in market.source
    assert demo.fqsn == "aapl.demo.replay"
    assert feed.speed == 1.0


@pytest.mark.parametrize("name", ["bars_1m_YNDX_moex_2015_2016", "bars_1m_EURUSD_2017H1"])
async def test_300_bars_of_a_long_file_are_history(tmp_path, name):
    feed = open_backend({"file": str(real_file(name))}, tmp_path).feed
    market = feed.markets[0]
    assert len(await feed.bars(market.fqsn, MINUTE)) == 300
    assert feed.period_ns(market.fqsn) == MINUTE
    assert feed.speed == 10.0


async def test_ticks_have_at_most_300_minutes_of_history(tmp_path):
    feed = open_backend({"file": str(real_file("quotes_EURUSD_oanda_20140501_20140515"))},
                        tmp_path).feed  # fmt: skip
    market = feed.markets[0]
    assert market.chart_price == "bid"
    assert len(await feed.bars(market.fqsn, MINUTE)) == 300


async def test_one_symbol_of_a_file(tmp_path):
    options = {"file": str(real_file("bars_1d_us5_2000_2013")), "symbol": "ibm", "speed": "max"}
    feed = open_backend(options, tmp_path).feed
    assert feed.markets[0].fqsn == "ibm.file.replay"
    assert feed.speed == math.inf


async def test_prices_off_the_grid_are_rounded_and_counted(tmp_path):
    feed = open_backend({"file": str(real_file("bars_1m_BTC-PERP_202201"))}, tmp_path).feed
    assert "13 of 45,031 bars have a price off the grid" in feed.remarks[0]


async def test_the_start_may_be_a_time(tmp_path):
    path = str(real_file("bars_1m_EURUSD_2017H1"))
    feed = open_backend({"file": path, "start": "2017-03-01T12:00"}, tmp_path).feed
    bars = await feed.bars(feed.markets[0].fqsn, MINUTE, count=5)
    assert bars["time"][-1] == 1_488_369_600_000_000_000 - MINUTE


@pytest.mark.parametrize(
    ("options", "says"),
    [
        ({"sped": 5}, "unknown field `sped`; the options are file"),
        ({"speed": 0}, "speed is 0"),
        ({"speed": "fast"}, "speed is 'fast'"),
        ({"speed": "nan"}, "give a number above 0, or max"),
        ({"start": "tomorrow"}, "start is 'tomorrow'"),
        ({"tick_size": "-1"}, "tick_size is -1"),
        ({"tick_size": "x"}, "tick_size"),
        ({"lot_size": 0}, "lot_size is 0"),
        ({"seed": -1}, "seed is -1"),
        ({"symbol": "ibm"}, "no file is named"),
    ],
)
def test_a_wrong_option_is_one_sentence(tmp_path, options, says):
    with pytest.raises(EmsError, match=says):
        open_backend(options, tmp_path)


def test_a_tick_size_above_the_prices(tmp_path):
    path = tmp_path / "x.csv"
    path.write_text("time,price\n1,5\n2,6\n")
    with pytest.raises(BadHistory, match="above the price 5"):
        open_backend({"file": str(path), "tick_size": 10}, tmp_path)


def test_the_name_of_a_market_is_an_fqsn_whatever_the_file_is_called(tmp_path):
    names = {"__Ünits of $.csv": "nits_of__", "日本.csv": "recording", "A-B.tick.csv": "a-b"}
    for name, symbol in names.items():
        path = tmp_path / name
        path.write_text("time,price\n1,5\n2,6\n")
        assert open_backend({"file": str(path)}, tmp_path).feed.markets[0].fqsn == (
            f"{symbol}.file.replay"
        )
