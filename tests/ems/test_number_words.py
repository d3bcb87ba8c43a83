"""Numbers in words."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ems.number_words import number_words


@pytest.mark.parametrize(
    ("number", "words"),
    [
        ("0", "zero"),
        ("0.4", "zero"),
        ("7", "seven"),
        ("19.6", "twenty"),
        ("21", "twenty-one"),
        ("100", "one hundred"),
        ("1000", "one thousand"),
        ("12500", "twelve thousand five hundred"),
        ("1000001", "one million one"),
        ("-40", "minus forty"),
        ("-0.4", "zero"),
        ("7018000000", "seven billion eighteen million"),
        ("1e19", "10,000,000,000,000,000,000"),
    ],
)
def test_in_words(number, words):
    assert number_words(Decimal(number)) == words


@given(st.integers(0, 10**17))
def test_ten_times_as_much_reads_otherwise(number):
    if number:
        assert number_words(Decimal(number)) != number_words(Decimal(number * 10))
