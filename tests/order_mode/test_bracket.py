from decimal import Decimal

import hypothesis.strategies as st
import pytest
from hypothesis import given
from msgspec.structs import replace

from ems.market import Market
from ems.messages import Order
from order_mode.bracket import (
    Preset,
    Target,
    exits_of,
    money_at_risk,
    resized,
    reward_to_risk,
    shared,
)
from order_mode.exit_distance import Entry, NoExit, parse_distance, points
from tests.sims.scripted_ems import MARKET, order

COINS = Market(
    fqsn="xbtusd.kraken", tick_size=Decimal("0.1"), lot_size=Decimal("0.0001"), currency="USD"
)
FUTURE = Market(
    fqsn="mes.cme.ib",
    tick_size=Decimal("0.25"),
    lot_size=Decimal(1),
    currency="USD",
    multiplier=Decimal(5),
)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("20 ticks", "5.00"),
        ("1%", "50.00"),
        ("1.5 atr", "3.00"),
        ("250 money", "25.00"),
        ("2r", "8"),
    ],
)
def test_a_distance_is_points_on_the_tick(text, expected):
    entry = Entry(FUTURE, Decimal(5000), Decimal(2), atr=2.0, risk=Decimal(4))
    assert points(parse_distance(text), entry) == Decimal(expected)


def test_a_distance_is_one_tick_at_least():
    assert points(parse_distance("0.001 %"), Entry(FUTURE, Decimal(5), Decimal(1))) == Decimal(
        "0.25"
    )


@pytest.mark.parametrize(("text", "why"), [("1 atr", "ATR"), ("1 r", "needs a stop")])
def test_what_is_missing_is_said(text, why):
    with pytest.raises(NoExit, match=why):
        points(parse_distance(text), Entry(MARKET, Decimal(100), Decimal(1)))


@pytest.mark.parametrize("text", ["", "1", "ticks", "-1 ticks", "0 ticks", "1 lots", "1,5 %"])
def test_no_distance_is_refused(text):
    with pytest.raises(ValueError, match="is no distance of an exit"):
        parse_distance(text)


@given(
    lots=st.integers(1, 10**6),
    parts=st.lists(st.integers(1, 100), min_size=1, max_size=6).filter(lambda p: sum(p) <= 100),
)
def test_shares_are_whole_lots_and_never_more_than_the_size(lots, parts):
    size = lots * COINS.lot_size
    sizes = shared(size, [Decimal(part) / 100 for part in parts], COINS)
    assert all(one >= 0 and one % COINS.lot_size == 0 for one in sizes)
    total = sum(sizes)
    assert total == size if sum(parts) == 100 else total <= size


def test_the_exits_of_a_short_lie_the_other_way_round():
    preset = Preset("x", parse_distance("10 ticks"), (Target(parse_distance("2 r")),))
    stop, target = exits_of(order(action="sell"), preset, MARKET, None, 5)
    assert (stop.action, stop.price) == ("buy", Decimal("100.10"))
    assert (target.action, target.price) == ("buy", Decimal("99.80"))


def test_dark_exits_are_dark_and_a_stop_limit_has_its_limit_beyond():
    preset = Preset("x", parse_distance("10 ticks"), stop_type="stop_limit", held_here=True)
    [stop] = exits_of(order(), preset, MARKET, None, 5)
    assert stop.exec_mode == "dark"
    assert (stop.price, stop.limit_price) == (Decimal("99.90"), Decimal("99.85"))


def test_a_stop_below_zero_and_a_target_of_no_lot_are_refused():
    deep = Preset("x", parse_distance("120 %"))
    with pytest.raises(NoExit, match="below zero"):
        exits_of(order(), deep, MARKET, None, 5)
    thin = Preset("x", None, (Target(parse_distance("1 %"), Decimal("0.01")),))
    with pytest.raises(NoExit, match="less than one lot"):
        exits_of(order(), thin, MARKET, None, 5)


def test_reward_counts_what_each_target_closes():
    entry = order(size=Decimal(10))
    preset = Preset(
        "x",
        parse_distance("100 ticks"),
        (
            Target(parse_distance("1 r"), Decimal("0.5")),
            Target(parse_distance("3 r"), Decimal("0.5")),
        ),
    )
    exits: tuple[Order, ...] = exits_of(entry, preset, MARKET, None, 5)
    assert money_at_risk(entry, exits, MARKET) == Decimal("10.00")
    assert reward_to_risk(entry.price, exits) == 2
    assert reward_to_risk(entry.price, exits[1:]) is None


def test_a_wide_stop_at_the_venue_lies_behind_dark_exits_and_the_near_one_is_the_risk():
    preset = Preset(
        "x",
        parse_distance("100 ticks"),
        (Target(parse_distance("2 r")),),
        held_here=True,
        safety_stop=parse_distance("300 ticks"),
    )
    entry = order(size=Decimal(10))
    near, target, wide = exits_of(entry, preset, MARKET, None, 5)
    assert [one.exec_mode for one in (near, target, wide)] == ["dark", "dark", "live"]
    assert (near.price, wide.price) == (Decimal("99.00"), Decimal("97.00"))
    assert money_at_risk(entry, (near, target, wide), MARKET) == Decimal("10.00")
    assert reward_to_risk(entry.price, (near, target, wide)) == 2
    again = resized((near, target, wide), Decimal(4), MARKET)
    assert [one.size for one in again] == [Decimal(4)] * 3


def test_a_safety_stop_in_front_of_the_stop_is_refused():
    preset = Preset("x", parse_distance("100 ticks"), safety_stop=parse_distance("100 ticks"))
    with pytest.raises(NoExit, match="no further away"):
        exits_of(order(), preset, MARKET, None, 5)


@given(
    price=st.integers(9000, 11000), ticks=st.integers(1, 300), side=st.sampled_from(["buy", "sell"])
)
def test_exits_lie_on_the_grid_also_where_the_tick_size_changes_between(price, ticks, side):
    levels = ((Decimal(0), Decimal("0.01")), (Decimal(100), Decimal("0.05")))
    share = replace(MARKET, tick_size=Decimal("0.01"), price_levels=levels)
    entry = order(action=side, price=share.round_price(Decimal(price) / 100))
    stop_limit = Preset(
        "x", parse_distance(f"{ticks} ticks"), (Target(parse_distance("1.5 r")),), "stop_limit"
    )
    for one in exits_of(entry, stop_limit, share, None, 3):
        assert share.is_price(one.price)
        assert one.limit_price is None or share.is_price(one.limit_price)
