"""Drawing with the mouse: made, moved, deleted, undone; at their times, whatever the bars."""

import pyqtgraph as pg
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PyQt6.QtCore import QPoint, QPointF, Qt
from PyQt6.QtTest import QTest

from tests.ui.chart.recorded import MINUTE, market, walk
from ui import theme
from ui.chart import Chart
from ui.chart.drawing import Anchor, Drawing, DrawingKind, Drawings

LEFT = Qt.MouseButton.LeftButton
CTRL = Qt.KeyboardModifier.ControlModifier
SHIFT = Qt.KeyboardModifier.ShiftModifier
TREND, LEVEL, RECTANGLE = DrawingKind.TREND, DrawingKind.LEVEL, DrawingKind.RECTANGLE


class Drawer:
    """A hand at a chart."""

    def __init__(self, chart):
        self.chart = chart
        self.canvas = chart.plot_item.getViewWidget()
        self.viewport = self.canvas.viewport()
        self.hand = chart.drawing_hand

    def at(self, x, price):
        return self.canvas.mapFromScene(self.chart.view.mapViewToScene(QPointF(x, price)))

    def click(self, x, price):
        QTest.mouseClick(self.viewport, LEFT, pos=self.at(x, price))

    def drag(self, begin, end):
        start, stop = self.at(*begin), self.at(*end)
        QTest.mouseMove(self.viewport, start)
        QTest.mousePress(self.viewport, LEFT, pos=start)
        for share in (0.3, 0.7, 1.0):
            QTest.mouseMove(self.viewport, start + (stop - start) * share)
        QTest.mouseRelease(self.viewport, LEFT, pos=stop)

    def key(self, key, modifiers=Qt.KeyboardModifier.NoModifier):
        QTest.keyClick(self.canvas, key, modifiers)

    @property
    def all(self):
        return self.hand.drawings.all

    def inked(self, x, price):
        self.chart.catch_up()
        image = self.canvas.grab().toImage()
        at = self.at(x, price)
        names = {
            image.pixelColor(at + QPoint(dx, dy)).name() for dx in (-1, 0, 1) for dy in (-1, 0, 1)
        }
        return any(blue(name) for name in names)


def blue(name):
    red, green, blue = (int(name[n : n + 2], 16) for n in (1, 3, 5))
    return blue > red + 60 and blue > green + 30


@pytest.fixture(autouse=True)
def _every_move_counts():
    """A plot leaves out moves of the mouse that come faster than its limit."""
    limit = pg.getConfigOption("mouseRateLimit")
    pg.setConfigOption("mouseRateLimit", -1)
    yield
    pg.setConfigOption("mouseRateLimit", limit)


@pytest.fixture
def drawer(qtbot):
    chart = Chart()
    qtbot.addWidget(chart)
    chart.resize(900, 600)
    chart.set_market(market())
    chart.set_bars(walk(400), MINUTE)
    chart.show()
    qtbot.waitExposed(chart)
    chart.catch_up()
    return Drawer(chart)


@pytest.fixture
def spots(drawer):
    """A bar at the left and one at the right of the picture, a low and a high price."""
    (left, right), (low, high) = drawer.chart.view.viewRange()
    return (
        round(left + (right - left) * 0.3),
        round(left + (right - left) * 0.7),
        round(low + (high - low) * 0.35, 2),
        round(low + (high - low) * 0.7, 2),
    )


def time_of(drawer, x):
    return int(drawer.chart.series.time[x - drawer.chart.series.first_x])


def near(anchor, time_ns, price):
    return anchor.time_ns == time_ns and anchor.price == pytest.approx(price, abs=0.02)


def test_a_click_draws_a_level_at_the_tick(drawer, spots):
    left, _, low, _ = spots
    drawer.hand.take_tool(LEVEL)
    drawer.click(left, low)
    (drawing,) = drawer.all
    assert drawing.kind is LEVEL
    assert near(drawing.anchors[0], time_of(drawer, left), low)
    assert drawing.anchors[0].price == pytest.approx(round(drawing.anchors[0].price, 2))
    assert drawer.hand.tool is None
    assert drawer.inked(left + 20, drawing.anchors[0].price)


@pytest.mark.parametrize("kind", [TREND, RECTANGLE])
def test_a_drag_draws_from_bar_to_bar_and_moves_no_view(drawer, spots, kind):
    left, right, low, high = spots
    view = drawer.chart.view.viewRange()
    drawer.hand.take_tool(kind)
    drawer.drag((left, low), (right, high))
    (drawing,) = drawer.all
    assert drawing.kind is kind
    assert near(drawing.anchors[0], time_of(drawer, left), low)
    assert near(drawing.anchors[1], time_of(drawer, right), high)
    assert drawer.chart.view.viewRange() == view
    assert drawer.inked((left + right) / 2, (low + high) / 2) == (kind is TREND)
    assert drawer.inked(left, (low + high) / 2) == (kind is RECTANGLE)


def test_without_a_tool_a_drag_pans(drawer, spots):
    left, right, low, high = spots
    start = drawer.chart.view.viewRange()[0][0]
    drawer.drag((left, low), (right, high))
    assert drawer.all == ()
    assert drawer.chart.view.viewRange()[0][0] < start


def test_a_drawing_is_moved_by_its_middle_and_by_its_ends(drawer, spots):
    left, right, low, high = spots
    drawer.hand.take_tool(TREND)
    drawer.drag((left, low), (right, high))
    view = drawer.chart.view.viewRange()
    begin, end = drawer.all[0].anchors
    middle = ((left + right) // 2, (begin.price + end.price) / 2)
    drawer.drag(middle, (middle[0] + 5, middle[1] + 0.1))
    moved = drawer.all[0].anchors
    assert moved[0].time_ns == begin.time_ns + 5 * MINUTE
    assert moved[0].price == pytest.approx(begin.price + 0.1, abs=0.03)
    assert moved[1].time_ns == end.time_ns + 5 * MINUTE
    drawer.drag((right + 5, moved[1].price), (right, low))
    assert drawer.all[0].anchors[0] == moved[0]
    assert near(drawer.all[0].anchors[1], time_of(drawer, right), low)
    assert drawer.chart.view.viewRange() == view


def test_what_is_marked_is_deleted_and_everything_can_be_undone(drawer, spots):
    left, right, low, high = spots
    drawer.hand.take_tool(LEVEL)
    drawer.click(left, low)
    drawer.hand.take_tool(TREND)
    drawer.drag((left, low + 0.1), (right, high))
    both = drawer.all
    drawer.click(left + 30, both[0].anchors[0].price)  # marks the level
    drawer.key(Qt.Key.Key_Delete)
    assert drawer.all == both[1:]
    drawer.key(Qt.Key.Key_Delete)  # nothing is marked any more
    assert drawer.all == both[1:]
    drawer.key(Qt.Key.Key_Z, CTRL)
    assert drawer.all == both
    drawer.key(Qt.Key.Key_Z, CTRL)
    assert drawer.all == both[:1]
    drawer.key(Qt.Key.Key_Z, CTRL | SHIFT)
    assert drawer.all == both
    for _ in range(5):
        drawer.key(Qt.Key.Key_Z, CTRL)
    assert drawer.all == ()


def test_escape_puts_the_tool_away_and_gives_back_what_is_in_the_hand(drawer, spots):
    left, right, low, high = spots
    drawer.hand.take_tool(TREND)
    drawer.key(Qt.Key.Key_Escape)
    assert drawer.hand.tool is None
    drawer.hand.take_tool(TREND)
    drawer.drag((left, low), (right, high))
    before = drawer.all
    start = drawer.at(right, before[0].anchors[1].price)
    QTest.mouseMove(drawer.viewport, start)
    QTest.mousePress(drawer.viewport, LEFT, pos=start)
    for step in (10, 30, 60):
        QTest.mouseMove(drawer.viewport, start + QPoint(0, step))
    drawer.key(Qt.Key.Key_Escape)
    QTest.mouseRelease(drawer.viewport, LEFT, pos=start + QPoint(0, 60))
    assert drawer.all == before
    assert not drawer.chart.view.framing.held


def test_drawings_stay_at_their_times_with_other_bars(drawer, spots):
    left, right, low, high = spots
    drawer.hand.take_tool(TREND)
    drawer.drag((left, low), (right, high))
    before = drawer.all
    bars = walk(400)
    five = bars[::5].copy()
    drawer.chart.change_period(five, 5 * MINUTE)
    assert drawer.all == before
    drawer.chart.set_bars(bars, MINUTE)
    drawer.chart.prepend_bars(walk(200, seed=9, start_ns=int(bars["time"][0]) - 200 * MINUTE))
    drawer.chart.catch_up()
    assert drawer.inked((left + right) / 2, sum(a.price for a in before[0].anchors) / 2)


def test_a_theme_colours_them(drawer, spots):
    left, _, low, _ = spots
    drawer.hand.take_tool(LEVEL)
    drawer.click(left, low)
    try:
        theme.use("light")
        assert drawer.inked(left + 20, drawer.all[0].anchors[0].price)
    finally:
        theme.use("dark")


def level(price):
    return Drawing(LEVEL, (Anchor(0, price),))


@given(
    st.lists(
        st.one_of(
            st.tuples(st.just("add"), st.floats(1, 9)),
            st.tuples(st.just("remove"), st.integers(0, 5)),
            st.tuples(st.just("change"), st.integers(0, 5)),
            st.tuples(st.sampled_from(["undo", "redo", "clear"]), st.none()),
        ),
        max_size=40,
    )
)
def test_undo_goes_back_through_every_state_and_redo_forth_again(steps):
    drawings = Drawings(lambda: None)
    past, future, now = [], [], ()
    for name, value in steps:
        if name == "undo" and past:
            future.append(now)
            now = past.pop()
        elif name == "redo" and future:
            past.append(now)
            now = future.pop()
        if name in ("undo", "redo"):
            getattr(drawings, name)()
            assert drawings.all == now
            continue
        wanted = now
        if name == "add":
            wanted = (*now, level(value))
            drawings.add(level(value))
        elif name == "remove" and value < len(now):
            wanted = now[:value] + now[value + 1 :]
            drawings.remove(value)
        elif name == "change" and value < len(now):
            wanted = (*now[:value], level(0.5), *now[value + 1 :])
            drawings.change(value, level(0.5))
        elif name == "clear":
            wanted = ()
            drawings.put_all(())
        if wanted != now:
            past.append(now)
            future.clear()
            now = wanted
        elif name == "remove" and value < len(now):
            past.append(now)
        assert drawings.all == now


def test_a_drawing_with_too_few_points_says_so():
    with pytest.raises(ValueError, match="trend line has 2 anchors, not 1"):
        Drawing(TREND, (Anchor(0, 1.0),))
