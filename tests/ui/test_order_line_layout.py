"""Where labels lie, whatever there is: apart, in order, in the pane and clear of the price axis."""

from dataclasses import dataclass
from decimal import Decimal
from itertools import pairwise

import hypothesis.strategies as st
from hypothesis import given
from PyQt6.QtCore import QRectF

from order_mode.line import POSITION_KEY, STAGED_KEY, Label, Line, LineStyle
from ui.order_label import LABEL_HEIGHT
from ui.order_line_layout import RIGHT_MARGIN, mirrored, place_beside, place_resting

WIDTH = 4000.0  # as wide as it takes: how crowded it is depends on the height
FULL, COMPACT, IN_HAND = 260.0, 60.0, 560.0
heights = st.integers(200, 900)


@dataclass
class PlainLabel:
    """A label as far as the layout is concerned."""

    width: float


def label_of(line, compact):
    if line.style is LineStyle.STAGED:
        return PlainLabel(IN_HAND)
    return PlainLabel(COMPACT if compact else FULL)


def line(key, style):
    return Line(
        key=key, price=Decimal(1), action="buy", style=style, label=Label(side="BUY", size="1")
    )


def place_lines(visible, pane, label_of, marked):
    """As the item of the lines does: what is in hand or marked stands beside the others."""
    resting = [one for one in visible if one[1].style is not LineStyle.STAGED]
    placed, compact = place_resting(resting, pane, label_of)
    for y, one in sorted(visible, key=lambda at: at[0]):
        if one.style is LineStyle.STAGED or (compact and one.key == marked):
            placed = [*placed, place_beside(y, one, pane, label_of, placed)]
    return placed


@st.composite
def crowds(draw):
    """Lines at rest, perhaps a position and one in the hand, in a pane."""
    height = draw(heights)
    ys = draw(st.lists(st.floats(0, 1), max_size=120))
    lines = [(y * height, line(f"o{i}", LineStyle.SOLID)) for i, y in enumerate(ys)]
    if draw(st.booleans()):
        lines.append((draw(st.floats(0, 1)) * height, line(POSITION_KEY, LineStyle.POSITION)))
    if draw(st.booleans()):
        lines.append((draw(st.floats(0, 1)) * height, line(STAGED_KEY, LineStyle.STAGED)))
    keys = [one.key for _, one in lines if one.key != STAGED_KEY]
    marked = draw(st.sampled_from([None, *keys]))
    return QRectF(0, 0, WIDTH, height), lines, marked


def laid(pane, lines, marked):
    """What is on the pane: the lines at rest, then the one in the hand and the marked one."""
    resting = [one for one in lines if one[1].style is not LineStyle.STAGED]
    placed, compact = place_resting(resting, pane, label_of)
    for y, one in lines:
        if one.style is LineStyle.STAGED or (compact and one.key == marked):
            placed.append(place_beside(y, one, pane, label_of, placed))
    return placed


@given(crowd=crowds(), left=st.booleans())
def test_no_label_covers_another_or_the_edge_where_prices_are(crowd, left):
    pane, lines, marked = crowd
    placed = laid(pane, lines, marked)
    if left:
        placed = mirrored(placed, pane)
    rects = [one.rect.adjusted(0, 0, 0, -1) for one in placed]  # what is painted ends 2 px above
    for index, rect in enumerate(rects):
        assert pane.contains(rect)
        assert not any(rect.intersects(other) for other in rects[index + 1 :])
        # The last price, bid and ask have their tags on the axis, right of the pane, and the plus
        # is between them and the labels.
        assert left or rect.right() <= pane.right() - RIGHT_MARGIN + 1


@given(crowd=crowds())
def test_every_line_has_a_label_and_each_column_keeps_the_order_of_prices(crowd):
    pane, lines, marked = crowd
    placed = laid(pane, lines, marked)
    assert {one.line.key for one in placed} == {one.key for _, one in lines}
    resting = [one for one in placed if one.line.style is not LineStyle.STAGED]
    columns: dict[float, list] = {}
    for one in resting:
        if one.label.width == (COMPACT if any(o.label.width == COMPACT for o in resting) else FULL):
            columns.setdefault(one.rect.right(), []).append(one)
    for column in columns.values():
        for above, below in pairwise(sorted(column, key=lambda one: one.rect.top())):
            assert above.y <= below.y
            assert below.rect.top() - above.rect.top() >= LABEL_HEIGHT - 1
