"""Positions and profit, against an independent computation."""

from decimal import Decimal
from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from ems.messages import BrokerdFill
from ems.positions import PositionBook, PositionRecord

RUN = (0.001, 0.002, -0.001, 0.0015, 0.001, 0.002, -0.001, -0.025, -0.0195, 0.001, 0.038)


def fill(signed: str | Decimal, price: str | Decimal, number: int = 0) -> BrokerdFill:
    size = Decimal(signed)
    return BrokerdFill(
        reqid=1, account="paper", symbol="m.x", exec_id=str(number),
        action="buy" if size > 0 else "sell", size=abs(size), price=Decimal(price),
        broker_time_ns=1, time_ns=1, fee=Decimal("0.01"),
    )  # fmt: skip


def by_fractions(fills: list[tuple[Decimal, Decimal]]) -> tuple[Fraction, Fraction, Fraction]:
    """Size, average price and realised profit at average cost, without any rounding."""
    size = avg = realised = Fraction(0)
    for signed, price in ((Fraction(s), Fraction(p)) for s, p in fills):
        if size and (size > 0) != (signed > 0):
            closed = min(abs(size), abs(signed))
            realised += closed * (price - avg) * (1 if size > 0 else -1)
            if abs(signed) > abs(size):
                avg = price
        else:
            avg = (avg * size + price * signed) / (size + signed)
        size += signed
        if not size:
            avg = Fraction(0)
    return size, avg, realised


def test_sell_then_buy_to_flat() -> None:
    book = PositionBook()
    book.apply(fill("-0.001", "60000"))
    flat = book.apply(fill("0.001", "59000"))
    assert (flat.size, flat.avg_price, flat.realised) == (0, None, Decimal("1.000"))


def test_the_long_run_through_zero_and_back_ends_flat() -> None:
    prices = [Decimal(100 + 7 * n % 13) for n in range(len(RUN))]
    pairs = list(zip((Decimal(str(size)) for size in RUN), prices, strict=True))
    book = PositionBook()
    for number, (size, price) in enumerate(pairs):
        record = book.apply(fill(size, price, number))
        want = by_fractions(pairs[: number + 1])
        assert Fraction(record.size) == want[0]
        if record.size:
            assert abs(Fraction(record.avg_price or 0) - want[1]) < Fraction(1, 10**20)
    assert record.size == 0
    assert Fraction(record.realised) == by_fractions(pairs)[2]
    assert record.fees == Decimal("0.01") * len(RUN)


@given(
    st.lists(
        st.tuples(
            st.decimals("-5", "5", places=3).filter(bool), st.decimals("0.01", "999", places=2)
        ),
        max_size=30,
    )
)
def test_any_run_is_as_the_fractions_say(pairs) -> None:
    record = PositionRecord("paper", "m.x")
    for number, (size, price) in enumerate(pairs):
        record.apply(fill(size, price, number))
    size, _, realised = by_fractions(pairs)
    assert Fraction(record.size) == size
    assert abs(Fraction(record.realised) - realised) < Fraction(1, 10**15)
    if not record.size:
        assert Fraction(record.realised) == -sum(
            (Fraction(s) * Fraction(p) for s, p in pairs), Fraction(0)
        )


def test_multiplier_counts_for_positions_before_and_after_it_is_known() -> None:
    book = PositionBook()
    book.apply(fill("1", "10"))
    book.apply(fill("-1", "11"))
    assert [r.realised for r in book.set_terms("m.x", Decimal(50))] == [50]
    other = book.of("paper.two", "m.x")
    other.apply(fill("1", "10"))
    other.apply(fill("-1", "11"))
    assert other.realised == 50


def paid(fee: str, currency: str, number: int = 0) -> BrokerdFill:
    return replace(fill("1", "10", number), fee=Decimal(fee), fee_currency=currency)


def test_fees_in_another_currency_are_never_added_to_those_of_the_market() -> None:
    book = PositionBook()
    book.set_terms("m.x", Decimal(1), "USD")
    book.apply(paid("0.5", "USD", 1))
    book.apply(paid("80", "JPY", 2))
    record = book.apply(paid("20", "JPY", 3))
    assert (record.fees, record.other_fees) == (Decimal("0.5"), {"JPY": Decimal(100)})
    assert record.realised_on(record.day) == Decimal("-0.5")
    said = record.message()
    assert (said.fees, said.other_fees) == (Decimal("0.5"), (("JPY", Decimal(100)),))


def test_fees_from_before_the_currency_of_the_market_is_known_are_sorted_then() -> None:
    book = PositionBook()
    book.apply(paid("0.5", "USD", 1))
    record = book.apply(paid("80", "JPY", 2))
    assert (record.fees, record.other_fees) == (0, {"USD": Decimal("0.5"), "JPY": Decimal(80)})
    assert book.set_terms("m.x", Decimal(1), "USD") == [record]
    assert (record.fees, record.other_fees) == (Decimal("0.5"), {"JPY": Decimal(80)})
    assert book.set_terms("m.x", Decimal(1), "USD") == []


def test_a_fee_that_is_put_right_leaves_nothing_in_its_old_currency() -> None:
    book = PositionBook()
    book.set_terms("m.x", Decimal(1), "USD")
    before, after = paid("80", "JPY"), paid("0.6", "USD")
    book.apply(before)
    record = book.correct(before, after, list)
    assert (record.fees, record.day_fees, record.other_fees) == (Decimal("0.6"),) * 2 + ({},)
