"""What passes at a glance is what every check lets pass, whatever the limits."""

import asyncio
import tempfile
from collections.abc import Iterator
from contextlib import AsyncExitStack
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from ems.arming_rules import ArmingRules
from ems.embedded import Ems, open_ems
from ems.market import Market
from ems.messages import Link, Order
from ems.plain_orders import is_plain
from ems.refusal import Refusal
from ems.risk_limits import Limits, RiskLimits
from tests.ems.conftest import make_order
from tests.sims.scripted_venue import FQSN, MARKET, PushFeed, ScriptedVenue, backend

SECOND = 1_000_000_000


class Scene:
    """One EMS whose limits, prices, orders and position a test sets anew for each example."""

    def __init__(self) -> None:
        self.loop = asyncio.new_event_loop()
        self.folder = tempfile.TemporaryDirectory()
        self.now_ns = 1_000_000 * SECOND
        self.stack = AsyncExitStack()
        self.execs = 0

    async def _open(self, market: Market) -> Ems:
        self.venue, self.feed = ScriptedVenue(), PushFeed(market)
        opened = open_ems(
            backend(self.venue, self.feed),
            Path(self.folder.name) / f"journal-{self.now_ns}.db",
            clock=lambda: self.now_ns,
            answer_timeout_s=60,
        )
        ems = await self.stack.enter_async_context(opened)
        await ems.hub.market(FQSN)
        return ems

    def fresh(self, market: Market = MARKET) -> Ems:
        """Open another EMS."""
        self.now_ns += 3600 * SECOND
        self.loop.run_until_complete(self.stack.aclose())
        self.ems: Ems = self.loop.run_until_complete(self._open(market))
        return self.ems

    def close(self) -> None:
        self.loop.run_until_complete(self.stack.aclose())
        self.loop.close()
        self.folder.cleanup()

    @property
    def gate(self) -> Any:
        return self.ems.router._gate

    def in_full(self, order: Order) -> Refusal | str | None:
        """What all checks say of a new order, asked one by one."""
        started = self.ems.router._starts.start(order, (order,))
        if isinstance(started, str):
            return started
        verdict: Refusal | None = self.gate.limits_new(order, order.consent, ())
        return verdict


@pytest.fixture(scope="module")
def scene() -> Iterator[Scene]:
    made = Scene()
    yield made
    made.close()


def some(*values: object) -> st.SearchStrategy[Any]:
    return st.sampled_from([None, *values])


money = some(*(Decimal(n) for n in (99, 100, 101, 250, 400, 1_000, 10_000)))
units = some(*(Decimal(n) for n in (1, 2, 3, 5, 9)))
limits = st.builds(
    Limits,
    largest_order_units=units,
    largest_order_money=money,
    largest_position_units=units,
    largest_position_money=money,
    collar_percent=some(Decimal(1)),
    collar_ticks=some(10),
    quote_age_s=some(1.0, 10.0),
    collar_from=st.sampled_from(["quote", "trade", "any"]),
    duplicate_s=some(1.0),
    requests_per_second=some(1, 3),
    working_orders=some(1, 3),
    daily_loss=some(Decimal(1), Decimal(50)),
    ask_order_units=units,
    ask_order_money=money,
    ask_position_units=units,
    ask_position_money=money,
    ask_collar_percent=some(Decimal(1)),
)
in_market = st.sampled_from([{}, {"working_orders": 2}, {"daily_loss": Decimal(2)}])
modes = st.sampled_from(["one click", "one click", "armed", "confirm"])
prices = st.sampled_from(
    ["98", "99.99", "100", "100.01", "100.02", "101", "101.01", "103", "100.005"]
)
markets = st.sampled_from(
    [MARKET, MARKET, replace(MARKET, price_levels=((Decimal(101), Decimal("0.5")),))]
)
sizes = st.sampled_from(["1", "2", "3", "5", "0.5"])
sides = st.sampled_from(["buy", "sell"])
orders = st.tuples(sides, prices, sizes)
quotes = some((100.0, 100.01), (99.99, 100.0), (101.0, 101.0))
others = st.sampled_from(
    [
        {},
        {},
        {},
        {"type": "market"},
        {"tif": "ioc"},
        {"tif": "gtd", "expires_ns": 1},
        {"post_only": True},
        {"reduce_only": True},
        {"brokers": ("scripted",)},
        {"brokers": ("other",)},
        {"consent": ("ask_order_money",)},
        {"account": "scripted.two"},
        {"account": "nobody"},
        {"symbol": "other.test.scripted"},
        {"exec_mode": "dark"},
        {"oid": "no uuid"},
        {"link": Link(group="7a3b0c1e-0000-4000-8000-000000000000", role="peer")},
        {"note": "words"},
        {"price": Decimal("NaN")},
        {"size": Decimal("Infinity")},
        {"price": Decimal("-100")},
    ]
)


@settings(max_examples=300, deadline=None)
@given(
    market=markets,
    own=limits,
    here=in_market,
    mode=modes,
    armed=st.booleans(),
    killed=st.sampled_from([False, False, False, True]),
    quote=quotes,
    aged_s=st.sampled_from([0, 0, 2, 30]),
    before=st.lists(orders, max_size=4),
    filled=st.lists(st.tuples(sides, sizes), max_size=3),
    asked=orders,
    said=others,
)
def test_the_verdict_at_a_glance_is_the_verdict_of_every_check(
    scene, market, own, here, mode, armed, killed, quote, aged_s, before, filled, asked, said
):
    ems = scene.fresh(market)
    ems.change_safety(RiskLimits(), ArmingRules({"mode": "one click"}))
    scene.feed.quote(100.0, 100.01, time_ns=scene.now_ns)
    client = ems.connect()
    for action, price, size in before:
        client.submit(make_order(action, price, size))
    for action, size in filled:
        scene.execs += 1
        scene.venue.fill(99, size, "100", f"x{scene.execs}", action=action)
    rules = ArmingRules({"mode": mode})
    ems.change_safety(RiskLimits(base=own, markets={("scripted", FQSN): here}), rules)
    if armed:
        ems.arm("scripted")
    if killed:
        ems.kill()
    if quote is not None:
        scene.feed.quote(*quote, time_ns=scene.now_ns + 1)
    scene.now_ns += aged_s * SECOND
    order = replace(make_order(*asked), **said)
    at_a_glance, in_full = scene.gate.passes_at_a_glance(order), scene.in_full(order)
    if at_a_glance:
        assert in_full is None
    elif in_full is None and is_plain(order, "live") and quote and not (aged_s or filled):
        bid, ask = (Decimal(str(price)) for price in quote)
        beyond = order.price > ask if order.action == "buy" else order.price < bid
        assert beyond, "what is plain, and passes, passes at a glance"
    ems.release()


@settings(max_examples=150, deadline=None)
@given(
    own=limits,
    aged_s=st.sampled_from([0, 0, 2, 30]),
    before=st.lists(orders, max_size=3),
    filled=st.lists(st.tuples(sides, sizes), max_size=3),
    asked=orders,
    said=others,
)
def test_a_dark_order_that_may_leave_at_a_glance_passes_every_check(
    scene, own, aged_s, before, filled, asked, said
):
    ems = scene.fresh()
    ems.change_safety(RiskLimits(base=Limits()), ArmingRules({"mode": "one click"}))
    scene.feed.quote(100.0, 100.01, time_ns=scene.now_ns)
    client = ems.connect()
    for action, price, size in before:
        client.submit(make_order(action, price, size))
    for action, size in filled:
        scene.execs += 1
        scene.venue.fill(99, size, "100", f"x{scene.execs}", action=action)
    order = replace(make_order(*asked, exec_mode="dark"), **said)
    client.submit(order)
    dialog = ems.index.by_oid(order.oid)
    ems.change_safety(RiskLimits(base=own), ArmingRules({"mode": "one click"}))
    if dialog is None or dialog.over:
        return
    scene.now_ns += aged_s * SECOND
    if scene.gate._plain.may_leave(dialog):
        leaving = ems.departures.leaving(dialog.order)
        assert not isinstance(leaving, str)
        assert scene.gate._checks.trigger(dialog, leaving) is None


def test_most_orders_pass_at_a_glance(scene):
    ems = scene.fresh()
    ems.change_safety(RiskLimits(), ArmingRules({"mode": "one click"}))
    scene.feed.quote(100.0, 100.01)
    assert scene.gate.passes_at_a_glance(make_order("buy", "100.01", "10"))
    assert scene.gate.passes_at_a_glance(make_order("sell", "105", "10"))
    assert not scene.gate.passes_at_a_glance(make_order("buy", "100.02", "10"))
    assert not scene.gate.passes_at_a_glance(make_order("sell", "99.99", "10"))


def test_a_price_off_the_grid_of_its_level_does_not_pass_at_a_glance(scene):
    ems = scene.fresh(replace(MARKET, price_levels=((Decimal(101), Decimal("0.5")),)))
    ems.change_safety(RiskLimits(), ArmingRules({"mode": "one click"}))
    scene.feed.quote(100.0, 100.01)
    assert scene.gate.passes_at_a_glance(make_order("sell", "100.99", "10"))
    assert scene.gate.passes_at_a_glance(make_order("sell", "101.50", "10"))
    assert not scene.gate.passes_at_a_glance(make_order("sell", "101.01", "10"))
