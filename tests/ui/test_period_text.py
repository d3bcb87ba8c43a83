import pytest

from ui.period_text import read_length_ns, read_period


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("30s", 30), ("1m", 60), ("5m", 300), ("4h", 14_400), ("1d", 86_400), ("1w", 604_800)],
)
def test_a_length_is_so_many_nanoseconds(text, seconds):
    assert read_length_ns(text) == seconds * 10**9


@pytest.mark.parametrize(
    ("text", "read"),
    [("1M", (1, "M")), ("100t", (100, "t")), ("1D", (1, "d")), ("1W", (1, "w")), ("5m", (5, "m"))],
)
def test_bars_may_be_of_months_and_of_ticks(text, read):
    assert read_period(text) == read


@pytest.mark.parametrize("text", ["", "m", "5", "0m", "-1m", "1.5h", " 5m", "5m ", "99999d", "1y"])
def test_what_is_no_period_is_refused_with_what_is_allowed(text):
    with pytest.raises(ValueError, match="is not a period; write a whole number and s, m"):
        read_period(text)


def test_there_is_no_longer_bar_than_a_month():
    with pytest.raises(ValueError, match="the longest bars are of one month, 1M"):
        read_period("5M")


@pytest.mark.parametrize("text", ["1M", "100t"])
def test_an_order_lives_for_no_months_and_no_ticks(text):
    with pytest.raises(ValueError, match="is no length of time; write s, m, h, d or w"):
        read_length_ns(text)
