"""What was asked for in the last moments is forgotten in time, and quickly."""

import time
import uuid
from decimal import Decimal

import pytest

from ems.messages import Order
from ems.request_counts import RequestCounts

SECOND = 1_000_000_000


class Clock:
    def __init__(self) -> None:
        self.now = 1_000 * SECOND

    def __call__(self) -> int:
        return self.now


def an_order(size: int) -> Order:
    return Order(
        oid=str(uuid.uuid4()),
        action="buy",
        exec_mode="live",
        symbol="xbtusd.kraken",
        account="paper",
        price=Decimal(100),
        size=Decimal(size),
    )


def the_first_after_a_minute_us(orders: int) -> float:
    """Processor time of the order that finds so many old ones to forget, the best of three."""
    times = []
    for _ in range(3):
        clock = Clock()
        counts = RequestCounts(clock)
        for size in range(1, orders + 1):
            counts.placed(an_order(size))
        clock.now += 61 * SECOND
        begin = time.process_time_ns()
        counts.placed(an_order(orders + 1))
        times.append((time.process_time_ns() - begin) / 1000)
    return min(times)


def test_the_same_order_is_a_duplicate_until_its_time_is_over() -> None:
    clock = Clock()
    counts = RequestCounts(clock)
    order = an_order(3)
    counts.placed(order)
    clock.now += 2 * SECOND - 1
    assert counts.duplicates(order, 2.0)
    clock.now += 1
    assert not counts.duplicates(order, 2.0)


@pytest.mark.parametrize("withdrawn", [True, False])
def test_an_order_that_its_owner_cancelled_is_no_duplicate(withdrawn: bool) -> None:
    counts = RequestCounts(Clock())
    order = an_order(3)
    counts.placed(order)
    if withdrawn:
        counts.withdrawn(order.oid)
    assert counts.duplicates(an_order(3), 2.0) is not withdrawn


def test_to_forget_ten_times_as_many_orders_takes_about_ten_times_as_long() -> None:
    # one by one out of the front of a plain dict it would take a hundred times as long
    assert the_first_after_a_minute_us(20_000) < 40 * the_first_after_a_minute_us(2_000)
