"""The logarithmic price axis: what is drawn where, and what the mouse means there."""

import math

import numpy as np
import pyqtgraph as pg
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PyQt6.QtCore import QEvent, QPointF, Qt

from ems.ticks import Quote, Trade
from tests.ui.chart.recorded import MINUTE, START, bars_of
from tests.ui.chart.test_chart import color, drag, mouse
from ui import theme
from ui.chart import Sma
from ui.chart.drawing import Anchor, DrawingKind
from ui.chart.log_ticks import log_ticks
from ui.chart.percent_ticks import percent_ticks
from ui.chart.price_scale import PriceScale

FLAT = (10.0, 10.0, 10.0, 10.0, 0.0)


def steep(count: int, growth: float = 0.002):
    """Minute bars that grow by far more than a linear axis can show."""
    dice = np.random.default_rng(3)
    close = 10 * np.exp(np.cumsum(dice.normal(growth, 15 * growth, count)))
    bars = bars_of(*[FLAT] * count)
    bars["close"], bars["open"] = close, np.concatenate([[10.0], close[:-1]])
    bars["high"] = np.maximum(bars["open"], close) * (1 + dice.uniform(0, 0.02, count))
    bars["low"] = np.minimum(bars["open"], close) * (1 - dice.uniform(0, 0.02, count))
    bars["volume"] = dice.integers(1, 1000, count)
    return bars


@pytest.fixture
def chart(chart):
    chart.set_log_scale(True)
    return chart


def row(chart, price: float) -> int:
    """The row of the widget where a price has to be, worked out without the chart's help."""
    view = chart.plot_item.getViewBox()
    low, high = view.viewRange()[1]
    top = view.mapToScene(QPointF(0, 0)).y()
    return math.floor(top + view.rect().height() * (high - math.log10(price)) / (high - low))


def column(chart, x: float) -> int:
    view = chart.plot_item.getViewBox()
    return math.floor(view.mapViewToScene(QPointF(x, 0)).x())


def inked(picture, x: int, rows=range(80, 600)) -> list[int]:
    """The rows of a pixel column in the colours of bars, below the legend."""
    return [y for y in rows if color(picture, x, y) in (theme.UP, theme.DOWN)]


def test_known_bars_are_where_their_logarithms_are(chart):
    bars = ((10.0, 90.0, 9.0, 80.0, 1.0), (80.0, 85.0, 12.0, 20.0, 1.0))
    chart.set_bars(bars_of(FLAT, *bars, FLAT, (50.0, 50.0, 50.0, 50.0, 0.0)), MINUTE)
    picture = chart.grab().toImage()
    for x, (open_, high, low, close, _) in enumerate(bars, start=1):
        wick = column(chart, x)
        rows = inked(picture, wick, range(600))
        assert (rows[0], rows[-1]) == (row(chart, high), row(chart, low))
        body = inked(picture, wick + 2, range(600))
        assert (body[0], body[-1]) == (row(chart, max(open_, close)), row(chart, min(open_, close)))


def test_each_pixel_column_of_many_bars_shows_its_true_high_and_low(chart):
    bars = steep(20_000, growth=1e-4)
    bars["close"] = bars["open"]  # all up: one colour
    chart.set_bars(bars, MINUTE)
    chart.view.show_bars(2_000, 18_000)
    picture = chart.grab().toImage()
    view = chart.plot_item.getViewBox()
    start, stop = view.viewRange()[0]
    shown = np.arange(math.ceil(start), math.floor(stop))
    width = view.rect().width()
    for x in range(50, 900, 7):
        rows = inked(picture, x)
        places = (shown - start) * width / (stop - start)
        sure = shown[(places > x + 0.3) & (places < x + 0.7)]
        near = shown[(places > x - 1.5) & (places < x + 2.5)]
        assert rows[0] <= row(chart, bars["high"][sure].max())
        assert rows[0] >= row(chart, bars["high"][near].max())
        low = [y for y in rows if y < 490]  # the volume and the dotted line are below
        assert low[-1] >= min(row(chart, bars["low"][sure].min()), 489)


def test_the_same_prices_stay_in_view_and_come_back(chart):
    chart.set_bars(steep(300), MINUTE)
    chart.set_log_scale(False)
    chart.view.zoom_price(0.7, sum(chart.view.price_range) / 2)
    before = chart.view.price_range
    assert before[0] > 0
    chart.set_log_scale(True)
    assert chart.view.price_range == pytest.approx(before)
    chart.set_log_scale(False)
    assert chart.view.price_range == pytest.approx(before)


def test_auto_scale_shows_the_bars_and_the_order_lines_near_them(chart):
    bars = steep(300)
    chart.set_bars(bars, MINUTE)
    chart.view.show_bars(0, 300)
    low, high = chart.view.price_range
    assert 0 < low < bars["low"].min()
    assert bars["high"].max() < high < bars["high"].max() * 10
    below = bars["low"].min() * 0.6
    chart.set_extra_prices([below, 1e-9, -5.0, 1e9])
    chart.catch_up()
    assert chart.view.price_range[0] < below
    assert chart.view.price_range[1] < 1e6


def test_prices_that_have_no_logarithm_do_not_break_it(chart):
    oil = [(20.0, 22.0, 18.0, 19.0, 5.0), (19.0, 20.0, -37.0, -30.0, 5.0)]
    chart.set_bars(bars_of(*oil, *[(-30.0, 12.0, -31.0, 10.0, 5.0)] * 9), MINUTE)
    chart.set_extra_prices([-10.0, 0.0, 15.0])
    chart.add_indicator(Sma(2))
    chart.on_ticks([Quote(START, -1.0, 0.5), Trade(START + 10 * MINUTE, -2.0, 1.0)])
    chart.catch_up()
    assert not chart.grab().isNull()
    low, high = chart.view.price_range
    assert 0 < low < 10.0 < high
    chart.set_bars(bars_of(*[(-3.0, -2.0, -4.0, -3.0, 1.0)] * 5), MINUTE)
    assert not chart.grab().isNull()
    chart.set_log_scale(False)
    low, high = chart.view.price_range
    assert low < -4.0 < -2.0 < high


def test_the_crosshair_is_on_the_tick_under_the_mouse(chart, monkeypatch):
    monkeypatch.setitem(pg.CONFIG_OPTIONS, "mouseRateLimit", -1)
    chart.set_bars(steep(300), MINUTE)
    chart.view.show_bars(0, 300)
    view = chart.plot_item.getViewBox()
    for y in range(60, 560, 17):
        mouse(chart, QEvent.Type.MouseMove, (500, y), Qt.MouseButton.NoButton)
        level = view.mapSceneToView(QPointF(500, y)).y()
        aim = chart._pane.crosshair.aim()
        assert abs(aim.price - 10**level) <= 0.005 + 1e-9
        assert aim.price == pytest.approx(round(aim.price, 2), abs=1e-9)


def test_the_axis_scales_around_its_middle_and_a_double_click_makes_it_auto(chart):
    chart.set_bars(steep(900), MINUTE)
    auto = chart.plot_item.viewRange()[1]
    drag(chart, (980, 200), (980, 240), (980, 300))
    manual = chart.plot_item.viewRange()[1]
    assert manual[1] - manual[0] > auto[1] - auto[0]
    assert sum(manual) == pytest.approx(sum(auto))
    from PyQt6.QtCore import QEvent

    for kind in (QEvent.Type.MouseButtonPress, QEvent.Type.MouseButtonDblClick):
        mouse(chart, kind, (980, 200))
        mouse(chart, QEvent.Type.MouseButtonRelease, (980, 200), buttons=Qt.MouseButton.NoButton)
    assert chart.plot_item.viewRange()[1] == pytest.approx(auto)


def test_it_cannot_be_zoomed_beyond_what_numbers_are(chart):
    chart.set_bars(steep(300), MINUTE)
    for _ in range(60):
        chart.view.zoom_price(5.0, 2.0)
    assert not chart.grab().isNull()
    for _ in range(100):
        chart.view.zoom_price(0.2, math.log10(20.0))
    low, high = chart.view.price_range
    assert high - low >= 0.0199
    assert not chart.grab().isNull()


def test_a_live_bar_grows_where_its_prices_are(chart):
    chart.set_bars(steep(60), MINUTE)
    last = chart.series.bar(chart.series.last_x)
    high = chart.view.price_range[1] * 0.9
    chart.on_ticks([Trade(last.time_ns, high, 1.0), Trade(last.time_ns, last.close, 1.0)])
    chart.catch_up()
    rows = inked(chart.grab().toImage(), column(chart, chart.series.last_x))
    assert rows[0] == row(chart, high)


def test_drawings_are_drawn_and_grabbed_at_their_prices(chart):
    chart.set_bars(steep(300), MINUTE)
    chart.view.show_bars(0, 300)
    hand = chart.drawing_hand
    hand.take_tool(DrawingKind.LEVEL)
    price = 10 ** chart.plot_item.getViewBox().mapSceneToView(QPointF(0, 300)).y()
    drag(chart, (300, 300))
    [drawn] = hand.drawings.all
    assert drawn.anchors[0].price == pytest.approx(price, abs=0.0051)
    picture = chart.grab().toImage()
    assert color(picture, 50, row(chart, drawn.anchors[0].price)) != color(picture, 50, 290)
    hand.drawings.load([type(drawn)(DrawingKind.LEVEL, (Anchor(0, 20.0),))])
    drag(chart, (300, row(chart, 20.0)), (300, 250), (300, row(chart, 40.0)))
    assert hand.drawings.all[0].anchors[0].price == pytest.approx(40.0, rel=0.01)


def test_measuring_tells_the_change_between_the_prices_under_the_mouse(chart):
    chart.set_bars(steep(300), MINUTE)
    chart.view.show_bars(0, 300)
    points = (300, row(chart, 20.0)), (400, row(chart, 40.0))
    drag(chart, *points, modifiers=Qt.KeyboardModifier.ShiftModifier)
    text = chart._pane.measuring.text
    percent = float(text.split("(")[1].split("%")[0])
    assert percent == pytest.approx(100.0, abs=3.0)


def test_keys_switch_it_and_the_percents(chart, qtbot):
    chart.set_bars(steep(300), MINUTE)
    canvas, alt = chart.focusProxy(), Qt.KeyboardModifier.AltModifier
    qtbot.keyClick(canvas, Qt.Key.Key_L, alt)
    assert not chart.axes.log_scale
    with qtbot.waitSignal(chart.axes.changed):
        qtbot.keyClick(canvas, Qt.Key.Key_L, alt)
    assert chart.axes.log_scale
    qtbot.keyClick(canvas, Qt.Key.Key_P, alt)
    texts = [text for _, text in chart.price_axis.ticks()]
    assert texts
    assert all(text.endswith("%") for text in texts)


def test_what_others_plot_lies_on_the_bars(chart):
    bars = steep(300)
    curve = chart.plot_item.plot(np.arange(300), bars["close"])
    chart.set_bars(bars, MINUTE)
    chart.view.show_bars(0, 300)
    assert isinstance(curve, pg.PlotDataItem)
    assert curve.getData()[1] == pytest.approx(np.log10(bars["close"]))
    chart.set_log_scale(False)
    assert curve.getData()[1] == pytest.approx(bars["close"])


@given(
    st.floats(-6, 8), st.floats(0.01, 12), st.integers(2, 25), st.sampled_from([1e-8, 0.01, 0.25])
)
def test_labels_are_whole_ticks_in_view_and_not_too_many(low_level, span, count, tick_size):
    low, high = 10**low_level, 10 ** (low_level + span)
    if high - low < 2 * tick_size:
        return
    prices = log_ticks(low, high, count, tick_size)
    assert len(prices) <= count * 2 + 2
    assert prices == sorted(set(prices))
    for price in prices:
        assert low * (1 - 1e-9) <= price <= high * (1 + 1e-9)
        assert price / tick_size == pytest.approx(max(round(price / tick_size), 1), rel=1e-6)


@given(st.floats(0, 3), st.floats(0.3, 6), st.floats(-0.2, 0.2), st.integers(4, 15))
def test_a_pan_changes_no_label(low_level, span, moved, count):
    def prices(level):
        return set(log_ticks(10**level, 10 ** (level + span), count, 1e-6))

    before, after = prices(low_level), prices(low_level + moved)
    low, high = 10 ** (low_level + max(moved, 0)), 10 ** (low_level + span + min(moved, 0))
    inside = {price for price in before if low * 1.001 < price < high * 0.999}
    assert inside <= after


@given(st.floats(0.01, 1e5), st.floats(-1.5, 0.5), st.floats(0.2, 3), st.integers(3, 15))
def test_percents_are_where_they_say(base, low_level, span, count):
    low = base * 10**low_level
    for price, text in percent_ticks(low, low * 10**span, base, count, is_log=True):
        assert float(text[:-1].replace(",", "")) == pytest.approx(
            (price / base - 1) * 100, abs=0.006
        )


@given(st.floats(1e-9, 1e12))
def test_a_level_gives_back_its_price(price):
    for scale in (PriceScale(), PriceScale(is_log=True)):
        assert scale.price(scale.level(price)) == pytest.approx(price, rel=1e-12)


def test_a_long_round_label_has_room_at_the_axis(chart):
    chart.set_bars(bars_of(*[(100.0, 101.0, 99.0, 100.0, 1.0)] * 9), MINUTE)
    chart.view.zoom_price(600.0, 2.0)
    labels = [text for _, text in chart.price_axis.ticks()]
    assert "10,000" in labels
    assert "100.00" in labels
