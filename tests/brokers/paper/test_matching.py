"""The matching engine, case by case and against the slow reference."""

import sys
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from brokers.paper.events import Accepted, Execution, Refused
from brokers.paper.fees import Fees
from brokers.paper.matching import MatchingEngine
from brokers.paper.order import OrderState, PaperOrder
from ems.market import Market
from ems.ticks import Quote, Trade

from .slow_market import SlowMarket

FQSN = "mes.cme.paper"


def make_market(tick: str = "0.25", lot: str = "1", **facts: Any) -> Market:
    return Market(
        fqsn=FQSN, tick_size=Decimal(tick), lot_size=Decimal(lot), currency="USD", **facts
    )


class Desk:
    """An engine with orders that have names, and the events of all its calls."""

    def __init__(self, market: Market | None = None, fees: Fees = Fees()) -> None:  # noqa: B008
        self.engine = MatchingEngine(market or make_market(), fees)
        self.orders: dict[str, PaperOrder] = {}
        self.events: list[Any] = []
        self.now_ns = 0

    def step(self, text: str) -> list[Any]:
        """Do what a line such as ``buy a 5 at 100`` or ``quote 99x3 100x-`` says."""
        verb, *words = text.split()
        events = getattr(self, f"do_{verb}")(*words)
        self.events += events
        return events

    def do_buy(self, name: str, size: str, _at: str, price: str) -> list[Any]:
        return self._new("buy", name, size, price)

    def do_sell(self, name: str, size: str, _at: str, price: str) -> list[Any]:
        return self._new("sell", name, size, price)

    def do_modify(self, name: str, size: str, _at: str, price: str) -> list[Any]:
        return self.engine.modify(self.orders[name], Decimal(price), Decimal(size))

    def do_cancel(self, name: str) -> list[Any]:
        return self.engine.cancel(self.orders[name])

    def do_quote(self, bid: str, ask: str) -> list[Any]:
        self.now_ns += 1
        (bid_price, bid_size), (ask_price, ask_size) = (side.split("x") for side in (bid, ask))
        sizes = [None if size == "-" else float(size) for size in (bid_size, ask_size)]
        return self.engine.tick(Quote(self.now_ns, float(bid_price), float(ask_price), *sizes))

    def do_trade(self, what: str, taker: str = "?") -> list[Any]:
        self.now_ns += 1
        price, size = what.split("x")
        side = {"bought": 1, "sold": -1, "?": 0}[taker]
        amount = None if size == "-" else float(size)
        return self.engine.tick(Trade(self.now_ns, float(price), amount, side))

    def _new(self, action: Any, name: str, size: str, price: str) -> list[Any]:
        order = PaperOrder(
            number=len(self.orders) + 1,
            oid=name,
            account="paper",
            symbol=FQSN,
            action=action,
            price=Decimal(price),
            size=Decimal(size),
        )
        self.orders[name] = order
        return self.engine.new(order)

    @property
    def fills(self) -> list[str]:
        names = {order.reqid: name for name, order in self.orders.items()}
        return [
            f"{names[e.after.reqid]} {e.size.normalize():f} at {e.price.normalize():f}"
            for e in self.events
            if isinstance(e, Execution)
        ]


FILL_CASES = {
    "marketable buy gets the ask, not its limit": (
        ["quote 99x9 100x9", "buy a 5 at 101"],
        ["a 5 at 100"],
    ),
    "marketable sell gets the bid": (["quote 99x9 100x9", "sell a 5 at 98"], ["a 5 at 99"]),
    "marketable takes what is displayed, the rest waits": (
        ["quote 99x9 100x3", "buy a 5 at 101"],
        ["a 3 at 100"],
    ),
    "the rest fills at its own limit": (
        ["quote 99x9 100x3", "buy a 5 at 101", "quote 99x9 100x4"],
        ["a 3 at 100", "a 2 at 101"],
    ),
    "unknown displayed size is enough": (
        ["quote 99x- 100x-", "buy a 500 at 100"],
        ["a 500 at 100"],
    ),
    "displayed size zero is nothing": (["quote 99x9 100x0", "buy a 5 at 101"], []),
    "a displayed part of a lot is nothing": (["quote 99x9 100x0.9", "buy a 5 at 101"], []),
    "only whole lots of what is displayed": (
        ["quote 99x9 100x2.9", "buy a 5 at 101"],
        ["a 2 at 100"],
    ),
    "a size that is no number is nothing": (["quote 99x9 100xnan", "buy a 5 at 101"], []),
    "the same displayed size is there once": (
        ["quote 99x9 100x3", "buy a 5 at 100", "quote 99x9 100x3", "buy b 1 at 100"],
        ["a 3 at 100"],
    ),
    "a change of the other side shows nothing new": (
        ["quote 99x9 100x3", "buy a 5 at 100", "quote 98x7 100x3"],
        ["a 3 at 100"],
    ),
    "a new price on this side is new size": (
        ["quote 98x9 100x3", "buy a 9 at 100", "quote 98x9 99x3"],
        ["a 3 at 100", "a 3 at 100"],
    ),
    "a crossed quote fills nothing that rests": (["buy a 5 at 100", "quote 101x9 99x9"], []),
    "a crossed quote fills nothing that arrives": (
        ["quote 99x9 100x9", "quote 101x9 99x9", "buy a 5 at 100", "sell b 5 at 99"],
        [],
    ),
    "a quote off the grid, half a tick beyond the limit, does not": (
        ["quote 99x9 100.375x9", "buy a 5 at 100.25"],
        [],
    ),
    "a crossed quote does not renew what was taken": (
        ["quote 99x9 100x3", "buy a 5 at 100", "quote 102x9 101x9", "quote 99x9 100x3"],
        ["a 3 at 100"],
    ),
    "a locked quote is a sound one": (["buy a 5 at 100", "quote 100x9 100x9"], ["a 5 at 100"]),
    "a quote at the limit fills": (["buy a 5 at 100", "quote 99x9 100x9"], ["a 5 at 100"]),
    "a quote one tick away does not": (["buy a 5 at 100", "quote 99x9 100.25x9"], []),
    "a quote through the limit fills at the limit": (
        ["sell a 5 at 100", "quote 103x9 104x9"],
        ["a 5 at 100"],
    ),
    "a quote with no ask still has a bid": (
        ["sell a 5 at 100", "quote 100x9 nanx-"],
        ["a 5 at 100"],
    ),
    "an infinite price fills nothing": (["buy a 5 at 100", "quote -infx- -infx-"], []),
    "price first, then time": (
        ["buy a 2 at 99", "buy b 2 at 100", "buy c 2 at 100", "quote 98x1 99x5"],
        ["b 2 at 100", "c 2 at 100", "a 1 at 99"],
    ),
    "cheaper sells first": (
        ["sell a 2 at 101", "sell b 2 at 100", "quote 101x3 102x1"],
        ["b 2 at 100", "a 1 at 101"],
    ),
    "a trade at the limit fills its size": (["buy a 5 at 100", "trade 100x3"], ["a 3 at 100"]),
    "each trade has its own size": (
        ["buy a 5 at 100", "trade 100x3", "trade 100x3"],
        ["a 3 at 100", "a 2 at 100"],
    ),
    "a trade of unknown size is enough": (["buy a 5 at 100", "trade 100x-"], ["a 5 at 100"]),
    "a seller who took meets our buy": (["buy a 5 at 100", "trade 100x9 sold"], ["a 5 at 100"]),
    "a buyer who took does not": (["buy a 5 at 100", "trade 100x9 bought"], []),
    "a buyer who took meets our sell": (["sell a 5 at 100", "trade 100x9 bought"], ["a 5 at 100"]),
    "a seller who took does not meet our sell": (["sell a 5 at 100", "trade 100x9 sold"], []),
    "a trade through the limit fills whoever took": (
        ["buy a 5 at 100", "buy b 5 at 99.75", "trade 99.75x7 bought"],
        ["a 5 at 100"],
    ),
    "one trade is shared in the order of time by both sides": (
        ["sell a 2 at 100", "buy b 2 at 100", "trade 100x3"],
        ["a 2 at 100", "b 1 at 100"],
    ),
    "a trade at no price is no trade": (["buy a 5 at 100", "trade nanx9", "trade -infx9"], []),
    "with no quote the last trade is the quote": (
        ["trade 100x1 bought", "buy a 5 at 101", "sell b 5 at 100"],
        ["a 5 at 100", "b 5 at 100"],
    ),
    "with no quote nobody jumps the queue": (
        ["buy a 5 at 100", "trade 100x1 bought", "buy b 5 at 100"],
        [],
    ),
    "once there is a quote the last trade is none": (
        ["quote 98x9 102x9", "trade 100x1", "buy a 5 at 101"],
        [],
    ),
    "before the first tick nothing fills": (["buy a 5 at 100", "sell b 5 at 90"], []),
    "a canceled order does not fill": (["buy a 5 at 100", "cancel a", "quote 99x9 100x9"], []),
    "a modify to a marketable price takes what is displayed": (
        ["quote 99x9 100x9", "buy a 5 at 99", "modify a 5 at 101"],
        ["a 5 at 100"],
    ),
    "a smaller size keeps the place": (
        ["buy a 5 at 100", "buy b 5 at 100", "modify a 4 at 100", "trade 100x4"],
        ["a 4 at 100"],
    ),
    "the same again keeps the place": (
        ["buy a 5 at 100", "buy b 5 at 100", "modify a 5 at 100", "trade 100x5"],
        ["a 5 at 100"],
    ),
    "a larger size loses the place": (
        ["buy a 5 at 100", "buy b 5 at 100", "modify a 6 at 100", "trade 100x5"],
        ["b 5 at 100"],
    ),
    "there and back again loses the place": (
        [
            "buy a 5 at 100",
            "buy b 5 at 100",
            "modify a 5 at 99",
            "modify a 5 at 100",
            "trade 100x5",
        ],
        ["b 5 at 100"],
    ),
}


@pytest.mark.parametrize(("steps", "fills"), FILL_CASES.values(), ids=FILL_CASES)
def test_fills(steps: list[str], fills: list[str]) -> None:
    desk = Desk()
    for step in steps:
        desk.step(step)
    assert desk.fills == fills


def test_float_noise_does_not_hide_a_price_on_the_grid() -> None:
    desk = Desk(make_market(tick="0.1"))
    desk.step("buy a 1 at 0.3")
    desk.engine.tick(Quote(1, 0.1, 0.1 * 3))  # 0.30000000000000004
    assert desk.orders["a"].status == "closed"
    desk.step("sell b 1 at 0.3")
    desk.engine.tick(Quote(1, 0.1 * 3, 0.4))
    assert desk.orders["b"].status == "closed"


def test_an_order_that_fills_in_two_parts_tells_each_step() -> None:
    desk = Desk()
    desk.step("quote 99x9 100x3")
    accepted, working, first = desk.step("buy a 5 at 100")
    (second,) = desk.step("trade 99x9")
    limit, size = Decimal(100), Decimal(5)
    assert accepted == Accepted("P1")
    assert working == OrderState("P1", "open", limit, size, Decimal(0))
    assert (first.exec_id, first.after) == (
        "P1-1",
        OrderState("P1", "open", limit, size, Decimal(3)),
    )
    assert (second.exec_id, second.after) == ("P1-2", OrderState("P1", "closed", limit, size, size))
    assert (first.time_ns, second.time_ns) == (1, 2)


def test_a_modify_is_confirmed_with_what_the_order_is_now() -> None:
    desk = Desk()
    desk.step("buy a 5 at 100")
    assert desk.step("modify a 7 at 99.5") == [
        OrderState("P1", "open", Decimal("99.5"), Decimal(7), Decimal(0))
    ]


@pytest.mark.parametrize("price", ["100", "99"])
def test_a_size_cut_to_what_is_filled_closes_the_order(price: str) -> None:
    desk = Desk()
    for step in ("buy a 5 at 100", "trade 100x3"):
        desk.step(step)
    (state,) = desk.step(f"modify a 3 at {price}")
    assert state == OrderState("P1", "closed", Decimal(price), Decimal(3), Decimal(3))
    assert desk.step("quote 90x9 91x9") == []


REFUSED_CASES = {
    "size below filled": (
        ["buy a 5 at 100", "trade 100x3"],
        "modify a 2 at 100",
        "cannot modify: 3 is filled, more than 2",
    ),
    "modify of a filled order": (
        ["buy a 5 at 100", "trade 100x9"],
        "modify a 9 at 100",
        "cannot modify: order is filled",
    ),
    "cancel of a filled order": (
        ["buy a 5 at 100", "trade 100x9"],
        "cancel a",
        "cannot cancel: order is filled",
    ),
    "cancel of a canceled order": (
        ["buy a 5 at 100", "cancel a"],
        "cancel a",
        "cannot cancel: order is canceled",
    ),
}


@pytest.mark.parametrize(("before", "step", "reason"), REFUSED_CASES.values(), ids=REFUSED_CASES)
def test_refusals_change_nothing(before: list[str], step: str, reason: str) -> None:
    desk = Desk()
    for earlier in before:
        desk.step(earlier)
    state = desk.orders["a"].state
    assert desk.step(step) == [Refused("P1", step.split()[0], reason)]  # type: ignore[arg-type]
    assert desk.orders["a"].state == state


def test_fees_are_a_part_of_the_notional_and_an_amount_a_unit() -> None:
    desk = Desk(make_market(multiplier=Decimal(5)), Fees(Decimal("0.001"), Decimal("0.62")))
    desk.step("buy a 3 at 100.25")
    (filled,) = desk.step("trade 100.25x3")
    assert filled.fee == Decimal("0.001") * 3 * 5 * Decimal("100.25") + 3 * Decimal("0.62")


def test_restored_orders_keep_their_place_before_later_ones() -> None:
    before, after = Desk(), Desk()
    for step in ("buy a 1 at 100", "buy b 1 at 100", "modify a 2 at 100"):
        before.step(step)
    for order in sorted(before.orders.values(), key=lambda order: order.priority):
        after.engine.restore(order)
        after.orders[order.oid] = order
    after.step("buy c 1 at 100")
    after.step("trade 100x9")
    assert after.fills == ["b 1 at 100", "a 2 at 100", "c 1 at 100"]


@pytest.mark.parametrize("tick", [Quote(1, 99.0, 99.25, 5.0, 5.0), Trade(1, 99.0, 5.0)])
def test_a_tick_that_fills_nothing_costs_the_same_with_any_number_of_orders(
    tick: Quote | Trade,
) -> None:
    def lines_run(n: int) -> int:
        desk = Desk()
        for i in range(n):
            desk.step(f"buy b{i} 1 at {98 - i % 300 / 4}")
            desk.step(f"sell s{i} 1 at {100 + i % 300 / 4}")
        lines = 0

        def count(_frame: object, event: str, _arg: object) -> Any:
            nonlocal lines
            lines += event == "line"
            return count

        before = sys.gettrace()
        sys.settrace(count)
        try:
            assert desk.engine.tick(tick) == []
        finally:
            sys.settrace(before)
        return lines

    assert lines_run(0) == lines_run(1) == lines_run(10_000) > 0


PRICES = st.integers(96, 104)
SIZES = st.integers(1, 6)
SHOWN = st.none() | st.integers(0, 8)
NUMBERS = st.integers(1, 12)
STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("new"), st.booleans(), PRICES, SIZES),
        st.tuples(st.just("modify"), NUMBERS, PRICES, SIZES),
        st.tuples(st.just("cancel"), NUMBERS),
        st.tuples(st.just("quote"), PRICES, SHOWN, PRICES, SHOWN),
        st.tuples(st.just("trade"), PRICES, SHOWN, st.sampled_from([-1, 0, 1])),
    ),
    max_size=40,
)
TICK, LOT = Decimal("0.1"), Decimal("0.5")


class FastMarket:
    """The engine in the reference's words: ticks and lots."""

    def __init__(self) -> None:
        self.engine = MatchingEngine(make_market("0.1", "0.5"), Fees())
        self.orders: list[PaperOrder] = []
        self.fills: list[tuple[int, int, int]] = []

    def do(self, step: tuple[Any, ...]) -> list[tuple[int, int, int]]:
        """Return the fills of this step."""
        verb, *rest = step
        done = [e for e in getattr(self, verb)(*rest) if isinstance(e, Execution)]
        fills = [(int(e.after.reqid[1:]), int(e.size / LOT), int(e.price / TICK)) for e in done]
        assert all(e.size % LOT == 0 and e.price % TICK == 0 for e in done)
        self.fills += fills
        return fills

    def new(self, is_buy: bool, price: int, size: int) -> Any:
        number = len(self.orders) + 1
        order = PaperOrder(
            number=number,
            oid=str(number),
            account="paper",
            symbol=FQSN,
            action="buy" if is_buy else "sell",
            price=price * TICK,
            size=size * LOT,
        )
        self.orders.append(order)
        return self.engine.new(order)

    def modify(self, number: int, price: int, size: int) -> Any:
        return self.engine.modify(self.orders[number - 1], price * TICK, size * LOT)

    def cancel(self, number: int) -> Any:
        return self.engine.cancel(self.orders[number - 1])

    def quote(self, bid: int, bid_size: int | None, ask: int, ask_size: int | None) -> Any:
        return self.engine.tick(Quote(1, bid * 0.1, ask * 0.1, _some(bid_size), _some(ask_size)))

    def trade(self, price: int, size: int | None, taker: int) -> Any:
        return self.engine.tick(Trade(1, price * 0.1, _some(size), taker))


def _some(lots: int | None) -> float | None:
    return None if lots is None else lots * 0.5 + 0.2  # with a part of a lot, worth nothing


@settings(max_examples=300)
@given(STEPS)
def test_does_what_the_slow_market_does(steps: list[tuple[Any, ...]]) -> None:
    fast, slow = FastMarket(), SlowMarket()
    for step in steps:
        if step[0] in ("modify", "cancel") and step[1] > len(fast.orders):
            continue
        if step[0] == "cancel" and not slow.orders[step[1] - 1].open:
            continue
        fast.do(step)
        getattr(slow, step[0])(*step[1:])
        assert fast.fills == slow.fills
        assert [(o.status == "open", o.filled / LOT) for o in fast.orders] == [
            (o.open, o.filled) for o in slow.orders
        ]


@settings(max_examples=300)
@given(STEPS)
def test_no_fill_breaks_a_promise(steps: list[tuple[Any, ...]]) -> None:
    fast = FastMarket()
    for step in steps:
        if step[0] in ("modify", "cancel") and step[1] > len(fast.orders):
            continue
        fills = fast.do(step)
        for number, _size, price in fills:
            order = fast.orders[number - 1]
            assert order.filled <= order.size
            assert order.accepts(price * TICK)
        for is_buy, available in _offered(step):
            action = "buy" if is_buy else "sell"
            taken = sum(s for n, s, _ in fills if fast.orders[n - 1].action == action)
            assert taken <= available
    for order in fast.orders:
        mine = [(size, price) for number, size, price in fast.fills if number == order.number]
        assert order.filled == sum(size for size, _ in mine) * LOT
        assert order.cost == sum(size * price for size, price in mine) * LOT * TICK
        assert order.fills == len(mine)


def _offered(step: tuple[Any, ...]) -> list[tuple[bool, int]]:
    """By side of our orders: how many lots a tick brings, where it says so."""
    match step:
        case ("quote", bid, bid_size, ask, ask_size):
            if bid > ask:
                return [(True, 0), (False, 0)]
            sides = [(True, ask_size), (False, bid_size)]
        case ("trade", _price, size, _taker):
            sides = [(True, size), (False, size)]
        case _:
            sides = []
    return [(is_buy, size) for is_buy, size in sides if size is not None]


def test_recorded_quotes_give_no_more_than_they_display(market_data: Path) -> None:
    pytest.importorskip("pyarrow")
    from pyarrow import parquet

    table = parquet.read_table(market_data / "quotes_USA500_dukascopy_20230904.parquet")
    names = ["time_ns", "bid", "ask", "bid_size", "ask_size"]
    quotes = [Quote(*row) for row in zip(*(table[name].to_pylist() for name in names), strict=True)]
    desk = Desk(make_market("0.001", "0.0001"))
    filled = 0
    for i, quote in enumerate(quotes):
        if i % 20 == 0:
            side, start = ("buy", quote.bid) if i % 40 else ("sell", quote.ask)
            desk.step(f"{side} {i} 0.004 at {desk.engine.market.round_price(start)}")
        fills = [e for e in desk.engine.tick(quote) if isinstance(e, Execution)]
        actions = {order.reqid: order.action for order in desk.orders.values()} if fills else {}
        for action, shown in (("buy", quote.ask_size), ("sell", quote.bid_size)):
            taken = sum(e.size for e in fills if actions[e.after.reqid] == action)
            assert taken <= Decimal(repr(shown))
        filled += len(fills)
    assert any(quote.ask_size == 0 for quote in quotes)
    assert filled > 100
