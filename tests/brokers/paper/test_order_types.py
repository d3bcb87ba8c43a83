"""Each order type and time in force at the paper venue, told as the EMS hears it."""

import sqlite3
import sys
from decimal import Decimal
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from brokers.paper.fees import Fees
from brokers.paper.matching import MatchingEngine
from brokers.paper.order import PaperOrder
from ems.messages import BrokerdError, BrokerdFill, BrokerdStatus, Trail
from ems.ports import StatesAbilities
from ems.ticks import Trade
from ems.type_families import TWO_PRICES

from .session import FQSN, MARKET, cancel, make_broker, new_order, paper

QUOTES_ONLY = msgspec.structs.replace(MARKET, chart_price="bid")
DAY_NS = 86_400_000_000_000


def order(action: str, kind: str, price: str, size: int = 5, **terms: Any) -> Any:
    limit = terms.pop("limit", None)
    return new_order(
        price,
        size,
        action=action,
        type=kind,
        limit_price=None if limit is None else Decimal(limit),
        **terms,
    )


def prices(events: list[Any]) -> list[tuple[int, str]]:
    """Size and price of each fill among the events."""
    return [(int(e.size), str(e.price)) for e in events if isinstance(e, BrokerdFill)]


def last_status(events: list[Any]) -> BrokerdStatus:
    return [event for event in events if isinstance(event, BrokerdStatus)][-1]


TOUCHES = {
    # action, type, trigger, trades that do nothing, the trade that touches it off
    "buy stop": ("buy", "stop", "101", (100.99, 99.0), 101.0),
    "sell stop": ("sell", "stop", "99", (99.01, 101.0), 99.0),
    "buy stop, gap": ("buy", "stop", "101", (100.0,), 103.5),
    "sell stop, gap": ("sell", "stop", "99", (100.0,), 95.5),
    "buy if touched": ("buy", "limit_if_touched", "99", (99.01, 101.0), 99.0),
    "sell if touched": ("sell", "limit_if_touched", "101", (100.99, 99.0), 101.0),
    "buy at market if touched": ("buy", "market_if_touched", "99", (99.01, 101.0), 99.0),
    "sell at market if touched": ("sell", "market_if_touched", "101", (100.99, 99.0), 101.0),
    "buy stop-limit": ("buy", "stop_limit", "101", (100.99, 99.0), 101.0),
    "sell stop-limit": ("sell", "stop_limit", "99", (99.01, 101.0), 99.0),
}


@pytest.mark.parametrize(
    ("action", "kind", "trigger", "quiet", "touch"), TOUCHES.values(), ids=TOUCHES
)
async def test_only_its_own_price_touches_it_off(
    tmp_path: Path, action: str, kind: str, trigger: str, quiet: tuple[float, ...], touch: float
) -> None:
    limited = kind in TWO_PRICES
    async with paper(tmp_path) as session:
        session.trade(1, 100.0)
        session.send(order(action, kind, trigger, limit=trigger if limited else None))
        for number, price in enumerate(quiet, 2):
            assert session.trade(number, price) == []
        events = session.trade(9, touch)
    assert events[0].triggered
    assert events[0].price == Decimal(trigger)


async def test_a_stop_looks_at_trades_and_not_at_quotes(tmp_path: Path) -> None:
    async with paper(tmp_path) as session:
        session.quote(1, 99.0, 100.0, 9, 9)
        session.send(order("sell", "stop", "98"))
        assert session.quote(2, 90.0, 91.0, 9, 9) == []
        assert prices(session.trade(3, 98.0)) == [(5, "90.00")]


async def test_in_a_market_without_trades_it_looks_at_the_quote(tmp_path: Path) -> None:
    async with paper(tmp_path, watched=(QUOTES_ONLY,)) as session:
        session.quote(1, 99.0, 100.0, 9, 9)
        session.send(order("sell", "stop", "98"))
        session.send(order("buy", "stop", "101"))
        assert session.quote(2, 98.5, 100.5, 9, 9) == []
        assert prices(session.quote(3, 98.0, 99.0, 9, 9)) == [(5, "98.00")]
        assert prices(session.quote(4, 99.0, 101.0, 9, 9)) == [(5, "101.00")]


async def test_a_stop_fills_no_better_than_the_price_that_touched_it_off(tmp_path: Path) -> None:
    async with paper(tmp_path) as session:
        session.quote(1, 100.0, 100.02, 9, 9)
        session.trade(1, 100.01)
        session.send(order("sell", "stop", "99"))
        assert prices(session.trade(2, 97.5)) == [(5, "97.50")]  # the quote lags behind


async def test_a_stop_that_is_through_already_goes_off_at_once(tmp_path: Path) -> None:
    async with paper(tmp_path) as session:
        session.quote(1, 100.0, 100.02, 9, 9)
        session.trade(1, 100.01)
        assert prices(session.send(order("sell", "stop", "100.01"))) == [(5, "100.00")]


async def test_a_market_order_takes_what_is_displayed_and_slips_for_the_rest(
    tmp_path: Path,
) -> None:
    async with paper(tmp_path, slippage_ticks=2) as session:
        session.quote(1, 99.0, 100.0, 9, 2)
        bought = session.send(order("buy", "market", "100"))
        sold = session.send(order("sell", "market", "99", 12))
    assert prices(bought) == [(2, "100.00"), (2, "100.02"), (1, "100.04")]
    assert prices(sold) == [(9, "99.00"), (3, "98.98")]
    assert last_status(bought).status == "closed"


async def test_where_no_size_is_displayed_all_of_it_slips(tmp_path: Path) -> None:
    async with paper(tmp_path) as session:
        session.quote(1, 99.0, 100.0)
        assert prices(session.send(order("buy", "market", "100", 500))) == [(500, "100.01")]


async def test_a_market_order_never_sells_for_nothing(tmp_path: Path) -> None:
    async with paper(tmp_path, slippage_ticks=500) as session:
        session.quote(1, 1.0, 1.1, 1, 1)
        filled = prices(session.send(order("sell", "market", "1", 100)))
    assert sum(size for size, _ in filled) == 100
    assert filled[-1][1] == "0.01"


async def test_a_market_order_before_any_price_waits_for_the_first(tmp_path: Path) -> None:
    async with paper(tmp_path) as session:
        assert prices(session.send(order("buy", "market", "100"))) == []
        crossed = session.quote(1, 101.0, 100.0, 9, 9)
        assert prices(crossed) == []
        assert prices(session.quote(2, 99.0, 100.0, 9, 9)) == [(5, "100.00")]


async def test_a_stop_limit_rests_at_its_limit_when_the_price_has_gone(tmp_path: Path) -> None:
    async with paper(tmp_path) as session:
        session.quote(1, 99.9, 100.0, 9, 9)
        session.trade(1, 100.0)
        session.send(order("sell", "stop_limit", "99", limit="98.50"))
        session.quote(2, 97.0, 97.1, 9, 9)
        assert prices(session.trade(3, 97.0)) == []
        filled = session.quote(4, 98.6, 98.7, 9, 9)
        assert prices(filled) == [(5, "98.50")]
        assert last_status(filled).limit_price == Decimal("98.5")


async def test_its_limit_can_be_moved_after_it_was_touched_its_stop_not(tmp_path: Path) -> None:
    async with paper(tmp_path) as session:
        session.trade(1, 100.0)
        asked = order("sell", "stop_limit", "99", limit="99")
        session.send(asked)
        session.quote(2, 97.0, 97.1, 9, 9)
        session.trade(3, 97.0)
        change = msgspec.structs.replace(asked, reqid="P1", limit_price=Decimal("97.05"))
        moved = session.send(change)
        assert (last_status(moved).status, last_status(moved).limit_price) == (
            "open",
            Decimal("97.05"),
        )
        (refused,) = session.send(msgspec.structs.replace(change, price=Decimal("96")))
        assert isinstance(refused, BrokerdError)
        assert "touched already" in refused.reason


async def test_a_stop_that_is_moved_through_the_price_goes_off(tmp_path: Path) -> None:
    async with paper(tmp_path) as session:
        session.trade(1, 100.0, 9)
        asked = order("sell", "stop", "99")
        session.send(asked)
        change = msgspec.structs.replace(asked, reqid="P1", price=Decimal("100.5"))
        assert prices(session.send(change)) == [(5, "99.99")]


async def test_a_stop_is_cancelled_before_it_was_touched(tmp_path: Path) -> None:
    async with paper(tmp_path) as session:
        session.trade(1, 100.0)
        session.send(order("sell", "stop", "99"))
        assert last_status(session.send(cancel("P1"))).status == "canceled"
        assert session.trade(2, 90.0) == []


TRAILS = {
    "sell, by price": ("sell", Trail(Decimal(1)), "99", (100.0, 101.0, 100.5, 102.0), "101.00"),
    "buy, by price": ("buy", Trail(Decimal(1)), "101", (100.0, 99.0, 99.5, 98.0), "99.00"),
    "sell, by percent": ("sell", Trail(Decimal(1), "percent"), "99", (100.0, 200.0), "198.00"),
    "buy, by percent": ("buy", Trail(Decimal(1), "percent"), "101", (100.0, 50.0), "50.50"),
}


@pytest.mark.parametrize(
    ("action", "trail", "start", "trades", "level"), TRAILS.values(), ids=TRAILS
)
async def test_a_trailing_stop_follows_the_best_price_and_never_goes_back(
    tmp_path: Path, action: str, trail: Trail, start: str, trades: tuple[float, ...], level: str
) -> None:
    async with paper(tmp_path) as session:
        session.trade(1, trades[0])
        session.send(order(action, "trailing_stop", start, trail=trail))
        for number, price in enumerate(trades, 2):
            session.trade(number, price)
        assert str(session.ask(reqid="P1").price) == level
        beyond = float(level) + (0.01 if action == "buy" else -0.01)
        events = session.trade(99, beyond)
        assert events[0].triggered
        assert sum(size for size, _ in prices(events)) == 5


@given(st.lists(st.integers(9_000, 11_000), min_size=1, max_size=60), st.integers(1, 300))
def test_a_trailing_stop_is_where_the_slow_way_puts_it(cents: list[int], trail: int) -> None:
    engine = MatchingEngine(MARKET, Fees())
    engine.tick(Trade(0, 100.0))
    ours = PaperOrder(
        number=1,
        oid="a",
        account="paper",
        symbol=FQSN,
        action="sell",
        price=Decimal(10_000 - trail) / 100,
        size=Decimal(1),
        type="trailing_stop",
        trail_amount=Decimal(trail) / 100,
        trail_unit="price",
    )
    engine.new(ours)
    best = 10_000
    for price in cents:
        engine.tick(Trade(1, price / 100))
        if price <= best - trail:
            assert ours.status == "closed"
            return
        best = max(best, price)
        assert (ours.status, ours.price) == ("open", Decimal(best - trail) / 100)


async def test_another_trail_counts_from_the_best_price_so_far(tmp_path: Path) -> None:
    async with paper(tmp_path) as session:
        session.trade(1, 100.0)
        asked = order("sell", "trailing_stop", "99", trail=Trail(Decimal(1)))
        session.send(asked)
        session.trade(2, 102.0)  # it stands at 101
        session.send(
            msgspec.structs.replace(
                asked, reqid="P1", price=Decimal(100), trail=Trail(Decimal(2)), size=Decimal(4)
            )
        )
        told = last_status(session.trade(3, 103.0))
        assert (told.price, told.trail, told.size) == (101, Trail(Decimal(2)), 4)


async def test_a_size_alone_leaves_a_trailing_stop_where_it_stands(tmp_path: Path) -> None:
    async with paper(tmp_path) as session:
        session.trade(1, 100.0)
        asked = order("sell", "trailing_stop", "99", trail=Trail(Decimal(1)))
        session.send(asked)
        session.trade(2, 102.0)
        session.send(msgspec.structs.replace(asked, reqid="P1", size=Decimal(3)))
        report = session.ask(reqid="P1")
        assert (report.price, report.trail, report.size) == (101, Trail(Decimal(1)), 3)


async def test_if_touched_it_takes_any_price(tmp_path: Path) -> None:
    async with paper(tmp_path) as session:
        session.quote(1, 99.0, 100.0, 9, 9)
        session.trade(1, 99.5)
        session.send(order("sell", "market_if_touched", "101"))
        assert prices(session.trade(2, 101.0)) == [(5, "99.00")]  # the quote lags behind


@pytest.mark.parametrize(("action", "start", "limit", "trades", "now"), [
    ("sell", "99", "98.50", (101.0, 100.5, 102.0), ("101", "100.5")),
    ("buy", "101", "101.50", (99.0, 99.5, 98.0), ("99", "99.5")),
])  # fmt: skip
async def test_the_limit_of_a_trailing_stop_limit_follows_and_holds(
    tmp_path: Path, action: str, start: str, limit: str, trades: tuple[float, ...], now: tuple
) -> None:
    trail = Trail(Decimal(1))
    async with paper(tmp_path) as session:
        session.trade(1, 100.0)
        session.send(order(action, "trailing_stop_limit", start, limit=limit, trail=trail))
        for number, price in enumerate(trades, 2):
            session.trade(number, price)
        report = session.ask(reqid="P1")
        assert (report.price, report.limit_price) == (Decimal(now[0]), Decimal(now[1]))
    async with paper(tmp_path) as session:  # the venue remembers both
        (shown,) = (status.req for status in session.trades.opening.orders)
        assert (shown.type, shown.limit_price) == ("trailing_stop_limit", Decimal(now[1]))
        gone = 90.0 if action == "sell" else 110.0
        events = session.trade(50, gone)
        assert events[0].triggered
        assert prices(events) == []  # the price has gone beyond its limit
        assert prices(session.trade(51, float(now[1]), 9)) == [(5, f"{Decimal(now[1]):.2f}")]


async def test_immediate_or_cancel_leaves_nothing_behind(tmp_path: Path) -> None:
    async with paper(tmp_path) as session:
        session.quote(1, 99.0, 100.0, 9, 3)
        events = session.send(order("buy", "limit", "100", tif="ioc"))
        assert prices(events) == [(3, "100.00")]
        assert last_status(events).status == "canceled"
        assert "immediate or cancel" in last_status(events).reason
        assert (
            last_status(session.send(order("buy", "limit", "98", tif="ioc"))).status == "canceled"
        )


async def test_a_day_order_ends_at_midnight_of_the_market(tmp_path: Path) -> None:
    new_york = msgspec.structs.replace(MARKET, timezone="America/New_York")
    evening_ns = 1_700_000_000 * 1_000_000_000  # 2023-11-14 17:13:20 in New York
    midnight_ns = 1_700_024_400 * 1_000_000_000
    async with paper(tmp_path, watched=(new_york,)) as session:
        session.trade(evening_ns, 100.0)
        session.send(order("buy", "limit", "90", tif="day"))
        assert session.trade(midnight_ns - 1, 100.0) == []
        ended = session.trade(midnight_ns, 80.0)  # would have filled it
        assert prices(ended) == []
        assert (last_status(ended).status, "day" in last_status(ended).reason) == ("canceled", True)


async def test_good_till_date_ends_at_its_time_also_after_a_restart(tmp_path: Path) -> None:
    async with paper(tmp_path) as session:
        session.trade(1, 100.0)
        session.send(order("sell", "stop", "90", tif="gtd", expires_ns=DAY_NS))
        session.send(order("buy", "limit", "90", tif="gtd", expires_ns=2 * DAY_NS))
    async with paper(tmp_path) as session:
        ended = session.trade(DAY_NS, 80.0)
        assert [(e.reqid, e.status) for e in ended if isinstance(e, BrokerdStatus)] == [
            ("P1", "canceled"),
            ("P2", "closed"),
        ]


async def test_post_only_is_refused_rather_than_filled_at_once(tmp_path: Path) -> None:
    async with paper(tmp_path) as session:
        session.quote(1, 99.0, 100.0, 9, 9)
        (refused,) = session.send(order("buy", "limit", "100", post_only=True))
        assert (refused.request, "post-only" in refused.reason) == ("new", True)
        asked = order("buy", "limit", "99.5", post_only=True)
        assert last_status(session.send(asked)).status == "open"
        (refused,) = session.send(msgspec.structs.replace(asked, reqid="P1", price=Decimal("100")))
        assert (refused.request, "post-only" in refused.reason) == ("modify", True)
        assert session.ask(reqid="P1").price == Decimal("99.5")


async def test_reduce_only_closes_and_never_turns_the_position_round(tmp_path: Path) -> None:
    async with paper(tmp_path) as session:
        session.quote(1, 99.0, 100.0, 50, 50)
        (refused,) = session.send(order("sell", "market", "99", 5, reduce_only=True))
        assert (refused.request, "no position" in refused.reason) == ("new", True)
        session.send(order("buy", "market", "100", 3))
        (refused,) = session.send(order("buy", "market", "100", 1, reduce_only=True))
        assert "no position" in refused.reason
        resting = session.send(order("sell", "limit", "101", 3, reduce_only=True))
        assert last_status(resting).status == "open"
        sold = session.send(order("sell", "market", "99", 5, reduce_only=True))
        assert prices(sold) == [(3, "99.00")]
        assert last_status(sold).status == "canceled"
        events = session.quote(2, 102.0, 103.0, 50, 50)  # reaches the other one: nothing is left
        assert prices(events) == []
        assert "reduce only" in last_status(events).reason


async def test_all_of_it_is_there_after_a_restart(tmp_path: Path) -> None:
    asked = order("sell", "trailing_stop", "99", trail=Trail(Decimal("1.5"), "percent"))
    both = order("buy", "stop_limit", "105", limit="106", tif="gtd", expires_ns=DAY_NS)
    async with paper(tmp_path) as session:
        session.trade(1, 100.0)
        session.send(asked)
        session.send(both)
        session.send(order("buy", "limit", "90", post_only=True))
    async with paper(tmp_path) as session:
        trailing, stop_limit, resting = (s.req for s in session.trades.opening.orders)  # type: ignore[union-attr]
        assert (trailing.type, trailing.trail, trailing.price) == (
            "trailing_stop",
            asked.trail,
            Decimal("99"),
        )
        assert (stop_limit.type, stop_limit.limit_price, stop_limit.tif, stop_limit.expires_ns) == (
            "stop_limit",
            Decimal("106"),
            "gtd",
            DAY_NS,
        )
        assert (resting.type, resting.post_only) == ("limit", True)
        assert prices(session.trade(2, 98.5, 9)) == [(5, "98.49")]


@pytest.mark.parametrize(
    ("kind", "terms", "says"),
    [
        ("stop_limit", {}, "needs a limit price"),
        ("stop", {"limit": "99"}, "has no limit price"),
        ("stop_limit", {"limit": "99.001"}, "not a multiple of the tick size"),
        ("trailing_stop", {}, "needs a trail"),
        ("stop", {"trail": Trail(Decimal(1))}, "has no trail"),
        ("trailing_stop", {"trail": Trail(Decimal(0))}, "is none"),
        ("trailing_stop", {"trail": Trail(Decimal(100), "percent")}, "is none"),
        ("limit", {"tif": "gtd"}, "needs the time of its end"),
        ("market", {"post_only": True}, "cannot be post-only"),
    ],
)
async def test_terms_that_make_no_sense_are_refused(
    tmp_path: Path, kind: str, terms: dict[str, Any], says: str
) -> None:
    async with paper(tmp_path) as session:
        session.trade(1, 100.0)
        (refused,) = session.send(order("buy", kind, "101", **terms))
        assert isinstance(refused, BrokerdError)
        assert says in refused.reason


async def test_the_broker_says_that_it_can_do_everything(tmp_path: Path) -> None:
    broker: object = make_broker(tmp_path)
    assert isinstance(broker, StatesAbilities)
    abilities = broker.abilities(MARKET)
    assert {"limit", "market", "stop", "trailing_stop"} < abilities.types
    assert (abilities.post_only, abilities.reduce_only) == (True, True)


async def test_a_file_of_version_1_is_read_and_goes_on(tmp_path: Path) -> None:
    async with paper(tmp_path) as session:
        session.buy("90")
    db = sqlite3.connect(tmp_path / "paper.db")
    with db:
        for column in [
            "type",
            "limit_price",
            "trail_amount",
            "trail_unit",
            "tif",
            "ends_ns",
            "post_only",
            "reduce_only",
            "triggered",
        ]:
            db.execute(f"ALTER TABLE orders DROP COLUMN {column}")
        db.execute("PRAGMA user_version = 1")
    db.close()
    async with paper(tmp_path) as session:
        (status,) = session.trades.opening.orders  # type: ignore[union-attr]
        assert (status.req.type, status.req.tif) == ("limit", "gtc")  # type: ignore[union-attr]
        session.send(order("buy", "stop", "110"))
    async with paper(tmp_path) as session:
        assert len(session.trades.opening.orders) == 2  # type: ignore[union-attr]


def test_a_quiet_tick_costs_the_same_with_any_number_of_stops(tmp_path: Path) -> None:
    def lines_run(count: int) -> int:
        engine = MatchingEngine(MARKET, Fees())
        engine.tick(Trade(0, 100.0))
        for number in range(1, count + 1):
            trailing = number % 2
            engine.new(
                PaperOrder(
                    number=number,
                    oid=str(number),
                    account="paper",
                    symbol=FQSN,
                    action="sell",
                    price=Decimal(90) - Decimal(number) / 100,
                    size=Decimal(1),
                    type="trailing_stop" if trailing else "stop",
                    trail_amount=Decimal(15) if trailing else None,
                    trail_unit="price" if trailing else None,
                )
            )
        seen = 0

        def see(_frame: object, event: str, _arg: object) -> Any:
            nonlocal seen
            seen += event == "line"
            return see

        before = sys.gettrace()
        sys.settrace(see)
        try:
            engine.tick(Trade(1, 99.0))
        finally:
            sys.settrace(before)
        return seen

    assert lines_run(400) == lines_run(4)
