from decimal import Decimal

import hypothesis.strategies as st
import msgspec
import pytest
from hypothesis import given

from order_mode.sizing import Exposure, Resting, Sizing, exit_size, next_size
from tests.sims.scripted_ems import MARKET

UNITS = Sizing(Decimal(100), "units", 4)
PRICE = Decimal("50.00")


def size(sizing=UNITS, action="buy", price=PRICE, market=MARKET, **exposure):
    return next_size(sizing, market, Exposure(**exposure), action, price)


def resting(action, amount, price=PRICE):
    return Resting(action, Decimal(price), Decimal(amount))


def test_a_slot_is_its_part_of_the_limit():
    assert size().size == 25
    assert size().why == ""
    assert size(Sizing(Decimal(100), "units", 3)).size == 33  # floored to the lot


def test_a_limit_in_money_is_worth_its_units_at_the_price():
    sizing = Sizing(Decimal(10_000), "money", 4)
    assert size(sizing).size == 50
    assert size(sizing, price=Decimal("49.99")).size == 50
    assert size(sizing, price=Decimal("50.01")).size == 49


def test_a_contract_is_worth_its_multiplier():
    future = msgspec.structs.replace(MARKET, multiplier=Decimal(5))
    assert size(Sizing(Decimal(10_000), "money", 4), market=future).size == 10


def test_an_entry_is_cut_to_what_is_left_of_the_limit():
    cut = size(position=Decimal(60), orders=[resting("buy", 30)])
    assert cut.size == 10
    assert "25" in cut.why
    assert "100" in cut.why


def test_an_entry_over_the_limit_is_refused_with_a_sentence():
    refused = size(position=Decimal(60), orders=[resting("buy", 40)])
    assert refused.size == 0
    assert "limit of 100" in refused.why


def test_orders_of_the_other_side_make_no_room_and_take_none():
    assert size(position=Decimal(100), orders=[resting("sell", 100)]).size == 0
    assert size(orders=[resting("sell", 100)]).size == 25


def test_an_exit_is_one_slot_and_never_more_than_the_position():
    assert size(action="sell", position=Decimal(60)).size == 25
    assert size(action="sell", position=Decimal(10)).size == 10
    assert size(action="buy", position=Decimal(-10)).size == 10


def test_an_exit_is_allowed_with_a_position_beyond_the_limit():
    assert size(action="sell", position=Decimal(500)).size == 25


def test_a_stop_may_lie_under_a_target():
    assert size(action="sell", position=Decimal(25), orders=[resting("sell", 25, "60")]).size == 25


def test_exits_that_would_turn_the_position_beyond_the_limit_are_refused():
    assert size(action="sell", position=Decimal(25), orders=[resting("sell", 125)]).size == 0


def test_money_counts_what_was_paid_and_what_orders_would_pay():
    sizing = Sizing(Decimal(10_000), "money", 2)
    used = {"position": Decimal(100), "avg_price": Decimal(40)}
    assert size(sizing, orders=[resting("buy", 50, "80")], **used).size == 40


def test_less_than_a_lot_is_refused_and_says_what_to_do():
    refused = size(Sizing(Decimal(3), "units", 4))
    assert refused.size == 0
    assert "fewer slots" in refused.why


def test_money_has_no_size_at_a_price_of_zero():
    assert "units" in size(Sizing(), price=Decimal(0)).why
    assert size(UNITS, price=Decimal(-5)).size == 25


@pytest.mark.parametrize(("limit", "slots"), [(0, 4), (-1, 4), (1, 0), ("NaN", 1)])
def test_a_sizing_that_makes_no_sense_is_not_made(limit, slots):
    with pytest.raises(ValueError, match="no sizing"):
        Sizing(Decimal(limit), "units", slots)


@given(
    limit=st.integers(1, 1000),
    slots=st.integers(1, 12),
    position=st.integers(-1500, 1500),
    action=st.sampled_from(["buy", "sell"]),
    orders=st.lists(st.tuples(st.sampled_from(["buy", "sell"]), st.integers(1, 400)), max_size=6),
)
def test_no_order_takes_position_and_orders_beyond_the_limit(
    limit, slots, position, action, orders
):
    sized = size(
        Sizing(Decimal(limit), "units", slots),
        action,
        position=Decimal(position),
        orders=[resting(side, amount) for side, amount in orders],
    )
    sign = 1 if action == "buy" else -1
    at_work = sum(amount for side, amount in orders if side == action)
    assert 0 <= sized.size <= Decimal(limit) / slots
    assert sized.size or sized.why
    if sized.size:
        assert position * sign + at_work + sized.size <= limit
        assert position * sign >= 0 or sized.size <= abs(position)


@pytest.mark.parametrize(
    ("position", "at_work", "action", "share", "size", "why"),
    [
        (50, 0, "sell", "half", 25, ""),
        (51, 0, "sell", "half", 25, ""),
        (50, 0, "sell", "all", 50, ""),
        (-50, 0, "buy", "all", 50, ""),
        (50, 30, "sell", "all", 20, "exits for 30 are at work"),
        (50, 50, "sell", "half", 0, "exits for 50 are at work"),
        (1, 0, "sell", "half", 0, "less than one lot"),
        (50, 0, "buy", "all", 0, "no short position"),
        (0, 0, "sell", "half", 0, "no long position"),
    ],
)
def test_an_exit_never_closes_more_than_there_is(position, at_work, action, share, size, why):
    orders = [Resting(action, Decimal(100), Decimal(at_work))] if at_work else []
    sized = exit_size(MARKET, Exposure(Decimal(position), None, orders), action, share)
    assert sized.size == size
    assert why in sized.why
