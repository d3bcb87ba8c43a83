import math
from decimal import Decimal
from itertools import pairwise

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from brokers.replay.bar_walk import BarWalk
from brokers.replay.player import Player
from brokers.replay.price_grid import Grid
from brokers.replay.rows import Quotes, Trades
from brokers.replay.tape import BarTape, FileBars, Place, TickTape
from ems.ticks import Trade
from tests.brokers.replay.recorded import MINUTE, MONDAY, SECOND, minute_bars, some_trades

WALK = BarWalk(Grid(Decimal("0.01")), Grid(Decimal(1)), 7)
BARS = minute_bars(*((100 + n, 103 + n, 99 + n, 101 + n, 500.0) for n in range(6)))
TAPES = [TickTape(some_trades(300)), BarTape(FileBars(BARS), WALK)]


def all_ticks(tape):
    return [t for n in range(tape.pages) for t in tape.page(n).ticks(0, len(tape.page(n).time))]


ways = st.one_of(
    st.tuples(st.just("play"), st.integers(0, 60), st.sampled_from([0.5, 1.0, 25.0, math.inf])),
    st.tuples(st.just("step")),
    st.tuples(st.just("limit"), st.integers(1, 9)),
    st.tuples(st.just("forget")),
)


@given(st.sampled_from(TAPES), st.lists(ways, max_size=30))
def test_the_ticks_are_the_same_whatever_the_speed_the_steps_and_the_batches(tape, actions):
    player = Player(tape, Place(0, 0))
    played = []
    for action, *values in actions:
        match action:
            case "play":
                player.advance(values[0] * SECOND, values[1])
                played += player.take_due(37)
            case "step":
                played += player.take_step()
            case "limit":
                played += player.take_until(player.time_ns + MINUTE, values[0])
            case "forget":
                player.forget_due()
    while batch := player.take_until(2**63 - 1):
        played += batch
    assert played == all_ticks(tape)
    assert player.at_end
    assert player.time_ns == played[-1].time_ns
    assert player.take_due() == player.take_step() == []


def test_the_pace_is_the_speed():
    player = Player(TickTape(some_trades(300)), Place(0, 0))
    player.advance(SECOND, 10.0)
    assert len(player.take_due()) == 11  # the first is at the start itself
    player.advance(SECOND, 2.5)
    player.advance(SECOND, 2.5)
    assert len(player.take_due()) == 5


def test_a_gap_of_more_than_ten_minutes_is_jumped_and_a_shorter_one_is_not():
    times = MONDAY + np.array([0, 1, 599, 599 + 601, 599 + 602]) * SECOND
    player = Player(TickTape(Trades(times, np.full(5, 9.0))), Place(0, 0))
    player.advance(2 * SECOND, 1.0)
    assert len(player.take_due()) == 2
    assert player.take_due() == []
    player.advance(597 * SECOND, 1.0)
    assert len(player.take_due()) == 1
    assert len(player.take_due()) == 1  # at once
    assert player.take_due() == []
    player.advance(SECOND, 1.0)
    assert len(player.take_due()) == 1


def test_daily_bars_are_not_one_long_row_of_gaps():
    day = 86_400 * SECOND
    bars = BARS.copy()
    bars["time"] = np.arange(6) * day
    player = Player(BarTape(FileBars(bars), WALK), Place(0, 0))
    player.take_step()
    assert player.take_due() == []


def test_a_step_ends_at_the_next_price():
    player = Player(TickTape(some_trades(300)), Place(0, 0))
    assert [t.price for t in player.take_step()] == [100.0]
    assert [t.price for t in player.take_step()] == [100.0, 100.0, 100.25]
    assert [t.price for t in player.take_step()] == [100.25, 100.25, 100.5]


def test_a_step_goes_on_from_the_price_of_the_history():
    player = Player(TickTape(some_trades(300)), Place(0, 2))
    assert [t.price for t in player.take_step()] == [100.0, 100.25]


def test_a_step_through_bars_ends_with_a_trade_at_a_new_price():
    player = Player(TAPES[1], Place(0, 0))
    prices = []
    while batch := player.take_step():
        if player.at_end:
            break
        assert isinstance(batch[-1], Trade)
        prices.append(batch[-1].price)
        assert all(t.price == prices[-2] for t in batch[:-1] if isinstance(t, Trade))
    assert all(a != b for a, b in pairwise(prices))


def test_a_step_through_quotes_ends_with_a_new_bid():
    time = MONDAY + np.arange(5) * SECOND
    bids, asks = np.array([1.0, 1.0, 9.0, 1.0, 2.0]), np.array([2.0, 3.0, 8.0, 4.0, 4.0])
    player = Player(TickTape(Quotes(time, bids, asks)), Place(0, 1))
    assert [t.bid for t in player.take_step()] == [1.0, 9.0, 1.0, 2.0]  # 9.0 is crossed


def test_changing_from_as_fast_as_possible_to_a_speed_does_not_rush_on():
    player = Player(TickTape(some_trades(300)), Place(0, 0))
    player.advance(1, math.inf)
    player.take_due(100)
    player.advance(5 * SECOND, 1.0)
    assert len(player.take_due()) == 5
