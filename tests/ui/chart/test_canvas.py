"""What is on the screen after any steps is what a full paint draws, with items of others or not."""

from decimal import Decimal

import pyqtgraph as pg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PyQt6.QtCore import QPointF
from PyQt6.QtGui import QColor
from PyQt6.QtWidgets import QApplication

from ems.ticks import Quote, Trade
from order_mode.line import STAGED_KEY, Label, Line, LineStyle
from tests.ui.chart.recorded import MINUTE, market, walk
from ui import theme
from ui.chart import BarStyle, Chart, Indicator
from ui.chart.formulas import Sma
from ui.order_lines import OrderLines

WHITE = "#ffffff"


@pytest.fixture
def chart(qtbot):
    made = Chart()
    qtbot.addWidget(made)
    made.resize(900, 500)
    made.set_market(market())
    made.show()
    made.set_bars(walk(3000), MINUTE)
    made.view.show_bars(2700, 3020)
    on_screen(made)
    return made


def on_screen(chart):
    QApplication.processEvents()
    return chart.screen().grabWindow(chart.winId()).toImage()


def in_full(chart):
    chart.plot_item.getViewWidget().viewport().update()
    return on_screen(chart)


def color(picture, point):
    return QColor(picture.pixel(int(point.x()), int(point.y()))).name()


def a_line(key, price, style=LineStyle.SOLID):
    exact = market().round_price(Decimal(price))
    label = Label(side="BUY", size="3", price=str(exact), account="PAPER", mode="live")
    return Line(key=key, price=exact, action="buy", style=style, label=label, draggable=True)


def test_an_item_of_others_lies_over_the_bars_and_under_the_order_lines(chart):
    low, high = chart.view.viewRange()[1]
    price = (low + high) / 2
    bar = chart.series.bar(2800)
    lines = OrderLines(chart.view)
    lines.show_line(a_line("a", price))
    region = pg.LinearRegionItem((2790, 2830), brush="#ffffffff", pen="#ffffffff", movable=False)
    chart.plot_item.addItem(region)
    picture = in_full(chart)
    assert color(picture, chart.view.mapViewToScene(QPointF(2800, bar.close))) == WHITE
    label = lines.mapRectToScene(lines.label_rect("a")).center()
    assert color(picture, label) != WHITE
    assert color(picture, QPointF(label.x(), 2)) != WHITE
    region.setRegion((2790, 3100))
    picture = in_full(chart)
    assert color(picture, QPointF(label.x(), 60)) == WHITE
    assert color(picture, label) != WHITE


def test_an_item_of_others_goes_when_it_is_hidden_or_taken_away(chart, qtbot):
    def wait_for(picture):
        qtbot.waitUntil(lambda: on_screen(chart) == picture, timeout=5000)

    before = on_screen(chart)
    region = pg.LinearRegionItem((2790, 2830), brush="#ffffffff")
    chart.plot_item.addItem(region)
    with_it = in_full(chart)
    assert with_it != before
    region.hide()
    wait_for(before)
    region.show()
    wait_for(with_it)
    chart.plot_item.removeItem(region)
    wait_for(before)


def test_a_title_of_the_plot_is_shown(chart):
    chart.plot_item.setTitle("made by others", color=WHITE, size="20pt")
    picture = in_full(chart)
    row = {color(picture, QPointF(x, y)) for x in range(900) for y in range(30)}
    assert WHITE in row


def test_a_bar_at_the_right_edge_does_not_reach_over_the_price_axis(chart):
    chart.view.show_bars(990, 998.9)
    axis_left = int(chart.price_axis.scenePos().x())
    picture = in_full(chart)
    across = {color(picture, QPointF(axis_left + 3, y)) for y in range(460)}
    assert across.isdisjoint({theme.UP, theme.DOWN, theme.UP_VOLUME, theme.DOWN_VOLUME})


def test_order_lines_that_are_taken_away_leave_nothing(chart):
    before = on_screen(chart)
    lines = OrderLines(chart.view)
    lines.show_line(a_line("a", 100.0))
    chart.set_extra_prices([])
    lines.remove()
    assert on_screen(chart) == before


def test_the_tag_of_the_last_price_goes_along_with_a_new_bar_while_the_view_is_held(chart):
    last = chart.series.bar(chart.series.last_x)
    low, high = chart.view.viewRange()[1]
    price = round(low + (high - low) / 3, 2)
    assert abs(price - last.close) > (high - low) / 10
    chart.hold_view("test")
    chart.on_ticks([Trade(last.time_ns + MINUTE, price, 1.0)])
    chart.catch_up()
    picture = on_screen(chart)
    row = int(chart.view.mapViewToScene(QPointF(0, price)).y())
    assert color(picture, QPointF(898, row)) in {theme.UP, theme.DOWN}
    old_row = int(chart.view.mapViewToScene(QPointF(0, last.close)).y())
    assert color(picture, QPointF(898, old_row)) == theme.BACKGROUND


steps = st.one_of(
    st.tuples(st.just("tick"), st.integers(-30, 30)),
    st.tuples(st.just("bar"), st.integers(-30, 30)),
    st.tuples(st.just("quote"), st.integers(-30, 30)),
    st.tuples(st.just("pan"), st.integers(-90, 90)),
    st.tuples(st.just("zoom"), st.integers(-8, 8)),
    st.tuples(st.just("cursor"), st.integers(0, 450)),
    st.tuples(st.just("line"), st.integers(-40, 40)),
    st.tuples(st.just("hand"), st.integers(-40, 40)),
    st.tuples(st.just("drop"), st.just(0)),
    st.tuples(st.just("paint"), st.just(0)),
)


class Steps:
    """Does to a chart what a market and a user do."""

    def __init__(self, chart):
        self.chart = chart
        chart.set_bars(walk(3000), MINUTE)
        chart.view.show_bars(2700, 3020)
        self.lines = OrderLines(chart.view)

    def do(self, what, number):
        chart, series = self.chart, self.chart.series
        last = series.bar(series.last_x)
        time_ns, price = last.time_ns, round(last.close + number / 100, 2)
        match what:
            case "tick":
                chart.on_ticks([Trade(time_ns, price, 40.0)])
            case "bar":
                chart.on_ticks([Trade(time_ns + MINUTE, price, 2.0)])
            case "quote":
                chart.on_ticks([Quote(time_ns, price, 1.0, price + 0.02, 1.0)])
            case "pan":
                chart.view.pan(number / 3)
            case "zoom":
                chart.view.zoom(1.1**number, series.last_x - 100)
            case "cursor":
                scene = chart.plot_item.getViewWidget().scene()
                scene.sigMouseMoved.emit(QPointF(2 * number, number))
            case "line":
                self.lines.show_line(a_line(f"{number % 5}", price))
            case "hand":
                self.lines.show_line(a_line(STAGED_KEY, price, LineStyle.STAGED))
            case "drop":
                self.lines.remove_line(STAGED_KEY)
            case "paint":
                QApplication.processEvents()
        if what != "paint":
            chart.catch_up()

    def undo(self):
        self.lines.remove()
        self.chart.plot_item.getViewWidget().mouse_left.emit()


@settings(
    deadline=None,
    max_examples=30,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(taken=st.lists(steps, min_size=1, max_size=12), average=st.booleans())
def test_what_is_left_on_the_screen_is_what_a_full_paint_draws(chart, qtbot, taken, average):
    chart.set_indicators([Indicator(Sma(9), (theme.ACCENT,))] if average else [])
    does = Steps(chart)
    try:
        for step in taken:
            does.do(*step)
        qtbot.waitUntil(lambda: chart.up_to_date, timeout=5000)
        shown = on_screen(chart)
        assert shown == in_full(chart)
    finally:
        does.undo()


def test_many_bars_a_pixel_look_the_same_after_a_pan_a_theme_and_back(chart):
    chart.view.show_bars(500, 2900)
    chart.set_indicators([Indicator(Sma(9), ("#ff00ff",))])
    chart.catch_up()
    before = in_full(chart)
    for bars in (30, 200, -200, -30):
        chart.view.pan(bars)
        on_screen(chart)
    chart.view.show_bars(500, 2900)
    assert in_full(chart) == before
    theme.use("light")
    try:
        light = in_full(chart)
        colors = {color(light, QPointF(x, 470)) for x in range(100, 700)}
        assert theme.UP_VOLUME in colors
        assert theme.DOWN_VOLUME in colors
    finally:
        theme.use("dark")
    assert in_full(chart) == before


@pytest.mark.parametrize("style", [BarStyle.CANDLES, BarStyle.HOLLOW, BarStyle.HEIKIN_ASHI])
def test_a_chart_that_was_panned_looks_like_one_that_was_opened_there(chart, qtbot, style):
    other = Chart()
    qtbot.addWidget(other)
    other.resize(900, 500)
    other.set_market(market())
    other.show()
    other.set_bars(walk(3000), MINUTE)
    for one in (chart, other):
        one.set_bar_style(style)
        one.set_indicators([Indicator(Sma(9), ("#ff00ff",))])
        one.catch_up()
    chart.view.show_bars(100, 2500)
    chart.hold_view("test")  # the prices stay, so what is laid out can be used again
    for pixels in (3, 40, 0, -7, 300, 25, -200):
        on_screen(chart)
        chart.view.pan(pixels * 2400 / chart.view.rect().width())
    other.view.setRange(
        xRange=chart.view.viewRange()[0], yRange=chart.view.viewRange()[1], padding=0
    )
    for one in (chart, other):
        one.hold_view("test")
        one.catch_up()
    assert in_full(chart) == in_full(other)
