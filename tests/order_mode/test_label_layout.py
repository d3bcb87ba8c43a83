from itertools import pairwise

import hypothesis.strategies as st
from hypothesis import given

from order_mode.label_layout import columns_needed, spread


def test_labels_with_room_stay_where_they_want_to_be():
    assert spread([20, 60, 100], 18, 0, 200) == [20, 60, 100]


def test_two_at_one_price_share_the_displacement():
    assert spread([50, 50], 20, 0, 200) == [40, 60]


def test_labels_stay_inside():
    assert spread([-30, 500], 20, 0, 200) == [10, 190]


def test_no_labels_are_no_labels():
    assert spread([], 18, 0, 100) == []
    assert columns_needed(0, 18, 0, 100) == 1


@given(
    wanted=st.lists(st.floats(-2000, 2000), max_size=40).map(sorted),
    bottom=st.integers(800, 1000),
)
def test_none_overlap_order_is_kept_and_all_are_on_screen(wanted, bottom):
    centres = spread(wanted, 18, 0, bottom)
    assert len(centres) == len(wanted)
    assert all(after - before >= 18 - 1e-6 for before, after in pairwise(centres))
    assert all(9 - 1e-6 <= centre <= bottom - 9 + 1e-6 for centre in centres)


@given(count=st.integers(0, 500), height=st.integers(10, 30), bottom=st.integers(40, 1000))
def test_the_columns_hold_them_all(count, height, bottom):
    columns = columns_needed(count, height, 0, bottom)
    rows = -(-count // columns)
    assert spread([0.0] * rows, height, 0, bottom)[-1:] <= [bottom - height / 2 + 1e-6]
