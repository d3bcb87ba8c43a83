import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ems.ticks import BAR_DTYPE, Quote, Trade, no_bars
from tests.ui.chart.recorded import MINUTE, START, recorded_bars, walk
from ui.chart.bar_series import BarSeries
from ui.chart.live_bars import LiveBars


def ticks_of(bars):
    """Four trades a bar that make it: open, low, high, close; volume on the close."""
    ticks = []
    for bar in bars:
        for at, column in ((0, "open"), (10, "low"), (30, "high"), (59, "close")):
            size = float(bar["volume"]) if column == "close" else 0.0
            time_ns = int(bar["time"]) + at * 1_000_000_000
            ticks.append(Trade(time_ns, float(bar[column]), size))
    return ticks


def test_bars_from_ticks_equal_the_recorded_ones_of_the_same_hours(market_data):
    recorded = recorded_bars(market_data, "bars_1m_YNDX_moex_2015_2016.parquet")[1000:1600]
    series = BarSeries(recorded[:50], MINUTE)
    live = LiveBars(series, "trade")
    ticks = ticks_of(recorded[50:])
    for start in range(0, len(ticks), 37):
        live.add(ticks[start : start + 37])
    assert np.array_equal(series.bars(), recorded)
    assert series.faults.total == 0


@given(
    st.lists(
        st.tuples(st.integers(0, 90 * 10**9), st.integers(1, 1000), st.integers(0, 50)),
        min_size=1,
        max_size=80,
    ),
    st.lists(st.integers(1, 10), min_size=1),
)
def test_batches_make_the_bars_of_a_plain_loop(steps, sizes):
    time_ns, ticks, plain = START, [], {}
    for step, price, size in steps:
        time_ns += step
        ticks.append(Trade(time_ns, price / 10, float(size)))
        plain.setdefault(time_ns // MINUTE * MINUTE, []).append((price / 10, float(size)))
    expected = np.empty(len(plain), BAR_DTYPE)
    for number, (start_ns, trades) in enumerate(plain.items()):
        prices = [price for price, _ in trades]
        volume = sum(size for _, size in trades)
        expected[number] = (
            start_ns,
            prices[0],
            max(prices),
            min(prices),
            prices[-1],
            volume,
        )
    series = BarSeries(no_bars(), MINUTE)
    live = LiveBars(series, "trade")
    rest, turn = ticks, 0
    while rest:
        count = sizes[turn % len(sizes)]
        live.add(rest[:count])
        rest, turn = rest[count:], turn + 1
    assert np.array_equal(series.bars(), expected)
    assert series.low_high(0, len(expected)) == (expected["low"].min(), expected["high"].max())


def test_the_last_bar_that_was_loaded_is_continued():
    bars = walk(5)
    series = BarSeries(bars, MINUTE)
    last = bars[-1]
    LiveBars(series, "trade").add([Trade(int(last["time"]) + 5, float(last["high"]) + 1, 7.0)])
    assert len(series) == 5
    bar = series.bar(4)
    assert (bar.open, bar.low) == (last["open"], last["low"])
    assert bar.high == bar.close == last["high"] + 1
    assert bar.volume == last["volume"] + 7


def test_bid_bars_take_bids_of_quotes_that_are_not_crossed():
    series = BarSeries(no_bars(), MINUTE)
    live = LiveBars(series, "bid")
    crossed = Quote(START + 3, bid=12.0, ask=11.0)
    live.add([Quote(START, 10.0, 10.1), Trade(START + 1, 50.0, 1.0), Quote(START + 2, 9.0, 9.1)])
    live.add([crossed])
    bar = series.bar(0)
    assert (bar.open, bar.high, bar.low, bar.close) == (10.0, 10.0, 9.0, 9.0)
    assert math.isnan(bar.volume)
    assert live.quote is crossed


def test_trade_bars_take_no_quotes():
    series = BarSeries(no_bars(), MINUTE)
    live = LiveBars(series, "trade")
    live.add([Quote(START, 10.0, 10.1)])
    assert len(series) == 0
    assert live.quote == Quote(START, 10.0, 10.1)


@pytest.mark.parametrize("bad", [math.nan, math.inf])
def test_a_price_that_is_no_number_is_counted_and_left_out(bad):
    series = BarSeries(walk(3), MINUTE)
    before = series.bars()
    LiveBars(series, "trade").add([Trade(int(before["time"][-1]) + 1, bad, 1.0)])
    assert np.array_equal(series.bars(), before)
    assert series.faults.unreadable == 1


def test_a_late_tick_counts_in_the_bar_of_its_time():
    series = BarSeries(walk(10), MINUTE)
    before = series.bar(4)
    layout = series.layout
    LiveBars(series, "trade").add([Trade(START + 4 * MINUTE + 1, before.high + 5, 3.0)])
    bar = series.bar(4)
    assert (bar.high, bar.close, bar.volume) == (before.high + 5, before.close, before.volume + 3)
    assert series.layout != layout, "the picture of a finished bar would stay as it was"


def test_a_late_tick_without_a_bar_is_counted():
    series = BarSeries(walk(3), MINUTE)
    LiveBars(series, "trade").add([Trade(START - MINUTE, 1.0, 1.0)])
    assert series.faults.late_ticks == 1
    assert len(series) == 3


def test_new_bars_begin_on_the_grid_of_the_old_ones():
    bars = walk(3)
    bars["time"] += 7_000_000_000
    series = BarSeries(bars, MINUTE)
    LiveBars(series, "trade").add([Trade(int(bars["time"][-1]) + 3 * MINUTE + 5, 100.0, 1.0)])
    assert int(series.time[-1]) == int(bars["time"][-1]) + 3 * MINUTE
