"""Each message survives encode and decode; bytes that are none are refused with a sentence."""

from decimal import Decimal
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ems.errors import BadMessage
from ems.messages import AnyMessage, BrokerdStatus, Order, decode, encode

plain_decimals = st.decimals(allow_nan=False, allow_infinity=False, places=8)
st.register_type_strategy(Decimal, plain_decimals)


@pytest.mark.parametrize("kind", get_args(AnyMessage), ids=lambda kind: kind.__name__)
def test_round_trip(kind) -> None:
    @given(st.from_type(kind))
    def check(msg) -> None:
        again = decode(encode(msg))
        assert again == msg
        assert type(again) is kind

    check()


def test_prices_travel_as_exact_text() -> None:
    order = Order(
        oid="a", action="buy", exec_mode="live", symbol="m.x", account="paper",
        price=Decimal("0.1") + Decimal("0.2"), size=Decimal("0.00000001"),
    )  # fmt: skip
    assert b'"price":"0.3"' in encode(order)
    again = decode(encode(order))
    assert isinstance(again, Order)
    assert (again.price, again.size) == (Decimal("0.3"), Decimal("0.00000001"))


@pytest.mark.parametrize(
    "data",
    [b"", b"{", b"null", b'{"name":"teleport"}', b'{"name":"order"}', b"\xff\xfe", b"[]",
     b'{"name":"cancel","oid":1,"symbol":"x"}'],
)  # fmt: skip
def test_foreign_bytes(data: bytes) -> None:
    with pytest.raises(BadMessage, match="not a message of ours"):
        decode(data)


def test_a_status_word_may_be_newer_than_this_program() -> None:
    msg = BrokerdStatus(reqid=1, account="ib", status="levitating", time_ns=1)
    assert decode(encode(msg)) == msg
