"""Panes below the price: what is drawn is what the values say, and the mouse moves the chart."""

import numpy as np
import pytest
from PyQt6.QtCore import QPoint, QPointF, Qt
from PyQt6.QtGui import QColor, QWheelEvent
from PyQt6.QtTest import QTest
from PyQt6.QtWidgets import QApplication, QSplitter

from ems.ticks import Trade
from tests.ui.chart.recorded import MINUTE, bars_of, market, walk
from ui import theme
from ui.chart import Atr, Chart, Macd, Rsi, Sma, Volume

LEFT = Qt.MouseButton.LeftButton


@pytest.fixture
def make_chart(qtbot):
    def make(bars):
        chart = Chart()
        qtbot.addWidget(chart)
        chart.resize(900, 700)
        chart.set_market(market())
        chart.set_bars(bars, MINUTE)
        chart.show()
        qtbot.waitExposed(chart)
        return chart

    return make


@pytest.fixture
def chart(make_chart):
    return make_chart(walk(400))


def picture(pane):
    """The pane's pixels as they are on the screen."""
    return pane.grab().toImage()


def column_of(chart, x):
    scene = chart.view.mapViewToScene(QPointF(x, 0.0))
    return int(scene.x())


def colors_in_column(image, column):
    return {image.pixelColor(column, row).name() for row in range(image.height())}


def test_each_has_a_pane_of_its_own_and_an_average_stays_over_the_bars(chart):
    for formula in (Sma(20), Rsi(14), Volume(20), Macd(), Atr()):
        chart.add_indicator(formula)
    shown = [pane.picture.indicator.formula for pane in chart.panes.panes]
    assert shown == [Rsi(14), Volume(20), Macd(), Atr()]
    assert len(chart.indicators) == 5
    chart.set_indicators(chart.indicators[:2])
    assert [pane.picture.indicator.formula for pane in chart.panes.panes] == [Rsi(14)]


def test_a_line_is_where_its_value_says(chart):
    made = chart.add_indicator(Rsi(14), colors=["#ff00ff"])
    (pane,) = chart.panes.panes
    image = picture(pane)
    series = chart.series
    for x in range(series.last_x - 60, series.last_x, 7):
        value = made.values(series)[x - series.first_x, 0]
        row, column = pane.row_of(value), column_of(chart, x)
        near = {image.pixelColor(column, row + d).name() for d in (-1, 0, 1)}
        assert "#ff00ff" in near, (x, value)


def test_volume_bars_are_as_high_as_the_volume(make_chart):
    volumes = [100.0, 0.0, 400.0, 250.0, 300.0]
    chart = make_chart(bars_of(*((10.0, 11.0, 9.0, 10.5, v) for v in volumes)))
    chart.add_indicator(Volume(2))
    (pane,) = chart.panes.panes
    image = picture(pane)
    up = theme.mixed(theme.UP, 0.62).name()
    for x, volume in enumerate(volumes):
        column = column_of(chart, x)
        rows = [r for r in range(image.height()) if image.pixelColor(column, r).name() == up]
        if volume == 0.0:
            assert rows == []
        else:
            assert min(rows) == pytest.approx(pane.row_of(volume), abs=2)
            assert max(rows) >= pane.height() - 2


def test_a_volume_pane_takes_the_place_of_the_strip(chart):
    foot = colors_in_column
    before = chart.view.viewRange()[1][0]
    chart.add_indicator(Volume(20))
    chart.catch_up()
    assert chart.view.viewRange()[1][0] > before  # the room at the foot is for prices now
    canvas = chart.plot_item.getViewWidget().grab().toImage()
    strip = {theme.UP_VOLUME, theme.DOWN_VOLUME}
    columns = range(100, 700, 9)
    assert not any(foot(canvas, column) & strip for column in columns)


def test_a_tick_moves_the_last_value(chart, qtbot):
    chart.add_indicator(Rsi(14), colors=["#ff00ff"])
    (pane,) = chart.panes.panes
    before = picture(pane)
    last = chart.series.bar(chart.series.last_x)
    chart.on_ticks([Trade(last.time_ns + 1, last.close + 3.0, 1.0)])
    chart.catch_up()
    after = picture(pane)
    made = chart.indicators[0]
    row = pane.row_of(made.values(chart.series)[-1, 0])
    column = column_of(chart, chart.series.last_x)
    assert "#ff00ff" in {after.pixelColor(column, row + d).name() for d in (-1, 0, 1)}
    assert before != after
    older = column_of(chart, chart.series.last_x - 20)
    assert colors_in_column(before, older) == colors_in_column(after, older)


def test_a_value_that_leaves_the_pane_makes_room_for_itself(chart):
    made = chart.add_indicator(Atr(14))
    (pane,) = chart.panes.panes
    picture(pane)
    last = chart.series.bar(chart.series.last_x)
    chart.on_ticks([Trade(last.time_ns + 1, last.close + 50.0, 1.0)])
    chart.catch_up()
    picture(pane)
    low, high = pane.picture.range
    assert low <= made.values(chart.series)[-1, 0] <= high


def test_a_new_bar_and_older_history_keep_lines_in_their_places(chart):
    chart.add_indicator(Rsi(14), colors=["#ff00ff"])
    (pane,) = chart.panes.panes
    chart.prepend_bars(walk(300, seed=5, start_ns=int(chart.series.time[0]) - 300 * MINUTE))
    last = chart.series.bar(chart.series.last_x)
    chart.on_ticks([Trade(last.time_ns + MINUTE, last.close + 0.2, 1.0)])
    chart.catch_up()
    image, series = picture(pane), chart.series
    x = series.last_x - 10
    value = chart.indicators[0].values(series)[x - series.first_x, 0]
    near = [image.pixelColor(column_of(chart, x), pane.row_of(value) + d) for d in (-1, 0, 1)]
    assert QColor("#ff00ff") in near


def test_dragging_the_divider_moves_it_and_the_price_keeps_its_bars(chart, qtbot):
    chart.add_indicator(Rsi(14))
    bars = chart.view.viewRange()[0]
    splitter = chart.findChild(QSplitter)
    before = chart.panes.heights
    handle = splitter.handle(1)
    middle = handle.rect().center()
    QTest.mousePress(handle, LEFT, pos=middle)
    QTest.mouseMove(handle, middle + QPoint(0, -60))
    QTest.mouseRelease(handle, LEFT, pos=middle + QPoint(0, -60))
    assert chart.panes.heights[1] == pytest.approx(before[1] + 60, abs=4)
    assert chart.view.viewRange()[0] == bars


def test_the_time_axis_is_below_the_last_pane(chart):
    axis = chart.plot_item.getAxis("bottom")
    assert axis.isVisible()
    chart.add_indicator(Rsi(14))
    assert not axis.isVisible()
    bottom = chart.grab().toImage()
    texts = {theme.TEXT_MUTED, theme.TEXT}
    rows = range(chart.height() - 24, chart.height())
    found = {bottom.pixelColor(c, r).name() for c in range(900) for r in rows}
    assert found & texts
    chart.set_indicators([])
    assert axis.isVisible()


def test_a_drag_in_a_pane_pans_and_the_wheel_zooms_at_the_cursor(chart):
    chart.add_indicator(Rsi(14))
    (pane,) = chart.panes.panes
    start, stop = chart.view.viewRange()[0]
    QTest.mousePress(pane, LEFT, pos=QPoint(300, 40))
    QTest.mouseMove(pane, QPoint(400, 45))
    QTest.mouseRelease(pane, LEFT, pos=QPoint(400, 45))
    moved = chart.view.viewRange()[0]
    assert moved[0] < start
    assert moved[1] - moved[0] == pytest.approx(stop - start)
    at = moved[0] + (moved[1] - moved[0]) * 300 / chart.view.width()
    wheel = QWheelEvent(
        QPointF(300, 40),
        pane.mapToGlobal(QPointF(300, 40)),
        QPoint(),
        QPoint(0, 120),
        Qt.MouseButton.NoButton,
        Qt.KeyboardModifier.NoModifier,
        Qt.ScrollPhase.NoScrollPhase,
        False,
    )
    QApplication.sendEvent(pane, wheel)
    zoomed = chart.view.viewRange()[0]
    assert zoomed[1] - zoomed[0] < moved[1] - moved[0]
    where = zoomed[0] + (zoomed[1] - zoomed[0]) * 300 / chart.view.width()
    assert where == pytest.approx(at, abs=0.2)


def test_the_crosshair_is_in_all_panes_at_once(chart, qtbot):
    chart.add_indicator(Rsi(14))
    chart.add_indicator(Atr(14))
    first, second = chart.panes.panes
    canvas = chart.plot_item.getViewWidget()
    x = round(sum(chart.view.viewRange()[0]) / 2)
    line = theme.CROSSHAIR
    at = QPoint(column_of(chart, x), 30)
    QTest.mouseMove(first, at + QPoint(2, 0))
    QTest.mouseMove(first, at)
    for widget in (canvas, first, second):
        image = widget.grab().toImage()
        assert line in colors_in_column(image, column_of(chart, x)), widget
    viewport = canvas.viewport()
    QTest.mouseMove(viewport, QPoint(column_of(chart, x - 9), 90))
    QTest.mouseMove(viewport, QPoint(column_of(chart, x - 9), 80))
    for pane in (first, second):
        image = pane.grab().toImage()
        assert line in colors_in_column(image, column_of(chart, x - 9))
        assert line not in colors_in_column(image, column_of(chart, x))


def test_a_function_can_be_drawn_over_and_below_the_bars(chart):
    def middle(bars):
        return (bars["high"] + bars["low"]) / 2

    def both(bars, length=3):
        return np.column_stack([bars["high"], bars["low"] - length])

    over = chart.add_indicator(middle, colors=["#ff00ff"])
    low = chart.add_indicator(both, "Highs and lows", pane=True)
    assert [pane.picture.indicator for pane in chart.panes.panes] == [low]
    image = chart.plot_item.getViewWidget().grab().toImage()
    x = chart.series.last_x - 20
    value = over.values(chart.series)[x - chart.series.first_x, 0]
    row = int(chart.view.mapViewToScene(QPointF(x, value)).y())
    near = {image.pixelColor(column_of(chart, x), row + d).name() for d in (-1, 0, 1)}
    assert "#ff00ff" in near
    assert low.formula.label == "Highs and lows 3"
    with pytest.raises(ValueError, match="names of colours"):
        chart.add_indicator(Rsi(14), colors=["mauvish"])


def test_a_chart_without_bars_draws_empty_panes(make_chart):
    chart = make_chart(walk(0))
    chart.add_indicator(Macd())
    (pane,) = chart.panes.panes
    assert not picture(pane).isNull()


def test_ticks_paint_a_part_and_the_picture_is_as_if_all_had_been_painted(chart, qtbot):
    """Whatever the ticks do, what is on the screen is what a whole paint gives."""
    for formula in (Volume(20), Rsi(14), Macd()):
        chart.add_indicator(formula)
    dice = np.random.default_rng(4)
    last = chart.series.bar(chart.series.last_x)
    time_ns, price = last.time_ns, last.close
    for _ in range(40):
        time_ns += int(dice.integers(1, 40_000_000_000))
        price += float(dice.normal(0, 0.15))
        chart.on_ticks([Trade(time_ns, round(price, 2), float(dice.integers(1, 400)))])
        chart.catch_up()
        QApplication.processEvents()
    for pane in chart.panes.panes:
        on_screen = pane.screen().grabWindow(chart.winId()).toImage()
        corner = pane.mapTo(chart, QPoint(0, 0))
        shown = on_screen.copy(corner.x(), corner.y(), pane.width(), pane.height())
        whole = picture(pane)
        if shown.isNull():
            pytest.skip("this platform has no picture of the screen")
        assert shown.convertToFormat(whole.format()) == whole
