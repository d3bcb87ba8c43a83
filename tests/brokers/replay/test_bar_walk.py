from decimal import Decimal

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from brokers.replay.aggregate import aggregate
from brokers.replay.bar_walk import BarWalk
from brokers.replay.price_grid import Grid
from ems.ticks import BAR_DTYPE, Quote, Trade
from tests.brokers.replay.recorded import MINUTE, MONDAY

TICK = Decimal("0.05")


@st.composite
def bars(draw):
    """One bar on the grid, of any shape."""
    low, high = sorted(draw(st.tuples(st.integers(1, 3000), st.integers(1, 3000))))
    start, end = draw(st.tuples(st.integers(low, high), st.integers(low, high)))
    volume = draw(st.one_of(st.just(np.nan), st.integers(0, 100_000).map(float), st.just(12.34)))
    prices = Grid(TICK).to_numbers(np.array([start, high, low, end]))
    return np.array([(MONDAY, *prices, volume)], dtype=BAR_DTYPE)


def walk(bar, seed=7, number=0):
    return BarWalk(Grid(TICK), Grid(Decimal(1)), seed).walk(bar[0], number, MONDAY + MINUTE)


@given(bars(), st.integers(0, 100), st.integers(0, 1_000_000))
def test_the_ticks_of_a_bar_make_up_the_bar(bar, seed, number):
    ticks = walk(bar, seed, number)
    [made] = aggregate(ticks.as_bars(0, len(ticks.time)), MINUTE)
    for name in ("time", "open", "high", "low", "close"):
        assert made[name] == bar[name][0]
    np.testing.assert_allclose(made["volume"], bar["volume"][0], rtol=1e-9)


@given(bars(), st.integers(0, 100))
def test_ticks_are_in_order_on_the_grid_and_inside_their_quote(bar, seed):
    rows = walk(bar, seed)
    ticks = rows.ticks(0, len(rows.time))
    times = [tick.time_ns for tick in ticks]
    assert times == sorted(times) == rows.time.tolist()
    assert times[0] >= MONDAY
    assert times[-1] < MONDAY + MINUTE
    for quote, trade in zip(ticks[::2], ticks[1::2], strict=True):
        assert isinstance(quote, Quote)
        assert isinstance(trade, Trade)
        assert trade.price == (quote.ask if trade.side == 1 else quote.bid)
        assert round((quote.ask - quote.bid) / float(TICK)) in (1, 2)
        assert quote.bid > 0
        assert all(Decimal(repr(p)) % TICK == 0 for p in (quote.bid, quote.ask, trade.price))


@given(bars(), st.integers(0, 200), st.integers(0, 200))
def test_any_part_of_the_ticks_is_that_part(bar, first, last):
    rows = walk(bar)
    every = rows.ticks(0, len(rows.time))
    first, last = sorted((min(first, len(every)), min(last, len(every))))
    assert rows.ticks(first, last) == every[first:last]
    trades = [tick.price for tick in every[first:last] if isinstance(tick, Trade)]
    assert rows.as_bars(first, last)["close"].tolist() == trades


def test_seed_and_number_decide():
    bar = np.array([(MONDAY, 50.0, 52.0, 49.0, 51.0, 9000.0)], dtype=BAR_DTYPE)
    first = walk(bar).ticks(0, 60)
    assert first == walk(bar).ticks(0, 60)
    assert first != walk(bar, seed=8).ticks(0, 60)
    assert first != walk(bar, number=1).ticks(0, 60)


def test_a_minute_is_lively_and_a_small_volume_has_few_trades():
    lively = np.array([(MONDAY, 50.0, 52.0, 49.0, 51.0, 9000.0)], dtype=BAR_DTYPE)
    assert 60 <= len(walk(lively).time) <= 120
    quiet = np.array([(MONDAY, 50.0, 50.0, 50.0, 50.0, 3.0)], dtype=BAR_DTYPE)
    assert [t.size for t in walk(quiet).ticks(0, 6)[1::2]] == [1, 1, 1]


def test_unknown_volume_is_unknown_sizes():
    bar = np.array([(MONDAY, 50.0, 52.0, 49.0, 51.0, np.nan)], dtype=BAR_DTYPE)
    quote, trade = walk(bar).ticks(0, 2)
    assert (quote.bid_size, quote.ask_size, trade.size) == (None, None, None)
