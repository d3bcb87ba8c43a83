"""Each hard limit at, under and over its value, on each path that an order can take."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from decimal import Decimal
from pathlib import Path

import pytest
from msgspec import ValidationError
from msgspec.structs import replace

from ems.messages import BrokerdFill, BrokerdPosition, Notice, Order
from ems.risk_limits import LIVE_DEFAULTS, PAPER_DEFAULTS, Limits, RiskLimits, given_limits
from tests.ems.conftest import Bench, open_bench
from tests.ems.test_fill_corrections import fill as corrected
from tests.sims.scripted_venue import FQSN

SECOND = 1_000_000_000


class Clock:
    """A clock that a test moves."""

    def __init__(self) -> None:
        self.now_ns = 1_000_000 * SECOND

    def __call__(self) -> int:
        return self.now_ns

    def pass_s(self, seconds: float) -> None:
        self.now_ns += int(seconds * SECOND)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def gated(tmp_path: Path, clock: Clock):
    """Open an EMS with these limits only, and a quote of 99.99 to 100.01."""

    @asynccontextmanager
    async def opened(market: dict | None = None, **fields: object) -> AsyncIterator[Bench]:
        limits = RiskLimits(
            base=Limits(**fields),  # type: ignore[arg-type]
            markets={("scripted", FQSN): given_limits(market or {})},
        )
        async with open_bench(tmp_path, limits=limits, clock=clock) as bench:
            bench.feed.quote(99.99, 100.01)
            yield bench

    return opened


def refused(bench: Bench, order: Order) -> str:
    """The reason of a refusal; empty if the order was taken."""
    status = bench.watcher.last(order.oid)
    return status.reason if status.resp == "error" or status.refused else ""


def change(bench: Bench, order: Order, **fields: str) -> Order:
    changed = replace(order, **{name: Decimal(value) for name, value in fields.items()})
    bench.watcher.client.modify(changed)
    return changed


def hold(bench: Bench, size: str, action: str = "buy") -> None:
    """Have a position, the price of which was 100."""
    bench.venue.say(
        BrokerdPosition(
            account="scripted",
            symbol=FQSN,
            size=Decimal(size) if action == "buy" else -Decimal(size),
            time_ns=1,
        )
    )


def fill(exec_id: str, size: str, **fields: object) -> BrokerdFill:
    return corrected(exec_id, size, "100", **fields)


# ---- size


@pytest.mark.parametrize("mode", ["live", "dark"])
@pytest.mark.parametrize(("size", "passes"), [("9", True), ("10", True), ("11", False)])
async def test_largest_order_in_units(gated, mode, size, passes):
    async with gated(largest_order_units=Decimal(10)) as bench:
        order = bench.submit("buy", "100", size, exec_mode=mode)
        assert bool(refused(bench, order)) is not passes
        assert len(bench.venue.orders) == (passes and mode == "live")


@pytest.mark.parametrize(("price", "passes"), [("99.99", True), ("100", True), ("100.01", False)])
async def test_largest_order_in_money(gated, price, passes):
    async with gated(largest_order_money=Decimal(1000)) as bench:
        order = bench.submit("buy", price, "10")
        assert bool(refused(bench, order)) is not passes


async def test_a_sell_under_the_bid_is_worth_what_the_bid_pays(gated):
    async with gated(largest_order_money=Decimal(1000)) as bench:
        assert not refused(bench, bench.submit("sell", "50", "10"))
        assert "1,099.89 USD" in refused(bench, bench.submit("sell", "50", "11"))


@pytest.mark.parametrize("mode", ["live", "dark"])
@pytest.mark.parametrize(("size", "passes"), [("4", True), ("5", True), ("6", False)])
async def test_a_modify_meets_the_largest_order(gated, mode, size, passes):
    async with gated(largest_order_units=Decimal(5)) as bench:
        order = bench.submit("buy", "90", "2", exec_mode=mode)
        if mode == "live":
            bench.venue.works(order.oid)
        change(bench, order, size=size)
        assert bool(refused(bench, order)) is not passes


async def test_a_dearer_price_meets_the_limit_on_money(gated):
    async with gated(largest_order_money=Decimal(1000)) as bench:
        order = bench.working("buy", "90", "10")
        change(bench, order, price="100.01")
        assert "worth 1,000.10 USD" in refused(bench, order)
        change(bench, order, price="100")
        assert bench.venue.changes[-1].price == 100


@pytest.mark.parametrize("action", ["buy", "sell"])
@pytest.mark.parametrize(("size", "passes"), [("3", True), ("4", True), ("5", False)])
async def test_largest_position_counts_position_working_and_dark(gated, action, size, passes):
    async with gated(largest_position_units=Decimal(10)) as bench:
        hold(bench, "3", action)
        bench.submit(action, "100", "2")
        bench.submit(action, "100", "1", exec_mode="dark")
        order = bench.submit(action, "100", size)
        assert bool(refused(bench, order)) is not passes


@pytest.mark.parametrize(("size", "passes"), [("7", True), ("8", True), ("9", False)])
async def test_largest_position_in_money_counts_at_the_ask_if_that_is_dearer(gated, size, passes):
    async with gated(largest_position_money=Decimal("900.09")) as bench:
        bench.submit("buy", "100", "1")
        order = bench.submit("buy", "99", size)
        assert bool(refused(bench, order)) is not passes


@pytest.mark.parametrize(("size", "passes"), [("4", True), ("5", True), ("6", False)])
async def test_largest_position_in_money_counts_at_the_dearest_order(gated, size, passes):
    async with gated(largest_position_money=Decimal(1650)) as bench:
        bench.submit("buy", "110", "10")
        order = bench.submit("buy", "100", size)
        assert bool(refused(bench, order)) is not passes


async def test_a_change_that_is_on_its_way_counts_at_its_largest(gated):
    async with gated(largest_position_units=Decimal(10)) as bench:
        order = bench.working("buy", "100", "10")
        change(bench, order, size="1")
        assert refused(bench, bench.submit("buy", "100", "1"))
        bench.venue.status("open", price="100", size="1")
        assert not refused(bench, bench.submit("buy", "100", "9"))


@pytest.mark.parametrize(("size", "passes"), [("3", True), ("4", True), ("5", False)])
async def test_a_modify_that_grows_meets_the_largest_position(gated, size, passes):
    async with gated(largest_position_units=Decimal(10)) as bench:
        order = bench.working("buy", "100", "1")
        bench.submit("buy", "100", "6", exec_mode="dark")
        change(bench, order, size=size)
        assert bool(refused(bench, order)) is not passes
        assert len(bench.venue.changes) == passes


async def test_what_is_over_counts_no_more_and_what_is_filled_counts_as_position(gated):
    async with gated(largest_position_units=Decimal(10)) as bench:
        order = bench.working("buy", "100", "10")
        bench.venue.fill(size="4")
        assert refused(bench, bench.submit("buy", "100", "1"))
        bench.venue.status("canceled")
        assert bench.watcher.last(order.oid).resp == "canceled"
        assert refused(bench, bench.submit("buy", "100", "7"))
        assert not refused(bench, bench.submit("buy", "100", "6"))


async def test_orders_of_an_earlier_run_count(tmp_path, gated):
    async with gated(largest_position_units=Decimal(10)) as bench:
        bench.submit("buy", "90", "8", exec_mode="dark")
    async with gated(largest_position_units=Decimal(10)) as bench:
        assert refused(bench, bench.submit("buy", "90", "3"))
        assert not refused(bench, bench.submit("buy", "90", "2"))


async def test_reducing_is_never_blocked_by_a_size_limit(gated):
    async with gated(
        largest_order_units=Decimal(5),
        largest_order_money=Decimal(10),
        largest_position_units=Decimal(5),
        largest_position_money=Decimal(10),
        working_orders=1,
    ) as bench:
        hold(bench, "100")
        bench.submit("sell", "101", "60")
        assert not refused(bench, bench.submit("sell", "102", "40"))
        assert refused(bench, bench.submit("sell", "103", "1")), "would be short if all filled"
        assert refused(bench, bench.submit("buy", "99", "1"))


async def test_the_limit_of_a_market_wins_over_that_of_its_account(gated):
    market = {"largest_order_units": 20}
    async with gated(market=market, largest_order_units=Decimal(10)) as bench:
        assert not refused(bench, bench.submit("buy", "100", "20"))
        assert refused(bench, bench.submit("buy", "100", "21"))
        assert refused(bench, bench.submit("buy", "100", "11", account="scripted.two"))


# ---- price


@pytest.mark.parametrize(
    ("fields", "action", "price", "passes"),
    [
        ({"collar_ticks": 500}, "buy", "105.00", True),
        ({"collar_ticks": 500}, "buy", "105.01", True),
        ({"collar_ticks": 500}, "buy", "105.02", False),
        ({"collar_ticks": 500}, "buy", "10", True),
        ({"collar_ticks": 500}, "sell", "95.00", True),
        ({"collar_ticks": 500}, "sell", "94.99", True),
        ({"collar_ticks": 500}, "sell", "94.98", False),
        ({"collar_ticks": 500}, "sell", "500", True),
        ({"collar_percent": Decimal(10)}, "buy", "110.01", True),
        ({"collar_percent": Decimal(10)}, "buy", "110.02", False),
        ({"collar_percent": Decimal(10)}, "sell", "90.00", True),
        ({"collar_percent": Decimal(10)}, "sell", "89.99", False),
        ({"collar_percent": Decimal(10), "collar_ticks": 5}, "buy", "100.06", True),
        ({"collar_percent": Decimal(10), "collar_ticks": 5}, "buy", "100.07", False),
    ],
)
async def test_collar_in_percent_and_ticks(gated, fields, action, price, passes):
    async with gated(**fields) as bench:
        assert bool(refused(bench, bench.submit(action, price, "1"))) is not passes


async def test_collar_holds_for_a_modify_and_not_for_a_dark_order_that_waits(gated):
    async with gated(collar_ticks=100) as bench:
        order = bench.working("buy", "100", "1")
        change(bench, order, price="101.02")
        assert "too far above the ask of 100.01" in refused(bench, order)
        assert bench.venue.changes == []
        change(bench, order, price="101.01")
        assert len(bench.venue.changes) == 1
        assert not refused(bench, bench.submit("buy", "150", "1", exec_mode="dark"))


async def test_no_quote_and_an_old_quote_are_refused(gated, clock, tmp_path):
    async with gated(collar_ticks=100, quote_age_s=10.0) as bench:
        clock.pass_s(10)
        assert not refused(bench, bench.submit("buy", "100", "1"))
        clock.pass_s(0.1)
        assert "10 s old" in refused(bench, bench.submit("buy", "100", "1"))
        bench.feed.trade(100)
        bench.feed.quote(100.5, 100.2)  # crossed: no quote at all
        assert refused(bench, bench.submit("buy", "100", "1"))
        bench.feed.quote(99.99, 100.01)  # the very same words, said before
        assert refused(bench, bench.submit("buy", "100", "1"))
        bench.feed.quote(99.99, 100.01, time_ns=2)
        assert not refused(bench, bench.submit("buy", "100", "1"))


async def test_a_market_without_quotes_is_refused_or_takes_the_last_trade(tmp_path):
    for collar_from, passes in (("quote", False), ("trade", True), ("any", True)):
        limits = RiskLimits(base=Limits(collar_ticks=100, collar_from=collar_from))
        async with open_bench(tmp_path / collar_from, limits=limits) as bench:
            early = refused(bench, bench.submit("buy", "100", "1"))
            assert early == "" if collar_from == "any" else "no quote" in early
            bench.feed.trade(100)
            assert bool(refused(bench, bench.submit("buy", "100.5", "1"))) is not passes
            assert refused(bench, bench.submit("buy", "101.01", "1"))


async def test_a_trigger_waits_for_a_fresh_quote_and_says_so_once(gated, clock):
    async with gated(collar_ticks=100, quote_age_s=10.0) as bench:
        order = bench.submit("buy", "99", "1", exec_mode="dark")
        clock.pass_s(60)
        for price in (99, 98.9, 98.8):
            bench.feed.trade(price)
        told = bench.watcher.statuses(order.oid)
        assert [s.resp for s in told] == ["dark_open", "dark_open"]
        assert "60 s old" in told[-1].reason
        notices = [m for m in bench.watcher.heard if isinstance(m, Notice)]
        assert len(notices) == 1
        assert "It waits" in notices[0].text
        assert bench.venue.orders == []
        bench.feed.quote(98.9, 99.1, time_ns=3)
        assert [o.oid for o in bench.venue.orders] == [order.oid]
        bench.feed.quote(98.9, 99.1, time_ns=4)
        assert len(bench.venue.orders) == 1


async def test_a_trigger_that_waits_can_be_moved_and_cancelled(gated, clock):
    async with gated(collar_ticks=100, quote_age_s=10.0) as bench:
        gone = bench.submit("buy", "99", "1", exec_mode="dark")
        moved = bench.submit("buy", "99", "2", exec_mode="dark")
        clock.pass_s(60)
        bench.feed.trade(99)
        bench.cancel(gone)
        change(bench, moved, price="90")
        bench.feed.quote(98.9, 99.1, time_ns=3)
        assert bench.venue.orders == []
        assert bench.watcher.resps(gone.oid)[-1] == "canceled"
        bench.feed.quote(89, 90, time_ns=4)
        assert [o.oid for o in bench.venue.orders] == [moved.oid]


async def test_a_gap_over_the_level_waits_until_the_collar_lets_it_through(gated):
    async with gated(collar_ticks=100) as bench:
        order = bench.submit("buy", "90", "1", exec_mode="dark")
        bench.feed.quote(80, 80.01, time_ns=2)  # ten points better: is that a price?
        assert bench.venue.orders == []
        assert "too far above the ask" in bench.watcher.last(order.oid).reason
        bench.feed.quote(89, 89.5, time_ns=3)
        assert [o.oid for o in bench.venue.orders] == [order.oid]


# ---- counts


async def test_duplicates_within_a_second_are_refused_and_modifies_are_not(gated, clock):
    async with gated(duplicate_s=1.0) as bench:
        bench.submit("buy", "100", "1")
        assert "placed less than 1 s ago" in refused(bench, bench.submit("buy", "100", "1"))
        assert refused(bench, bench.submit("buy", "100", "1", exec_mode="dark"))
        other = bench.working("buy", "100.01", "1", reqid=2)
        for fields in ({"size": "2"}, {"price": "99"}, {"action": "sell"}):
            order = bench.submit(**{"action": "buy", "price": "100", "size": "1", **fields})
            assert not refused(bench, order), fields
        change(bench, other, price="100")
        assert not refused(bench, other)
        clock.pass_s(0.999)
        assert refused(bench, bench.submit("buy", "100", "1"))
        clock.pass_s(0.001)
        assert not refused(bench, bench.submit("buy", "100", "1"))


async def test_the_same_again_after_a_cancel_is_no_duplicate(gated):
    async with gated(duplicate_s=1.0) as bench:
        bench.cancel(bench.submit("buy", "100", "1", exec_mode="dark"))
        assert not refused(bench, bench.submit("buy", "100", "1"))


async def test_a_clock_that_is_set_back_shuts_nothing(gated, clock):
    async with gated(duplicate_s=1.0, requests_per_second=1) as bench:
        bench.submit("buy", "100", "1")
        clock.pass_s(-3600)
        assert not refused(bench, bench.submit("buy", "100", "1"))


async def test_requests_per_second_and_cancels_that_always_pass(gated, clock):
    async with gated(requests_per_second=3) as bench:
        orders = [bench.working("buy", "100", "1", reqid=n) for n in range(3)]
        assert "3 requests in the last second" in refused(bench, bench.submit("buy", "99", "1"))
        change(bench, orders[0], price="99")
        assert "requests_per_second" in refused(bench, orders[0])
        for order in orders:
            bench.cancel(order)
        assert len(bench.venue.cancels) == 3
        clock.pass_s(1)
        assert not refused(bench, bench.submit("buy", "99", "1"))


async def test_cancels_count_against_what_comes_after_them(gated, clock):
    async with gated(requests_per_second=2) as bench:
        orders = [bench.working("buy", "100", "1", reqid=n) for n in range(2)]
        clock.pass_s(1)
        for order in orders:
            bench.cancel(order)
        assert refused(bench, bench.submit("buy", "99", "1"))


async def test_triggers_wait_for_the_rate(gated, clock):
    async with gated(requests_per_second=2) as bench:
        for size in ("1", "2", "3"):
            bench.submit("buy", "90", size, exec_mode="dark")
        bench.feed.quote(89.9, 90, time_ns=2)
        assert len(bench.venue.orders) == 2
        clock.pass_s(1)
        bench.feed.quote(89.9, 90, time_ns=3)
        assert len(bench.venue.orders) == 3


async def test_a_modify_that_waited_for_its_ack_meets_the_rate_when_it_leaves(gated, clock):
    async with gated(requests_per_second=2) as bench:
        order = bench.submit("buy", "90", "1")
        change(bench, order, price="91")
        clock.pass_s(2)
        for price in ("80", "81"):
            bench.submit("buy", price, "1")
        bench.venue.works(order.oid)
        assert bench.venue.changes == []
        assert "requests_per_second" in bench.watcher.last(order.oid).reason
        assert bench.watcher.last(order.oid).req.price == 90


async def test_working_orders(gated):
    async with gated(working_orders=2) as bench:
        first = bench.working("buy", "90", "1")
        assert not refused(bench, bench.submit("buy", "91", "1", exec_mode="dark"))
        assert "2 working and dark orders" in refused(bench, bench.submit("buy", "92", "1"))
        assert not refused(bench, bench.submit("alert", "92"))
        bench.cancel(first)
        bench.venue.status("canceled")
        assert not refused(bench, bench.submit("buy", "92", "1"))


# ---- daily loss


@pytest.mark.parametrize(("bid", "locked"), [(90.01, False), (90.0, True), (89.0, True)])
async def test_the_loss_lock_blocks_new_risk_and_lets_out(gated, bid, locked):
    async with gated(daily_loss=Decimal(100)) as bench:
        bench.working("buy", "100", "10")
        bench.venue.fill(size="10")
        bench.venue.status("closed")
        held = bench.submit("buy", "80", "1", exec_mode="dark")
        bench.feed.quote(bid, bid + 0.01, time_ns=2)
        assert ("daily_loss" in refused(bench, bench.submit("buy", "89", "1"))) is locked
        assert not refused(bench, bench.submit("sell", "90", "10"))
        bench.feed.quote(79.9, 80, time_ns=3)
        assert bench.watcher.last(held.oid).resp == "error"
        assert len(bench.venue.cancels) == 0, "it never closes by itself"


async def test_the_lock_stays_shut_for_the_day_and_opens_the_next(gated, clock):
    async with gated(daily_loss=Decimal(100)) as bench:
        bench.working("buy", "100", "10")
        bench.venue.fill(size="10")
        bench.venue.status("closed")
        bench.feed.quote(80, 80.01, time_ns=2)
        assert refused(bench, bench.submit("buy", "80", "1"))
        bench.feed.quote(100, 100.01, time_ns=3)
        assert refused(bench, bench.submit("buy", "81", "1"))
        clock.pass_s(86_400)
        assert not refused(bench, bench.submit("buy", "82", "1"))


# ---- fills that the venue puts right


async def test_a_corrected_fill_counts_as_it_is_right(gated):
    async with gated(largest_position_units=Decimal(10)) as bench:
        bench.working("buy", "100", "6")
        bench.venue.say(fill("x.01", "4"))
        bench.venue.say(fill("x.02", "2", replaces="x.01"))
        assert refused(bench, bench.submit("buy", "99", "5")), "4 of the order may still fill"
        assert not refused(bench, bench.submit("buy", "99", "4"))


async def test_a_correction_counts_beside_the_venues_own_figure(gated):
    async with gated(largest_position_units=Decimal(10)) as bench:
        bench.working("buy", "100", "4")
        bench.venue.say(fill("x.01", "3"))
        hold(bench, "3")
        bench.venue.say(fill("x.02", "4", replaces="x.01"))
        bench.venue.status("closed")
        assert refused(bench, bench.submit("buy", "99", "7"))
        assert not refused(bench, bench.submit("buy", "99", "6"))


@pytest.mark.parametrize(("fee", "locked"), [("99", False), ("100", True)])
async def test_a_fee_that_becomes_known_later_counts_as_lost(gated, clock, fee, locked):
    async with gated(daily_loss=Decimal(100)) as bench:
        bench.working("buy", "100", "1")
        bench.feed.quote(100, 100.01, time_ns=2)
        paid = fill("x", "1", broker_time_ns=clock.now_ns)
        bench.venue.say(paid)
        bench.venue.say(replace(paid, fee=Decimal(fee), replaces="x"))
        bench.venue.status("closed")
        assert bool(refused(bench, bench.submit("buy", "99", "1"))) is locked


# ---- the settings


def test_every_account_has_limits_from_the_first_start():
    limits = RiskLimits()
    assert limits.of_account("paper") == PAPER_DEFAULTS
    assert limits.of_account("ib.main") == LIVE_DEFAULTS
    for field in ("largest_order_money", "largest_position_money", "collar_percent"):
        assert getattr(PAPER_DEFAULTS, field) > getattr(LIVE_DEFAULTS, field) > 0


def test_tables_win_from_wide_to_narrow():
    limits = RiskLimits(
        given_limits({"daily_loss": 7, "working_orders": 7}),
        {"ib.main": given_limits({"working_orders": 8, "collar_percent": "off"})},
        {("ib.main", "mes.cme.ib"): given_limits({"working_orders": 9})},
    )
    assert limits.of_account("paper").working_orders == 7
    assert limits.of_account("ib.main").working_orders == 8
    assert limits.of_account("ib.main").collar_percent is None
    assert limits.of_market("ib.main", "mes.cme.ib").working_orders == 9
    assert limits.of_market("ib.main", "mes.cme.ib").daily_loss == 7
    scopes = limits.counts("ib.main", "mes.cme.ib")
    assert [(scope, own.working_orders) for scope, own in scopes] == [(None, 8), ("mes.cme.ib", 9)]


@pytest.mark.parametrize(
    "table",
    [
        {"largest": 1},
        {"daily_loss": 0},
        {"working_orders": 0},
        {"quote_age_s": -1},
        {"duplicate_s": 61},
        {"largest_order_units": float("inf")},
    ],
)
def test_what_is_no_limit_is_refused(table):
    with pytest.raises(ValidationError):
        given_limits(table)
