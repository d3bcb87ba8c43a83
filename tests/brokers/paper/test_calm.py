"""A tick that passes a calm market by changes nothing: what follows is as if it was told."""

import math
from decimal import Decimal
from typing import Any, get_args

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from brokers.paper.fees import Fees
from brokers.paper.matching import MatchingEngine
from brokers.paper.order import PaperOrder
from ems.messages import OrderType
from ems.ticks import Quote, Tick, Trade
from ems.type_families import TRAILING, TWO_PRICES

from .session import MARKET

QUOTES_ONLY = msgspec.structs.replace(MARKET, chart_price="bid")
TYPES = ("limit", *get_args(OrderType))

prices = st.integers(95, 105)
sizes = st.one_of(st.none(), st.integers(1, 5))
quotes = st.tuples(st.just("quote"), prices, st.integers(0, 3), sizes, sizes)
trades = st.tuples(st.just("trade"), prices, sizes, st.sampled_from([-1, 0, 1]))
orders = st.tuples(
    st.just("order"),
    st.sampled_from(["buy", "sell"]),
    st.sampled_from(TYPES),
    prices,
    st.integers(1, 5),
    st.sampled_from(["gtc", "ioc", "gtd"]),
)
changes = st.tuples(st.sampled_from(["modify", "cancel"]), st.integers(0, 9), prices)
steps = st.lists(st.one_of(quotes, quotes, trades, orders, changes), min_size=15, max_size=50)


class Floor:
    """One engine, with or without ticks that pass it by."""

    def __init__(self, market: Any, *, calm: bool) -> None:
        self.engine = MatchingEngine(market, Fees())
        self.calm = calm
        self.passed = 0
        self.orders: list[PaperOrder] = []

    def do(self, number: int, step: tuple[Any, ...]) -> list[Any]:
        what, *facts = step
        if what in ("quote", "trade"):
            return self._tick(_tick(number, what, facts))
        if what == "order":
            events = self._new(number, *facts)
        elif facts[0] >= len(self.orders):
            return []
        elif what == "cancel":
            events = self.engine.cancel(self.orders[facts[0]])
        else:
            order = self.orders[facts[0]]
            events = self.engine.modify(
                order, Decimal(facts[1]), order.size, None, order.limit_price
            )
        self.engine.settle(math.inf)
        return events

    def _tick(self, tick: Tick) -> list[Any]:
        if self.calm and self.engine.calm.passes(tick):
            self.passed += 1
            return []
        events = self.engine.tick(tick)
        self.engine.settle(math.inf)
        return events

    def _new(
        self, number: int, action: Any, kind: Any, price: int, size: int, tif: Any
    ) -> list[Any]:
        order = PaperOrder(
            number=len(self.orders) + 1,
            oid=str(number),
            account="paper",
            symbol=MARKET.fqsn,
            action=action,
            type=kind,
            price=Decimal(price),
            limit_price=Decimal(price) if kind in TWO_PRICES else None,
            trail_amount=Decimal(2) if kind in TRAILING else None,
            trail_unit="price" if kind in TRAILING else None,
            size=Decimal(size),
            tif=tif,
            ends_ns=number + 7 if tif == "gtd" else None,
        )
        self.orders.append(order)
        return self.engine.new(order)


def _tick(number: int, what: str, facts: list[Any]) -> Tick:
    if what == "trade":
        price, size, side = facts
        return Trade(number, float(price), None if size is None else float(size), side)
    bid, spread, bid_size, ask_size = facts
    some = [None if size is None else float(size) for size in (bid_size, ask_size)]
    return Quote(number, float(bid), float(bid + spread), *some)


@pytest.mark.parametrize("market", [MARKET, QUOTES_ONLY], ids=["trades", "quotes only"])
@given(steps=steps)
def test_it_does_what_a_market_does_that_is_told_of_each_tick(
    market: Any, steps: list[tuple[Any, ...]]
) -> None:
    told, calm = Floor(market, calm=False), Floor(market, calm=True)
    for number, step in enumerate(steps):
        assert calm.do(number, step) == told.do(number, step)
        assert calm.engine.time_ns == told.engine.time_ns
    assert calm.orders == told.orders


def test_ticks_between_the_orders_pass() -> None:
    floor = Floor(MARKET, calm=True)
    floor.do(0, ("quote", 99, 2, 5, 5))
    for number, (action, price) in enumerate((("buy", 97), ("sell", 103))):
        floor.do(number, ("order", action, "limit", price, 1, "gtc"))
    for number in range(100):
        floor.do(number, ("quote", 98 + number % 2, 2, 5, 5))
        floor.do(number, ("trade", 99 + number % 3, 5, 0))
    assert floor.passed == 200
    assert len(floor.do(200, ("trade", 96, 5, 0))) == 1
    assert floor.passed == 200
