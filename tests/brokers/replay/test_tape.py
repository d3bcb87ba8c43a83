from decimal import Decimal

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from brokers.replay.aggregate import aggregate
from brokers.replay.bar_walk import BarWalk
from brokers.replay.playable import demo_playable
from brokers.replay.price_grid import Grid
from brokers.replay.rows import Quotes
from brokers.replay.tape import BarTape, FileBars, Place, TickTape, history, last_ticks
from ems.errors import BadHistory
from ems.ticks import BAR_DTYPE, Trade
from tests.brokers.replay.recorded import MINUTE, MONDAY, SECOND, minute_bars, some_trades


def bar_tape(bars):
    walk = BarWalk(Grid(Decimal("0.01")), Grid(Decimal(1)), 7)
    return BarTape(FileBars(bars), walk)


SOME_BARS = minute_bars(
    *((100 + n % 5, 103 + n % 5, 99 + n % 5, 101 + n % 5, 500.0) for n in range(30))
)


@given(st.integers(0, 29), st.integers(0, 59), st.sampled_from([1, 3, 10]))
def test_history_and_the_ticks_after_it_make_up_the_recorded_bars(page, row, minutes):
    tape = bar_tape(SOME_BARS)
    period = minutes * MINUTE
    before = history(tape, Place(page, row), period, None, 1000)
    rest = [tape.page(page).as_bars(row + row % 2, len(tape.page(page).time))]
    rest += [tape.page(n).as_bars(0, len(tape.page(n).time)) for n in range(page + 1, 30)]
    if row % 2:  # a part that begins with a trade
        rest.insert(0, tape.page(page).as_bars(row, row + 1))
    joined = aggregate(np.concatenate((before, *rest)), period)
    expected = aggregate(SOME_BARS, period)
    for name in ("time", "open", "high", "low", "close"):
        assert joined[name].tolist() == expected[name].tolist()
    np.testing.assert_allclose(joined["volume"], expected["volume"])


@given(st.integers(0, 20_000), st.integers(1, 50), st.sampled_from([1, 60, 600]))
@example(20_000, 28, 600)  # just what one read of the tape holds, its first bar cut in two
def test_history_never_holds_what_is_still_to_be_played(row, count, seconds):
    trades = some_trades(20_000)
    tape = TickTape(trades)
    bars = history(tape, tape.place_of(row), seconds * SECOND, None, count)
    expected = aggregate(trades.as_bars(0, row), seconds * SECOND)[-count:]
    assert bars.tobytes() == expected.tobytes()


@given(st.integers(0, 40), st.integers(1, 30), st.integers(1, 10))
def test_paging_back_gives_every_bar_once(end, count, minutes):
    tape = bar_tape(SOME_BARS)
    place = Place(min(end, 30), 0)
    every = history(tape, place, minutes * MINUTE, None, 1000)
    pages = []
    end_ns = None
    while len(bars := history(tape, place, minutes * MINUTE, end_ns, count)):
        pages.insert(0, bars)
        end_ns = int(bars["time"][0])
    joined = np.concatenate(pages) if pages else np.empty(0, BAR_DTYPE)
    assert joined.tobytes() == every.tobytes()


def test_history_reaches_back_over_a_long_demo():
    tape = demo_playable(7).tape
    bars = history(tape, Place(100_000, 0), MINUTE, None, 5)
    assert len(bars) == 5
    days = history(tape, Place(100_000, 0), 1440 * MINUTE, None, 200)
    assert len(days) == 200


@pytest.mark.parametrize("period", [30 * SECOND, 90 * SECOND, 0])
def test_bars_that_the_recording_cannot_make(period):
    with pytest.raises(BadHistory, match="choose a multiple"):
        history(bar_tape(SOME_BARS), Place(5, 0), period, None, 10)


def test_quotes_make_bars_of_the_bid_without_volume():
    time = MONDAY + np.arange(4) * SECOND
    bids, asks = np.array([1.0, 3.0, 9.0, 2.0]), np.array([2.0, 4.0, 8.0, 2.0])
    tape = TickTape(Quotes(time, bids, asks))  # the third is crossed, the last one only locked
    [bar] = history(tape, Place(1, 0), MINUTE, None, 10)
    assert bar.tolist()[1:5] == (1.0, 3.0, 1.0, 2.0)
    assert np.isnan(bar["volume"])
    assert tape.chart_price == "bid"


def test_ticks_stay_in_the_period_of_a_bar_that_starts_off_it():
    day = 86_400 * SECOND
    starts = np.arange(4) * day + 5 * 3600 * SECOND  # midnight in New York
    bars = np.array([(t, 10.0, 12.0, 9.0, 11.0, 100.0) for t in starts], dtype=BAR_DTYPE)
    tape = bar_tape(bars)
    for number in range(4):
        assert set((tape.page(number).time // day).tolist()) == {number}


def test_find_is_the_first_tick_at_or_after_a_time():
    tape = bar_tape(SOME_BARS)
    times = np.concatenate([tape.page(n).time for n in range(30)])
    for time in (MONDAY, MONDAY + 90 * SECOND, MONDAY + 10 * MINUTE, int(times[77])):
        place = tape.find(time)
        tick_ns = tape.page(place.page).time[place.row]
        assert tick_ns == times[np.searchsorted(times, time)]
    assert tape.find(MONDAY + 40 * MINUTE) == Place(30, 0)


def test_every_page_of_ticks_is_played():
    trades = some_trades(10_000)
    tape = TickTape(trades)
    ticks = [t for n in range(tape.pages) for t in tape.page(n).ticks(0, len(tape.page(n).time))]
    assert len(ticks) == 10_000
    assert all(isinstance(tick, Trade) for tick in ticks)
    assert [tick.price for tick in ticks] == trades.price.tolist()


@given(st.integers(0, 3000), st.integers(0, 400), st.none() | st.integers(-5, 4000))
def test_the_last_ticks_are_those_that_played_before_a_moment(row, count, end):
    trades = some_trades(3000)
    tape = TickTape(trades)
    end_ns = None if end is None else int(trades.time[0]) + end * SECOND
    played = trades.as_bars(0, row)
    if end_ns is not None:
        played = played[played["time"] < end_ns]
    found = last_ticks(tape, tape.place_of(row), end_ns, count)
    assert found.tobytes() == played[max(len(played) - count, 0) :].tobytes()


def test_a_recording_of_bars_has_no_ticks():
    tape = bar_tape(SOME_BARS)
    assert len(last_ticks(tape, Place(20, 3), None, 100)) == 0
