"""Markets whose tick size depends on the price: the grid is right at each level."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ems.market import Market

D = Decimal
LEVELS = ((D(0), D("0.0001")), (D(1), D("0.01")), (D(50), D("0.05")), (D(1000), D(1)))
SHARE = Market(
    fqsn="a.b", tick_size=D("0.0001"), lot_size=D(1), currency="EUR", price_levels=LEVELS
)


@pytest.mark.parametrize(
    ("price", "tick"),
    [
        ("0.5", "0.0001"), ("0.9999", "0.0001"), ("1", "0.01"), ("49.99", "0.01"), ("50", "0.05"),
        ("999.95", "0.05"), ("1000", "1"), ("70000", "1"), ("-3", "0.0001"),
    ],
)  # fmt: skip
def test_the_tick_of_each_level(price: str, tick: str) -> None:
    assert SHARE.tick_at(D(price)) == SHARE.tick_at(float(price)) == D(tick)


@given(st.floats(0.0001, 5000))
def test_a_rounded_price_is_the_nearest_on_the_grid_of_its_level(price: float) -> None:
    rounded = SHARE.round_price(price)
    assert SHARE.is_price(rounded)
    assert abs(rounded - D(repr(price))) <= SHARE.tick_at(price) / 2


@given(st.floats(0.0001, 5000), st.integers(-40, 40))
def test_a_price_so_many_ticks_away_is_on_the_grid(price: float, ticks: int) -> None:
    away = SHARE.ticks_away(SHARE.round_price(price), ticks)
    assert SHARE.is_price(away)
    assert (away > SHARE.round_price(price)) == (ticks > 0) or away == SHARE.round_price(price)


@given(st.decimals("0.0001", 5000, places=5))
def test_what_is_said_of_a_price_between_two_names_both(price: D) -> None:
    why = SHARE.no_price(price)
    assert bool(why) != SHARE.is_price(price)
    if why and " or " in why:
        below, above = (D(word.replace(",", "")) for word in why.split("; ")[1].split()[:3:2])
        assert below < price < above
        assert SHARE.is_price(below)
        assert SHARE.is_price(above)


def test_prices_are_written_with_the_digits_of_their_level() -> None:
    words = [SHARE.format_price(price) for price in (0.5, 12.5, 75.05, 1234.0)]
    assert words == ["0.5000", "12.50", "75.05", "1,234"]


@pytest.mark.parametrize("bad", ["NaN", "Infinity", "-Infinity", "1E+40", "60.03"])
def test_what_is_no_price_is_none(bad: str) -> None:
    assert SHARE.no_price(D(bad))


def test_zero_is_no_price_to_trade_at() -> None:
    assert "tick size" in SHARE.no_price(D(0))
