from decimal import Decimal

import hypothesis.strategies as st
import pytest
from hypothesis import given

from ems.positions import PositionRecord
from order_mode.outlook import FeeLedger, Fees, Holding, breakeven, outlook
from tests.sims.scripted_ems import MARKET, fill, order

D = Decimal
RATE = Fees(D(0), D("0.001"))


@pytest.mark.parametrize(
    ("size", "avg", "action", "order_size", "price", "after", "new_avg", "profit"),
    [
        (0, None, "buy", 10, 100, 10, 100, None),
        (10, 100, "buy", 10, 110, 20, 105, None),
        (10, 100, "sell", 4, 110, 6, 100, 40),
        (10, 100, "sell", 10, 90, 0, None, -100),
        (10, 100, "sell", 15, 110, -5, 110, 100),
        (-10, 100, "buy", 4, 90, -6, 100, 40),
        (10, None, "buy", 5, 100, 15, None, None),
    ],
)
def test_the_position_after_an_order(size, avg, action, order_size, price, after, new_avg, profit):
    held = Holding(D(size), None if avg is None else D(avg))
    seen = outlook(MARKET, held, action, D(order_size), D(price))
    assert (seen.size, seen.avg_price, seen.profit) == (after, new_avg, profit)
    assert seen.breakeven is None  # nothing is known of fees


trades = st.tuples(
    st.sampled_from(["buy", "sell"]), st.integers(1, 50), st.decimals(50, 150, places=2)
)


@given(done=st.lists(trades, min_size=1, max_size=12), last=trades)
def test_it_is_what_the_ems_counts_once_the_order_has_filled(done, last):
    record = PositionRecord("paper", MARKET.fqsn)
    for action, size, price in done:
        record.apply(fill(order(action=action, price=price), size=size))
    action, size, price = last
    seen = outlook(MARKET, Holding(record.size, record.avg_price), action, D(size), price)
    before = record.realised
    record.apply(fill(order(action=action, price=price), size=size))
    assert seen.size == record.size
    assert (seen.avg_price is None) == (record.avg_price is None)
    assert seen.avg_price == pytest.approx(record.avg_price)
    assert float(seen.profit or 0) == pytest.approx(float(record.realised - before), abs=1e-9)


@given(done=st.lists(trades, min_size=1, max_size=12))
def test_closing_at_the_break_even_price_leaves_nothing(done):
    ledger, record = FeeLedger(MARKET), PositionRecord("paper", MARKET.fqsn)
    rate = D("0.002")
    for number, (action, size, price) in enumerate(done):
        paid = D(size) * price * rate
        one = fill(order(action=action, price=price), str(number), size, fee=paid)
        ledger.apply(one)
        record.apply(one)
    fees = ledger.fees(record.size)
    assert fees is not None
    at = breakeven(MARKET, Holding(record.size, record.avg_price, fees))
    if not record.size:
        assert at is None
        return
    gross = (at - record.avg_price) * record.size
    assert float(gross - fees.open_fees - at * abs(record.size) * rate) == pytest.approx(
        0, abs=1e-6
    )


def test_fees_are_unknown_where_the_fills_do_not_add_up_or_are_in_another_currency():
    ledger = FeeLedger(MARKET)
    assert ledger.fees(D(0)) is None
    ledger.apply(fill(order(), size=10, fee=D(1), fee_currency="USD"))
    assert ledger.fees(D(10)) == Fees(D(1), D("0.001"))
    assert ledger.fees(D(12)) is None
    ledger.apply(fill(order(), "x2", size=2, fee=D(1), fee_currency="BTC"))
    assert ledger.fees(D(12)) is None
