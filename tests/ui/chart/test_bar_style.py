"""Each style of bars, read back from the pixels that it draws."""

import math

import pytest
from PyQt6.QtCore import QPointF
from PyQt6.QtGui import QColor
from PyQt6.QtWidgets import QApplication

from ems.ticks import Trade
from tests.ui.chart.recorded import MINUTE, bars_of, walk
from ui import theme
from ui.chart import BarStyle, Indicator
from ui.chart.formulas import Bollinger, Ema, Sma

FLAT = (100.0, 100.0, 100.0, 100.0, math.nan)
UP = (100.0, 106.0, 98.0, 104.0, math.nan)
DOWN = (104.0, 105.0, 97.0, 99.0, math.nan)


@pytest.fixture
def chart(chart):
    chart.set_bars(bars_of(FLAT, UP, DOWN, FLAT, FLAT), MINUTE)
    chart.view.show_bars(-1, 6)
    return chart


def color(chart, x, price, dx=0, dy=0):
    scene = chart.view.mapViewToScene(QPointF(x, price))
    picture = chart.grab().toImage()
    return QColor(picture.pixel(math.floor(scene.x()) + dx, math.floor(scene.y()) + dy)).name()


def test_a_hollow_candle_is_hollow_if_it_closes_above_its_open(chart):
    chart.set_bar_style(BarStyle.HOLLOW)
    assert color(chart, 1, 102.0, dx=8) == theme.BACKGROUND
    assert color(chart, 1, 104.0, dx=8) == theme.UP
    assert color(chart, 1, 105.5) == theme.UP
    assert color(chart, 2, 101.0, dx=8) == theme.DOWN


def test_a_hollow_candle_has_the_colour_of_its_change_since_the_close_before(chart):
    above_its_open_below_the_last = (98.0, 103.0, 97.0, 102.0, math.nan)
    chart.set_bars(bars_of(FLAT, UP, above_its_open_below_the_last, FLAT, FLAT), MINUTE)
    chart.set_bar_style(BarStyle.HOLLOW)
    chart.view.show_bars(-1, 6)
    assert color(chart, 2, 102.5) == theme.DOWN
    assert color(chart, 2, 99.0, dx=8) == theme.BACKGROUND


def test_an_ohlc_bar_has_its_open_left_and_its_close_right(chart):
    chart.set_bar_style(BarStyle.BARS)
    assert color(chart, 1, 105.5) == theme.UP
    assert color(chart, 1, 100.0, dx=-8) == theme.UP
    assert color(chart, 1, 104.0, dx=8) == theme.UP
    assert color(chart, 1, 104.0, dx=-8) != theme.UP
    assert color(chart, 1, 102.0, dx=8) != theme.UP


def test_a_line_goes_through_the_closes(chart):
    chart.set_bar_style(BarStyle.LINE)
    for x, close in ((1, 104.0), (2, 99.0), (1.5, 101.5)):
        near = {color(chart, x, close, dy=dy) for dy in (-1, 0, 1)}
        assert theme.ACCENT in near
    assert color(chart, 1, 105.5) != theme.UP


def test_an_area_is_filled_below_its_line(chart):
    chart.set_bar_style(BarStyle.AREA)
    filled, empty = QColor(color(chart, 1.3, 100.2)), QColor(color(chart, 1.3, 105.0))
    assert filled.blue() > empty.blue() + 20


def test_heikin_ashi_smooths_the_candles_and_not_the_last_price(chart):
    chart.set_bar_style(BarStyle.HEIKIN_ASHI)
    assert color(chart, 1, 101.0, dx=8) == theme.UP
    assert color(chart, 1, 103.5, dx=8) != theme.UP, "the mean of the four prices is 102"
    assert chart.series.bar(1).close == 104.0


def on_screen(chart):
    """The window as it was last painted, part by part."""
    QApplication.processEvents()
    return chart.screen().grabWindow(chart.winId()).toImage()


@pytest.mark.parametrize("bars_in_view", [40, 3000])
@pytest.mark.parametrize("indicators", [[], [Ema(5), Bollinger(8)]], ids=["bare", "indicators"])
@pytest.mark.parametrize("style", BarStyle)
def test_what_ticks_leave_on_the_screen_is_what_a_full_paint_draws(
    chart, qtbot, style, indicators, bars_in_view
):
    chart.set_bars(walk(4000), MINUTE)
    chart.view.show_bars(4002 - bars_in_view, 4002)
    chart.set_bar_style(style)
    colors = ("#ff00ff", "#00ffff", "#ffff00")
    chart.set_indicators([Indicator(one, colors[: one.shown]) for one in indicators])
    chart.catch_up()
    before = on_screen(chart)
    last = chart.series.bar(chart.series.last_x)
    for price in (last.high, last.low, last.open + 0.01, last.close - 0.02, last.high - 0.01):
        chart.on_ticks([Trade(last.time_ns, round(price, 2), 3.0)])
        chart.catch_up()
        on_screen(chart)
    qtbot.waitUntil(lambda: chart.up_to_date, timeout=5000)
    shown = on_screen(chart)
    assert shown != before
    chart.plot_item.getViewWidget().viewport().update()
    assert on_screen(chart) == shown


def test_an_indicator_goes_through_its_values(chart):
    chart.set_bars(bars_of(FLAT, UP, UP, DOWN, FLAT), MINUTE)
    chart.view.show_bars(-1, 6)
    chart.set_indicators([Indicator(Sma(2), ("#ff00ff",))])
    assert "#ff00ff" in {color(chart, 2, 104.0, dy=dy) for dy in (-1, 0, 1)}
    assert "#ff00ff" in {color(chart, 3, 101.5, dy=dy) for dy in (-1, 0, 1)}
