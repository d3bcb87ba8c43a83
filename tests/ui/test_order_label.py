"""A label that takes over the picture of the one before looks as if it were painted anew."""

from dataclasses import replace
from decimal import Decimal

import pytest

from order_mode.line import Label, Line, LineStyle
from ui.order_label import OrderLabel

WORDS = Label(
    side="BUY", size="30", price="1,000.25", account="PAPER", mode="live", distance="12 ticks"
)


def a_line(**changed):
    words = replace(WORDS, **{key: changed.pop(key) for key in list(changed) if key in SLOTS})
    fields = {"key": "a", "price": Decimal("1000.25"), "action": "buy", "style": LineStyle.STAGED}
    return Line(**(fields | {"label": words} | changed))


SLOTS = set(Label.__slots__)


@pytest.mark.parametrize("ratio", [1.0, 1.5, 2.0])
@pytest.mark.parametrize(
    "changed",
    [
        {"price": "1,000.75"},
        {"price": "9,111.11", "distance": "88 ticks"},
        {"price": "11,000.75"},
        {"size": "31"},
        {"profit": "+1.00"},
        {"cancel_called": True},
        {"filled": 0.5},
        {"stale": True, "price": "1,000.75"},
        {"refused": "no", "price": "1,000.75"},
        {"style": LineStyle.SOLID},
    ],
)
def test_a_label_after_another_looks_like_one_painted_anew(qtbot, changed, ratio):
    before = OrderLabel(a_line(), compact=False, ratio=ratio)
    was = before.pixmap.toImage()
    after = OrderLabel(a_line(**changed), compact=False, ratio=ratio, before=before)
    anew = OrderLabel(a_line(**changed), compact=False, ratio=ratio)
    assert after.pixmap.toImage() == anew.pixmap.toImage()
    assert after.pixmap.toImage() != was


def test_words_change_again_and_again_and_back(qtbot):
    label = first = OrderLabel(a_line(), compact=False, ratio=1.0)
    was = first.pixmap.toImage()
    for price in ("1,000.50", "1,888.75", "2,111.00", "1,000.25"):
        label = OrderLabel(a_line(price=price), compact=False, ratio=1.0, before=label)
    assert label.pixmap.toImage() == was
