"""What an open position is worth, and how money is written."""

import math
from decimal import Decimal

import pytest

from ems.market import Market
from ems.messages import Position
from ui.profit import money_text, unrealised

MES = Market(
    fqsn="mes.cme.ib",
    tick_size=Decimal("0.25"),
    lot_size=Decimal(1),
    currency="USD",
    multiplier=Decimal(5),
)


def position(size: int, avg_price: str | None) -> Position:
    price = None if avg_price is None else Decimal(avg_price)
    return Position(account="p", symbol=MES.fqsn, size=Decimal(size), avg_price=price, time_ns=1)


@pytest.mark.parametrize(
    ("size", "avg_price", "last", "amount"),
    [
        (2, "6000", 6001.25, "12.5"),
        (-2, "6000", 6001.25, "-12.5"),
        (0, None, 6001.25, "0"),
        (0, None, None, "0"),
    ],
)
def test_a_position_is_worth_points_times_size_times_multiplier(size, avg_price, last, amount):
    assert unrealised(position(size, avg_price), MES, last) == Decimal(amount)


@pytest.mark.parametrize(
    ("avg_price", "last"), [("6000", None), ("6000", math.nan), (None, 6000.0)]
)
def test_what_cannot_be_known_is_none(avg_price, last):
    assert unrealised(position(2, avg_price), MES, last) is None


@pytest.mark.parametrize(
    ("amount", "text"),
    [
        ("1234.5", "+1,234.50 USD"),
        ("-0.456", "-0.46 USD"),
        ("0", "0.00 USD"),
        ("-0.001", "0.00 USD"),
    ],
)
def test_money_has_a_sign_two_digits_and_its_currency(amount, text):
    assert money_text(Decimal(amount), "USD") == text


def test_money_of_no_known_currency_has_none():
    assert money_text(Decimal(5)) == "+5.00"
