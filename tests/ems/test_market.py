"""The grid of a market: exact prices and sizes, and how they are written."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ems.errors import UnknownMarket
from ems.market import Market, broker_of, parse_fqsn


def market(tick: str, lot: str = "1") -> Market:
    return Market(fqsn="a.b", tick_size=Decimal(tick), lot_size=Decimal(lot), currency="USD")


@given(
    st.sampled_from(["0.01", "0.25", "0.00001", "1", "5", "0.1"]),
    st.floats(min_value=0.0001, max_value=1e6),
)
def test_rounded_price_is_the_nearest_multiple_of_the_tick(tick, price) -> None:
    found = market(tick)
    rounded = found.round_price(price)
    assert found.is_price(rounded)
    assert abs(rounded - Decimal(repr(price))) <= Decimal(tick) / 2


def test_a_tenth_and_two_tenths_are_three() -> None:
    assert str(market("0.1").round_price(0.1 + 0.2)) == "0.3"


@given(st.decimals(0, 10**6, places=8))
def test_floored_size_is_never_larger(size) -> None:
    found = market("1", "0.001").floor_size(size)
    assert 0 <= size - found < Decimal("0.001")


@pytest.mark.parametrize("bad", ["NaN", "Infinity", "-Infinity", "1e40", "0.005"])
def test_what_lies_off_the_grid(bad: str) -> None:
    assert not market("0.01").is_price(Decimal(bad))
    assert not market("0.01", "0.01").is_size(Decimal(bad))


@pytest.mark.parametrize("bad", [float("nan"), float("inf")])
def test_no_number_is_no_price_and_no_size(bad: float) -> None:
    with pytest.raises(ValueError, match="is not a price"):
        market("0.01").round_price(bad)
    with pytest.raises(ValueError, match="is not a size"):
        market("0.01").floor_size(bad)


def test_written_with_the_digits_of_the_market() -> None:
    es = market("0.25")
    assert (es.price_digits, es.format_price(1635.5)) == (2, "1,635.50")
    assert market("5").format_price(Decimal(1635)) == "1,635"
    btc = market("0.01", "0.00000001")
    assert btc.format_size(Decimal("0.50000000")) == "0.5"
    assert btc.format_size(Decimal("1200")) == "1,200"


def test_money_counts_the_multiplier() -> None:
    es = Market(
        fqsn="es.cme", tick_size=Decimal("0.25"), lot_size=Decimal(1), currency="USD",
        multiplier=Decimal(50),
    )  # fmt: skip
    assert es.money(Decimal("0.25"), Decimal(2)) == 25


@pytest.mark.parametrize(
    ("fqsn", "parts"),
    [
        ("xbtusd.kraken", ("xbtusd", "kraken", "", "kraken")),
        ("qqq.nasdaq.ib", ("qqq", "nasdaq", "", "ib")),
        ("mes.cme.20261218.ib", ("mes", "cme", "20261218", "ib")),
    ],
)
def test_parts_of_an_fqsn(fqsn: str, parts: tuple[str, ...]) -> None:
    found = parse_fqsn(fqsn)
    assert (found.symbol, found.venue, found.expiry, found.broker) == parts


@pytest.mark.parametrize("text", ["", "aapl", "AAPL.x", "a..b", "a.b.c.d.e", "a b.c", ".a"])
def test_what_is_no_fqsn(text: str) -> None:
    with pytest.raises(UnknownMarket, match="is not the name of a market"):
        parse_fqsn(text)


def test_broker_of_an_account() -> None:
    assert (broker_of("paper"), broker_of("ib.main")) == ("paper", "ib")
