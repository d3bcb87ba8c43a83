import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ui.chart.pyramid import Pyramid

values = st.lists(st.floats(-1e9, 1e9), min_size=1, max_size=200)


@given(values, values, st.data())
def test_any_range_has_the_extreme_of_a_plain_loop(first, later, data):
    highs = Pyramid(np.array(first), np.maximum)
    lows = Pyramid(np.array(first), np.minimum)
    for value in later:
        highs.append(value)
        lows.append(value)
    plain = first + later
    start = data.draw(st.integers(0, len(plain) - 1))
    stop = data.draw(st.integers(start + 1, len(plain)))
    assert highs.between(start, stop) == max(plain[start:stop])
    assert lows.between(start, stop) == min(plain[start:stop])


@given(values, st.lists(st.tuples(st.integers(0, 199), st.floats(-1e9, 1e9))), values)
def test_every_level_knows_of_every_change(first, changes, front):
    highs = Pyramid(np.array(first), np.maximum)
    plain = list(first)
    for index, value in changes:
        highs.widen(index % len(plain), value)
        plain[index % len(plain)] = max(plain[index % len(plain)], value)
    highs.prepend(np.array(front))
    plain = front + plain
    assert_every_level_is_true(highs, plain)


def assert_every_level_is_true(highs, plain):
    assert highs.values.tolist() == plain
    for bars_a_column in (1, 16, 64, 300, 1100):
        blocks, width, lead = highs.level(bars_a_column)
        edges = range(-lead, len(plain), width)
        assert blocks.tolist() == [max(plain[max(at, 0) : at + width]) for at in edges]


sides = st.lists(st.tuples(st.sampled_from(["append", "extend", "prepend", "cut"]), values))


@given(values, st.integers(0, 300), st.integers(0, 300), sides)
def test_it_grows_at_both_ends_with_room_or_without(first, before, after, steps):
    highs = Pyramid(np.array(first), np.maximum, before=before, after=after)
    plain = list(first)
    for step, more in steps:
        if step == "append":
            highs.append(more[0])
            plain.append(more[0])
        elif step == "extend":
            highs.extend(np.array(more))
            plain += more
        elif step == "prepend":
            highs.prepend(np.array(more))
            plain[:0] = more
        else:  # what was cut off comes again, as when bars are copied anew
            size = len(plain) // 2
            highs.cut(size)
            highs.extend(np.array(plain[size:]))
        assert_every_level_is_true(highs, plain)
    assert highs.between(0, len(plain)) == max(plain)


def test_older_values_move_no_block_of_the_others():
    highs = Pyramid(np.arange(1000.0), np.maximum, before=64, after=0)
    before = highs.level(64)
    highs.prepend(np.zeros(40))
    after = highs.level(64)
    assert after.extremes[-len(before.extremes) :].tolist() == before.extremes.tolist()
    assert (before.lead, after.lead) == (0, (64 - 40) % before.width)


def test_a_column_has_at_least_four_blocks():
    highs = Pyramid(np.arange(100_000.0), np.maximum)
    for bars_a_column in (1.5, 15.9, 16, 63, 64, 1000):
        width = highs.level(bars_a_column).width
        assert width * 4 <= max(bars_a_column, 4)


def test_missing_volume_is_passed_over():
    volumes = Pyramid(np.array([np.nan] * 9 + [5.0] + [np.nan] * 90), np.fmax)
    assert volumes.between(0, 100) == 5.0
    assert np.isnan(volumes.between(10, 100))


def test_a_range_outside_is_refused():
    highs = Pyramid(np.arange(10.0), np.maximum)
    for start, stop in ((5, 5), (-1, 3), (3, 11)):
        with pytest.raises(ValueError, match="no range of 10"):
            highs.between(start, stop)
