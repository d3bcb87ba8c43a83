"""An order's story says what the order was, group and all."""

import json
from decimal import Decimal

import pytest

from ems.messages import Link, Order, Trail, encode
from tests.ui.tables.made_messages import make_order
from ui.order_story import in_words


def told(order: Order) -> str:
    return in_words("SUBMIT", json.loads(encode(order)))


@pytest.mark.parametrize(
    ("facts", "words"),
    [
        ({}, "buy 100 at 187.5"),
        (
            {"type": "stop_limit", "limit_price": Decimal("188.00"), "tif": "day"},
            "buy 100 stop-limit at 187.5, limit 188.00, DAY",
        ),
        (
            {"type": "trailing_stop", "trail": Trail(Decimal(2), "percent")},
            "buy 100 trailing-stop at 187.5, trails 2 %",
        ),
        ({"post_only": True, "reduce_only": True}, "buy 100 at 187.5, post-only, reduce-only"),
        (
            {"link": Link(group="22222222-bbbb", role="target")},
            "buy 100 at 187.5, target of the group 22222222",
        ),
    ],
)
def test_an_order_in_its_story(facts, words):
    assert told(make_order(**facts)).endswith(words)
