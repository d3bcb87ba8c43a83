"""The counters of Kraken's rate limits."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from brokers.kraken.rate import Counter, TradingRate, amend_cost, cancel_cost
from brokers.kraken.timing import Pauses, Timing


class Clock:
    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.mark.parametrize(
    ("age_s", "amend", "cancel"),
    [
        (0, 4, 8),
        (4.9, 4, 8),
        (5, 3, 6),
        (10, 2, 5),
        (15, 1, 4),
        (45, 1, 2),
        (90, 1, 1),
        (300, 1, 0),
    ],
)
def test_costs_by_age(age_s, amend, cancel):
    assert (amend_cost(age_s), cancel_cost(age_s)) == (amend, cancel)


def test_a_counter_falls_with_time():
    clock = Clock()
    counter = Counter(60, 2.0, clock)
    counter.add(60)
    assert counter.wait_s(1) == 0.5
    clock.now = 0.5
    assert counter.wait_s(1) == 0
    clock.now = 100
    assert counter.level == 0


@given(st.lists(st.tuples(st.floats(0, 30), st.integers(1, 9)), max_size=60))
def test_who_waits_as_told_never_goes_over(steps):
    clock = Clock()
    counter = Counter(60, 1.0, clock)
    for pause, cost in steps:
        clock.now += pause
        clock.now += counter.wait_s(cost)
        counter.add(cost)
        assert counter.level <= 60 + 1e-6


def test_each_pair_has_its_own_and_the_words_say_when():
    clock = Clock()
    rate = TradingRate(clock)
    rate.of("BTC/USD").set(59)
    assert rate.refuses("ETH/USD", 4) is None
    said = rate.refuses("BTC/USD", 4)
    assert said is not None
    assert "59 of 60" in said
    assert "in 3 s" in said
    rate.set_limit(125)
    assert rate.refuses("BTC/USD", 4) is None


def test_pauses_grow_are_jittered_and_end():
    timing = Timing(first_pause_s=1, longest_pause_s=60, steady_s=30)
    longest = Pauses(timing, lambda: 1.0)
    assert [longest.next() for _ in range(8)] == [1, 2, 4, 8, 16, 32, 60, 60]
    assert longest.next(held_s=29) == 60
    assert longest.next(held_s=31) == 1
    assert Pauses(timing, lambda: 0.0).next() == 0.5
