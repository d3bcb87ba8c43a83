from decimal import Decimal

import pytest
from ib_async.util import UNSET_DOUBLE, UNSET_INTEGER

from brokers.ib.numbers import exact, exact_or_none


@pytest.mark.parametrize(
    ("number", "text"),
    [(0.1, "0.1"), (10.0, "10"), (1e-05, "0.00001"), (0.0, "0"), ("5", "5"), (Decimal(100), "100")],
)
def test_a_float_means_what_it_prints_as(number: object, text: str) -> None:
    assert str(exact(number)) == text


@pytest.mark.parametrize("unset", [UNSET_DOUBLE, UNSET_INTEGER, None, ""])
def test_ibs_numbers_for_none_are_none(unset: object) -> None:
    assert exact_or_none(unset) is None
