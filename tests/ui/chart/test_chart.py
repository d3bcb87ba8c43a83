import math
from decimal import Decimal

import numpy as np
import pyqtgraph as pg
import pytest
from PyQt6.QtCore import QEvent, QObject, QPoint, QPointF, Qt
from PyQt6.QtGui import QColor, QMouseEvent, QWheelEvent
from PyQt6.QtWidgets import QApplication

from ems.ticks import Quote, Trade, no_bars
from tests.ui.chart.recorded import MINUTE, START, bars_of, market, walk
from ui import theme
from ui.chart import Chart

FLAT = (100.0, 100.0, 100.0, 100.0, 0.0)
SOON = 5000


def viewport(chart):
    return chart.plot_item.scene().views()[0].viewport()


def at(chart, x, price):
    """The pixel of a bar and price in the picture of the chart."""
    view = chart.plot_item.getViewBox()
    scene = view.mapViewToScene(QPointF(x, price))
    return math.floor(scene.x()), math.floor(scene.y())


def color(picture, x, y):
    return QColor(picture.pixel(x, y)).name()


def ranges(chart):
    return chart.plot_item.viewRange()


def mouse(
    chart,
    kind,
    point,
    button=Qt.MouseButton.LeftButton,
    buttons=None,
    modifiers=Qt.KeyboardModifier.NoModifier,
):
    held = button if buttons is None else buttons
    where = QPointF(*point)
    event = QMouseEvent(
        kind,
        where,
        viewport(chart).mapToGlobal(where),
        button,
        held,
        modifiers,
    )
    QApplication.sendEvent(viewport(chart), event)


def drag(chart, *points, modifiers=Qt.KeyboardModifier.NoModifier):
    mouse(chart, QEvent.Type.MouseButtonPress, points[0], modifiers=modifiers)
    for point in points[1:]:
        mouse(chart, QEvent.Type.MouseMove, point, modifiers=modifiers)
    none = Qt.MouseButton.NoButton
    mouse(chart, QEvent.Type.MouseButtonRelease, points[-1], buttons=none, modifiers=modifiers)


def wheel(chart, point, delta, modifiers=Qt.KeyboardModifier.NoModifier):
    where = QPointF(*point)
    event = QWheelEvent(
        where,
        viewport(chart).mapToGlobal(where),
        QPoint(),
        QPoint(0, delta),
        Qt.MouseButton.NoButton,
        modifiers,
        Qt.ScrollPhase.NoScrollPhase,
        False,
    )
    QApplication.sendEvent(viewport(chart), event)


def frame_done(chart, qtbot):
    """Wait until the picture is up to date with all ticks."""
    chart.catch_up()


def next_tick(chart, price, minutes=0, size=1.0):
    last_ns = int(chart.series.time[-1])
    chart.on_ticks([Trade(last_ns + minutes * MINUTE, price, size)])


def test_known_bars_have_their_colours_at_their_places(chart):
    up, down = (100.0, 106.0, 98.0, 104.0, 10.0), (104.0, 105.0, 97.0, 99.0, 20.0)
    chart.set_bars(bars_of(FLAT, up, down, FLAT, FLAT), MINUTE)
    picture = chart.grab().toImage()
    for x, name, body, wick in ((1, theme.UP, 101.0, 105.5), (2, theme.DOWN, 103.0, 98.0)):
        column, row = at(chart, x, body)
        assert color(picture, column, row) == name
        assert color(picture, column + 2, row) == name, "the body is wider than the wick"
        column, row = at(chart, x, wick)
        assert color(picture, column, row) == name
        assert color(picture, column + 2, row) != name, "the wick is as wide as the body"
    for x, price in ((1, 106.2), (1, 97.8), (2, 96.8), (3, 103.0)):
        assert color(picture, *at(chart, x, price)) not in (theme.UP, theme.DOWN)


def test_a_bar_is_as_tall_as_its_range_to_the_pixel(chart):
    chart.set_bars(bars_of(FLAT, (100.0, 106.0, 98.0, 104.0, 10.0), FLAT, FLAT), MINUTE)
    picture = chart.grab().toImage()
    column, top = at(chart, 1, 106.0)
    _, bottom = at(chart, 1, 98.0)
    rows = [y for y in range(600) if color(picture, column, y) == theme.UP]
    assert (rows[0], rows[-1]) == (top, bottom)
    assert len(rows) >= bottom - top - 2, "the last price's dotted line may cross it"


def test_the_live_bar_looks_like_a_loaded_one(chart, qtbot):
    loaded = walk(60)
    chart.set_bars(loaded[:-1], MINUTE)
    bar = loaded[-1]
    size = float(bar["volume"]) / 4
    for column in ("open", "low", "high", "close"):
        chart.on_ticks([Trade(int(bar["time"]), float(bar[column]), size)])
    frame_done(chart, qtbot)
    x_range, y_range = ranges(chart)
    whole = Chart()
    qtbot.addWidget(whole)
    whole.resize(chart.size())
    whole.set_market(market())
    whole.show()
    whole.set_bars(loaded, MINUTE)
    whole.plot_item.setRange(xRange=x_range, yRange=y_range, padding=0)
    whole.catch_up()
    qtbot.waitUntil(lambda: chart.grab().toImage() == whole.grab().toImage(), timeout=SOON)


def test_many_bars_under_a_pixel_show_their_true_extremes(chart):
    bars = walk(50_000)
    bars["high"][31_234] = bars["high"].max() + 3
    chart.set_bars(bars, MINUTE)
    chart.view.show_bars(0, 50_000)
    picture = chart.grab().toImage()
    column, row = at(chart, 31_234, float(bars["high"][31_234]) - 1.5)
    near = {color(picture, column + offset, row) for offset in (-1, 0, 1)}
    assert near & {theme.UP, theme.DOWN}


def test_bad_bars_do_not_break_the_picture_and_are_counted(chart):
    bars = walk(100)
    bars["high"][10] = np.nan
    bars["low"][20] = bars["high"][20] + 1
    bars["time"][30] = bars["time"][29]
    bars["close"][40] = np.inf
    bars["volume"][50] = np.nan
    chart.set_bars(bars, MINUTE)
    picture = chart.grab().toImage()
    assert chart.series.faults.total == 4
    x = chart.series.last_x - 5
    column, row = at(chart, x, chart.series.bar(x).close)
    assert not picture.isNull()
    assert color(picture, column, row) in (theme.UP, theme.DOWN)


def test_an_empty_chart_and_one_without_a_market_can_be_painted(qtbot):
    chart = Chart()
    qtbot.addWidget(chart)
    chart.show()
    chart.on_ticks([])
    assert not chart.grab().isNull()
    chart.set_bars(walk(10), MINUTE)
    chart.set_market(market(badge="REPLAY", source="somewhere"))
    chart.set_bars(no_bars(), MINUTE)
    assert not chart.grab().isNull()
    chart.on_ticks([Trade(START, 5.0, 1.0)])
    assert chart.series.bar(0).open == 5.0
    assert not chart.grab().isNull()


def test_a_replay_says_so_across_the_pane(chart):
    chart.set_bars(walk(5), MINUTE)
    plain = chart.grab().toImage()
    chart.set_market(market(badge="REPLAY"))
    chart.set_bars(walk(5), MINUTE)
    marked = chart.grab().toImage()
    columns, rows = range(250, 700, 5), range(150, 330, 5)
    changed = sum(plain.pixel(x, y) != marked.pixel(x, y) for x in columns for y in rows)
    assert changed > 300


def test_the_view_holds_still_while_held(chart, qtbot):
    chart.set_bars(walk(300), MINUTE)
    before = ranges(chart)
    chart.hold_view("key")
    chart.hold_view("drag")
    for minute in range(1, 6):
        next_tick(chart, 500.0, minutes=1)
        chart.set_extra_prices([101.0 + minute])
        frame_done(chart, qtbot)
    assert chart.series.last_x == 304
    chart.release_view("key")
    frame_done(chart, qtbot)
    assert ranges(chart) == before
    chart.release_view("drag")
    qtbot.waitUntil(lambda: ranges(chart)[1][1] > 500.0, timeout=SOON)
    assert ranges(chart)[0][1] == pytest.approx(before[0][1] + 5)


def test_it_follows_at_the_right_edge_only(chart, qtbot):
    chart.set_bars(walk(900), MINUTE)
    _, stop_x = ranges(chart)[0]
    next_tick(chart, 100.0, minutes=1)
    qtbot.waitUntil(lambda: ranges(chart)[0][1] == pytest.approx(stop_x + 1), timeout=SOON)
    chart.view.pan(-300)
    away = ranges(chart)[0]
    next_tick(chart, 100.0, minutes=1)
    frame_done(chart, qtbot)
    assert ranges(chart)[0] == away
    chart.view.press(Qt.Key.Key_End)
    stop_x = ranges(chart)[0][1]
    next_tick(chart, 100.0, minutes=1)
    qtbot.waitUntil(lambda: ranges(chart)[0][1] == pytest.approx(stop_x + 1), timeout=SOON)


def test_older_history_leaves_the_view_and_each_bar_where_it_was(chart):
    bars = walk(900)
    chart.set_bars(bars[500:], MINUTE)
    view, bar, x = ranges(chart), chart.series.bar(10), chart.x_of_time(int(bars["time"][700]))
    chart.prepend_bars(bars[:500])
    assert ranges(chart) == view
    assert chart.series.bar(10) == bar
    assert chart.x_of_time(int(bars["time"][700])) == x


def test_room_for_older_history_is_made_between_frames_and_no_pixel_changes(chart, qtbot):
    bars = walk(60_000)
    chart.set_bars(bars[10_000:], MINUTE)
    for stop in range(10_000, 0, -2_500):
        chart.prepend_bars(bars[stop - 2_500 : stop])
        chart.view.show_bars(chart.series.first_x - 10, chart.series.first_x + 40_000)
        chart.catch_up()
        before = chart.grab().toImage()
        qtbot.waitUntil(lambda: not chart.series.room_is_scarce)
        assert chart.grab().toImage() == before
    assert np.array_equal(chart.series.bars(), bars)


def test_older_history_is_asked_for_once_near_the_left_end(chart, qtbot):
    bars = walk(3000)
    chart.set_bars(bars[1000:], MINUTE)
    asked = []
    chart.older_wanted.connect(lambda: asked.append(1))
    chart.view.pan(-100)
    assert asked == []
    chart.view.press(Qt.Key.Key_Home)
    chart.view.pan(3)
    assert asked == [1]
    chart.prepend_bars(bars[:1000])
    chart.view.press(Qt.Key.Key_Home)
    assert asked == [1, 1]


@pytest.mark.parametrize("delta", [120, -120, 360])
def test_the_wheel_keeps_the_bar_under_the_cursor(chart, delta):
    chart.set_bars(walk(900), MINUTE)
    view = chart.plot_item.getViewBox()
    under = view.mapSceneToView(QPointF(400, 250)).x()
    span = ranges(chart)[0][1] - ranges(chart)[0][0]
    wheel(chart, (400, 250), delta)
    assert view.mapSceneToView(QPointF(400, 250)).x() == pytest.approx(under, abs=1e-6)
    new_span = ranges(chart)[0][1] - ranges(chart)[0][0]
    assert new_span < span if delta > 0 else new_span > span


def test_the_wheel_keeps_the_price_under_the_cursor_while_held(chart):
    chart.set_bars(walk(900), MINUTE)
    prices = ranges(chart)[1]
    chart.hold_view("key")
    wheel(chart, (400, 250), 120)
    assert ranges(chart)[1] == prices


def test_with_ctrl_the_wheel_zooms_at_the_last_bar(chart):
    chart.set_bars(walk(900), MINUTE)
    before, _ = at(chart, chart.series.last_x, 100.0)
    wheel(chart, (100, 250), 240, Qt.KeyboardModifier.ControlModifier)
    assert at(chart, chart.series.last_x, 100.0)[0] == pytest.approx(before, abs=1)


def test_a_drag_pans_with_the_mouse_and_scales_the_price_to_what_is_in_view(chart):
    chart.set_bars(walk(900), MINUTE)
    (start_x, stop_x), _ = ranges(chart)
    px_a_bar = chart.plot_item.getViewBox().rect().width() / (stop_x - start_x)
    drag(chart, (300, 200), (350, 210), (400, 220))
    moved, prices = ranges(chart)
    assert moved[0] == pytest.approx(start_x - 100 / px_a_bar)
    low, high = chart.series.low_high(*moved)
    assert prices[0] < low < high < prices[1]


def test_the_price_axis_scales_and_a_double_click_makes_it_auto(chart):
    chart.set_bars(walk(900), MINUTE)
    auto = ranges(chart)[1]
    drag(chart, (980, 200), (980, 240), (980, 300))
    manual = ranges(chart)[1]
    assert manual[1] - manual[0] > auto[1] - auto[0]
    chart.view.pan(-50)
    assert ranges(chart)[1] == manual
    chart.view.pan(50)
    for kind in (QEvent.Type.MouseButtonPress, QEvent.Type.MouseButtonDblClick):
        mouse(chart, kind, (980, 200))
        mouse(chart, QEvent.Type.MouseButtonRelease, (980, 200), buttons=Qt.MouseButton.NoButton)
    assert ranges(chart)[1] == pytest.approx(auto)


def test_keys_move_the_view(chart, qtbot):
    chart.set_bars(walk(900), MINUTE)
    newest = ranges(chart)
    canvas = chart.focusProxy()
    qtbot.keyClick(canvas, Qt.Key.Key_Home)
    assert ranges(chart)[0][0] <= 0 < ranges(chart)[0][1] < 800
    qtbot.keyClick(canvas, Qt.Key.Key_Right)
    assert ranges(chart)[0][0] > 0
    qtbot.keyClick(canvas, Qt.Key.Key_Left)
    assert ranges(chart)[0][0] <= 0
    qtbot.keyClick(canvas, Qt.Key.Key_Up)
    qtbot.keyClick(canvas, Qt.Key.Key_R)
    assert ranges(chart) == [pytest.approx(axis) for axis in newest]


def test_a_pan_never_changes_the_width_of_the_price_axis(chart):
    bars = walk(5000)
    for column in ("open", "high", "low", "close"):
        bars[column] *= np.linspace(0.001, 1000, 5000)
    chart.set_bars(bars, MINUTE)
    width = chart.plot_item.getAxis("right").width()
    chart.view.press(Qt.Key.Key_Home)
    chart.grab()
    assert chart.plot_item.getAxis("right").width() == width


def test_order_lines_are_kept_in_view(chart, qtbot):
    chart.set_bars(walk(900), MINUTE)
    _, (low, high) = ranges(chart)
    chart.set_extra_prices([high + (high - low) * 0.2, math.nan])
    qtbot.waitUntil(lambda: ranges(chart)[1][1] > high + (high - low) * 0.2, timeout=SOON)


def tag_colors(chart):
    """Colours in the picture along the middle of the price axis."""
    picture = chart.grab().toImage()
    return {color(picture, 995, y) for y in range(chart.height())}


def test_bid_and_ask_have_tags_and_are_grey_when_crossed(chart, qtbot):
    chart.set_bars(walk(100), MINUTE)
    last = chart.series.bar(99)
    chart.on_ticks([Quote(last.time_ns, last.close - 0.2, last.close + 0.2)])
    qtbot.waitUntil(lambda: {theme.BID, theme.ASK} <= tag_colors(chart), timeout=SOON)
    chart.on_ticks([Quote(last.time_ns, last.close + 0.2, last.close - 0.2)])
    qtbot.waitUntil(lambda: theme.CROSSED in tag_colors(chart), timeout=SOON)
    assert not {theme.BID, theme.ASK} & tag_colors(chart)
    assert chart.series.bar(99) == last


def test_the_last_price_counts_down_to_the_close_of_its_bar(chart):
    chart.set_bars(walk(100), MINUTE)
    last = chart.series.bar(99)
    color_of_last = theme.UP if last.close >= last.open else theme.DOWN

    def tag_height():
        chart.catch_up()
        picture = chart.grab().toImage()
        return sum(color(picture, 995, y) == color_of_last for y in range(chart.height()))

    alone = tag_height()
    chart.set_clock(lambda: last.time_ns + MINUTE // 2)
    assert tag_height() == pytest.approx(2 * alone, abs=2)
    chart.set_clock(lambda: last.time_ns + 2 * MINUTE)
    assert tag_height() == alone


def test_a_drag_with_shift_measures_and_moves_nothing_until_a_click(chart):
    chart.set_bars(walk(900), MINUTE)
    before, plain = ranges(chart), chart.grab().toImage()
    last, (low, high) = chart.series.last_x, before[1]
    begin = at(chart, last - 60, low + (high - low) * 0.75)
    end = at(chart, last - 20, low + (high - low) * 0.85)
    shift = Qt.KeyboardModifier.ShiftModifier
    drag(chart, begin, (begin[0] + 20, begin[1]), end, modifiers=shift)
    assert ranges(chart) == before
    inside = (begin[0] + end[0]) // 2, (begin[1] + end[1]) // 2 + 3
    measured = chart.grab().toImage()
    assert color(measured, *inside) != color(plain, *inside)
    drag(chart, (300, 200), (300, 200))
    assert color(chart.grab().toImage(), *inside) == color(plain, *inside)


@pytest.mark.parametrize(
    "ticks",
    [
        {"tick_size": Decimal("0.5")},
        {
            "tick_size": Decimal("0.01"),
            "price_levels": ((Decimal(0), Decimal("0.01")), (Decimal(90), Decimal("0.5"))),
        },
    ],
)
def test_the_crosshair_is_on_a_bar_and_a_tick(chart, ticks):
    chart.set_market(market(**ticks))
    chart.set_bars(walk(100), MINUTE)
    column, row = at(chart, 80.3, 100.1)
    mouse(chart, QEvent.Type.MouseMove, (column, row), Qt.MouseButton.NoButton)
    picture = chart.grab().toImage()
    column, row = at(chart, 80, 100.0)
    assert color(picture, column, 590 - 30) == theme.CROSSHAIR
    assert color(picture, 50, row) == theme.CROSSHAIR
    assert theme.CURSOR_TAG in tag_colors(chart)
    QApplication.sendEvent(viewport(chart).parent(), QEvent(QEvent.Type.Leave))
    assert theme.CURSOR_TAG not in tag_colors(chart)


class PaintCounter(QObject):
    """Counts the paint events of a widget."""

    def __init__(self, widget):
        super().__init__(widget)
        self.count = 0
        widget.installEventFilter(self)

    def eventFilter(self, watched, event):
        self.count += event.type() == QEvent.Type.Paint
        return False


def test_ticks_between_two_frames_are_one_repaint(chart, qtbot):
    chart.set_bars(walk(300), MINUTE)
    next_tick(chart, 100.0)
    qtbot.waitUntil(lambda: chart.up_to_date, timeout=SOON)
    QApplication.processEvents()
    counter = PaintCounter(viewport(chart))
    for _ in range(1000):
        next_tick(chart, 100.0)
    assert counter.count == 0
    assert not chart.up_to_date
    qtbot.waitUntil(lambda: counter.count > 0, timeout=SOON)
    assert counter.count == 1


def test_a_tick_may_come_after_fewer_bars_were_put_in_and_before_they_are_painted(chart):
    chart.set_bars(walk(300), MINUTE)
    chart.grab()
    chart.set_bars(walk(100), MINUTE)
    for _ in range(2):
        next_tick(chart, 100.0)
        chart.catch_up()
    assert len(chart.series) == 100


def test_anyone_can_add_to_the_plot_in_bars_and_prices(chart):
    chart.set_bars(walk(300), MINUTE)
    before = ranges(chart)
    price = sum(before[1]) / 2
    chart.plot_item.addItem(pg.InfiniteLine(pos=price, angle=0, pen="#ffffff"))
    picture = chart.grab().toImage()
    assert ranges(chart) == before
    assert "#ffffff" in {color(picture, 30, at(chart, 0, price)[1] + dy) for dy in (-1, 0, 1)}


def test_a_wider_window_shows_more_bars_of_the_same_width(chart):
    chart.set_bars(walk(900), MINUTE)
    (start_x, stop_x), _ = ranges(chart)
    px_a_bar = chart.plot_item.getViewBox().rect().width() / (stop_x - start_x)
    chart.resize(1400, 500)
    chart.grab()
    (new_start_x, new_stop_x), _ = ranges(chart)
    assert new_stop_x == pytest.approx(stop_x)
    new_width = chart.plot_item.getViewBox().rect().width()
    assert new_width / (new_stop_x - new_start_x) == pytest.approx(px_a_bar)


def test_the_axis_can_be_in_percent_of_the_first_bar_in_view(qtbot):
    chart = Chart()
    qtbot.addWidget(chart)
    chart.resize(700, 500)
    chart.set_market(market())
    chart.set_bars(walk(400), MINUTE)
    chart.show()
    prices = chart.price_axis.ticks()
    chart.set_in_percent(True)
    for start in (100, 150):
        chart.view.show_bars(start, start + 90)
        chart.catch_up()
        base = chart.series.bar(start).close
        ticks = chart.price_axis.ticks()
        assert len(ticks) > 2
        for price, text in ticks:
            assert float(text[:-1]) == pytest.approx((price / base - 1) * 100, abs=1e-6)
    chart.view.reset()
    chart.set_in_percent(False)
    assert chart.price_axis.ticks() == prices


def test_the_word_across_a_narrow_pane_is_whole(chart):
    chart.set_market(market(badge="REPLAY"))
    chart.set_bars(walk(5), MINUTE)
    chart.resize(420, 300)
    picture = chart.grab().toImage()
    word = QColor(theme.mixed(theme.badge_color("REPLAY"), 0.13)).name()
    rows = range(90, 200)
    pane = round(chart.plot_item.getViewBox().rect().width())
    columns = [x for x in range(pane) if any(color(picture, x, y) == word for y in rows)]
    assert columns
    assert min(columns) > 5
    assert max(columns) < pane - 5
