import pytest
from hypothesis import given
from hypothesis import strategies as st

from ui.chart.percent_ticks import percent_ticks
from ui.chart.price_ticks import price_step, prices_between


@given(
    st.floats(1e-6, 1e7),
    st.floats(1, 40),
    st.sampled_from([0.00001, 0.01, 0.25, 0.5, 1.0, 0.05, 0.03125]),
)
def test_a_step_is_whole_ticks_and_gives_no_more_parts_than_asked(span, count, tick_size):
    step = price_step(span, count, tick_size)
    ticks = step / tick_size
    assert ticks == pytest.approx(round(ticks), rel=1e-9)
    assert span / step <= count * (1 + 1e-6)


@pytest.mark.parametrize(
    ("span", "tick_size", "step"),
    [(9.0, 0.01, 1.0), (18.0, 0.01, 2.0), (0.9, 0.25, 0.25), (2.0, 0.25, 0.25), (0.1, 0.25, 0.25)],
)
def test_steps_are_round(span, tick_size, step):
    assert price_step(span, 9.0, tick_size) == pytest.approx(step)


def test_prices_are_multiples_of_the_step_within_the_range():
    assert prices_between(-0.1, 1.05, 0.5) == [0.0, 0.5, 1.0]


@pytest.mark.parametrize("span", [0.0, -1.0, float("nan"), float("inf")])
def test_a_range_that_is_none_is_refused(span):
    with pytest.raises(ValueError, match="no step"):
        price_step(span, 10, 0.01)


@given(st.floats(0.5, 1e5), st.floats(0.0005, 0.9), st.floats(-0.5, 0.5), st.integers(2, 15))
def test_percent_labels_are_round_and_where_they_say(base, span, shift, count):
    low = base * (1 + shift - span / 2)
    high = base * (1 + shift + span / 2)
    ticks = percent_ticks(low, high, base, count)
    assert len(ticks) <= count + 1
    for price, text in ticks:
        assert low - 1e-9 * base <= price <= high + 1e-9 * base
        assert text.endswith("%")
        assert float(text[:-1]) == pytest.approx((price / base - 1) * 100, abs=1e-6)
    assert len({text for _, text in ticks}) == len(ticks)
