from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from ui.chart.price_marks import PriceMark, placed


def mark(name: str, rank: int, way: int = 1) -> PriceMark:
    return PriceMark(1.0, name, "#000", "#fff", rank, way)


def test_ask_gives_way_up_and_bid_down():
    marks = [(mark("bid", 1, 1), 101.0), (mark("last", 0), 100.0), (mark("ask", 1, -1), 99.0)]
    tops = {tag.mark.text: tag.top for tag in placed(marks, 20.0)}
    assert tops == {"last": 90.0, "ask": 70.0, "bid": 110.0}


@given(
    st.lists(
        st.tuples(
            st.floats(0, 300), st.integers(0, 2), st.sampled_from([-1, 1]), st.sampled_from("~ ")
        )
    )
)
def test_no_tag_covers_another(rows):
    marks = [
        (mark(str(i), rank, way)._replace(note=note.strip()), y)
        for i, (y, rank, way, note) in enumerate(rows)
    ]
    tags = sorted(placed(marks, 20.0), key=lambda tag: tag.top)
    assert len(tags) == len(rows)
    assert all(tag.height == (40.0 if tag.mark.note else 20.0) for tag in tags)
    assert all(b.top - a.top >= a.height - 1e-9 for a, b in pairwise(tags))
